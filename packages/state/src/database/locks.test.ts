import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SessionKey } from "@carapace/protocol";
import { fileKeyStore } from "../keys/file-store.ts";
import { openState } from "../open.ts";
import { checkFiles } from "./open.ts";

const program = join(import.meta.dir, "testing", "visitor.ts");

async function visitorCounts(dir: string): Promise<number> {
  const child = Bun.spawn([process.execPath, "--no-env-file", "--no-install", program, dir], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const [said] = await Promise.all([child.stdout.text(), child.exited]);
  return Number(said);
}

// A visitor that may lock all of the database takes itself for the last one, and removes the log at its end: then what
// is written through the connection that is still open goes into a file without a name.
test("looking at the files of an open database leaves its locks, and what is written afterwards, in place", async () => {
  const root = mkdtempSync(join(tmpdir(), "carapace-locks-"));
  try {
    const dir = join(root, "state");
    const newId = () => crypto.randomUUID();
    await using state = await openState({ dir, keys: fileKeyStore(dir), newId });
    await state.sessions.upsert(SessionKey.parse("one"), {}, 1);
    checkFiles(join(dir, "state.db"));
    expect(await visitorCounts(dir)).toBe(1);
    await state.sessions.upsert(SessionKey.parse("two"), {}, 2);
    expect(await visitorCounts(dir)).toBe(2);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
