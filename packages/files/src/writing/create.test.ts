import { expect, test } from "bun:test";
import {
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { readPrivate } from "../reading/read.ts";
import { Crash, faultySteps, systemError } from "../testing/faulty-steps.ts";
import { testFolder } from "../testing/folder.ts";
import { createPrivate } from "./create.ts";

const content = Buffer.from("0123456789");
const secret = { maxBytes: 100_000, mode: "refuse" } as const;

test("a file is made whole, owner-only, and nothing is left beside it", () => {
  using folder = testFolder();
  const path = folder.file("key");
  expect(createPrivate(path, content)).toEqual({ ok: true, value: undefined });
  expect(readFileSync(path, "utf8")).toBe("0123456789");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder.path)).toEqual(["key"]);
});

test("a name that is taken, by a file or a dangling link, is never touched", () => {
  using folder = testFolder();
  writeFileSync(folder.file("file"), "old");
  symlinkSync(folder.file("nowhere"), folder.file("link"));
  for (const name of ["file", "link"]) {
    const refused = createPrivate(folder.file(name), content);
    expect(refused).toMatchObject({ ok: false, problem: "exists" });
  }
  expect(readFileSync(folder.file("file"), "utf8")).toBe("old");
  expect(readdirSync(folder.path).sort()).toEqual(["file", "link"]);
  expect(existsSync(folder.file("nowhere"))).toBe(false);
});

test("a folder that is missing is said with its code", () => {
  using folder = testFolder();
  const refused = createPrivate(folder.file("none/key"), content);
  expect(refused).toMatchObject({ ok: false, problem: "system", system: "ENOENT" });
  expect(refused.ok ? "" : refused.say).toContain("its folder is not there");
});

const steps = ["create", "write", "sync", "link", "remove", "syncFolder"];

test("its steps are these", () => {
  using folder = testFolder();
  const recorded = faultySteps(-1, () => {});
  createPrivate(folder.file("key"), content, recorded);
  expect(recorded.taken).toEqual(steps);
});

test.each(steps.map((name, at) => [name, at] as const))(
  "a process that dies at %s leaves no file or the whole one, and the next start mends the rest",
  (_name, at) => {
    using folder = testFolder();
    const path = folder.file("key");
    const dying = faultySteps(at, () => {
      throw new Crash();
    });
    expect(() => createPrivate(path, content, dying)).toThrow(Crash);
    const read = readPrivate(path, secret);
    expect(read.ok).toBe(true);
    const found = read.ok && read.value !== undefined ? Buffer.from(read.value).toString() : undefined;
    expect(found).toBe(at > steps.indexOf("link") ? "0123456789" : undefined);
    for (const name of readdirSync(folder.path)) expect(statSync(folder.file(name)).mode & 0o777).toBe(0o600);
    if (found === undefined) expect(createPrivate(path, content).ok).toBe(true);
    expect(readdirSync(folder.path)).toEqual(["key"]);
  },
);

test.each(steps.flatMap((name, at) => ["EIO", "ENOSPC", "EACCES"].map((code) => [name, code, at] as const)))(
  "%s that fails with %s leaves no file or the whole one, and nothing beside it",
  (name, code, at) => {
    using folder = testFolder();
    const path = folder.file("key");
    const failing = faultySteps(at, () => {
      throw systemError(code);
    });
    const made = createPrivate(path, content, failing);
    if (name === "remove") {
      expect(made.ok).toBe(true);
    } else {
      const problem = name === "syncFolder" ? "unsynced" : code === "ENOSPC" ? "full" : "system";
      expect(made).toMatchObject({ ok: false, problem, system: code });
    }
    const isMade = at > steps.indexOf("link");
    const read = readPrivate(path, secret);
    expect(read.ok && read.value !== undefined).toBe(isMade);
    expect(readdirSync(folder.path)).toEqual(isMade ? ["key"] : []);
  },
);

test("of many processes that create it at once one succeeds, and all read the same whole file", async () => {
  using folder = testFolder();
  const path = folder.file("key");
  const program = new URL("../testing/creator.ts", import.meta.url).pathname;
  const creators = Array.from({ length: 6 }, () =>
    Bun.spawn([process.execPath, "--no-install", program, path], { stdout: "pipe", stderr: "inherit" }),
  );
  const told = await Promise.all(creators.map(async (creator) => JSON.parse(await creator.stdout.text())));
  expect(told.filter(({ made }) => made === "made")).toHaveLength(1);
  expect(told.filter(({ made }) => made === "exists")).toHaveLength(5);
  expect(new Set(told.map((one) => one.content))).toEqual(new Set([readFileSync(path, "utf8")]));
  expect(readdirSync(folder.path)).toEqual(["key"]);
});

test("a second name that is not a draft's is kept, and refused", () => {
  using folder = testFolder();
  createPrivate(folder.file("key"), content);
  linkSync(folder.file("key"), folder.file("key.old"));
  expect(readPrivate(folder.file("key"), secret)).toMatchObject({ problem: "names" });
  expect(readdirSync(folder.path).sort()).toEqual(["key", "key.old"]);
});

test("another file under a draft's name is not taken for one", () => {
  using folder = testFolder();
  createPrivate(folder.file("key"), content);
  linkSync(folder.file("key"), folder.file("twin"));
  writeFileSync(folder.file("key.new.tmp.1.0"), "else");
  expect(readPrivate(folder.file("key"), secret)).toMatchObject({ problem: "names" });
  expect(readFileSync(folder.file("key.new.tmp.1.0"), "utf8")).toBe("else");
});
