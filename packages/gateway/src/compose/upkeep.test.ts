import { expect, test } from "bun:test";
import { startUpkeep, type UpkeepDeps } from "./upkeep.ts";

/** Upkeep over a state that says what was asked of it. */
function bench(changes: Partial<UpkeepDeps> = {}) {
  const asked: string[] = [];
  const verified = Promise.withResolvers<void>();
  const ignore = () => undefined;
  const deps: UpkeepDeps = {
    state: {
      runs: {
        prune: async (beforeMs) => {
          asked.push(`prune ${beforeMs}`);
          return 0;
        },
      },
      answers: {
        prune: async () => {
          asked.push("answers");
          return asked.filter((word) => word === "answers").length < 3 ? 500 : 0;
        },
      },
      verify: async () => {
        asked.push("verify");
        verified.resolve();
        return [];
      },
    },
    nowMs: () => 100 * 3_600_000,
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    isBusy: () => false,
    retain: async () => undefined,
    verifyAfterMs: 0,
    ...changes,
  };
  return { upkeep: startUpkeep(deps), asked, verified: verified.promise };
}

test("runs that ended a day ago and kept answers that are over are forgotten, then everything is verified", async () => {
  const { upkeep, asked, verified } = bench();
  expect(asked).toEqual([`prune ${76 * 3_600_000}`]);
  await verified;
  await upkeep[Symbol.asyncDispose]();
  expect(asked.filter((word) => word !== "verify")).toEqual([
    `prune ${76 * 3_600_000}`,
    ...["answers", "answers", "answers"],
  ]);
  expect(asked.filter((word) => word === "verify")).toHaveLength(1);
});

test("verifying gives way to turns, but not for ever", async () => {
  let looks = 0;
  const { upkeep, asked, verified } = bench({ isBusy: () => ++looks > 0 });
  await verified;
  expect(looks).toBe(30);
  await upkeep[Symbol.asyncDispose]();
  expect(asked.filter((word) => word === "verify")).toHaveLength(1);
});

test("a stop ends a verification and waits for it", async () => {
  const begun = Promise.withResolvers<void>();
  let hasEnded = false;
  const verify: UpkeepDeps["state"]["verify"] = async (signal) => {
    begun.resolve();
    await new Promise((done) => signal?.addEventListener("abort", done, { once: true }));
    hasEnded = true;
    throw new Error("aborted");
  };
  const runs = { prune: async () => 0 };
  const { upkeep } = bench({ state: { runs, answers: runs, verify } });
  await begun.promise;
  await upkeep[Symbol.asyncDispose]();
  expect(hasEnded).toBe(true);
});
