import { expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quietFolder } from "./quiet-folder.ts";

test("a folder below one that others can write to is left for a safe one", async () => {
  const shared = await mkdtemp(join(tmpdir(), "carapace-quiet-test-"));
  try {
    const own = join(shared, "own");
    await mkdir(own, { mode: 0o700 });
    await chmod(shared, 0o777);
    // The system's own: nobody but it writes there.
    const folder = await quietFolder({ XDG_RUNTIME_DIR: own, HOME: "/usr" });
    expect(folder).not.toStartWith(shared);
    expect(await quietFolder({ XDG_RUNTIME_DIR: "/usr", HOME: own })).toBe("/usr");
    expect(await quietFolder({ XDG_RUNTIME_DIR: join("/usr", "nowhere"), HOME: "/usr" })).toBe(folder);
  } finally {
    await rm(shared, { recursive: true });
  }
});
