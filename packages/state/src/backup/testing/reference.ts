import { gzipSync } from "node:zlib";
import { sealArtifact } from "../../portable/crypto/artifact.ts";
import { sessionKeysOf } from "../../portable/crypto/keys.ts";
import { writeManifest } from "../../portable/crypto/manifest.ts";
import { type RawEntry, rawTar } from "./tar.ts";

/** A session as the reference writes it (state.md §3.1). */
export interface ReferenceSession {
  readonly id: string;
  readonly key: string;
  readonly texts: readonly string[];
}

const atMs = 1_763_000_000_000;

function metadataOf({ id, key, texts }: ReferenceSession): string {
  const session = {
    id,
    session_key: key,
    status: "active",
    metadata: { name: `Session ${key}` },
    message_count: texts.length,
    created_at: atMs,
    updated_at: atMs + texts.length,
  };
  return JSON.stringify(session, null, 2);
}

function linesOf({ id, texts }: ReferenceSession): string[] {
  return texts.map((content, at) =>
    JSON.stringify({
      id: `00000000-0000-4000-8000-${String(at).padStart(4, "0")}${id.slice(-8)}`,
      session_id: id,
      role: at % 2 === 0 ? "user" : "assistant",
      content,
      created_at: atMs + at,
    }),
  );
}

const json = (name: string, value: unknown): RawEntry => ({ name, body: Buffer.from(JSON.stringify(value)) });

/** What every archive of the reference begins with. */
export const referenceMarker: RawEntry = {
  name: ".carapace-backup",
  body: Buffer.from("carapace-backup v1\ncreated=20251101T000000Z\n"),
};

/** Files of plain sessions. */
export function plainSessions(sessions: readonly ReferenceSession[]): RawEntry[] {
  return sessions.flatMap((session) => [
    { name: `sessions/${session.id}.json`, body: Buffer.from(metadataOf(session)) },
    { name: `sessions/${session.id}.jsonl`, body: Buffer.from(`${linesOf(session).join("\n")}\n`) },
  ]);
}

/** Files of sessions sealed with a password: `cse1:`, with their manifest (state.md §3.8). */
export async function sealedSessions(
  sessions: readonly ReferenceSession[],
  password: string,
): Promise<RawEntry[]> {
  const salt = Uint8Array.from({ length: 16 }, (_, at) => at);
  const keys = await sessionKeysOf(password, salt);
  let count = 0;
  const nonce = (): Uint8Array => Buffer.from(String(++count).padStart(12, "0"));
  return [
    { name: "sessions/.crypto-manifest", body: Buffer.from(writeManifest(keys, salt)) },
    ...sessions.flatMap((session): RawEntry[] => {
      const at = (purpose: "metadata" | "history") => ({ sessionId: session.id, purpose });
      const meta = sealArtifact(keys, at("metadata"), { text: metadataOf(session), nonce: nonce() });
      const lines = linesOf(session).map((text) =>
        sealArtifact(keys, at("history"), { text, nonce: nonce() }),
      );
      return [
        { name: `sessions/${session.id}.json`, body: Buffer.from(meta) },
        { name: `sessions/${session.id}.jsonl`, body: Buffer.from(`${lines.join("\n")}\n`) },
      ];
    }),
  ];
}

/** The small stores of the reference (state.md §4 to §6, §14). */
export const referenceStores: readonly RawEntry[] = [
  json("config/carapace.json", { gateway: { port: 18999 } }),
  json("memory/default.json", { colour: "green" }),
  json("cron/jobs.json", [
    {
      id: "job-1",
      name: "Morning",
      enabled: true,
      createdAtMs: atMs,
      updatedAtMs: atMs,
      schedule: { kind: "cron", expr: "0 8 * * *" },
      sessionTarget: "main",
      wakeMode: "now",
      payload: { kind: "systemEvent", text: "wake up" },
      state: {},
    },
  ]),
  json("tasks/queue.json", [
    {
      id: "task-1",
      state: "queued",
      attempts: 0,
      nextRunAtMs: atMs,
      lastError: null,
      payload: { kind: "systemEvent", text: "x" },
      createdAtMs: atMs,
      updatedAtMs: atMs,
      policy: { maxAttempts: 100, maxTotalRuntimeMs: 604800000, maxTurns: 25, maxRunTimeoutSeconds: 600 },
      policyExplicit: false,
    },
  ]),
  json("usage/usage.json", {
    enabled: true,
    daily: {
      "2025-11-01": {
        date: "2025-11-01",
        input_tokens: 10,
        output_tokens: 5,
        requests: 1,
        cost_usd: 0.5,
        by_provider: {
          anthropic: { input_tokens: 10, output_tokens: 5, requests: 1, cost_usd: 0.5 },
        },
        by_model: {
          "anthropic:claude": { input_tokens: 10, output_tokens: 5, requests: 1, cost_usd: 0.5 },
        },
      },
    },
    monthly: {},
    sessions: {},
    last_updated: atMs,
  }),
];

/** An archive of these entries, packed as the reference packs it. */
export function packedArchive(entries: readonly RawEntry[]): Buffer {
  return gzipSync(rawTar(entries));
}
