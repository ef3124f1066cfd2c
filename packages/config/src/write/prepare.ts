import type { JsonObject } from "@carapace/protocol";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import { parseKey } from "../key-path.ts";
import { issuePath } from "../load/issue-path.ts";
import type { Loaded } from "../load/pipeline.ts";
import type { PlacedText } from "../record.ts";
import { openerFrom } from "../seal/opener.ts";
import {
  type Candidate,
  keptEnvelopes,
  type SealedCandidate,
  sealCandidate,
  treeWith,
  withTexts,
} from "../seal/seal-candidate.ts";
import type { ConfigAccess, ConfigSnapshot, Issue } from "../types.ts";
import type { Base } from "./locked.ts";
import {
  check,
  fitsFile,
  includedBy,
  type Judging,
  type Permit,
  permitted,
  permittedToOwner,
} from "./permit.ts";
import { editedText, plainText } from "./text.ts";

/** What somebody wants to stand in the file. */
export interface Proposal {
  readonly parsed: JsonObject;
  /** Its text, to be kept as it is written; without one the file's own text is edited. */
  readonly raw?: string;
}

/** A change that is ready to be written. */
export interface Prepared {
  readonly text: string;
  /** The configuration as it is once that is written. */
  readonly snapshot: ConfigSnapshot;
  /** The same, before it is typed. */
  readonly loaded: Loaded;
  /** What this write seals. */
  readonly sealed: SealedCandidate["paths"];
  /** Readable secrets that it left so, because the password is probably not the file's. */
  readonly left: SealedCandidate["left"];
}

type PrepareContext = ConfigAccess & {
  readonly path: string;
  readonly through: string;
  readonly secretKey?: string;
  /** The owner writes the whole file at the terminal: nothing in it is protected from them. */
  readonly isOwners?: true;
};

/** Decides whether a change may be made and seals its secrets, if there is a password. Writes nothing. */
export async function prepare(
  { base, proposal }: { readonly base: Base; readonly proposal: Proposal },
  context: PrepareContext,
): Promise<Result<Prepared>> {
  const { guardedKeys } = await import("../schema/guarded.ts");
  using password = openerFrom(context.env);
  const { env, path, through } = context;
  const judging: Judging = {
    env,
    path,
    through,
    password,
    opener: context.opener ?? password,
    keys: guardedKeys(),
    asked: context.secretKey === undefined ? undefined : parseKey(context.secretKey),
    isOwners: context.isOwners,
  };
  const sealer = await password.sealer();
  const kept = sealer ? await keptEnvelopes(base.parsed, proposal.parsed, sealer) : [];
  const candidate = await asText(base, proposal, kept);
  if (!candidate.ok) return candidate;
  const permit = await (context.isOwners ? permittedToOwner : permitted)(base, candidate.value, judging);
  if (!permit.ok) return permit;
  const { secret } = judging.keys;
  const sealed: Result<SealedCandidate> = sealer
    ? await sealCandidate(candidate.value, { secret, sealer, base: base.parsed })
    : ok({ ...candidate.value, paths: [], left: [] });
  return sealed.ok ? await finish(sealed.value, permit.value, judging) : sealed;
}

/** The file's new text, before anything is sealed. */
async function asText(
  base: Base,
  { parsed, raw }: Proposal,
  kept: readonly PlacedText[],
): Promise<Result<Candidate>> {
  if (raw !== undefined) return withTexts({ text: raw, parsed }, kept);
  const tree = treeWith(parsed, kept);
  if (base.text === null || base.text.trim() === "") return ok({ text: plainText(tree), parsed: tree });
  const text = await editedText(base.text, base.parsed, tree);
  return text.ok ? ok({ text: text.value, parsed: tree }) : text;
}

/** What was sealed must come to the very configuration that was permitted. */
async function finish(sealed: SealedCandidate, permit: Permit, judging: Judging): Promise<Result<Prepared>> {
  const { text, paths, left } = sealed;
  const warnings = [...permit.warnings, ...leftWarnings(left)];
  const done = { text, sealed: paths, left };
  if (paths.length === 0) {
    return ok({ ...done, snapshot: withWarnings(permit.snapshot, warnings), loaded: permit.loaded });
  }
  const size = fitsFile(text);
  if (!size.ok) return size;
  const { env, path, opener } = judging;
  const outside = includedBy({ ok: true, loaded: permit.loaded });
  const checked = await check({ env, path, opener, text, outside });
  if (!checked.ok) return checked;
  if (!Bun.deepEquals(checked.value.loaded.resolved, permit.loaded.resolved, true)) {
    return refuse("conflict", "the sealed configuration would not come to the same; nothing was changed");
  }
  const { loaded, snapshot } = checked.value;
  return ok({ ...done, snapshot: withWarnings(snapshot, warnings), loaded });
}

function leftWarnings(left: SealedCandidate["left"]): Issue[] {
  return left.map((path) => ({
    severity: "warning",
    path: issuePath(path),
    message:
      "left readable: CARAPACE_CONFIG_PASSWORD opens none of the file's sealed values; is it the right one?",
  }));
}

function withWarnings(snapshot: ConfigSnapshot, warnings: readonly Issue[]): ConfigSnapshot {
  return warnings.length === 0 ? snapshot : { ...snapshot, issues: [...snapshot.issues, ...warnings] };
}
