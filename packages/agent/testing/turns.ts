import { type Block, type Origin, RunId, SessionKey } from "@carapace/protocol";
import type { Message, RunJournal, RunOutcome, SessionRepository, State, UsageEntry } from "@carapace/state";
import { rawDatabase, temporaryState } from "@carapace/state/testing";
import { builtInTools } from "../src/tools/index.ts";
import { runTurn } from "../src/turn/run-turn.ts";
import type { AgentSettings, Provider, Tool, TurnDeps, TurnEvent } from "../src/types.ts";

interface TurnOptions {
  readonly provider: Provider;
  readonly tools?: readonly Tool[];
  readonly agent?: Partial<AgentSettings>;
  readonly signal?: AbortSignal;
  /** Stands between the turn and the real journal. */
  readonly journal?: (real: RunJournal) => RunJournal;
  /** Stands between the turn and the real sessions. */
  readonly sessions?: (real: SessionRepository) => SessionRepository;
  readonly onEvent?: (event: TurnEvent) => void;
  /** Where the input comes from; the owner by default. */
  readonly origin?: Origin;
  readonly runId?: string;
  readonly secrets?: readonly string[];
  readonly takeIn?: TurnDeps["takeIn"];
}

interface TurnReport {
  readonly outcome: RunOutcome;
  readonly events: readonly TurnEvent[];
}

/** One session of one agent over a real, temporary state. */
export interface TurnBench extends AsyncDisposable {
  /** Another object after `tamper`. */
  readonly state: State;
  readonly sessionKey: SessionKey;
  /** Accepts a message and runs its turn. */
  send(text: string, options: TurnOptions): Promise<TurnReport>;
  /** Goes on with a run that was accepted before, as after a restart. */
  resume(runId: string, options: TurnOptions): Promise<TurnReport>;
  accept(text: string, runId: string, origin?: Origin): Promise<void>;
  history(): Promise<Message[]>;
  /** Changes the closed database from outside, and opens it again. */
  tamper(sql: string): Promise<void>;
}

export const testAgent: AgentSettings = {
  agentId: "default",
  model: { provider: "scripted", model: "one" },
  maxTurns: 25,
  maxTokens: 1000,
  contextTokens: 100_000,
  timeoutSeconds: 60,
  tools: { policy: "allow-all", list: [] },
};

/** What a turn and a compaction are given of a state; usage is stored as it comes. */
export function repositoriesOf({ sessions, memory, runs, usage }: State) {
  const { record } = usage;
  const secrets = (): readonly string[] => [];
  return {
    sessions,
    memory,
    journal: runs,
    bill: (entry: UsageEntry) => entry,
    recordUsage: record,
    secrets,
  };
}

/** Ids count up, the clock stands at 2026-11-22T12:00:00Z and goes on by one millisecond a look. */
export async function turnBench(): Promise<TurnBench> {
  const fixture = await temporaryState();
  const sessionKey = SessionKey.parse("test-session");
  let nowMs = Date.UTC(2026, 10, 22, 12);
  let runs = 0;
  const clock = { nowMs: () => nowMs++ };
  const newId = () => crypto.randomUUID();

  const bench: TurnBench = {
    get state() {
      return fixture.state;
    },
    sessionKey,
    async accept(text, runId, origin = { kind: "owner" }) {
      const blocks: Block[] = [{ type: "text", text, origin }];
      const input = {
        id: newId(),
        role: "user",
        blocks,
        createdAtMs: clock.nowMs(),
        runId: RunId.parse(runId),
      } as const;
      const metadata = { agentId: testAgent.agentId };
      await fixture.state.runs.accept({
        runId: RunId.parse(runId),
        sessionKey,
        metadata,
        input,
        options: {},
        nowMs: clock.nowMs(),
      });
    },
    async send(text, options) {
      const runId = options.runId ?? `run-${++runs}`;
      await bench.accept(text, runId, options.origin);
      return await bench.resume(runId, options);
    },
    async resume(runId, options) {
      const { state } = fixture;
      const session = await state.sessions.find(sessionKey);
      if (session === undefined) throw new Error("accept a message first");
      const events: TurnEvent[] = [];
      const agent = { ...testAgent, ...options.agent };
      const turn = { runId: RunId.parse(runId), sessionId: session.id, sessionKey, agent };
      const outcome = await runTurn(turn, {
        ...repositoriesOf(state),
        sessions: options.sessions?.(state.sessions) ?? state.sessions,
        journal: options.journal?.(state.runs) ?? state.runs,
        provider: options.provider,
        tools: options.tools ?? builtInTools,
        toolContext: { config: () => ({}), status: async () => ({ status: "ok" }) },
        clock,
        newId,
        takeIn: options.takeIn ?? (async () => []),
        secrets: () => options.secrets ?? [],
        emit: (event) => {
          events.push(event);
          options.onEvent?.(event);
        },
        signal: options.signal ?? new AbortController().signal,
      });
      return { outcome, events };
    },
    async history() {
      const { sessions } = fixture.state;
      const session = await sessions.find(sessionKey);
      return session === undefined ? [] : await sessions.history(session.id, {});
    },
    async tamper(sql) {
      await fixture.close();
      const raw = await rawDatabase(fixture.dir, fixture.keys);
      raw.exec(sql);
      raw.close();
      await fixture.reopen();
    },
    [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose](),
  };
  return bench;
}
