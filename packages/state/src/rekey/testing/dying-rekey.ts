// Rotates the key of a directory and kills itself: `dying-rekey.ts DIR step|phase NUMBER|NAME`. Prints what it reached.
import { type DiskSteps, systemSteps } from "@carapace/files";
import { fileKeyStore } from "../../keys/file-store.ts";
import { stateKeys } from "../../keys/places.ts";
import { noCredentials } from "../../testing/credentials.ts";
import { rekeyState } from "../rekey.ts";

const [dir = "", kind = "", at = ""] = process.argv.slice(2);

function die(): void {
  process.kill(process.pid, "SIGKILL");
  // The signal is taken before the next statement of this process could run.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

let taken = 0;
const reach = <A extends unknown[], R>(step: (...args: A) => R) => {
  return (...args: A): R => {
    if (taken++ === Number(at) && kind === "step") die();
    return step(...args);
  };
};

const steps: DiskSteps = {
  create: reach(systemSteps.create),
  write: reach(systemSteps.write),
  sync: reach(systemSteps.sync),
  link: reach(systemSteps.link),
  rename: reach(systemSteps.rename),
  remove: reach(systemSteps.remove),
  makeFolder: reach(systemSteps.makeFolder),
  removeTree: reach(systemSteps.removeTree),
  syncFolder: reach(systemSteps.syncFolder),
};

await rekeyState({
  dir,
  keys: stateKeys({ dir, password: undefined, store: async () => noCredentials() }),
  passwords: undefined,
  nowMs: Date.now,
  steps,
  onProgress: ({ phase }) => {
    if (kind === "phase" && phase === at) die();
  },
});
process.stdout.write(`${taken} ${(await fileKeyStore(dir).load())?.length}\n`);
