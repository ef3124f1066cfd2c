import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SessionKey } from "@carapace/protocol";
import { fileKeyStore, type NewMessage, openState } from "@carapace/state";
import type { Measure } from "../figure.ts";
import { watchPeak } from "../peak-memory.ts";

const wantedBytes = 100_000_000;
const atOnce = 500;
const launcher = join(import.meta.dir, "..", "..", "cara");

/** The whole command on a database of 100 MB: copied, encrypted, every MAC made anew, verified before and after. */
export const measure: Measure = async ({ short }) => {
  const dir = mkdtempSync(join(tmpdir(), "carapace-bench-"));
  const [times, mebibytes]: [number[], number[]] = [[], []];
  try {
    await build(dir);
    for (let index = 0; index < (short ? 1 : 3); index += 1) {
      const { tookMs, peakMib } = await rekey(dir);
      times.push(tookMs);
      mebibytes.push(peakMib);
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  return [
    { name: "rekey of a 100 MB database", unit: "ms", samples: times, limit: 30_000, bound: "most" },
    { name: "rekey, peak memory", unit: "MiB", samples: mebibytes, limit: 150, bound: "most" },
  ];
};

async function build(dir: string): Promise<void> {
  await using state = await openState({ dir, keys: fileKeyStore(dir), newId: () => crypto.randomUUID() });
  for (let n = 0; statSync(join(dir, "state.db")).size < wantedBytes; n += 1) {
    const session = await state.sessions.upsert(SessionKey.parse(`session-${n}`), { agentId: "main" }, n);
    for (let part = 0; part < 4; part += 1) await state.sessions.append(session.id, messages(atOnce));
  }
}

function messages(count: number): NewMessage[] {
  return Array.from({ length: count }, (_, index) => ({
    id: crypto.randomUUID(),
    role: index % 2 === 0 ? "user" : "assistant",
    blocks: [
      { type: "text", text: `message ${index} ${"of some length ".repeat(80)}`, origin: { kind: "owner" } },
    ],
    createdAtMs: 1_764_000_000_000 + index,
  }));
}

async function rekey(dir: string): Promise<{ tookMs: number; peakMib: number }> {
  const startedAt = performance.now();
  const child = Bun.spawn([launcher, "state", "rekey"], {
    env: { PATH: "/usr/bin:/bin", HOME: dir, CARAPACE_STATE_DIR: dir, CARAPACE_CREDENTIAL_STORE: "off" },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  const peak = watchPeak(child.pid);
  if ((await child.exited) !== 0) throw new Error("cara state rekey failed");
  return { tookMs: performance.now() - startedAt, peakMib: peak() };
}
