import { join } from "node:path";
import { readPrivate } from "@carapace/files/read";
import { ok, type Refusal, type Result, refuse } from "@carapace/protocol/failures";
import { envelopeKind, envelopePrefix } from "@carapace/secrets/envelope-kind";
import { envelopesIn } from "../load/envelope.ts";
import { dottedPath } from "../load/issue-path.ts";
import { type Loaded, loadStages, refuseLoad } from "../load/pipeline.ts";
import { configPathOf, stateDirOf } from "../paths.ts";
import type { PlacedText } from "../record.ts";
import type { ConfigAccess } from "../types.ts";
import { type Base, lockConfig, readBase, realTarget, storeText } from "../write/locked.ts";
import { fitsFile } from "../write/permit.ts";
import type { WriteContext } from "../write/write.ts";
import { openerFrom, openerWith, type PasswordOpener } from "./opener.ts";
import { withTexts } from "./seal-candidate.ts";

/** The file as it is to be written for another password. */
export interface ResealedText {
  /** The file itself, links followed. */
  readonly path: string;
  /** What shall stand in it, to the byte; what stands there now if nothing in it is sealed, empty without a file. */
  readonly text: string;
  /** How many values were sealed anew. */
  readonly count: number;
  /** Hash of what stands there now; null without a file. */
  readonly baseHash: string | null;
}

/**
 * The text of the file with every sealed value sealed under another password; writes nothing. Whoever writes it holds
 * the file's lock from before this call on. Old password: `CARAPACE_CONFIG_PASSWORD` of `access.env`.
 * @returns refused, with the paths, if any value does not open, or a file that is included holds a sealed one
 */
export async function resealedText(access: ConfigAccess, newPassword: string): Promise<Result<ResealedText>> {
  const path = access.path ?? configPathOf(access.env);
  const base = readBase(path);
  if (!base.ok) return base;
  const usable = usablePassword(newPassword);
  if (!usable.ok) return usable;
  using old = openerFrom(access.env);
  using next = openerWith(newPassword);
  const loaded = await loadStages({ env: access.env, path, opener: old, text: base.value.text });
  if (!loaded.ok) return refuseLoad(loaded.failure, path);
  const foreign = refuseForeign(base.value, loaded.loaded);
  if (foreign) return foreign;
  return await resealed({ base: base.value, loaded: loaded.loaded, env: access.env }, { old, next, path });
}

interface Passwords {
  readonly old: PasswordOpener;
  readonly next: PasswordOpener;
  readonly path: string;
}

interface Resealing {
  readonly base: Base;
  readonly loaded: Loaded;
  readonly env: ConfigAccess["env"];
}

async function resealed(
  { base, loaded, env }: Resealing,
  { old, next, path }: Passwords,
): Promise<Result<ResealedText>> {
  const result = { path: realTarget(path), baseHash: base.hash };
  const sealed = envelopesIn(base.parsed);
  if (base.text === null || sealed.length === 0) return ok({ ...result, text: base.text ?? "", count: 0 });
  const [sealer, opener] = [await next.sealer(), await old.sealer()];
  const again: PlacedText[] = [];
  const locked: string[] = [];
  for (const { path: at, text: envelope } of sealed) {
    const opened = await opener?.open(envelope);
    if (opened?.ok && sealer) again.push({ path: at, text: await sealer.seal(opened.value) });
    else locked.push(dottedPath(at));
  }
  if (locked.length > 0) return refuseLocked(locked, opener !== undefined);
  const changed = await withTexts({ text: base.text, parsed: base.parsed }, again);
  if (!changed.ok) return changed;
  const size = fitsFile(changed.value.text);
  if (!size.ok) return size;
  const after = await loadStages({ env, path, opener: next, text: changed.value.text });
  if (!after.ok || !Bun.deepEquals(after.loaded.resolved, loaded.resolved, true)) {
    return refuse(
      "conflict",
      `${path} would not come to the same with the new password; nothing was changed`,
    );
  }
  return ok({ ...result, text: changed.value.text, count: again.length });
}

function usablePassword(password: string): Result<undefined> {
  if (password === "") return refuse("invalid_request", "the new password must not be empty");
  // It has to fit into an environment variable.
  if (password.includes("\0") || !password.isWellFormed())
    return refuse("invalid_request", "the new password holds a character that no variable can hold");
  return ok(undefined);
}

function refuseLocked(sealed: readonly string[], hasPassword: boolean): Refusal {
  const keys = sealed.join(", ");
  const say = hasPassword
    ? `these sealed values do not open with CARAPACE_CONFIG_PASSWORD: ${keys}; put in the right password, or new values, first`
    : `CARAPACE_CONFIG_PASSWORD is not set, and these values are sealed: ${keys}; set it to the password in use`;
  return refuse("unauthorized", say, { sealed });
}

/** Envelopes that come into the configuration from elsewhere would stay under the old password. */
function refuseForeign(base: Base, { sources, drawn }: Loaded): Refusal | undefined {
  const own = new Set(envelopesIn(base.parsed).map(({ text }) => text));
  const included = envelopesIn(sources.tree)
    .filter(({ text }) => !own.has(text))
    .map(({ path }) => dottedPath(path));
  if (included.length > 0) {
    const say = `an included file holds sealed values: ${included.join(", ")}; move them into the main file first`;
    return refuse("conflict", say, { sealed: included });
  }
  if (!drawn.some((value) => envelopeKind(value) === "v2")) return undefined;
  return refuse(
    "conflict",
    "an environment variable that the file refers to holds a sealed value; put it into the file first",
  );
}

/**
 * Seals every sealed value of the file under another password, all in one write or none. Refused while the database key
 * is wrapped with the old one: the two must change together.
 */
export async function rekeyConfig(
  newPassword: string,
  context: WriteContext,
): Promise<Result<Omit<ResealedText, "text">>> {
  const path = context.path ?? configPathOf(context.env);
  const wrapped = refuseWrappedKey(stateDirOf(context.env));
  if (wrapped) return wrapped;
  const locked = await lockConfig(path, context.waitMs);
  if (!locked.ok) return locked;
  using _lock = locked.value;
  const made = await resealedText({ ...context, path }, newPassword);
  if (!made.ok) return made;
  const { text, ...report } = made.value;
  const stored = report.count === 0 ? ok(undefined) : storeText(path, text, context.steps);
  return stored.ok ? ok(report) : stored;
}

const maxKeyBytes = 4096;

function refuseWrappedKey(stateDir: string): Refusal | undefined {
  const path = join(stateDir, "state.key");
  const key = readPrivate(path, { maxBytes: maxKeyBytes, mode: "refuse" });
  if (!key.ok) return key;
  if (key.value === undefined) return undefined;
  if (!new TextDecoder().decode(key.value).startsWith(envelopePrefix)) return undefined;
  return refuse(
    "conflict",
    "the database key is sealed with the same password, and both must change together: run `cara state rekey --new-password`",
  );
}
