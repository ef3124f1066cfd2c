import type { DiskSteps } from "@carapace/files";
import type { Json, JsonObject } from "@carapace/protocol";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import { parseJson5 } from "../json5/parse.ts";
import { parseKey } from "../key-path.ts";
import { isJsonObject } from "../load/merge.ts";
import { loadStages } from "../load/pipeline.ts";
import { warningsOf } from "../load-config.ts";
import { configPathOf } from "../paths.ts";
import { valueAt } from "../record.ts";
import { openerFrom } from "../seal/opener.ts";
import type { ConfigAccess, ConfigSnapshot, Issue } from "../types.ts";
import { type Base, lockConfig, readBase, storeText } from "./locked.ts";
import { mergePatch } from "./merge-patch.ts";
import { withValue } from "./patterns.ts";
import type { Proposal } from "./prepare.ts";

/** Who writes, and where. */
export interface WriteContext extends ConfigAccess {
  /** For sentences: `config.set` and `WebSocket config methods`, or `cara config set` and `` `cara config set` ``. */
  readonly method: string;
  readonly through: string;
  /**
   * The one secret key that this write may set or remove although it is protected: its owner asked for it by name, and
   * gave the value where no shell and no client sees it.
   */
  readonly secretKey?: string;
  /** How long to wait for another writer, in ms; 10 000 unless told. */
  readonly waitMs?: number;
  /** What is done to the disk; a test lets it fail. */
  readonly steps?: DiskSteps;
}

type Change = (base: Base) => Result<Proposal>;

/**
 * Sets one key, written as `agents.list[0].model` (cli.md §3.2); objects on the way are made, a scalar on the way is
 * replaced. @returns the configuration as it is after the write, or why nothing was written.
 */
export async function setConfigValue(
  key: string,
  value: Json,
  context: WriteContext,
): Promise<Result<ConfigSnapshot>> {
  const path = parseKey(key);
  if (!path) return refuseKey(key);
  return write(context, (base) => {
    const parsed = withValue(base.parsed, path, value);
    if (!isJsonObject(parsed))
      return refuse(
        "invalid_request",
        `"${key}" names an entry of a list that is not there; set the list itself, as JSON`,
      );
    return ok({ parsed });
  });
}

/** Removes one key. @returns `not_found` if it is not in the file. */
export async function unsetConfigValue(key: string, context: WriteContext): Promise<Result<ConfigSnapshot>> {
  const path = parseKey(key);
  if (!path) return refuseKey(key);
  return write(context, (base) => {
    if (valueAt(base.parsed, path) === undefined) return refuse("not_found", `Key not found: ${key}`);
    const parsed = withValue(base.parsed, path, undefined);
    return isJsonObject(parsed) ? ok({ parsed }) : refuse("not_found", `Key not found: ${key}`);
  });
}

function refuseKey(key: string) {
  return refuse("invalid_request", `"${key}" is not a key; write it like gateway.port`);
}

/**
 * Replaces the whole file with a JSON5 object text, kept as it is written (`config.set`, `config.apply`).
 * @param baseHash the hash the caller last saw; needed if there is a file
 */
export function replaceConfig(
  raw: string,
  baseHash: string | undefined,
  context: WriteContext,
): Promise<Result<ConfigSnapshot>> {
  return write(context, (base) => {
    const parsed = objectFrom(raw, base, { baseHash, context });
    return parsed.ok ? ok({ raw: raw.endsWith("\n") ? raw : `${raw}\n`, parsed: parsed.value }) : parsed;
  });
}

/** Applies a merge patch (RFC 7396) to the file (`config.patch`); comments around the changes stay. */
export function patchConfig(
  raw: string,
  baseHash: string | undefined,
  context: WriteContext,
): Promise<Result<ConfigSnapshot>> {
  return write(context, (base) => {
    const patch = objectFrom(raw, base, { baseHash, context });
    if (!patch.ok) return patch;
    const parsed = mergePatch(base.parsed, patch.value);
    return isJsonObject(parsed)
      ? ok({ parsed })
      : refuse("invalid_request", `${context.method} raw must be an object`);
  });
}

/** Validates a text or an object as if it were the file, with includes and variables (`config.validate`). */
export async function validateConfig(
  candidate: { readonly raw: string } | { readonly config: Json },
  access: ConfigAccess,
): Promise<Result<{ warnings: Issue[] }>> {
  const parsed =
    "raw" in candidate ? parseJson5(candidate.raw) : { ok: true as const, value: candidate.config };
  if (!parsed.ok) return refuse("invalid_request", parsed.fault.say);
  if (!isJsonObject(parsed.value))
    return refuse("invalid_request", "config.validate value must be an object");
  const text = "raw" in candidate ? candidate.raw : JSON.stringify(parsed.value);
  const path = access.path ?? configPathOf(access.env);
  const { check, includedBy } = await import("./permit.ts");
  using password = openerFrom(access.env);
  const options = { ...access, path, opener: access.opener ?? password };
  const now = await loadStages(options);
  const checked = await check({ ...options, text, outside: includedBy(now) });
  return checked.ok ? ok({ warnings: warningsOf(checked.value.snapshot.issues) }) : checked;
}

function objectFrom(
  raw: string,
  base: Base,
  { baseHash, context }: { baseHash: string | undefined; context: WriteContext },
): Result<JsonObject> {
  const again = "re-run config.get and retry";
  if (base.hash !== null && !baseHash)
    return refuse("invalid_request", `config base hash required; ${again}`);
  if (base.hash !== null && baseHash !== base.hash) {
    return refuse("conflict", `config changed since last load; ${again}`);
  }
  const parsed = parseJson5(raw);
  if (!parsed.ok) return refuse("invalid_request", `${context.method} raw is not JSON5: ${parsed.fault.say}`);
  if (isJsonObject(parsed.value)) return ok(parsed.value);
  return refuse("invalid_request", `${context.method} raw must be an object`);
}

/**
 * The write path (config.md §10): lock, read again, put back the envelopes of what did not change, refuse what must not
 * change, validate, seal, write as a whole.
 */
async function write(context: WriteContext, change: Change): Promise<Result<ConfigSnapshot>> {
  const path = context.path ?? configPathOf(context.env);
  const locked = await lockConfig(path, context.waitMs);
  if (!locked.ok) return locked;
  using _lock = locked.value;
  const base = readBase(path);
  if (!base.ok) return base;
  const proposal = change(base.value);
  if (!proposal.ok) return proposal;
  const { prepare } = await import("./prepare.ts");
  const prepared = await prepare({ base: base.value, proposal: proposal.value }, { ...context, path });
  if (!prepared.ok) return prepared;
  const { text, snapshot } = prepared.value;
  const stored = storeText(path, text, context.steps);
  return stored.ok ? ok(snapshot) : stored;
}
