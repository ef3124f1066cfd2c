import { expect, test } from "bun:test";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { Crash, faultySteps, systemError } from "../testing/faulty-steps.ts";
import { testFolder } from "../testing/folder.ts";
import { replaceWhole } from "./replace.ts";

const tag = "cfg";
const fresh = Buffer.from("new content");

function folderWithFile(mode = 0o600) {
  const folder = testFolder();
  const path = folder.file("file");
  writeFileSync(path, "old");
  chmodSync(path, mode);
  return { ...folder, path: folder.path, target: path };
}

test("a file is made or replaced, owner-only, and nothing is left beside it", () => {
  using folder = folderWithFile(0o644);
  for (const name of ["file", "other"]) {
    expect(replaceWhole(folder.file(name), fresh, { tag })).toEqual({ ok: true, value: undefined });
    expect(readFileSync(folder.file(name), "utf8")).toBe("new content");
    expect(statSync(folder.file(name)).mode & 0o777).toBe(0o600);
  }
  expect(readdirSync(folder.path).sort()).toEqual(["file", "other"]);
});

test("what earlier writers of the same kind left is removed, all else stays", () => {
  using folder = folderWithFile();
  for (const name of ["file.cfg.tmp.77.0", `file.cfg.tmp.${process.pid}.0`, "file.x.tmp.1.0", "else"])
    writeFileSync(folder.file(name), "");
  expect(replaceWhole(folder.target, fresh, { tag }).ok).toBe(true);
  expect(readdirSync(folder.path).sort()).toEqual(["else", "file", "file.x.tmp.1.0"]);
});

test("a link or a folder under the draft's name is stepped around, not followed", () => {
  using folder = folderWithFile();
  writeFileSync(folder.file("victim"), "untouched");
  mkdirSync(folder.file(`file.cfg.tmp.${process.pid}.0`));
  expect(replaceWhole(folder.target, fresh, { tag }).ok).toBe(true);
  const swapped = faultySteps(1, () =>
    symlinkSync(folder.file("victim"), folder.file(`file.cfg.tmp.${process.pid}.1`)),
  );
  expect(replaceWhole(folder.target, Buffer.from("newer"), { tag, steps: swapped }).ok).toBe(true);
  expect(readFileSync(folder.file("victim"), "utf8")).toBe("untouched");
  expect(readFileSync(folder.target, "utf8")).toBe("newer");
});

test("a link, a hard link and a folder in the file's place are refused and kept", () => {
  using folder = folderWithFile();
  symlinkSync(folder.target, folder.file("link"));
  writeFileSync(folder.file("a"), "old");
  linkSync(folder.file("a"), folder.file("b"));
  mkdirSync(folder.file("dir"));
  expect(replaceWhole(folder.file("link"), fresh, { tag })).toMatchObject({ problem: "link" });
  expect(replaceWhole(folder.file("a"), fresh, { tag })).toMatchObject({ problem: "names" });
  expect(replaceWhole(folder.file("dir"), fresh, { tag })).toMatchObject({ problem: "kind" });
  expect(readFileSync(folder.target, "utf8")).toBe("old");
  expect(readFileSync(folder.file("b"), "utf8")).toBe("old");
});

test("a link that is put in the file's place meanwhile is replaced, not followed", () => {
  using folder = folderWithFile();
  writeFileSync(folder.file("victim"), "untouched");
  const steps = faultySteps(3, () => {
    renameSync(folder.target, folder.file("moved"));
    symlinkSync(folder.file("victim"), folder.target);
  });
  expect(replaceWhole(folder.target, fresh, { tag, steps }).ok).toBe(true);
  expect(readFileSync(folder.file("victim"), "utf8")).toBe("untouched");
  expect(readFileSync(folder.target, "utf8")).toBe("new content");
});

test("a folder that is moved away meanwhile keeps the old file, and the refusal says so", () => {
  using folder = testFolder();
  mkdirSync(folder.file("dir"));
  const path = folder.file("dir/file");
  writeFileSync(path, "old");
  const steps = faultySteps(3, () => renameSync(folder.file("dir"), folder.file("moved")));
  expect(replaceWhole(path, fresh, { tag, steps })).toMatchObject({ problem: "system", system: "ENOENT" });
  expect(readFileSync(folder.file("moved/file"), "utf8")).toBe("old");
});

const steps = ["create", "write", "sync", "rename", "syncFolder"];
const isNewAfter = (at: number) => at > steps.indexOf("rename");

test("its steps are these", () => {
  using folder = folderWithFile();
  const recorded = faultySteps(-1, () => {});
  replaceWhole(folder.target, fresh, { tag, steps: recorded });
  expect(recorded.taken).toEqual(steps);
});

test.each(steps.map((name, at) => [name, at] as const))(
  "a process that dies at %s leaves the old or the new content, and the next write mends the rest",
  (_name, at) => {
    using folder = folderWithFile();
    const dying = faultySteps(at, () => {
      throw new Crash();
    });
    expect(() => replaceWhole(folder.target, fresh, { tag, steps: dying })).toThrow(Crash);
    expect(readFileSync(folder.target, "utf8")).toBe(isNewAfter(at) ? "new content" : "old");
    for (const name of readdirSync(folder.path)) expect(statSync(folder.file(name)).mode & 0o777).toBe(0o600);
    expect(replaceWhole(folder.target, fresh, { tag }).ok).toBe(true);
    expect(readdirSync(folder.path)).toEqual(["file"]);
  },
);

test.each(steps.flatMap((name, at) => ["EIO", "ENOSPC", "EACCES"].map((code) => [name, code, at] as const)))(
  "%s that fails with %s leaves the old or the new content, nothing beside it, and says which",
  (name, code, at) => {
    using folder = folderWithFile();
    const failing = faultySteps(at, () => {
      throw systemError(code);
    });
    const refused = replaceWhole(folder.target, fresh, { tag, steps: failing });
    const problem = name === "syncFolder" ? "unsynced" : code === "ENOSPC" ? "full" : "system";
    expect(refused).toMatchObject({ ok: false, problem, system: code });
    expect(refused.ok ? "" : refused.say).toContain(
      name === "syncFolder" ? "is written, but may be lost" : "cannot be written",
    );
    expect(readFileSync(folder.target, "utf8")).toBe(isNewAfter(at) ? "new content" : "old");
    expect(readdirSync(folder.path)).toEqual(["file"]);
  },
);

test("a process that may write no larger files is told which limit it is", () => {
  using folder = folderWithFile();
  const failing = faultySteps(steps.indexOf("write"), () => {
    throw systemError("EFBIG");
  });
  const refused = replaceWhole(folder.target, fresh, { tag, steps: failing });
  expect(refused).toMatchObject({ problem: "full", system: "EFBIG" });
  expect(refused.ok ? "" : refused.say).toEndWith("(ulimit -f): raise that limit and try again.");
  expect(readFileSync(folder.target, "utf8")).toBe("old");
});
