import { lstatSync, realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import { systemCode } from "@carapace/files";
import type { PortableProblem } from "@carapace/state/portable";
import { parseTree } from "../../read/parse.ts";
import { isTreeObject, type Tree, valueAt } from "../../read/tree.ts";
import { problem } from "../problems.ts";
import { SourceFolder } from "./folder.ts";

/** An agent of the source. */
interface SourceAgent {
  readonly id: string;
  /** Where its notes lie, if it has any. */
  readonly workspace?: SourceFolder;
}

/** Whom the source's configuration names, and where their workspaces are. */
export interface SourceAgents {
  readonly agents: readonly SourceAgent[];
  readonly defaultId: string;
  readonly problems: readonly PortableProblem[];
}

const configNames = ["openclaw.json", "clawdbot.json", "moltbot.json"] as const;
const maxConfigBytes = 4 * 1024 * 1024;
const idPattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

/**
 * The agents of a state directory: those that its configuration lists, and those that have a folder in it. A workspace
 * may lie elsewhere, if the configuration says so and it is in the same person's home.
 */
export function sourceAgents(root: SourceFolder, home: string | undefined): SourceAgents {
  const problems: PortableProblem[] = [];
  const config = readConfig(root, problems);
  const listed = listOf(config);
  const defaultId = (listed.find(({ isDefault }) => isDefault) ?? listed[0])?.id ?? "main";
  const ids = new Set([defaultId, ...listed.map(({ id }) => id), ...foldersOf(root, problems)]);
  const shared = textAt(config, "agents", "defaults", "workspace") ?? textAt(config, "agent", "workspace");
  const agents = [...ids].sort().map((id): SourceAgent => {
    const isDefault = id === defaultId;
    const own = listed.find((agent) => agent.id === id)?.workspace ?? (isDefault ? shared : undefined);
    // One that is not there was moved together with the rest, if at all.
    const named = own === undefined ? undefined : namedWorkspace({ root, home, path: own });
    const found = named ?? usualWorkspace(root, { id, isDefault, shared, home });
    if (found !== undefined && !(found instanceof SourceFolder)) {
      problems.push(problem("skipped", { store: "memory", path: found.path }, found.say));
      return { id };
    }
    return { id, ...(found === undefined ? {} : { workspace: found }) };
  });
  return { agents, defaultId, problems };
}

function readConfig(root: SourceFolder, problems: PortableProblem[]): Tree | undefined {
  const name = configNames.find((one) => root.file(one) !== undefined);
  if (name === undefined) return undefined;
  const text = root.text(name, maxConfigBytes);
  const tree = text.ok && text.value !== undefined ? parseTree(text.value, "json") : text;
  if (tree.ok && tree.value !== undefined && typeof tree.value !== "string") return tree.value.tree;
  const why = tree.ok ? "is gone" : tree.say;
  const say = `The configuration ${why}: agents and notes are looked for in their usual places.`;
  problems.push(problem("note", { store: "other", path: name }, say));
  return undefined;
}

interface Listed {
  readonly id: string;
  readonly isDefault: boolean;
  readonly workspace: string | undefined;
}

function listOf(config: Tree | undefined): readonly Listed[] {
  const list = valueAt(config, "agents", "list");
  return (Array.isArray(list) ? list : []).flatMap((entry: Tree) => {
    const id = textAt(entry, "id");
    if (!isTreeObject(entry) || id === undefined || !idPattern.test(id)) return [];
    return [{ id, isDefault: entry["default"] === true, workspace: textAt(entry, "workspace") }];
  });
}

function textAt(tree: Tree | undefined, ...path: readonly string[]): string | undefined {
  const value = valueAt(tree, ...path);
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

function foldersOf(root: SourceFolder, problems: PortableProblem[]): readonly string[] {
  const agents = root.folder("agents");
  const at = { store: "sessions", path: "agents" } as const;
  if (!agents.ok) problems.push(problem("skipped", at, `The folder ${agents.say}.`));
  if (!agents.ok || agents.value === undefined) return [];
  try {
    return agents.value.folders().filter((name) => idPattern.test(name));
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    problems.push(problem("corrupt", at, "The folder may not be listed by this user."));
    return [];
  }
}

type Found = SourceFolder | { readonly path: string; readonly say: string } | undefined;

interface Usual {
  readonly id: string;
  readonly isDefault: boolean;
  readonly shared: string | undefined;
  readonly home: string | undefined;
}

/** In the directory; of the oldest versions, beside it. */
function usualWorkspace(root: SourceFolder, { id, isDefault, shared, home }: Usual): Found {
  if (!isDefault && shared !== undefined) {
    const below = namedWorkspace({ root, home, path: join(shared, id) });
    if (below instanceof SourceFolder) return below;
  }
  const name = isDefault ? "workspace" : `workspace-${id}`;
  const inside = root.folder(name);
  if (!inside.ok) return { path: root.pathOf(name), say: `The workspace ${inside.say}.` };
  if (inside.value !== undefined) return inside.value;
  const old = isDefault ? "clawd" : `clawd-${id}`;
  const beside = new SourceFolder(dirname(root.dir), "~").folder(old);
  return beside.ok && basename(root.dir) === ".clawdbot" ? beside.value : undefined;
}

interface Named {
  readonly root: SourceFolder;
  readonly home: string | undefined;
  readonly path: string;
}

function namedWorkspace({ root, home, path }: Named): Found {
  const expanded = /^~(?=$|[/\\])/.test(path) && home !== undefined ? join(home, path.slice(1)) : path;
  if (!isAbsolute(expanded)) return { path, say: "The workspace is named by a path that is not whole." };
  const real = realFolder(expanded);
  if (real === undefined) return undefined;
  const inRoot = inside(root.dir, real);
  if (inRoot !== undefined) return new SourceFolder(real, inRoot);
  const inHome = home === undefined ? undefined : inside(realFolder(home) ?? home, real);
  return inHome === undefined || inHome === ""
    ? { path, say: "The workspace lies outside of the home directory: it is not read." }
    : new SourceFolder(real, `~/${inHome}`);
}

function realFolder(path: string): string | undefined {
  try {
    const real = realpathSync(path);
    return lstatSync(real).isDirectory() ? real : undefined;
  } catch {
    return undefined;
  }
}

/** The way from one folder down to another, `/` between names; undefined if it does not lie in it. */
function inside(outer: string, inner: string): string | undefined {
  const way = relative(outer, inner);
  return way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way) ? undefined : way.replaceAll(sep, "/");
}
