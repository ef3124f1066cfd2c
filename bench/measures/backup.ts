import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SessionKey } from "@carapace/protocol";
import { openState, systemStateKeys } from "@carapace/state";
import { root } from "../../test/support/gateway-process.ts";
import type { Figure, Measure } from "../figure.ts";
import { watchPeak } from "../peak-memory.ts";

const mib = 2 ** 20;
const messageBytes = 256 * 1024;

/** `cara backup` and `cara restore` as a user runs them, over a large state: MB/s of the state, and peak memory. */
export const measure: Measure = async ({ short }) => {
  const folder = mkdtempSync(join(tmpdir(), "carapace-bench-"));
  try {
    const size = short ? 64 : 512;
    await fill(folder, { databaseMib: size, fileMib: size });
    const runs: readonly (readonly [name: string, words: readonly string[], stateDir: string])[] = [
      ["full backup", ["backup", "--full", "--encrypt", "-o", join(folder, "full")], "state"],
      ["full restore", ["restore", "--force", join(folder, "full")], "moved"],
      ["full restore over another", ["restore", "--force", join(folder, "full")], "moved"],
      ["portable backup", ["backup", "-o", join(folder, "portable")], "state"],
      ["portable restore", ["restore", "--force", join(folder, "portable")], "taken"],
    ];
    const figures: Figure[] = [];
    for (const [name, words, stateDir] of runs) {
      const bytes = name.startsWith("full") ? 2 * size : size;
      figures.push(...(await timed(name, { words, folder, stateDir, mib: bytes })));
    }
    return figures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Half of the state is a database of conversations, half one large file such as media. */
async function fill(folder: string, size: { databaseMib: number; fileMib: number }): Promise<void> {
  const dir = join(folder, "state");
  const env = { CARAPACE_CREDENTIAL_STORE: "off" };
  const keys = systemStateKeys({ dir, env, password: undefined, nowMs: Date.now });
  {
    await using state = await openState({ dir, keys, newId: () => crypto.randomUUID() });
    for (let count = 0; count < (size.databaseMib * mib) / messageBytes; ) {
      const session = await state.sessions.upsert(SessionKey.parse(`bench-${count}`), {}, count);
      for (let m = 0; m < 32; m += 1, count += 1) await state.sessions.append(session.id, [message(count)]);
    }
  }
  mkdirSync(join(dir, "media"), { mode: 0o700 });
  const fd = openSync(join(dir, "media", "large"), "wx", 0o600);
  for (let written = 0; written < size.fileMib; written += 1) writeSync(fd, randomBytes(mib));
  closeSync(fd);
}

/** A tool's long result, half of it random, so that it packs about as text does. */
function message(n: number) {
  const text = `${randomBytes(messageBytes / 4).toString("hex")}${"lorem ipsum ".repeat(messageBytes / 24)}`;
  const origin = { kind: "tool" as const, name: "fetch" };
  const block = {
    type: "tool_result" as const,
    toolUseId: `t${n}`,
    name: "fetch",
    content: text,
    isError: false,
    origin,
  };
  return { id: crypto.randomUUID(), role: "tool" as const, blocks: [block], createdAtMs: n };
}

interface Timed {
  readonly words: readonly string[];
  readonly folder: string;
  readonly stateDir: string;
  readonly mib: number;
}

async function timed(name: string, { words, folder, stateDir, mib: size }: Timed): Promise<Figure[]> {
  const startedAt = performance.now();
  const child = Bun.spawn([join(root, "cara"), ...words], {
    cwd: folder,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: folder,
      CARAPACE_STATE_DIR: join(folder, stateDir),
      CARAPACE_CREDENTIAL_STORE: "off",
      CARAPACE_BACKUP_PASSPHRASE: "correct horse battery staple",
    },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const peak = watchPeak(child.pid);
  const [said, code] = await Promise.all([child.stderr.text(), child.exited]);
  if (code !== 0) throw new Error(`${name}: ${said}`);
  const seconds = (performance.now() - startedAt) / 1000;
  const peakMib = peak();
  if (!statSync(join(folder, stateDir)).isDirectory()) throw new Error(`${name} left nothing`);
  return [
    {
      name: `${name} of ${size} MiB, MiB`,
      unit: "per s",
      samples: [size / seconds],
      limit: 5,
      bound: "least",
    },
    {
      name: `${name} of ${size} MiB, peak memory`,
      unit: "MiB",
      samples: [peakMib],
      limit: 150,
      bound: "most",
    },
  ];
}
