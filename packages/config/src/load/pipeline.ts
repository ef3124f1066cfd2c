import type { Json, JsonObject } from "@carapace/protocol";
import type { Refusal } from "@carapace/protocol/failures";
import { refuse } from "@carapace/protocol/failures";
import { doubleKeys } from "../json5/double-keys.ts";
import { type Path, positionOfFault, positionsOf } from "../json5/locate.ts";
import { redactText } from "../redaction/index.ts";
import { redactIssue } from "../redaction/issue.ts";
import { openerFrom } from "../seal/opener.ts";
import type { ConfigAccess, Environment, Issue, Opener } from "../types.ts";
import { asWritten, referencesIn } from "./as-written.ts";
import { type EnvSection, readEnvSection, variablesOf } from "./env-section.ts";
import { envelopesIn, otherVersion, type Replaced, replaceEnvelopes, tooManySalts } from "./envelope.ts";
import { LoadError, type LoadFailureKind } from "./failure.ts";
import { expandIncludes } from "./include.ts";
import { issuePath } from "./issue-path.ts";
import { isJsonObject } from "./merge.ts";
import { maxValues, parseFile } from "./parse-file.ts";
import { type Finding, placeFindings, type Sources, textOf } from "./places.ts";
import { hashOf, readConfigFile } from "./read.ts";
import { describeFault, startSubstitution, substituteTree } from "./substitute.ts";

/** What to load: the file at `path`, or `text` as if it stood there (null: as if there were no file). */
export interface LoadOptions extends ConfigAccess {
  readonly path: string;
  readonly text?: string | null;
  /** Real paths outside the file's folder that may be included; any unless told. */
  readonly outside?: ReadonlySet<string>;
}

/** A configuration after stages 1 to 8 of config.md §3: no defaults, nothing validated. */
export interface Loaded {
  readonly path: string;
  readonly exists: boolean;
  readonly hash: string | null;
  readonly parsed: JsonObject;
  readonly resolved: JsonObject;
  /** `resolved` with the texts that hold placeholders as they are written. */
  readonly shown: JsonObject;
  /** Values of the process's own variables that the texts refer to. */
  readonly drawn: readonly string[];
  /** What stood in the sealed values that could be opened. */
  readonly opened: readonly string[];
  /** Warnings of those that count as not set because they could not be. */
  readonly locked: readonly Finding[];
  readonly env: EnvSection;
  readonly warnings: readonly Finding[];
  /** The main file and every included one. */
  readonly files: readonly string[];
  readonly sources: Sources;
}

/** Why a configuration did not load. */
export interface LoadFailure {
  readonly kind: LoadFailureKind;
  readonly issue: Issue;
  /** What to watch until it is mended. */
  readonly files: readonly string[];
}

export type LoadOutcome =
  | { readonly ok: true; readonly loaded: Loaded }
  | { readonly ok: false; readonly failure: LoadFailure };

/** Reads, includes, opens and substitutes (config.md §3, stages 1 to 8). Loads no schema library. */
export async function loadStages(options: LoadOptions): Promise<LoadOutcome> {
  const progress: Progress = { included: new Set() };
  using own = openerFrom(options.env);
  try {
    return { ok: true, loaded: await run({ ...options, opener: options.opener ?? own }, progress) };
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    const files = [options.path, ...progress.included];
    return {
      ok: false,
      failure: { kind: error.kind, issue: await issueOf(error, progress, options.path), files },
    };
  }
}

/** How far a load came: what a failure needs to say where it is. */
interface Progress {
  readonly included: Set<string>;
  mainText?: string;
  /** Set once includes are merged: from then on paths are those of the merged tree. */
  sources?: Sources;
}

type Opening = LoadOptions & { readonly opener: Opener };

async function run(options: Opening, progress: Progress): Promise<Loaded> {
  const { path, opener } = options;
  const file = options.text === undefined ? readConfigFile(path) : given(options.text);
  if (file) progress.mainText = file.text;
  const parsed = file ? parseMain(path, file.text) : {};
  const { tree, origins } = expandIncludes(parsed, path, {
    files: progress.included,
    ...(options.outside && { outside: options.outside }),
  });
  const sources: Sources = { mainFile: path, mainText: file?.text ?? null, tree, origins };
  progress.sources = sources;
  const merged = objectOrThrow(tree, path);
  checkEnvelopes(merged, path);
  const { section, env } = await readEnv(merged, options);
  const withSection = merged["env"] === undefined ? merged : { ...merged, env: section.tree };
  const substituted = substitute(withSection, env, { path, env: options.env });
  checkEnvelopes(substituted.tree, path);
  // After substitution, so that what was sealed is the value as it is: a `${` in it means nothing (config.md §3).
  const resolved = await openEnvelopes(substituted.tree, opener);
  const locked = [...section.locked, ...resolved.locked, ...substituted.locked].map((at) =>
    warning(at, opener.why),
  );
  const warnings = [
    ...env.faults.filter((fault) => !fault.fatal).map((fault) => warning(fault.path, fault.say)),
    ...locked,
    ...doubleKeys(file?.text ?? "").map((at) => warning(at, doubled)),
  ];
  const end = objectOrThrow(resolved.tree, path);
  return {
    path,
    exists: file !== undefined,
    hash: file?.hash ?? null,
    parsed,
    resolved: end,
    shown: asWritten(merged, end),
    drawn: referencesIn(merged).flatMap(({ name }) => options.env[name] ?? []),
    opened: [...section.opened, ...resolved.opened].map(({ text }) => text),
    env,
    locked,
    warnings,
    files: [path, ...progress.included],
    sources,
  };
}

