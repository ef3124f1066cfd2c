import type { Visit } from "../http/route.ts";
import { createKeyShares } from "./answer/key-shares.ts";
import { sweepThrowaways } from "./answer/sessions.ts";
import { chat } from "./chat/chat.ts";
import type { OpenAiDeps } from "./deps.ts";
import { listModels, oneModel } from "./models.ts";
import { createOpenReplies } from "./open-replies.ts";
import { createPlaces } from "./places.ts";
import { responses } from "./responses/responses.ts";

type Handle = (visit: Visit) => Response | Promise<Response>;

/** What answers the requests of this API. */
export interface Handlers extends Disposable {
  readonly chat: Handle;
  readonly responses: Handle;
  readonly models: Handle;
  readonly model: Handle;
}

export function createHandlers(given: OpenAiDeps): Handlers {
  const deps = { ...given, keyShares: createKeyShares() };
  const { config, state, runs, world, log } = deps;
  const open = createOpenReplies(createPlaces(() => config.current().config.agents.defaults.maxConcurrent));
  const swept = { beforeMs: world.nowMs() - leftoverMs, isBusy: (key: string) => runs.isBusy(key) };
  sweepThrowaways(state.sessions, swept).catch((error: unknown) => {
    log.warn("conversations of requests that a stop cut off could not be taken away", { error });
  });
  return {
    chat: (visit) => chat(visit, open, deps),
    responses: (visit) => responses(visit, open, deps),
    models: () => listModels(deps),
    model: (visit) => oneModel(visit, deps),
    [Symbol.dispose]: () => open[Symbol.dispose](),
  };
}

/** No request takes longer. */
const leftoverMs = 24 * 3_600_000;
