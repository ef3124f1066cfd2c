import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "@carapace/config";
import { sealConfig } from "@carapace/config/seal";
import { createSealer } from "@carapace/secrets";
import type { Measure } from "../figure.ts";

const password = "a password for measuring";

/** A config file with 20 secrets: sealed as a whole by the real command's function, and loaded by the real loader. */
export const measure: Measure = async ({ short }) => {
  const folder = mkdtempSync(join(tmpdir(), "carapace-bench-"));
  const path = join(folder, "carapace.json5");
  const env = { HOME: folder, CARAPACE_STATE_DIR: folder, CARAPACE_CONFIG_PASSWORD: password };
  const figures = { plain: [] as number[], seal: [] as number[], open: [] as number[], keys: [] as number[] };
  try {
    for (let index = 0; index < (short ? 3 : 20); index += 1) {
      writeFileSync(path, JSON.stringify(withSecrets(20)), { mode: 0o600 });
      figures.plain.push(await timed(async () => must(await loadConfig({ env, path }))));
      const context = { env, path, method: "bench", through: "bench" };
      figures.seal.push(await timed(async () => must(await sealConfig(context))));
      figures.open.push(await timed(async () => must(await loadConfig({ env, path }))));
      figures.keys.push(await derivations(env, path));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return [
    {
      name: "config with 20 plain secrets, load",
      unit: "ms",
      samples: figures.plain,
      limit: 50,
      bound: "most",
    },
    { name: "config with 20 secrets, seal", unit: "ms", samples: figures.seal, limit: 500, bound: "most" },
    {
      name: "config with 20 sealed secrets, load",
      unit: "ms",
      samples: figures.open,
      limit: 400,
      bound: "most",
    },
    { name: "Argon2 derivations to load it", unit: "times", samples: figures.keys, limit: 1, bound: "most" },
  ];
};

/** Plugins may have secrets of any name, so that there are as many as wanted. */
function withSecrets(count: number) {
  const names = Array.from({ length: count }, (_, index) => `plugin-${index}`);
  return { plugins: Object.fromEntries(names.map((name) => [name, { apiKey: `key of ${name}` }])) };
}

async function derivations(env: Record<string, string>, path: string): Promise<number> {
  using sealer = createSealer(password);
  const open = async (envelopes: readonly string[]) => {
    const opened = await Promise.all(envelopes.map((envelope) => sealer.open(envelope)));
    return new Map(
      envelopes.flatMap((envelope, index) => {
        const one = opened[index];
        return one?.ok ? [[envelope, one.value] as const] : [];
      }),
    );
  };
  must(await loadConfig({ env, path, opener: { why: "", open } }));
  return sealer.derivations;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function must(result: { readonly ok: true } | { readonly ok: false; readonly say: string }): void {
  if (!result.ok) throw new Error(result.say);
}