const doubled = "stands more than once here: only the last one counts; put them into one";

function warning(path: Finding["path"], message: string): Finding {
  return { severity: "warning", path, message };
}

function given(text: string | null) {
  return text === null ? undefined : { text, hash: hashOf(text) };
}

function parseMain(file: string, text: string): JsonObject {
  return objectOrThrow(parseFile(file, text, maxValues).tree, file);
}

function objectOrThrow(tree: Json, file: string): JsonObject {
  if (isJsonObject(tree)) return tree;
  throw new LoadError("ValidationError", "the configuration must be an object: { … }", { file, path: [] });
}

function checkEnvelopes(tree: Json, file: string): void {
  const fault = otherVersion(tree) ?? tooManySalts(tree);
  if (fault) throw new LoadError("ValidationError", fault.say, { file, path: fault.path });
}

async function openEnvelopes(tree: Json, opener: Opener, at: Path = []): Promise<Replaced> {
  const sealed = new Set(envelopesIn(tree).map(({ text }) => text));
  if (sealed.size === 0) return { tree, locked: [], opened: [] };
  return replaceEnvelopes(tree, await opener.open([...sealed]), at);
}

/** Stages 4 and 5. The section is opened before anything refers to it: a variable never holds an envelope. */
async function readEnv(
  merged: JsonObject,
  { path, env: processEnv, opener }: Opening,
): Promise<{ section: Replaced; env: EnvSection }> {
  const section = await openEnvelopes(merged["env"] ?? null, opener, ["env"]);
  const names = (paths: readonly Path[]) => new Set(paths.map((at) => at.join("\0")));
  const sealed = { locked: names(section.locked), opened: names(section.opened.map((one) => one.path)) };
  const env = readEnvSection(section.tree, sealed, processEnv);
  const fatal = env.faults.find((fault) => fault.fatal);
  if (fatal?.fatal) throw new LoadError(fatal.fatal, fatal.say, { file: path, path: fatal.path });
  return { section, env };
}

interface Substituted {
  readonly tree: Json;
  readonly locked: (readonly (string | number)[])[];
}

/** Stage 6. The `env` section gets the values it was read as: its own names mean something else there. */
function substitute(
  tree: JsonObject,
  env: EnvSection,
  where: { path: string; env: Environment },
): Substituted {
  const work = startSubstitution(variablesOf(env, where.env));
  const { env: section, ...rest } = tree;
  const others = substituteTree(rest, [], work);
  const [fault] = work.faults;
  if (fault) {
    const { kind, say } = describeFault(fault);
    throw new LoadError(kind, say, { file: where.path, path: fault.path });
  }
  if (section === undefined || !isJsonObject(others)) return { tree: others, locked: work.locked };
  return { tree: { ...others, env: withValues(section, env) }, locked: work.locked };
}

function withValues(section: Json, env: EnvSection): Json {
  if (!isJsonObject(section)) return section;
  return Object.fromEntries(
    Object.entries(section).map(([name, value]): [string, Json] => {
      if (name === "vars") return [name, withValues(value, env)];
      return [name, env.values.get(name) ?? (env.locked.has(name) ? null : value)];
    }),
  );
}

async function issueOf(error: LoadError, progress: Progress, mainFile: string): Promise<Issue> {
  const { file, text, offset, path } = error.place;
  if (progress.sources) {
    const [issue] = await placeFindings(
      [{ severity: "error", path: path ?? [], message: error.message }],
      progress.sources,
    );
    if (issue) return issue;
  }
  const issue: Issue = { severity: "error", path: issuePath(path ?? []), message: error.message };
  const position = await positionOf();
  return position ? { ...issue, at: { file, ...position } } : issue;

  async function positionOf() {
    if (text !== undefined) return positionOfFault(text, offset);
    // The file as a whole; the main one is named anyway.
    if (path === undefined) return file === mainFile ? undefined : { line: 1, column: 1 };
    const source = file === mainFile ? progress.mainText : textOf(file);
    return source === undefined ? undefined : (await positionsOf(source, [path]))[0];
  }
}

/** `file:line:column: path: message`, as far as known. */
export function describeIssue(issue: Issue, file?: string): string {
  const place = issue.at ? `${issue.at.file}:${issue.at.line}:${issue.at.column}: ` : file ? `${file}: ` : "";
  return `${place}${issue.path === "" ? "" : `${issue.path}: `}${issue.message}`;
}

/** A load failure as a refusal; `details` holds its kind and the issue. */
export function refuseLoad(failure: LoadFailure, file: string): Refusal {
  const code = failure.kind === "ReadError" ? "unavailable" : "invalid_request";
  // It may quote what the file holds, and the file does not say yet what of it is secret.
  const issue = redactIssue(failure.issue, redactText);
  return refuse(code, describeIssue(issue, redactText(file)), { kind: failure.kind, issues: [issue] });
}
