import { expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Crash, faultySteps, systemError } from "../testing/faulty-steps.ts";
import type { DiskSteps } from "../writing/steps.ts";
import { type Change, changeTogether } from "./change.ts";
import { finishTogether } from "./finish.ts";
import { stageTogether } from "./stage.ts";
import { before, type Home, oldState, outsideOf, tree } from "./testing/old-state.ts";

function change(home: Home, steps?: DiskSteps) {
  const staged = stageTogether(home.dir, steps);
  if (!staged.ok) return staged;
  mkdirSync(join(staged.value, "section"));
  writeFileSync(join(staged.value, "section/b"), "new b");
  writeFileSync(join(staged.value, "db"), "new db");
  const changes: Change[] = [
    { kind: "move", path: "db", staged: join(staged.value, "db") },
    { kind: "remove", path: "db-wal" },
    { kind: "move", path: "section", staged: join(staged.value, "section") },
    { kind: "write", path: "key", bytes: Buffer.from("new key") },
    { kind: "write", path: home.config, bytes: Buffer.from("new config") },
  ];
  return changeTogether(home.dir, changes, { ...outsideOf(home), ...(steps === undefined ? {} : { steps }) });
}

const after = {
  config: "new config",
  "state/db": "new db",
  "state/key": "new key",
  "state/section/b": "new b",
};

test("files, folders, a removal and a file outside change together, owner-only, and nothing is left", () => {
  using home = oldState();
  expect(change(home)).toEqual({ ok: true, value: { kind: "done" } });
  expect(tree(home.path)).toEqual(after);
  expect(finishTogether(home.dir, outsideOf(home))).toEqual({ ok: true, value: "nothing" });
  expect(tree(home.path)).toEqual(after);
});

function recordedSteps(): string[] {
  using home = oldState();
  const recorded = faultySteps(-1, () => {});
  change(home, recorded);
  return recorded.taken;
}

const steps = recordedSteps();
const each = steps.map((name, at) => [name, at] as const);

test("every kind of change goes through the steps", () => {
  expect(new Set(steps)).toEqual(
    new Set(["makeFolder", "create", "write", "sync", "rename", "remove", "removeTree", "syncFolder"]),
  );
});

test.each(each)(
  "a process that dies at %s (step %i) leaves the old or the new after the next start",
  (_name, at) => {
    using home = oldState();
    const dying = faultySteps(at, () => {
      throw new Crash();
    });
    expect(() => change(home, dying)).toThrow(Crash);
    expect(finishTogether(home.dir, outsideOf(home)).ok).toBe(true);
    const found = tree(home.path);
    expect([before, after]).toContainEqual(found as typeof before);
    if (found["config"] === "old config") expect(change(home).ok).toBe(true);
    expect(tree(home.path)).toEqual(after);
  },
);

test("a start that dies itself, again and again at every step, still ends with the new", () => {
  const committed = steps.indexOf("rename") + 1;
  for (let at = 0; ; at++) {
    using home = oldState();
    const dying = faultySteps(committed, () => {
      throw new Crash();
    });
    expect(() => change(home, dying)).toThrow(Crash);
    const finishing = faultySteps(at, () => {
      throw new Crash();
    });
    let isOver = false;
    try {
      finishTogether(home.dir, { ...outsideOf(home), steps: finishing });
      isOver = true;
    } catch (error) {
      expect(error).toBeInstanceOf(Crash);
    }
    expect(finishTogether(home.dir, outsideOf(home)).ok).toBe(true);
    expect(tree(home.path)).toEqual(after);
    if (isOver) break;
  }
});

const faults = each.flatMap(([name, at]) =>
  ["EIO", "ENOSPC", "EACCES"].map((code) => [name, at, code] as const),
);

test.each(faults)("%s (step %i) that fails with %s changes all or nothing", (_name, at, code) => {
  using home = oldState();
  const failing = faultySteps(at, () => {
    throw systemError(code);
  });
  const result = change(home, failing);
  expect(finishTogether(home.dir, outsideOf(home)).ok).toBe(true);
  expect(tree(home.path)).toEqual(result.ok ? after : before);
  if (!result.ok) expect(result.say).toContain(home.path);
});

test("a disk that stays full from any step on changes all or nothing, once there is space again", () => {
  for (let from = 0; from < steps.length; from++) {
    using home = oldState();
    const result = change(home, stuckFrom(from));
    expect(finishTogether(home.dir, outsideOf(home)).ok).toBe(true);
    expect(tree(home.path)).toEqual(result.ok ? after : before);
  }
});

