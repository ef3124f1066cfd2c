// Imports a reference directory into a state directory and says after each batch how many messages it has: `importer.ts FROM TO`.
import { fileKeyStore } from "../../keys/file-store.ts";
import { openState } from "../../open.ts";
import { directorySource, readPortable } from "../index.ts";

const [from = "", to = ""] = process.argv.slice(2);
await using state = await openState({ dir: to, keys: fileKeyStore(to), newId: () => crypto.randomUUID() });
const source = directorySource(from, { layout: "state" });
await state.portable.import(readPortable(source), {
  mode: "add",
  source: source.name,
  nowMs: () => 1,
  onProgress: ({ messages }) => void process.stdout.write(`${messages}\n`),
});
process.stdout.write("done\n");
