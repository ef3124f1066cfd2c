import type { ConfigStore } from "@carapace/config";
import { ok, type Result, RunId, refuse } from "@carapace/protocol";
import type { Session, State } from "@carapace/state";
import type { ModelDesk } from "../models/desk.ts";
import type { RunOptions, RunRequest, Runs } from "../runs/types.ts";
import { findTarget } from "./target.ts";
import type { Handling, Inbound, Ingress, Wishes } from "./types.ts";

export interface IngressDeps {
  readonly sessions: State["sessions"];
  readonly config: Pick<ConfigStore, "current">;
  readonly models: Pick<ModelDesk, "check">;
  readonly runs: Pick<Runs, "accept">;
}

export function createIngress(deps: IngressDeps): Ingress {
  return {
    submit: (inbound, handling) => deps.runs.accept(inbound.runId, () => read(inbound, handling, deps)),
  };
}

async function read(
  inbound: Inbound,
  handling: Handling,
  { sessions, config, models }: IngressDeps,
): Promise<Result<RunRequest>> {
  const runId = RunId.safeParse(inbound.runId);
  if (!runId.success) return refuse("invalid_request", "the id of a run must be 1 to 255 characters");
  const target = await findTarget(inbound, sessions, config.current().config.session.scope);
  if (!target.ok) return target;
  const { key: sessionKey, session } = target.value;
  const options = optionsFor(handling, { wishes: inbound.wishes, session, models });
  if (!options.ok) return options;
  const { message: text, origin, metadata, preface = [] } = inbound;
  const texts = [...preface, { text, origin }].map((block) => ({ type: "text" as const, ...block }));
  const blocks = inbound.blocks ?? texts;
  return ok({ runId: runId.data, sessionKey, metadata, blocks, options: options.value });
}

interface Asked {
  readonly wishes: Wishes;
  readonly session: Session | undefined;
  readonly models: IngressDeps["models"];
}

function optionsFor(handling: Handling, { wishes, session, models }: Asked): Result<RunOptions> {
  if (handling === "note") return ok({ ...wishes, purpose: "note", announce: true });
  const possible = models.check(wishes, session);
  if (possible.ok) return ok({ ...wishes, purpose: "turn", announce: handling === "chat" });
  if (handling === "turn") return possible;
  // The message is kept, and its run fails with the reason.
  return ok({ ...wishes, purpose: "refused", say: possible.say, announce: true });
}
