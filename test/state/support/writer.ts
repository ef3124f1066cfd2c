// Writes to the state directory named until it is killed: writer.ts DIR SEED [PADDING_BYTES]. Each line it prints was
// acknowledged before: "m SESSION MESSAGE_ID" for a message, "r RUN" for an accepted run, "e RUN" for an ended one,
// "n KEY" for a note, "ready" when the state is open; "failed CODE SENTENCE" is the last.
import { writeSync } from "node:fs";
import { RunId, SessionKey } from "@carapace/protocol";
import { fileKeyStore, openState, type State, StateError } from "@carapace/state";
import { modelSays, ownerSays, runOf } from "@carapace/state/testing";

const [dir = "", seed = "0", padding = "0"] = Bun.argv.slice(2);
const filler = "plaintext-canary ".repeat(Number(padding) / 17);

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

async function turn(state: State, n: number): Promise<void> {
  const sessionKey = `session-${n % 3}`;
  const runId = RunId.parse(`run-${seed}-${n}`);
  const { session } = await state.runs.accept(runOf(runId, sessionKey, `plaintext-canary input ${n}`));
  say(`r ${runId}`);
  await state.runs.begin(runId, n);
  say(`m ${session.id} ${runId}-input`);
  const usage = { inputTokens: n, outputTokens: 1 };
  const cost = {
    provider: "p",
    model: "p:m",
    sessionKey: SessionKey.parse(sessionKey),
    agentId: "main",
    usage,
    costUsd: 0,
    atMs: n,
  };
  await state.runs.step(runId, { message: modelSays(`step ${filler}`, `${runId}-step`), usage: cost });
  say(`m ${session.id} ${runId}-step`);
  await state.memory.write("main", {
    key: `note-${n % 7}`,
    value: `plaintext-canary ${n}`,
    origin: { kind: "owner" },
    updatedAtMs: n,
  });
  say(`n note-${n % 7}`);
  const last = { message: ownerSays("done", `${runId}-end`) };
  await state.runs.finish(runId, { status: "completed", last }, n);
  say(`m ${session.id} ${runId}-end`);
  say(`e ${runId}`);
}

try {
  const state = await openState({ dir, keys: fileKeyStore(dir), newId: () => crypto.randomUUID() });
  say("ready");
  for (let n = 0; ; n++) await turn(state, n);
} catch (error) {
  if (!(error instanceof StateError)) throw error;
  say(`failed ${error.code} ${error.message}`);
}
