import { expect, test } from "bun:test";
import { join } from "node:path";
import { testDirectory } from "../testing/directory.ts";
import { packedArchive, plainSessions, referenceMarker } from "../testing/reference.ts";
import { archiveAt, restoreInto } from "../testing/restoring.ts";

const heron = { id: "11111111-2222-4333-8444-555555555555", key: "main", texts: ["a grey heron"] };
const program = join(import.meta.dir, "..", "..", "database", "testing", "visitor.ts");

// The engine knows a file by its number, whatever its name: what it still held under the draft's name led it astray.
test("a process that restored reads what another one wrote since", async () => {
  using at = testDirectory();
  await restoreInto(at, archiveAt(at, packedArchive([referenceMarker, ...plainSessions([heron])])));
  const child = Bun.spawn([process.execPath, "--no-env-file", "--no-install", program, at.dir, "another"], {
    stdout: "pipe",
    stderr: "inherit",
  });
  expect(Number((await Promise.all([child.stdout.text(), child.exited]))[0])).toBe(2);
  await using state = await at.open();
  expect(await state.verify()).toEqual([]);
  expect((await state.sessions.list({})).map(({ key }) => String(key)).sort()).toEqual(["another", "main"]);
});
