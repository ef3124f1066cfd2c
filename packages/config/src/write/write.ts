import { realpathSync } from "node:fs";
import { dirname } from "node:path";
import { ensureFolder, type HeldLock, lockFile, replaceWhole, systemCode } from "@carapace/files";
import type { Json, JsonObject } from "@carapace/protocol";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import { parseJson5 } from "../json5/parse.ts";
import { parseKey } from "../key-path.ts";
import { LoadError } from "../load/failure.ts";
import { isJsonObject } from "../load/merge.ts";
import {
  describeIssue,
  type Loaded,
  type LoadOptions,
  type LoadOutcome,
  loadStages,
} from "../load/pipeline.ts";
import { type FileText, maxFileBytes, readConfigFile } from "../load/read.ts";
import { errorsOf, snapshotOf, warningsOf } from "../load-config.ts";
import { configPathOf } from "../paths.ts";
import { valueAt } from "../record.ts";
import type { ConfigAccess, ConfigSnapshot, Issue } from "../types.ts";
import { newSecretReferences, protectedChanges, sameSources, sealedChanges } from "./guards.ts";
import { mergePatch } from "./merge-patch.ts";
import { editedText, plainText } from "./text.ts";

/** Who writes, and where. */
export interface WriteContext extends ConfigAccess {
  /** For sentences: `config.set` and `WebSocket config methods`, or `cara config set` and `` `cara config set` ``. */
  readonly method: string;
  readonly through: string;
  /** How long to wait for another writer, in ms; 10 000 unless told. */
  readonly waitMs?: number;
}

const defaultWaitMs = 10_000;

/** What stands in the file now. */
interface Base {
  readonly text: string | null;
  readonly hash: string | null;
  readonly parsed: JsonObject;
}

/** What shall stand in it. */
interface Candidate {
  readonly text: string;
  readonly parsed: JsonObject;
}

type Change = (base: Base) => Promise<Result<Candidate>> | Result<Candidate>;

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
      return refuse("invalid_request", `"${key}" names an entry of a list that is not there`);
    return edited(base, parsed);
  });
}

