import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Crash, faultySteps } from "@carapace/files/testing";
import { systemStateKeys } from "@carapace/state";
import { rekeyState } from "@carapace/state/rekey";
import { startTestGateway } from "../testing/index.ts";

/** A state directory and a configuration outside of it, whose rotation died at one step. */
async function interrupted(at: (taken: readonly string[]) => number) {
  const home = mkdtempSync(join(tmpdir(), "carapace-pending-"));
  const stateDir = join(home, "state");
  const configPath = join(home, "config.json");
  writeFileSync(configPath, '{ "logging": { "level": "error" } }', { mode: 0o600 });
  const options = { stateDir, configPath, env: { CARAPACE_CONFIG_PATH: configPath } };
  await (await startTestGateway(options))[Symbol.asyncDispose]();
  const rotate = async (steps: ReturnType<typeof faultySteps>, content: string) =>
    await rekeyState({
      dir: stateDir,
      keys: systemStateKeys({
        ...{ dir: stateDir, nowMs: Date.now },
        env: { CARAPACE_CREDENTIAL_STORE: "off" },
        password: undefined,
      }),
      passwords: undefined,
      file: { path: configPath, bytes: Buffer.from(content) },
      nowMs: Date.now,
      steps,
    });
  const recorded = faultySteps(-1, () => {});
  await rotate(recorded, readFileSync(configPath, "utf8"));
  const dying = faultySteps(at(recorded.taken), () => {
    throw new Crash();
  });
  await expect(rotate(dying, '{ "logging": { "level": "warn" } }')).rejects.toBeInstanceOf(Crash);
  const level = () => JSON.parse(readFileSync(configPath, "utf8")).logging.level;
  return { stateDir, options, level, [Symbol.dispose]: () => rmSync(home, { recursive: true }) };
}

// The first rename is the one that decides.
const decides = (taken: readonly string[]) => taken.indexOf("rename");

test("a start finishes a change that was decided, the configuration elsewhere included", async () => {
  using at = await interrupted((taken) => decides(taken) + 1);
  expect(at.level()).toBe("error");
  await using running = await startTestGateway(at.options);
  expect(at.level()).toBe("warn");
  expect(readdirSync(running.stateDir).filter((name) => name.startsWith("pending"))).toEqual([]);
});

test("a start drops a change that was not decided", async () => {
  using at = await interrupted(decides);
  await using running = await startTestGateway(at.options);
  expect(at.level()).toBe("error");
  expect(readdirSync(running.stateDir).filter((name) => name.startsWith("pending"))).toEqual([]);
});

test("a start with another configuration says which one the change belongs to", async () => {
  using at = await interrupted((taken) => decides(taken) + 1);
  const { configPath, ...others } = at.options;
  const started = startTestGateway({ ...others, env: {} });
  await expect(started).rejects.toThrow(configPath);
  await using _running = await startTestGateway(at.options);
  expect(at.level()).toBe("warn");
});
