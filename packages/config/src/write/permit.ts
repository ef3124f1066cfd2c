import type { Json } from "@carapace/protocol";
import { ok, type Refusal, type Result, refuse } from "@carapace/protocol/failures";
import type { Sealer } from "@carapace/secrets/envelope";
import { envelopeKind } from "@carapace/secrets/envelope-kind";
import { protectedVariables } from "../guarded-variables.ts";
import type { Path } from "../json5/locate.ts";
import { dottedPath, issuePath } from "../load/issue-path.ts";
import { isJsonObject } from "../load/merge.ts";
import {
  describeIssue,
  type Loaded,
  type LoadOptions,
  type LoadOutcome,
  loadStages,
} from "../load/pipeline.ts";
import { maxFileBytes } from "../load/read.ts";
import { errorsOf, snapshotOf } from "../load-config.ts";
import { valueAt } from "../record.ts";
import type { GuardedKeys } from "../schema/guarded.ts";
import type { PasswordOpener } from "../seal/opener.ts";
import type { Candidate } from "../seal/seal-candidate.ts";
import { slipIn } from "../seal/secret-texts.ts";
import type { ConfigSnapshot, Environment, Issue, Opener } from "../types.ts";
import { newSecretReferences, protectedChanges, sameSources, sealedChanges } from "./guards.ts";
import { type Base, realTarget } from "./locked.ts";
import { fits, pathsAt, withValue } from "./patterns.ts";

/** What a change is judged with. */
export interface Judging {
  readonly env: Environment;
  readonly path: string;
  readonly opener: Opener;
  /** The owner's password, if it is there. */
  readonly password: PasswordOpener;
  readonly keys: GuardedKeys;
  /** For sentences: who writes. */
  readonly through: string;
  /** The one secret that its owner asked to change. */
  readonly asked?: Path | undefined;
  /** The owner writes at the terminal: see {@link permittedToOwner}. */
  readonly isOwners?: true | undefined;
}

/** A change that may be made. */
export interface Permit {
  readonly loaded: Loaded;
  readonly snapshot: ConfigSnapshot;
  /** What the owner should know of it. */
  readonly warnings: readonly Issue[];
}

/** Refuses what no write may change, and what would not load or validate (config.md §10, §11.4). */
export async function permitted(base: Base, candidate: Candidate, judging: Judging): Promise<Result<Permit>> {
  const { keys, env, path, opener } = judging;
  const size = fitsFile(candidate.text);
  if (!size.ok) return size;
  const sealed = await judgeSealed(base, candidate, judging);
  if (!sealed.ok) return sealed;
  const plain = protectedChanges(
    withAsked(base.parsed, candidate.parsed, judging),
    candidate.parsed,
    keys.protected,
  );
  if (plain.length > 0) return refuseProtected(plain, judging);
  const slips = slipsIn(base.parsed, candidate.parsed, judging);
  if (slips.length > 0) return refuseInvalid(slips);
  const before = await loadStages({ env, path, opener, text: base.text });
  const checked = await check({ env, path, opener, text: candidate.text, outside: includedBy(before) });
  if (!checked.ok) return checked;
  const { loaded, snapshot } = checked.value;
  const drawn = newSecretReferences(
    before.ok ? before.loaded.sources.tree : base.parsed,
    loaded.sources.tree,
    keys.secret,
  );
  if (drawn.length > 0) return refuseReferences(drawn, judging);
  const permit = ok({ loaded, snapshot, warnings: sealed.value });
  // The way around: an include or a variable that changes what a protected key comes to.
  if (before.ok) {
    const asIf = withAsked(before.loaded.resolved, loaded.resolved, judging);
    const effective = protectedChanges(asIf, loaded.resolved, keys.protected);
    return effective.length > 0 ? refuseProtected(effective, judging) : permit;
  }
  const isSame = sameSources(base.parsed, candidate.parsed);
  return isSame ? permit : refuseProtected(["$include", "env"], judging);
}

/**
 * Refuses only what would be lost or would not load: an owner may change every key, and name every variable. A sealed
 * value may come along (from another file of theirs) if the password opens it.
 */
export async function permittedToOwner(
  base: Base,
  candidate: Candidate,
  judging: Judging,
): Promise<Result<Permit>> {
  const { env, path, opener } = judging;
  const size = fitsFile(candidate.text);
  if (!size.ok) return size;
  const sealed = await judgeSealed(base, candidate, judging);
  if (!sealed.ok) return sealed;
  const slips = slipsIn(base.parsed, candidate.parsed, judging);
  if (slips.length > 0) return refuseInvalid(slips);
  const checked = await check({ env, path, opener, text: candidate.text });
  return checked.ok ? ok({ ...checked.value, warnings: sealed.value }) : checked;
}

/** What was there before, but with what is now at the secret that was asked for: that may differ, and nothing else. */
function withAsked(before: Json, after: Json, { asked, keys }: Judging): Json {
  if (asked === undefined || !keys.secret.some((pattern) => fits(pattern, asked))) return before;
  return withValue(before, asked, valueAt(after, asked)) ?? before;
}