/** Removes one key. @returns `not_found` if it is not in the file. */
export async function unsetConfigValue(key: string, context: WriteContext): Promise<Result<ConfigSnapshot>> {
  const path = parseKey(key);
  if (!path) return refuseKey(key);
  return write(context, (base) => {
    if (valueAt(base.parsed, path) === undefined) return refuse("not_found", `Key not found: ${key}`);
    const parsed = withValue(base.parsed, path, undefined);
    return isJsonObject(parsed) ? edited(base, parsed) : refuse("not_found", `Key not found: ${key}`);
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
    return parsed.ok ? ok({ text: raw.endsWith("\n") ? raw : `${raw}\n`, parsed: parsed.value }) : parsed;
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
      ? edited(base, parsed)
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
  const now = await loadStages({ ...access, path });
  const checked = await check({ ...access, path, text, outside: includedBy(now) });
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

async function edited(base: Base, parsed: JsonObject): Promise<Result<Candidate>> {
  if (base.text === null || base.text.trim() === "") return ok({ text: plainText(parsed), parsed });
  const text = await editedText(base.text, base.parsed, parsed);
  return text.ok ? ok({ text: text.value, parsed }) : text;
}

/** The write path (config.md §10): lock, read again, refuse what must not change, validate, write as a whole. */
async function write(context: WriteContext, change: Change): Promise<Result<ConfigSnapshot>> {
  const path = context.path ?? configPathOf(context.env);
  const folder = ensureFolder(dirname(path));
  if (!folder.ok) return folder;
  const locked = await lock(path, context.waitMs ?? defaultWaitMs);
  if (!locked.ok) return locked;
  using _lock = locked.value;
  const base = readBase(path);
  if (!base.ok) return base;
  const candidate = await change(base.value);
  if (!candidate.ok) return candidate;
  const allowed = await permitted(base.value, candidate.value, { ...context, path });
  if (!allowed.ok) return allowed;
  return store(path, candidate.value.text, allowed.value);
}

async function lock(path: string, waitMs: number): Promise<Result<HeldLock>> {
  const locked = await lockFile(`${path}.lock`, { waitMs });
  if (locked.ok || locked.problem !== "held") return locked;
  const say = `another program has been holding ${path}.lock for ${waitMs / 1000} s; try again when it is done`;
  return refuse("unavailable", say);
}

function readBase(path: string): Result<Base> {
  let file: FileText | undefined;
  try {
    file = readConfigFile(path);
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    return refuse("unavailable", `config base hash unavailable; ${error.message}`);
  }
  if (!file) return ok({ text: null, hash: null, parsed: {} });
  const parsed = parseJson5(file.text);
  if (parsed.ok && isJsonObject(parsed.value)) return ok({ ...file, parsed: parsed.value });
  const why = parsed.ok ? "it must hold an object" : parsed.fault.say;
  return refuse(
    "invalid_request",
    `${path} cannot be parsed: ${why}; mend it in an editor first (cara config validate says where)`,
  );
}

async function permitted(
  base: Base,
  candidate: Candidate,
  context: WriteContext & { path: string },
): Promise<Result<ConfigSnapshot>> {
  if (Buffer.byteLength(candidate.text) > maxFileBytes) {
    return refuse(
      "invalid_request",
      "the configuration would be larger than 4 MiB; move parts of it out with $include",
    );
  }
  const sealed = sealedChanges(base.parsed, candidate.parsed);
  if (sealed.length > 0) {
    return refuse("forbidden", `Cannot change sealed values that cannot be opened: ${sealed.join(", ")}`, {
      sealed,
    });
  }
  const { guardedKeys } = await import("../schema/guarded.ts");
  const keys = guardedKeys();
  const plain = protectedChanges(base.parsed, candidate.parsed, keys.protected);
  if (plain.length > 0) return refuseProtected(plain, context);
  const { env, path, opener } = context;
  const access = { env, path, ...(opener && { opener }) };
  const before = await loadStages({ ...access, text: base.text });
  const checked = await check({ ...access, text: candidate.text, outside: includedBy(before) });
  if (!checked.ok) return checked;
  const { loaded, snapshot } = checked.value;
  const drawn = newSecretReferences(
    before.ok ? before.loaded.sources.tree : base.parsed,
    loaded.sources.tree,
    keys.secret,
  );
  if (drawn.length > 0) return refuseReferences(drawn, context);
  // The way around: an include or a variable that changes what a protected key comes to.
  if (before.ok) {
    const effective = protectedChanges(before.loaded.resolved, loaded.resolved, keys.protected);
    return effective.length > 0 ? refuseProtected(effective, context) : ok(snapshot);
  }
  const isSame = sameSources(base.parsed, candidate.parsed);
  return isSame ? ok(snapshot) : refuseProtected(["$include", "env"], context);
}

/** The real paths of what the file includes now: a write may keep them, wherever they lie. */
function includedBy(now: LoadOutcome): ReadonlySet<string> {
  const { files } = now.ok ? now.loaded : now.failure;
  return new Set(files.map(realTarget));
}

function refuseReferences(references: readonly string[], { through }: WriteContext) {
  const say = `Cannot refer to secret variables through ${through}: ${references.join(", ")}; edit the file instead`;
  return refuse("forbidden", say, { protected: references });
}

function refuseProtected(keys: readonly string[], { through }: WriteContext) {
  const say = `Cannot modify protected configuration through ${through}: ${keys.join(", ")}`;
  return refuse("forbidden", say, { protected: keys });
}

async function check(options: LoadOptions): Promise<Result<{ loaded: Loaded; snapshot: ConfigSnapshot }>> {
  const outcome = await loadStages(options);
  const snapshot = outcome.ok ? await snapshotOf(outcome.loaded, options.env) : undefined;
  const errors = outcome.ok ? errorsOf(snapshot?.issues ?? []) : [outcome.failure.issue];
  if (outcome.ok && snapshot && errors.length === 0) return ok({ loaded: outcome.loaded, snapshot });
  const issues = errors.map(({ path: at, message }) => ({ path: at, message }));
  return refuse("invalid_request", "invalid config", {
    issues,
    places: errors.map((issue) => describeIssue(issue)),
  });
}

function store(path: string, text: string, snapshot: ConfigSnapshot): Result<ConfigSnapshot> {
  const written = replaceWhole(realTarget(path), Buffer.from(text), { tag: "cfg" });
  if (written.ok) return ok(snapshot);
  return written.problem === "unsynced"
    ? written
    : { ...written, say: `${written.say} Nothing was changed.` };
}

/** A symbolic link stays one: what it leads to is replaced. */
function realTarget(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    // A link that leads nowhere is refused by whoever writes to it.
    if (systemCode(error) === undefined) throw error;
    return path;
  }
}

/** A copy with one value put in or, for undefined, taken out; undefined if a list index is not there. */
function withValue(
  node: Json | undefined,
  path: readonly (string | number)[],
  value: Json | undefined,
): Json | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (typeof step === "number") {
    if (!Array.isArray(node) || step >= node.length) return undefined;
    const inner = withValue(node[step], rest, value);
    if (inner === undefined)
      return value === undefined && rest.length === 0 ? node.filter((_, index) => index !== step) : undefined;
    return node.map((item, index) => (index === step ? inner : item));
  }
  const fields: Record<string, Json> = isJsonObject(node) ? { ...node } : {};
  const inner = withValue(Object.hasOwn(fields, step) ? fields[step] : undefined, rest, value);
  if (inner !== undefined) fields[step] = inner;
  else if (value === undefined && rest.length === 0) delete fields[step];
  else return undefined;
  return fields;
}