function stuckFrom(from: number): DiskSteps {
  const count = { taken: 0 };
  const base = faultySteps(-1, () => {});
  const entries = Object.entries(base).filter(([name]) => name !== "taken");
  const stuck = entries.map(([name, step]) => [
    name,
    (...args: never[]) => {
      if (count.taken++ >= from) throw systemError("ENOSPC");
      return (step as (...args: never[]) => unknown)(...args);
    },
  ]);
  return { ...base, ...Object.fromEntries(stuck) };
}

test.each(each)("a link that is put in a file's place at %s (step %i) is never followed", (_name, at) => {
  using home = oldState();
  const victim = home.file("victim");
  writeFileSync(victim, "untouched", { mode: 0o600 });
  const swapped = faultySteps(at, () => {
    rmSync(join(home.dir, "key"), { force: true });
    symlinkSync(victim, join(home.dir, "key"));
  });
  change(home, swapped);
  finishTogether(home.dir, outsideOf(home));
  expect(readFileSync(victim, "utf8")).toBe("untouched");
});

test.each(each)(
  "a folder that is replaced by a link at %s (step %i) leads nothing out of the directory",
  (_name, at) => {
    using home = oldState();
    const elsewhere = home.file("elsewhere");
    mkdirSync(elsewhere, { mode: 0o700 });
    writeFileSync(join(elsewhere, "a"), "untouched", { mode: 0o600 });
    const swapped = faultySteps(at, () => {
      if (!existsSync(join(home.dir, "section"))) return;
      renameSync(join(home.dir, "section"), home.file("away"));
      symlinkSync(elsewhere, join(home.dir, "section"));
    });
    change(home, swapped);
    finishTogether(home.dir, outsideOf(home));
    expect(readdirSync(elsewhere)).toEqual(["a"]);
    expect(readFileSync(join(elsewhere, "a"), "utf8")).toBe("untouched");
  },
);

test("the whole directory replaced while a change is carried out keeps the change for the one it is for", () => {
  using home = oldState();
  const swapped = faultySteps(steps.indexOf("rename") + 2, () => {
    renameSync(home.dir, home.file("moved"));
    mkdirSync(home.dir, { mode: 0o700 });
  });
  const result = change(home, swapped);
  expect(result).toMatchObject({ ok: true, value: { kind: "decided" } });
  expect(readdirSync(home.dir)).toEqual([]);
  rmSync(home.dir, { recursive: true });
  renameSync(home.file("moved"), home.dir);
  expect(finishTogether(home.dir, outsideOf(home)).ok).toBe(true);
  expect(tree(home.path)).toEqual(after);
});

test("a change that is decided must be finished before another one is prepared", () => {
  using home = oldState();
  const dying = faultySteps(steps.indexOf("rename") + 1, () => {
    throw new Crash();
  });
  expect(() => change(home, dying)).toThrow(Crash);
  expect(stageTogether(home.dir)).toMatchObject({ ok: false, problem: "held" });
  expect(changeTogether(home.dir, [{ kind: "remove", path: "key" }])).toMatchObject({ problem: "held" });
});

test("a change that includes a file outside waits for a start that knows the file", () => {
  using home = oldState();
  const dying = faultySteps(steps.indexOf("rename") + 1, () => {
    throw new Crash();
  });
  expect(() => change(home, dying)).toThrow(Crash);
  const refused = finishTogether(home.dir);
  expect(refused.ok ? "" : refused.say).toContain(home.config);
  expect(finishTogether(home.dir, outsideOf(home)).ok).toBe(true);
  expect(tree(home.path)).toEqual(after);
});

test("what was prepared must be plain files and folders", () => {
  for (const make of [
    (at: string) => symlinkSync("/etc/passwd", at),
    (at: string) => Bun.spawnSync(["mkfifo", at]),
    (at: string) => Bun.spawnSync(["ln", `${at}/../../key`, at]),
  ]) {
    using home = oldState();
    const staged = stageTogether(home.dir);
    if (!staged.ok) throw new Error(staged.say);
    make(join(staged.value, "x"));
    expect(existsSync(staged.value)).toBe(true);
    const changes: Change[] = [{ kind: "move", path: "key", staged: join(staged.value, "x") }];
    expect(changeTogether(home.dir, changes).ok).toBe(false);
    expect(tree(home.path)).toEqual(before);
  }
});
