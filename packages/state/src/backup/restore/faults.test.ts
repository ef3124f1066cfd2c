import { expect, test } from "bun:test";
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Crash, faultySteps, systemError } from "@carapace/files/testing";
import { SessionKey } from "@carapace/protocol";
import { finishPendingChange } from "../../pending.ts";
import { type TestDirectory, testDirectory } from "../testing/directory.ts";
import { packedArchive, plainSessions, referenceMarker, referenceStores } from "../testing/reference.ts";
import { archiveAt, outcomeOf, restoreInto } from "../testing/restoring.ts";

const heron = { id: "11111111-2222-4333-8444-555555555555", key: "main", texts: ["a grey heron"] };

// Many hundred files are made durable here, which on a real disk takes a minute.
const memoryDisk = "/dev/shm";

/** A directory with a session and a configuration of its own, and an archive that brings others. */
async function prepared() {
  const at = testDirectory(undefined, undefined, existsSync(memoryDisk) ? memoryDisk : tmpdir());
  {
    await using state = await at.open();
    await state.sessions.upsert(SessionKey.parse("mine"), {}, 1);
  }
  writeFileSync(at.configPath, "{}", { mode: 0o600 });
  const archive = archiveAt(
    at,
    packedArchive([referenceMarker, ...plainSessions([heron]), ...referenceStores]),
  );
  const copy = join(at.root, "copy");
  cpSync(at.dir, copy, { recursive: true });
  return {
    at,
    archive,
    again: () => {
      rmSync(at.dir, { recursive: true });
      cpSync(copy, at.dir, { recursive: true });
    },
  };
}

/** `old` or `new`; anything between fails. */
async function sideOf(at: TestDirectory): Promise<"old" | "new"> {
  finishPendingChange(at.dir, [at.configPath]);
  expect(readdirSync(at.dir).filter((name) => /pending|scratch|tmp/.test(name))).toEqual([]);
  await using state = await at.open();
  expect(await state.verify()).toEqual([]);
  const keys = (await state.sessions.list({})).map(({ key }) => String(key)).sort();
  const isNew = readFileSync(at.configPath, "utf8").includes("18999");
  const notes = (await state.memory.list("default")).length;
  expect([["mine", false, 0].join(), ["main", "mine", true, 1].join()]).toContain(
    [...keys, isNew, notes].join(),
  );
  return isNew ? "new" : "old";
}

async function stepsOf({ at, archive }: Awaited<ReturnType<typeof prepared>>): Promise<readonly string[]> {
  const recorded = faultySteps(-1, () => {});
  await restoreInto(at, archive, { steps: recorded });
  expect(await sideOf(at)).toBe("new");
  return recorded.taken;
}

test("whichever step of the disk is the last one, a write half done, the old state is there or the new one", async () => {
  const given = await prepared();
  using at = given.at;
  const taken = await stepsOf(given);
  const sides: string[] = [];
  for (const step of taken.keys()) {
    given.again();
    const steps = faultySteps(step, () => {
      throw new Crash();
    });
    const died = await outcomeOf(restoreInto(at, given.archive, { steps }));
    // The engine may have removed its log by now or not: then there is a step less, and nothing died.
    if (steps.taken.length > step) expect(died).toMatchObject({ error: expect.any(Crash) });
    else expect(died).toHaveProperty("value");
    sides.push(await sideOf(at));
  }
  // Once decided, it stays decided.
  expect(sides.join("")).toMatch(/^(old)+(new)+$/);
}, 25_000);

test.each(["ENOSPC", "EIO", "EACCES"])(
  "whichever step fails with %s, it is told in words, and the old state is there or the new one",
  async (code) => {
    const given = await prepared();
    using at = given.at;
    const taken = await stepsOf(given);
    for (const step of taken.keys()) {
      given.again();
      const failing = faultySteps(step, () => {
        throw systemError(code);
      });
      const outcome = await outcomeOf(restoreInto(at, given.archive, { steps: failing }));
      const side = await sideOf(at);
      if ("value" in outcome) expect(side).toBe("new");
      else {
        expect(side).toBe("old");
        expect(outcome.error).toMatchObject({ code: code === "ENOSPC" ? "disk_full" : "io" });
        expect(String(outcome.error)).toMatch(/disk is full|check|permission/i);
      }
    }
  },
  25_000,
);

test("a folder that becomes a link while the archive is unpacked leads nowhere", async () => {
  const given = await prepared();
  using at = given.at;
  const victim = join(at.root, "victim");
  cpSync(at.dir, victim, { recursive: true });
  const kept = join(at.dir, "before-restore");
  const steps = faultySteps(6, () => {
    rmSync(kept, { recursive: true, force: true });
    symlinkSync(victim, kept);
  });
  const names = readdirSync(victim).sort();
  expect(await outcomeOf(restoreInto(at, given.archive, { steps }))).toMatchObject({
    error: { code: "unsafe_path" },
  });
  expect(readdirSync(victim).sort()).toEqual(names);
});

const replacements: Readonly<Record<string, (folder: string, victim: string) => void>> = {
  "a link to somebody's folder": (folder, victim) => symlinkSync(victim, folder),
  "another folder": (folder) => mkdirSync(folder, { mode: 0o700 }),
};

test.each(Object.keys(replacements))(
  "whenever the folder of what is unpacked becomes %s, nothing is restored and nothing of others is touched",
  async (what) => {
    const given = await prepared();
    using at = given.at;
    const taken = await stepsOf(given);
    const victim = join(at.root, "victim");
    mkdirSync(victim);
    writeFileSync(join(victim, "mine"), "mine");
    const staging = join(at.dir, "pending-change");
    // From the first sync on, what was unpacked is being put in place.
    for (const step of taken.slice(0, taken.indexOf("sync")).keys()) {
      given.again();
      let isReplaced = false;
      const steps = faultySteps(step, () => {
        if (!existsSync(staging)) return;
        rmSync(staging, { recursive: true });
        replacements[what]?.(staging, victim);
        isReplaced = true;
      });
      const outcome = await outcomeOf(restoreInto(at, given.archive, { steps }));
      if (lstatSync(staging, { throwIfNoEntry: false })?.isSymbolicLink() === true) rmSync(staging);
      expect("error" in outcome).toBe(isReplaced);
      expect(await sideOf(at)).toBe(isReplaced ? "old" : "new");
      expect(readFileSync(join(victim, "mine"), "utf8")).toBe("mine");
    }
  },
  25_000,
);

test("whenever the state directory is put aside and another takes its place, the one put aside is old or new", async () => {
  const given = await prepared();
  using at = given.at;
  const taken = await stepsOf(given);
  const aside = join(at.root, "aside");
  for (const step of taken.keys()) {
    given.again();
    const steps = faultySteps(step, () => {
      renameSync(at.dir, aside);
      mkdirSync(at.dir, { mode: 0o700 });
    });
    await outcomeOf(restoreInto(at, given.archive, { steps }));
    rmSync(at.dir, { recursive: true });
    renameSync(aside, at.dir);
    await sideOf(at);
  }
}, 25_000);
