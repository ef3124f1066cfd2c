import { writeSync } from "node:fs";
import { fileKeyStore } from "../../keys/file-store.ts";
import { openState } from "../../open.ts";

// Another process that opens the state, counts its sessions, and closes it for good: the collector frees the statements.
const dir = process.argv[2] ?? "";
async function visit(): Promise<number> {
  await using state = await openState({ dir, keys: fileKeyStore(dir), newId: () => crypto.randomUUID() });
  return await state.sessions.count();
}
writeSync(1, `${await visit()}\n`);
Bun.gc(true);
await new Promise((resolve) => setTimeout(resolve, 1));
Bun.gc(true);
