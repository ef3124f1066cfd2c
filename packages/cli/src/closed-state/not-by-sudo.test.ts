import { expect, test } from "bun:test";
import { chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emptyHome, runCara } from "../../testing/cara.ts";
import { notBySudo } from "./not-by-sudo.ts";

test.skipIf(process.geteuid?.() !== 0)(
  "root makes nothing in the home of the user who called sudo",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "carapace-sudo-"));
    try {
      chownSync(folder, 4711, 4711);
      using home = emptyHome();
      const env = { HOME: folder, CARAPACE_STATE_DIR: "", SUDO_UID: "4711" };
      const ran = await runCara(["setup", "--provider", "offline", "--yes"], { home, env });
      expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining("without sudo")]);
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

test("a folder of one's own, and one that no sudo is asked about, is nobody else's business", () => {
  const path = join(tmpdir(), "carapace-none", "state");
  for (const SUDO_UID of [undefined, "", "0", "4711", "x"])
    expect(notBySudo(path, { SUDO_UID }).ok).toBe(true);
});

test("a home that is a file is told in a sentence, be it by sudo or not", async () => {
  using home = emptyHome();
  const file = join(home.folder, "file");
  writeFileSync(file, "");
  for (const SUDO_UID of ["", "4711"]) {
    const env = { HOME: file, CARAPACE_STATE_DIR: join(file, "state"), SUDO_UID };
    const ran = await runCara(["setup", "--provider", "offline", "--yes"], { home, env });
    expect([ran.code, ran.stderr]).toEqual([
      1,
      expect.stringMatching(/^Error: .* cannot be made \(ENOTDIR\): check/),
    ]);
  }
});