/** Refused if the text is larger than a file that is read. */
export function fitsFile(text: string): Result<undefined> {
  if (Buffer.byteLength(text) <= maxFileBytes) return ok(undefined);
  const say = "the configuration would be larger than 4 MiB; move parts of it out with $include";
  return refuse("invalid_request", say);
}

/**
 * Without the password nobody can tell what stands in a sealed value, so nothing may be put over it. With the password
 * a value that does not open may be replaced, and that is told. A value sealed in a newer way is never touched.
 */
async function judgeSealed(
  base: Base,
  candidate: Candidate,
  { password, isOwners }: Judging,
): Promise<Result<readonly Issue[]>> {
  const { touched, brought } = sealedChanges(base.parsed, candidate.parsed);
  const sealer = await password.sealer();
  if (!sealer && touched.length > 0) {
    const how = "set CARAPACE_CONFIG_PASSWORD and try again";
    return refuseSealed("Cannot change sealed values without their password", touched, how);
  }
  if (brought.length > 0 && !(isOwners && (await opensAll(brought, candidate, sealer)))) {
    const how = "sealed values cannot be moved or copied; edit the file instead";
    return refuseSealed(
      "Cannot write values that look sealed",
      brought.map((path) => ({ path })),
      how,
    );
  }
  const newer = touched.filter(({ text }) => envelopeKind(text) === "unsupported");
  if (newer.length > 0) {
    return refuseSealed("Cannot change values sealed by another version", newer, "edit the file instead");
  }
  const warnings: Issue[] = [];
  for (const { path, text } of touched) {
    if ((await sealer?.open(text))?.ok) continue;
    const message = "a sealed value that did not open stood here and is gone now";
    warnings.push({ severity: "warning", path: issuePath(path), message });
  }
  return ok(warnings);
}

async function opensAll(
  paths: readonly Path[],
  { parsed }: Candidate,
  sealer: Sealer | undefined,
): Promise<boolean> {
  for (const path of paths) {
    const text = valueAt(parsed, path);
    if (typeof text !== "string" || !(await sealer?.open(text))?.ok) return false;
  }
  return true;
}

function refuseSealed(what: string, values: readonly { readonly path: Path }[], how: string): Refusal {
  const sealed = values.map(({ path }) => dottedPath(path));
  return refuse("forbidden", `${what}: ${sealed.join(", ")}; ${how}`, { sealed });
}

/** Secret keys whose new text is most likely a slip of the keyboard. */
function slipsIn(before: Json, after: Json, { keys, env }: Judging): { path: string; message: string }[] {
  const own = valueAt(after, ["env"]);
  const names = new Set([...protectedVariables, ...Object.keys(env), ...namesOf(own)]);
  return keys.secret.flatMap((pattern) =>
    pathsAt(after, pattern).flatMap((path) => {
      const text = valueAt(after, path);
      if (typeof text !== "string" || text === valueAt(before, path)) return [];
      const message = slipIn(text, (name) => names.has(name));
      return message === undefined ? [] : [{ path: issuePath(path), message }];
    }),
  );
}

function namesOf(section: Json | undefined): string[] {
  const vars = valueAt(section, ["vars"]);
  return [section, vars].flatMap((one) => (isJsonObject(one) ? Object.keys(one) : []));
}

/** The real paths of what the file includes now: a write may keep them, wherever they lie. */
export function includedBy(now: LoadOutcome): ReadonlySet<string> {
  const { files } = now.ok ? now.loaded : now.failure;
  return new Set(files.map(realTarget));
}

function refuseReferences(references: readonly string[], { through }: Judging): Refusal {
  const say = `Cannot refer to secret variables through ${through}: ${references.join(", ")}; edit the file instead`;
  return refuse("forbidden", say, { protected: references });
}

function refuseProtected(keys: readonly string[], { through }: Judging): Refusal {
  const say = `Cannot modify protected configuration through ${through}: ${keys.join(", ")}`;
  return refuse("forbidden", say, { protected: keys });
}

/** Loads and validates a text as if it were the file. */
export async function check(
  options: LoadOptions,
): Promise<Result<{ loaded: Loaded; snapshot: ConfigSnapshot }>> {
  const outcome = await loadStages(options);
  const snapshot = outcome.ok ? await snapshotOf(outcome.loaded, options.env) : undefined;
  const errors = outcome.ok ? errorsOf(snapshot?.issues ?? []) : [outcome.failure.issue];
  if (outcome.ok && snapshot && errors.length === 0) return ok({ loaded: outcome.loaded, snapshot });
  const places = errors.map((issue) => describeIssue(issue));
  return refuseInvalid(
    errors.map(({ path, message }) => ({ path, message })),
    places,
  );
}

function refuseInvalid(
  issues: readonly { readonly path: string; readonly message: string }[],
  places: readonly string[] = issues.map(({ path, message }) => `${path}: ${message}`),
): Refusal {
  return refuse("invalid_request", "invalid config", { issues, places });
}
