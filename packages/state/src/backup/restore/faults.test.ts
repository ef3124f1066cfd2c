import { expect, test } from "bun:test";
import { cpSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type DiskSteps, systemSteps } from "@carapace/files";
import { Crash, faultySteps, systemError } from "@carapace/files/testing";
import { SessionKey } from "@carapace/protocol";
import { finishPendingChange } from "../../pending.ts";
import { type TestDirectory, testDirectory } from "../testing/directory.ts";
import { packedArchive, plainSessions, referenceMarker, referenceStores } from "../testing/reference.ts";
import { archiveAt, restoreInto } from "../testing/restoring.ts";

const heron = { id: "11111111-2222-4333-8444-555555555555", key: "main", texts: ["a grey heron"] };

/** A directory with a session and a configuration of its own, and an archive that brings others. */
async function prepared() {
  const at = testDirectory();
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
      // A closed database lets go of its file when it is collected; the number of that file is given to the next one.
      Bun.gc(true);
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
  const keys = (await state.sessions.list({})).map(({ key }) => String(key)).sort();
  const isNew = readFileSync(at.configPath, "utf8").includes("18999");
  const notes = (await state.memory.list("default")).length;
  expect([["mine", false, 0].join(), ["main", "mine", true, 1].join()]).toContain(
    [...keys, isNew, notes].join(),
  );
  return isNew ? "new" : "old";
}

async function stepsOf({
  at,
  archive,
  again,
}: Awaited<ReturnType<typeof prepared>>): Promise<readonly string[]> {
  const recorded = faultySteps(-1, () => {});
  await restoreInto(at, archive, { steps: recorded });
  expect(await sideOf(at)).toBe("new");
  again();
  return recorded.taken;
}

test("whichever step of the disk is the last one, the old state is there or the new one", async () => {
  const given = await prepared();
  using at = given.at;
  const taken = await stepsOf(given);
  const sides: string[] = [];
  for (const step of chosen(taken, 2)) {
    given.again();
    const died = restoreInto(at, given.archive, {
      steps: faultySteps(step, () => {
        throw new Crash();
      }),
    });
    // One that had fewer steps this time came to its end.
    const isDead = await died.then(
      () => false,
      (error) => error instanceof Crash,
    );
    const side = await sideOf(at);
    if (!isDead) expect(side).toBe("new");
    sides.push(side);
  }
  // Once decided, it stays decided.
  expect(sides.join("")).toMatch(/^(old)+(new)+$/);
}, 25_000);

test.each(["ENOSPC"])(
  "a step that fails with %s is told, and the old state is there or the new one",
  async (code) => {
    const given = await prepared();
    using at = given.at;
    const taken = await stepsOf(given);
    for (const step of chosen(taken, 3)) {
      given.again();
      const failing: DiskSteps = faultySteps(step, () => {
        throw systemError(code);
      });
      const outcome = await restoreInto(at, given.archive, { steps: failing }).then(
        ({ unfinished }) => (unfinished === undefined ? "done" : "decided"),
        (error) => String(error.message),
      );
      const side = await sideOf(at);
      if (outcome === "done" || outcome === "decided") expect(side).toBe("new");
      else {
        expect(side).toBe("old");
        expect(outcome).toMatch(/disk is full|check/);
      }
    }
  },
  25_000,
);

/** A few steps while the archive is unpacked, and most of those of the change itself. */
function chosen(taken: readonly string[], count: number): number[] {
  const first = [1, Math.floor(taken.length / 3)];
  const late = Array.from({ length: count }, (_, at) => taken.length - 1 - at * 4);
  return [...first, ...late.reverse()].filter((step) => step >= 0);
}

test("a folder that becomes a link while the archive is unpacked leads nowhere", async () => {
  const given = await prepared();
  using at = given.at;
  const taken = await stepsOf(given);
  const victim = join(at.root, "victim");
  cpSync(at.dir, victim, { recursive: true });
  let count = 0;
  const steps: DiskSteps = {
    ...systemSteps,
    create: (path) => {
      if (count++ === 1) {
        rmSync(join(at.dir, "before-restore"), { recursive: true, force: true });
        symlinkSync(victim, join(at.dir, "before-restore"));
      }
      return systemSteps.create(path);
    },
  };
  expect(taken.length).toBeGreaterThan(10);
  const names = readdirSync(victim).sort();
  await expect(restoreInto(at, given.archive, { steps })).rejects.toMatchObject({ code: "unsafe_path" });
  expect(readdirSync(victim).sort()).toEqual(names);
});
