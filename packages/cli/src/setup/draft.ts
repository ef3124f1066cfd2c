import { rmSync } from "node:fs";
import { join } from "node:path";
import { privateDirectory, replaceWhole } from "@carapace/files";
import { readPrivate } from "@carapace/files/read";
import { z } from "zod";
import { outcomes } from "./answers.ts";
import { authModes } from "./choice.ts";

const maxBytes = 64 * 1024;
const maxAgeMs = 24 * 60 * 60 * 1000;

/** A setting that is no secret; an address with a sign-in in it is one. */
const plain = z
  .string()
  .max(2048)
  .refine((text) => !/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*@/i.test(text));

/** Answers so far, none of them a secret; a key that is not there was not answered yet. */
const SetupDraft = z.strictObject({
  pace: z.enum(["quick", "every"]).optional(),
  hidesInput: z.boolean().optional(),
  provider: z.string().max(64).optional(),
  authMode: z.enum(authModes).optional(),
  model: z.string().max(256).optional(),
  /** Of the provider: base URL, region, project …, by name. */
  settings: z.record(z.string().max(64), plain).optional(),
  gatewayAuth: z.enum(["token", "password"]).optional(),
  bind: z.enum(["loopback", "lan"]).optional(),
  port: z.int().min(1).max(65535).optional(),
  outcome: z.enum(outcomes).optional(),
  /** Of the outcome's channel: home server, account, where to verify …, by name. */
  channel: z.record(z.string().max(64), plain).optional(),
  hooks: z.boolean().optional(),
  controlUi: z.boolean().optional(),
});
export type SetupDraft = z.infer<typeof SetupDraft>;

const DraftFile = z.strictObject({ version: z.literal(1), savedAtMs: z.number(), answers: SetupDraft });

const fileIn = (stateDir: string): string => join(stateDir, "setup-draft.json");

/**
 * What an interrupted setup had been told. Undefined if there is none, or one that is older than a day, does not parse,
 * is not this user's alone, or lies in the future: then it is as if there were none.
 */
export function readDraft(stateDir: string, nowMs: number): SetupDraft | undefined {
  const read = readPrivate(fileIn(stateDir), { maxBytes, mode: "refuse" });
  if (!read.ok || read.value === undefined) return undefined;
  const parsed = DraftFile.safeParse(parsedJson(read.value));
  if (!parsed.success) return undefined;
  const ageMs = nowMs - parsed.data.savedAtMs;
  return ageMs >= 0 && ageMs <= maxAgeMs ? parsed.data.answers : undefined;
}

/** Keeps the answers so far, 0600. Without a word if they cannot be kept: setting up goes on without. */
export function saveDraft(stateDir: string, draft: SetupDraft, nowMs: number): void {
  const answers = SetupDraft.safeParse(draft);
  if (!answers.success || !privateDirectory(stateDir).ok) return;
  const file = { version: 1, savedAtMs: nowMs, answers: answers.data };
  replaceWhole(fileIn(stateDir), Buffer.from(JSON.stringify(file)), { tag: "draft" });
}

/** Removes it; there may be none. */
export function dropDraft(stateDir: string): void {
  rmSync(fileIn(stateDir), { force: true });
}

function parsedJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
