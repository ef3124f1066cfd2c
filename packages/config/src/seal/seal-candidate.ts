import type { Json, JsonObject } from "@carapace/protocol";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import type { Sealer } from "@carapace/secrets/envelope";
import { envelopeKind } from "@carapace/secrets/envelope-kind";
import type { Path } from "../json5/locate.ts";
import { envelopesIn } from "../load/envelope.ts";
import { issuePath } from "../load/issue-path.ts";
import { isJsonObject } from "../load/merge.ts";
import { type PlacedText, valueAt } from "../record.ts";
import type { Pattern } from "../schema/guarded.ts";
import { editedText } from "../write/text.ts";
import { meaningOf, secretTexts } from "./secret-texts.ts";

/** A file as it would be written. */
export interface Candidate {
  readonly text: string;
  readonly parsed: JsonObject;
}

/** A candidate after texts of it were replaced. */
export interface Resealed extends Candidate {
  /** Which values were. */
  readonly paths: readonly Path[];
}

/** A candidate with texts put in the place of others; its comments and layout stay, or it is refused. */
export async function withTexts(
  candidate: Candidate,
  replacements: readonly PlacedText[],
): Promise<Result<Resealed>> {
  const paths = replacements.map(({ path }) => path);
  if (replacements.length === 0) return ok({ ...candidate, paths });
  const { text: before, parsed: tree } = candidate;
  const after = treeWith(tree, replacements);
  const text = await editedText(before, tree, after);
  return text.ok ? ok({ text: text.value, parsed: after, paths }) : text;
}

/** A tree with texts put in the place of others; a path where no text stands is passed over. */
export function treeWith(tree: JsonObject, replacements: readonly PlacedText[]): JsonObject {
  const texts = new Map(replacements.map(({ path, text }) => [JSON.stringify(path), text]));
  // In one walk: a copy of an object for each text in it would take minutes where there are thousands.
  const visit = (value: Json, path: Path): Json => {
    if (typeof value === "string") return texts.get(JSON.stringify(path)) ?? value;
    if (Array.isArray(value)) return value.map((item, index) => visit(item, [...path, index]));
    return isJsonObject(value) ? members(value, path) : value;
  };
  const members = (object: JsonObject, path: Path): JsonObject =>
    Object.fromEntries(Object.entries(object).map(([name, value]) => [name, visit(value, [...path, name])]));
  return replacements.length === 0 ? tree : members(tree, []);
}

/**
 * The old envelopes that belong back wherever a new tree has the very text that stands in them: nothing has changed
 * there, and nothing shall look as if it had (config.md §11.4).
 */
export async function keptEnvelopes(
  base: JsonObject,
  tree: JsonObject,
  sealer: Sealer,
): Promise<PlacedText[]> {
  const kept: PlacedText[] = [];
  for (const { path, text: envelope } of envelopesIn(base)) {
    const now = valueAt(tree, path);
    if (typeof now !== "string" || envelopeKind(now) !== "none") continue;
    const opened = await sealer.open(envelope);
    if (opened.ok && meaningOf(now) === opened.value) kept.push({ path, text: envelope });
  }
  return kept;
}

/** With what, and over what, a candidate is sealed. */
export interface Sealing {
  /** The schema's secret keys. */
  readonly secret: readonly Pattern[];
  readonly sealer: Sealer;
  /** What stands in the file now. */
  readonly base: JsonObject;
}

/** Readable secrets of one file. What is done for each of them reads the whole text. */
const maxSecrets = 1000;

/** A sealed candidate. */
export interface SealedCandidate extends Resealed {
  /** Readable secrets that were left so, because the password is probably not the file's. */
  readonly left: readonly Path[];
}

/**
 * Seals every plain secret of a candidate. New envelopes share the salt of one that opens already, so that one key
 * opens them all. Where none opens, the password may be a slip: only what this write brings is sealed then, and what
 * stands readable in the file is not put under a password that nobody may ever find again.
 */
export async function sealCandidate(
  candidate: Candidate,
  { secret, sealer, base }: Sealing,
): Promise<Result<SealedCandidate>> {
  const found = secretTexts(candidate.parsed, secret);
  if (found.length === 0) return ok({ ...candidate, paths: [], left: [] });
  if (found.length > maxSecrets)
    return refuse(
      "invalid_request",
      `there are more than ${maxSecrets} secrets to seal; this cannot be a configuration`,
    );
  const like = await firstThatOpens(candidate.parsed, sealer);
  const isDoubtful = like === undefined && envelopesIn(candidate.parsed).length > 0;
  const isLeft = ({ path, text }: PlacedText) => isDoubtful && valueAt(base, path) === text;
  const plain = found.filter((one) => !isLeft(one));
  const broken = plain.find(({ text }) => !text.isWellFormed());
  if (broken)
    return refuse("invalid_request", `${issuePath(broken.path)} is no well-formed text and cannot be sealed`);
  const sealed = await Promise.all(
    plain.map(async ({ path, text }): Promise<PlacedText> => {
      return { path, text: await sealer.seal(meaningOf(text), like === undefined ? {} : { like }) };
    }),
  );
  const result = await withTexts(candidate, sealed);
  return result.ok ? ok({ ...result.value, left: found.filter(isLeft).map(({ path }) => path) }) : result;
}

async function firstThatOpens(tree: JsonObject, sealer: Sealer): Promise<string | undefined> {
  for (const { text } of envelopesIn(tree)) {
    if ((await sealer.open(text)).ok) return text;
  }
  return undefined;
}
