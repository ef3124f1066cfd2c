import { expect, test } from "bun:test";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isChangeDecided } from "@carapace/files";
import { Crash, faultySteps, systemError } from "@carapace/files/testing";
import { SessionKey } from "@carapace/protocol";
import { finishPendingChange } from "../pending.ts";
import { ownerSays } from "../testing/messages.ts";
import { resetState } from "./reset.ts";
import { testDirectory } from "./testing/directory.ts";
import { outcomeOf } from "./testing/restoring.ts";

const memoryDisk = "/dev/shm";

/** A directory with a conversation in the database, another in a file of the reference, and notes elsewhere. */
async function prepared() {
  const at = testDirectory(undefined, undefined, existsSync(memoryDisk) ? memoryDisk : tmpdir());
  {
    await using state = await at.open();
    const { id } = await state.sessions.upsert(SessionKey.parse("mine"), {}, 1);
    await state.sessions.append(id, [ownerSays("words", "m1")]);
  }
  mkdirSync(join(at.dir, "sessions"));
  writeFileSync(join(at.dir, "sessions", "s.json"), "{}");
  const copy = join(at.root, "copy");
  cpSync(at.dir, copy, { recursive: true });
  const memoryDir = join(at.root, "memory");
  const ask = {
    ...at.common,
    configPath: at.configPath,
    categories: ["sessions", "memory"] as const,
    memoryDir,
  };
  const again = () => {
    rmSync(at.dir, { recursive: true });
    cpSync(copy, at.dir, { recursive: true });
    mkdirSync(memoryDir, { recursive: true });
    writeFileSync(join(memoryDir, "default.json"), "{}");
  };
  again();
  const recorded = faultySteps(-1, () => {});
  await resetState({ ...ask, steps: recorded });
  /** `old` or `new`; anything between fails. */
  const side = async (): Promise<"old" | "new"> => {
    finishPendingChange(at.dir, [at.configPath]);
    expect(readdirSync(at.dir).filter((name) => /pending|scratch|tmp/.test(name))).toEqual([]);
    await using state = await at.open();
    expect(await state.verify()).toEqual([]);
    const count = await state.sessions.count();
    expect(existsSync(join(at.dir, "sessions"))).toBe(count === 1);
    if (count === 1) expect(existsSync(memoryDir)).toBe(true);
    return count === 1 ? "old" : "new";
  };
  return { at, ask, again, side, taken: recorded.taken };
}

test("whichever step of the disk is the last one, all is there or all is gone", async () => {
  const { at, ask, again, side, taken } = await prepared();
  using _at = at;
  let sides = "";
  for (const step of taken.keys()) {
    again();
    const steps = faultySteps(step, () => {
      throw new Crash();
    });
    const died = await outcomeOf(resetState({ ...ask, steps }));
    // The engine may have removed its log by now or not: then there is a step less, and nothing died.
    if (steps.taken.length > step) expect(died).toMatchObject({ error: expect.any(Crash) });
    else expect(died).toHaveProperty("value");
    sides += await side();
  }
  expect(sides).toMatch(/^(old)+(new)+$/);
}, 20_000);

test.each(["ENOSPC", "EIO", "EACCES"])(
  "whichever step fails with %s, it is told in words, and all is there or all is gone",
  async (code) => {
    const { at, ask, again, side, taken } = await prepared();
    using _at = at;
    for (const step of taken.keys()) {
      again();
      const steps = faultySteps(step, () => {
        throw systemError(code);
      });
      const outcome = await outcomeOf(resetState({ ...ask, steps }));
      const is = await side();
      if ("error" in outcome) {
        expect(outcome.error).toMatchObject({ code: code === "ENOSPC" ? "disk_full" : "io" });
        // The notes elsewhere are removed last.
        expect(is).toBe(String(outcome.error).includes(ask.memoryDir) ? "new" : "old");
      } else expect(is).toBe("new");
    }
  },
  20_000,
);

test.each([
  ["a link to somebody's folder", (folder: string, victim: string) => symlinkSync(victim, folder)],
  ["another folder", (folder: string) => mkdirSync(folder, { mode: 0o700 })],
] as const)("a folder of what is prepared that becomes %s is refused", async (_what, replace) => {
  const { at, ask, again, side } = await prepared();
  using _at = at;
  const victim = join(at.root, "victim");
  mkdirSync(victim);
  writeFileSync(join(victim, "mine"), "mine");
  const staging = join(at.dir, "pending-change");
  again();
  // While its copy of the database is emptied.
  const newId = () => crypto.randomUUID();
  let isReplaced = false;
  const signal = {
    ...new AbortController().signal,
    throwIfAborted: () => {
      if (isReplaced || !existsSync(staging) || isChangeDecided(at.dir)) return;
      rmSync(staging, { recursive: true });
      replace(staging, victim);
      isReplaced = true;
    },
  };
  const outcome = await outcomeOf(resetState({ ...ask, newId, signal }));
  expect(isReplaced).toBe(true);
  expect(outcome).toHaveProperty("error");
  expect(readFileSync(join(victim, "mine"), "utf8")).toBe("mine");
  rmSync(staging, { recursive: true, force: true });
  expect(await side()).toBe("old");
});
