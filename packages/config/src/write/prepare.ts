import { ok, type Result, refuse } from "@carapace/protocol/failures";
import type { Loaded } from "../load/pipeline.ts";
import { openerFrom } from "../seal/opener.ts";
import { type Candidate, keepEnvelopes, type Resealed, sealCandidate } from "../seal/seal-candidate.ts";
import type { ConfigAccess, ConfigSnapshot } from "../types.ts";
import type { Base } from "./locked.ts";
import { check, fitsFile, includedBy, type Judging, type Permit, permitted } from "./permit.ts";

/** A change that is ready to be written. */
export interface Prepared {
  readonly text: string;
  /** The configuration as it is once that is written. */
  readonly snapshot: ConfigSnapshot;
  /** The same, before it is typed. */
  readonly loaded: Loaded;
  /** What this write seals. */
  readonly sealed: Resealed["paths"];
}

type PrepareContext = ConfigAccess & { readonly path: string; readonly through: string };

/** Decides whether a change may be made and seals its secrets, if there is a password. Writes nothing. */
export async function prepare(
  change: { readonly base: Base; readonly candidate: Candidate },
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
  };
  const sealer = await password.sealer();
  const { base } = change;
  const kept = sealer ? await keepEnvelopes(base.parsed, change.candidate, sealer) : ok(change.candidate);
  if (!kept.ok) return kept;
  const permit = await permitted(base, kept.value, judging);
  if (!permit.ok) return permit;
  const plain = ok({ ...kept.value, paths: [] });
  const sealed = sealer ? await sealCandidate(kept.value, { secret: judging.keys.secret, sealer }) : plain;
  return sealed.ok ? await finish(sealed.value, permit.value, judging) : sealed;
}

/** What was sealed must come to the very configuration that was permitted. */
async function finish(sealed: Resealed, permit: Permit, judging: Judging): Promise<Result<Prepared>> {
  const { text, paths } = sealed;
  if (paths.length === 0) {
    return ok({ text, snapshot: told(permit.snapshot, permit), loaded: permit.loaded, sealed: paths });
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
  return ok({ text, snapshot: told(snapshot, permit), loaded, sealed: paths });
}

function told(snapshot: ConfigSnapshot, { warnings }: Permit): ConfigSnapshot {
  return warnings.length === 0 ? snapshot : { ...snapshot, issues: [...snapshot.issues, ...warnings] };
}
