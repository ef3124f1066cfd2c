import { scriptedProvider } from "@carapace/agent/testing";
import { ok, type Refusal, textOf } from "@carapace/protocol";
import type { Run, RunOutcome, State } from "@carapace/state";
import { createIngress, type IngressDeps } from "../ingress/ingress.ts";
import type { Ingress } from "../ingress/types.ts";
import type { ModelDesk } from "../models/desk.ts";
import { createRunFeed } from "../runs/feed.ts";
import { createRuns } from "../runs/runs.ts";
import type { Runs } from "../runs/types.ts";

/** What a turn of a test answers. Contract: may wait, must not throw. */
export type Answer = (run: Run) => RunOutcome | Promise<RunOutcome>;

/** The way in of a gateway over a test's state: its journal, its queue and its one door, with answers of the test. */
export interface Door {
  readonly ingress: Ingress;
  readonly runs: Runs;
  readonly models: Pick<ModelDesk, "check" | "choose">;
  /** Every turn's id and text, in the order they began. */
  readonly turns: { readonly id: string; readonly text: string; readonly run: Run }[];
  /** From now on no model can answer, or, without a reason, one can again. */
  unplug(why?: Refusal): void;
}

export interface DoorOptions {
  readonly state: State;
  readonly nowMs?: () => number;
  readonly answer?: Answer;
}

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

export function openDoor({ state, nowMs = Date.now, answer = done }: DoorOptions): Door {
  let unplugged: Refusal | undefined;
  const turns: Door["turns"] = [];
  const provider = scriptedProvider([]);
  // Who is asked is told by its settings; here only that somebody can be is looked at.
  const choice = { provider, agent: {} } as unknown as Extract<
    Awaited<ReturnType<ModelDesk["choose"]>>,
    { ok: true }
  >["value"];
  const models: Door["models"] = {
    check: () => unplugged ?? ok(undefined),
    choose: async () => unplugged ?? ok(choice),
  };
  const runs = createRuns({
    ...{ nowMs, newId: () => crypto.randomUUID(), journal: state.runs, feed: createRunFeed(), log: quiet },
    async execute(job) {
      const run = await state.runs.begin(job.run.id, nowMs());
      if (run === undefined) return undefined;
      turns.push({ id: run.id, text: textOf(run.input.blocks), run });
      const outcome = await answer(run);
      await state.runs.finish(run.id, outcome, nowMs());
      return outcome;
    },
    maxConcurrent: () => 64,
    prepare: async () => undefined,
    complete: async (request) => request,
    events: { nowMs, csp: () => "", secrets: () => [] },
    queueMode: async () => "follow-up",
  });
  const current = () => ({ config: { session: { scope: "per-sender" } } });
  // The only part of a configuration that is looked at.
  const config = { current } as unknown as IngressDeps["config"];
  const ingress = createIngress({ sessions: state.sessions, config, models, runs });
  return {
    ...{ ingress, runs, models, turns },
    unplug(why) {
      unplugged = why;
    },
  };
}

function done(): RunOutcome {
  return { status: "completed", response: "done" };
}
