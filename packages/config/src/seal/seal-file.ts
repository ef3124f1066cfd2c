import { ok, type Refusal, type Result, refuse } from "@carapace/protocol/failures";
import { envelopesIn } from "../load/envelope.ts";
import { dottedPath } from "../load/issue-path.ts";
import { isJsonObject } from "../load/merge.ts";
import type { Loaded } from "../load/pipeline.ts";
import { configPathOf } from "../paths.ts";
import type { Pattern } from "../schema/guarded.ts";
import { lockConfig, readBase, storeText } from "../write/locked.ts";
import { prepare } from "../write/prepare.ts";
import type { WriteContext } from "../write/write.ts";
import { configPassword } from "./password.ts";
import { secretTexts } from "./secret-texts.ts";

/** What sealing a file did, or would do: paths as `config get` takes them. */
export interface SealReport {
  readonly path: string;
  readonly sealed: readonly string[];
  /** Sealed before, and left as it is to the byte. */
  readonly already: readonly string[];
  /** Readable secrets in included files, which are not written to. */
  readonly included: readonly string[];
  /** Sealed values whose old text still stands elsewhere in the file, in a comment for example, with the lines. */
  readonly leftovers: readonly { readonly key: string; readonly lines: readonly number[] }[];
}

/**
 * Seals every readable secret of the file with `CARAPACE_CONFIG_PASSWORD`; comments and layout stay (config.md §11.3).
 * Run again it changes nothing.
 * @param dryRun reports, and writes nothing
 */
export async function sealConfig(
  context: WriteContext,
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): Promise<Result<SealReport>> {
  if (configPassword(context.env) === undefined) {
    const say =
      "sealing needs a password: set CARAPACE_CONFIG_PASSWORD, here and wherever the gateway starts";
    return refuse("invalid_request", say);
  }
  const path = context.path ?? configPathOf(context.env);
  const locked = await lockConfig(path, context.waitMs);
  if (!locked.ok) return locked;
  using _lock = locked.value;
  const base = readBase(path);
  if (!base.ok) return base;
  const { text, parsed } = base.value;
  if (text === null) return refuse("not_found", `there is no ${path} to seal`);
  const change = { base: base.value, proposal: { raw: text, parsed } };
  const prepared = await prepare(change, { ...context, path });
  if (!prepared.ok) return prepared;
  const { sealed, loaded, left, text: after } = prepared.value;
  if (left.length > 0) return refuseDoubtful(envelopesIn(parsed).map((one) => dottedPath(one.path)));
  const { guardedKeys } = await import("../schema/guarded.ts");
  const { secret } = guardedKeys();
  const plain = secretTexts(parsed, secret);
  const lines = after.split("\n");
  const report: SealReport = {
    path,
    sealed: sealed.map(dottedPath),
    already: envelopesIn(parsed).map((one) => dottedPath(one.path)),
    included: includedSecrets(loaded, sealed.map(dottedPath), secret),
    leftovers: plain
      .map((one) => ({ key: dottedPath(one.path), lines: linesWith(lines, one.text) }))
      .filter(({ lines }) => lines.length > 0),
  };
  const stored = dryRun || sealed.length === 0 ? ok(undefined) : storeText(path, after, context.steps);
  return stored.ok ? ok(report) : stored;
}

function refuseDoubtful(sealed: readonly string[]): Refusal {
  const say = `CARAPACE_CONFIG_PASSWORD opens none of the sealed values (${sealed.join(", ")}): set the right one, or put these in anew first`;
  return refuse("unauthorized", say, { sealed });
}

/** Readable secrets that the merged tree has and the sealed main file has not. */
function includedSecrets({ sources }: Loaded, own: readonly string[], secret: readonly Pattern[]): string[] {
  if (!isJsonObject(sources.tree)) return [];
  return secretTexts(sources.tree, secret)
    .map(({ path }) => dottedPath(path))
    .filter((key) => !own.includes(key));
}

/** Shorter texts stand anywhere by chance. */
const shortest = 6;

function linesWith(lines: readonly string[], secret: string): number[] {
  if (secret.length < shortest) return [];
  return lines.flatMap((line, index) => (line.includes(secret) ? [index + 1] : []));
}
