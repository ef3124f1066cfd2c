import { writeSync } from "node:fs";
import { SessionKey } from "@carapace/protocol";
import { fileKeyStore } from "../../keys/file-store.ts";
import { openState } from "../../open.ts";

// Another process that opens the state. Told a key, it adds a session and ends without closing anything: what it wrote
// is in the log. Else it counts the sessions, and closes for good: the collector frees the statements.
const [dir = "", key] = process.argv.slice(2);
async function visit(): Promise<void> {
  await using state = await openState({ dir, keys: fileKeyStore(dir), newId: () => crypto.randomUUID() });
  if (key !== undefined) await state.sessions.upsert(SessionKey.parse(key), {}, 1);
  writeSync(1, `${await state.sessions.count()}\n`);
  if (key !== undefined) process.exit();
}
await visit();
Bun.gc(true);
await new Promise((resolve) => setTimeout(resolve, 1));
Bun.gc(true);
