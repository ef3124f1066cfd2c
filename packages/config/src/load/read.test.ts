import { expect, test } from "bun:test";
import { chmodSync, chownSync, linkSync, mkdirSync, symlinkSync } from "node:fs";
import { testFolder } from "../testing/folder.ts";
import { loadStages } from "./pipeline.ts";
import { maxFileBytes, readConfigFile } from "./read.ts";

async function failureOf(env: Record<string, string | undefined>, path: string) {
  const outcome = await loadStages({ env, path });
  return outcome.ok ? undefined : outcome.failure;
}

test("a missing file is an empty configuration without a hash", async () => {
  using folder = testFolder();
  const outcome = await loadStages({ env: {}, path: folder.file("none/carapace.json") });
  expect(outcome).toMatchObject({
    ok: true,
    loaded: { exists: false, hash: null, parsed: {}, resolved: {} },
  });
});

test("4 MiB are read, one byte more is refused", async () => {
  using folder = testFolder();
  const padded = (bytes: number) => folder.write("big.json", `{}${" ".repeat(bytes - 2)}`);
  expect(await failureOf({}, padded(maxFileBytes))).toBeUndefined();
  expect(await failureOf({}, padded(maxFileBytes + 1))).toMatchObject({ kind: "ReadError" });
});

test("a FIFO is refused at once instead of waited for", async () => {
  using folder = testFolder();
  expect(Bun.spawnSync(["mkfifo", folder.file("pipe")]).exitCode).toBe(0);
  expect(await failureOf({}, folder.file("pipe"))).toMatchObject({
    kind: "ReadError",
    issue: { message: "this is not a regular file; name a file, or remove it" },
  });
});

test("a folder, an endless device and a circle of links are refused", async () => {
  using folder = testFolder();
  mkdirSync(folder.file("dir"));
  symlinkSync(folder.file("b"), folder.file("a"));
  symlinkSync(folder.file("a"), folder.file("b"));
  for (const path of [folder.file("dir"), "/dev/zero", folder.file("a")]) {
    expect(await failureOf({}, path)).toMatchObject({ kind: "ReadError" });
  }
});

test("a link is followed, one that leads nowhere is no file", async () => {
  using folder = testFolder({ "real.json": "{}" });
  symlinkSync(folder.file("real.json"), folder.file("link.json"));
  symlinkSync(folder.file("none"), folder.file("dangling.json"));
  expect(readConfigFile(folder.file("link.json"))?.text).toBe("{}");
  expect(readConfigFile(folder.file("dangling.json"))).toBeUndefined();
});

test("a file that others may read is read; one under a second name or of another user is refused", async () => {
  using folder = testFolder({ "shared.json": "{}", "one.json": "{}", "theirs.json": "{}" });
  chmodSync(folder.file("shared.json"), 0o644);
  expect(readConfigFile(folder.file("shared.json"))?.text).toBe("{}");
  if (process.getuid?.() === 0) {
    chownSync(folder.file("theirs.json"), 4711, 4711);
    expect(await failureOf({}, folder.file("theirs.json"))).toMatchObject({
      kind: "ReadError",
      issue: {
        message: expect.stringContaining("this belongs to another user (uid 4711); run as that user"),
      },
    });
    // The administrator's files are trusted, whatever their names.
    return;
  }
  linkSync(folder.file("one.json"), folder.file("two.json"));
  expect(await failureOf({}, folder.file("one.json"))).toMatchObject({ kind: "ReadError" });
});

test("bytes that are not UTF-8 are refused", async () => {
  using folder = testFolder();
  folder.write("latin.json", new Uint8Array([0x7b, 0x22, 0xe4, 0x22, 0x3a, 0x31, 0x7d]));
  expect(await failureOf({}, folder.file("latin.json"))).toMatchObject({ kind: "ReadError" });
});

test.skipIf(process.getuid?.() === 0)(
  "a file we may not read says so (missing: a user other than root)",
  async () => {
    using folder = testFolder({ "x.json": "{}" });
    chmodSync(folder.file("x.json"), 0);
    expect(await failureOf({}, folder.file("x.json"))).toMatchObject({
      issue: { message: expect.stringContaining("EACCES") },
    });
  },
);

test("the hash is that of the file's bytes", async () => {
  using folder = testFolder({ "x.json": "{}\n" });
  const outcome = await loadStages({ env: {}, path: folder.file("x.json") });
  const hash = "ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356";
  expect(outcome).toMatchObject({ ok: true, loaded: { hash } });
});
