import { expect, test } from "bun:test";
import { mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { testFolder } from "../testing/folder.ts";
import { setConfigValue } from "./write.ts";

const program = (name: string) => new URL(`../testing/${name}`, import.meta.url).pathname;

test("two processes that write at once lose nothing of each other", async () => {
  using folder = testFolder({ "carapace.json5": "{\n  // kept\n}\n" });
  const path = folder.file("carapace.json5");
  const writers = ["a", "b"].map((prefix) =>
    Bun.spawn([process.execPath, "--no-install", program("writer.ts"), path, prefix, "15"], {
      stderr: "inherit",
    }),
  );
  expect(await Promise.all(writers.map((writer) => writer.exited))).toEqual([0, 0]);
  const text = readFileSync(path, "utf8");
  expect(text).toContain("// kept");
  expect(Object.keys(Object(Bun.JSON5.parse(text)).bindings)).toHaveLength(30);
}, 20_000);

test("a writer that is killed at any point leaves the old or the new file, whole", async () => {
  using folder = testFolder({ "carapace.json5": "{}" });
  const path = folder.file("carapace.json5");
  for (const [round, lines] of [1, 4, 2, 7, 3].entries()) {
    const writer = Bun.spawn(
      [process.execPath, "--no-install", program("writer.ts"), path, `r${round}x`, "500"],
      {
        stdout: "pipe",
      },
    );
    let told = "";
    for await (const chunk of writer.stdout) {
      told += new TextDecoder().decode(chunk);
      if (told.split("\n").length > lines) break;
    }
    writer.kill("SIGKILL");
    await writer.exited;
    const bindings = Object(Bun.JSON5.parse(readFileSync(path, "utf8"))).bindings;
    for (const n of told.trim().split("\n")) expect(bindings[`r${round}x${n}`]).toBe(Number(n));
  }
  const context = { env: folder.env, method: "config.set", through: "a test" };
  expect((await setConfigValue("gateway.port", 5, context)).ok).toBe(true);
}, 20_000);

test("writers of one process wait for each other", async () => {
  using folder = testFolder();
  const context = { env: folder.env, method: "config.set", through: "a test" };
  const writes = Array.from({ length: 8 }, (_, n) => setConfigValue(`bindings.n${n}`, n, context));
  expect((await Promise.all(writes)).every((written) => written.ok)).toBe(true);
  expect(
    Object.keys(Object(Bun.JSON5.parse(readFileSync(folder.file("carapace.json5"), "utf8"))).bindings),
  ).toHaveLength(8);
});

test("a lock held elsewhere is waited for, then refused; a dead holder holds nothing", async () => {
  using folder = testFolder();
  const path = folder.file("carapace.json5.lock");
  const holder = Bun.spawn([process.execPath, "--no-install", program("lock-holder.ts"), path], {
    stdout: "pipe",
  });
  const reader = holder.stdout.getReader();
  expect(new TextDecoder().decode((await reader.read()).value)).toBe("held\n");
  const context = { env: folder.env, method: "config.set", through: "a test", waitMs: 60 };
  expect(await setConfigValue("gateway.port", 5, context)).toMatchObject({ ok: false, code: "unavailable" });
  holder.kill("SIGKILL");
  await holder.exited;
  expect(await setConfigValue("gateway.port", 5, context)).toMatchObject({ ok: true });
});

test("a lock that is a link or a folder is refused, not followed", async () => {
  using folder = testFolder({ target: "" });
  const context = { env: folder.env, method: "config.set", through: "a test" };
  symlinkSync(folder.file("target"), folder.file("carapace.json5.lock"));
  expect(await setConfigValue("gateway.port", 5, context)).toMatchObject({ ok: false, code: "unavailable" });
  rmSync(folder.file("carapace.json5.lock"));
  mkdirSync(folder.file("carapace.json5.lock"));
  expect(await setConfigValue("gateway.port", 5, context)).toMatchObject({ ok: false, code: "unavailable" });
});
