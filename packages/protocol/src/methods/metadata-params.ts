import { MaybeAnything } from "../scalars.ts";
import { optionalText, optionalTexts } from "./contract.ts";

/** The params that say something of a session: *SM* of websocket.md §12.4. `label` is the session's name. */
export const metadataParams = {
  label: optionalText,
  description: optionalText,
  agentId: optionalText,
  channel: optionalText,
  chatId: optionalText,
  userId: optionalText,
  route: optionalText,
  model: optionalText,
  thinkingLevel: optionalText,
  tags: optionalTexts("tags"),
  extra: MaybeAnything,
};

/** How a session is named: `key`, `sessionKey` or `sessionId`. */
export const sessionParams = {
  key: optionalText,
  sessionKey: optionalText,
  sessionId: optionalText,
};
