import { expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTestGateway } from "../testing/index.ts";
import { startMediaSweep } from "./media-sweep.ts";

test("a gateway that starts removes what a crash left among the stored files", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "carapace-sweep-"));
  const orphan = join(stateDir, "media", "8c5b9c1e-0000-4000-8000-000000000000");
  mkdirSync(join(stateDir, "media"), { mode: 0o700 });
  writeFileSync(orphan, "half a picture", { mode: 0o600 });
  {
    await using _ = await startTestGateway({ stateDir });
    while (existsSync(orphan)) await Bun.sleep(5);
  }
  rmSync(stateDir, { recursive: true });
  expect(existsSync(orphan)).toBe(false);
});

test("a sweep that fails is logged", async () => {
  const warned = Promise.withResolvers<string>();
  const ignore = () => undefined;
  const log = { debug: ignore, info: ignore, warn: warned.resolve, error: ignore };
  using _ = startMediaSweep({
    media: { sweep: () => Promise.reject(new Error("disk")) },
    nowMs: () => 0,
    log,
  });
  expect(await warned.promise).toContain("could not be removed");
});
