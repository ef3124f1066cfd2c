import { tmpdir } from "node:os";
import { join } from "node:path";
import { missingForSecretService, startSecretService } from "@carapace/secrets/testing";
import { root } from "../../test/support/gateway-process.ts";
import type { Figure, Measure } from "../figure.ts";

/** What the credential store adds to a start whose credentials are nowhere else, in processes of their own. */
export const measure: Measure = async ({ short }) => {
  const runs = short ? 5 : 40;
  const nothing = { PATH: process.env["PATH"] ?? "", HOME: tmpdir() };
  const figures = [
    await figure("turned off", runs, { ...nothing, CARAPACE_CREDENTIAL_STORE: "off" }),
    await figure("without a session bus", runs, nothing),
  ];
  const missing = missingForSecretService();
  if (missing !== "") {
    process.stderr.write(`no figure for the Secret Service: missing ${missing}\n`);
    return figures;
  }
  await using service = await startSecretService();
  return [...figures, await figure("Secret Service", runs, service.env)];
};

async function figure(name: string, runs: number, env: Record<string, string>): Promise<Figure> {
  const samples: number[] = [];
  for (let index = 0; index < runs; index += 1) samples.push(await costOf(env));
  return { name: `credential store at start, ${name}`, unit: "ms", samples, limit: 30, bound: "most" };
}

async function costOf(env: Record<string, string>): Promise<number> {
  const program = join(root, "packages", "secrets", "src", "testing", "store-cost.ts");
  const words = [process.execPath, "--no-install", program, join(env["HOME"] ?? "", "state")];
  const child = Bun.spawn(words, { env, stdout: "pipe", stderr: "inherit" });
  const [said, code] = await Promise.all([child.stdout.text(), child.exited]);
  if (code !== 0) throw new Error("the credential store could not be opened");
  return Number(said.split("\n")[0]);
}
