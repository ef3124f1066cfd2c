import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createOutput } from "../src/output/output.ts";
import { runVerify } from "../src/verify/run-verify.ts";
import type { VerifyAsk, VerifyReport } from "../src/verify/types.ts";
import type { Home } from "./cara.ts";

export interface ProveAsk extends Omit<VerifyAsk, "world" | "print"> {
  readonly home: Home;
  readonly env?: Record<string, string>;
}

/** `cara verify` in this process, without a word; on a free port unless told. */
export function prove({ home, env, ...ask }: ProveAsk): Promise<VerifyReport> {
  const out = createOutput({ stdout: 1, stderr: 2 });
  const world = { env: { ...home.env, ...env }, out, nowMs: Date.now, newId: () => crypto.randomUUID() };
  return runVerify({ port: 0, ...ask, world, print: "nothing" });
}

/** What became of each check, shortly. */
export function lines({ checks }: VerifyReport): string[] {
  return checks.map(({ status, name }) => `${status} ${name}`);
}

/** Writes the configuration file of a home. */
export function configure(home: Home, config: unknown): void {
  mkdirSync(home.stateDir, { recursive: true, mode: 0o700 });
  const path = join(home.stateDir, "carapace.json");
  writeFileSync(path, typeof config === "string" ? config : JSON.stringify(config));
  chmodSync(path, 0o600);
}
