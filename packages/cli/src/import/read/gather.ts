import { basename } from "node:path";
import { cleanLine } from "../../output/clean.ts";
import type { Candidate, SourceFile } from "../types.ts";
import { parseDotenv, type Variables } from "./dotenv.ts";
import { parseTree, type TreeFormat } from "./parse.ts";
import { isThere, readSourceText } from "./source-text.ts";
import type { TreeObject } from "./tree.ts";

export interface TreeFile {
  /** As it is told. */
  readonly name: string;
  readonly tree: TreeObject;
  readonly isForeign: boolean;
}

export interface VariablesFile {
  readonly name: string;
  readonly variables: Variables;
  readonly isForeign: boolean;
}

/** Looks for files and reads them, and keeps the account of what was found. */
export interface Gatherer {
  /** Those candidates that are there, in order. */
  present(candidates: readonly Candidate[]): readonly Candidate[];
  /** The first candidate that is there. */
  first(candidates: readonly Candidate[]): Candidate | undefined;
  /** @returns undefined if it is not there; or cannot be read or parsed, which is told as a warning */
  tree(candidate: Candidate, format: TreeFormat): TreeFile | undefined;
  variables(candidate: Candidate): VariablesFile | undefined;
  /** What the account comes to. */
  account(): Pick<Account, "files" | "checked" | "warnings"> & { readonly dropped: readonly string[] };
}

interface Account {
  readonly files: SourceFile[];
  readonly checked: string[];
  readonly warnings: string[];
}

export function createGatherer(): Gatherer {
  const account: Account = { files: [], checked: [], warnings: [] };
  const dropped: string[] = [];
  const look = ({ path }: Candidate): boolean => {
    if (!account.checked.includes(path)) account.checked.push(path);
    return isThere(path);
  };
  const warn = (say: string): undefined => {
    account.warnings.push(cleanLine(say));
    return undefined;
  };
  const text = ({ path, isForeign }: Candidate): string | undefined => {
    const read = readSourceText(path, isForeign !== true);
    account.files.push({ path, ...(read.ok && read.value.target && { target: read.value.target }) });
    return read.ok ? read.value.text : warn(`${read.say}: it was not read`);
  };
  return {
    present: (candidates) => candidates.filter(look),
    first: (candidates) => candidates.find(look),
    tree(candidate, format) {
      const raw = look(candidate) ? text(candidate) : undefined;
      if (raw === undefined) return undefined;
      const parsed = parseTree(raw, format);
      const { path, name = basename(path), isForeign = false } = candidate;
      if (!parsed.ok) return warn(`${path} ${parsed.say}: nothing of it was used`);
      dropped.push(...parsed.value.dropped.map((at) => `${name} ${at}`));
      return { name, tree: parsed.value.tree, isForeign };
    },
    variables(candidate) {
      const raw = look(candidate) ? text(candidate) : undefined;
      const { path, name = basename(path), isForeign = false } = candidate;
      return raw === undefined ? undefined : { name, variables: parseDotenv(raw), isForeign };
    },
    account: () => ({ ...account, dropped }),
  };
}
