import type { Services } from "./services.ts";
import { sessionArchiveHandlers } from "./session-archives.ts";
import { sessionChangeHandlers } from "./session-changes.ts";
import { sessionReadHandlers } from "./session-reads.ts";
import { sessionUserHandlers } from "./session-users.ts";

/** Everything about sessions (websocket.md §12.4). */
export function sessionHandlers(services: Services) {
  return {
    ...sessionReadHandlers(services),
    ...sessionChangeHandlers(services),
    ...sessionArchiveHandlers(services),
    ...sessionUserHandlers(services),
  };
}
