import { chmodSync, lstatSync, readdirSync, type Stats } from "node:fs";
import { join } from "node:path";
import { systemCode } from "@carapace/files/system-code";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import type { Check, Finding } from "../finding.ts";

/** More is not looked at: a state directory holds a few hundred files. */
const mostFiles = 100_000;

interface Entry {
  readonly path: string;
  readonly facts: Stats;
}

/** Everything below the state directory belongs to its owner alone: owner, mode, no links (state.md §2). */
export const checkPermissions: Check = async ({ stateDir, configPath, platform, wasOpen }) => {
  if (platform === "win32") return [skipped("Windows keeps access in lists that are not looked at")];
  const root = factsOf(stateDir);
  if (root === undefined) return [skipped(`there is no ${stateDir} yet`)];
  if (typeof root === "string") return [unseenFinding([`${stateDir} (${root})`])];
  if (!root.isDirectory() && !root.isSymbolicLink()) return [noFolder(stateDir)];
  const { entries, unseen, isWhole } = lookAt(
    [{ path: stateDir, facts: root }],
    outside(configPath, stateDir),
  );
  const uid = process.getuid?.() ?? 0;
  const foreign = entries.filter(({ facts }) => facts.uid !== uid);
  const links = entries.filter(({ facts }) => facts.isSymbolicLink());
  const open = entries.filter(
    ({ path, facts }) =>
      !facts.isSymbolicLink() && ((facts.mode & 0o077) !== 0 || (path === stateDir && wasOpen)),
  );
  const findings = [
    ...foreign.slice(0, 5).map(foreignFinding),
    ...links.slice(0, 5).map(linkFinding),
    ...(open.length > 0 ? [openFinding(open)] : []),
    ...(unseen.length > 0 ? [unseenFinding(unseen)] : []),
    ...(isWhole ? [] : [tooManyFinding(stateDir)]),
  ];
  if (findings.length > 0) return findings;
  const say = `${stateDir} and all in it (${entries.length - 1} files and folders) are yours alone`;
  return [{ check: "permissions", status: "ok", say }];
};

function skipped(say: string): Finding {
  return { check: "permissions", status: "skipped", say };
}

function noFolder(path: string): Finding {
  const say = `${path} is not a folder: nothing can be stored in it`;
  return { check: "permissions", status: "problem", say, command: "unset CARAPACE_STATE_DIR" };
}

function unseenFinding(unseen: readonly string[]): Finding {
  const rest = unseen.length > 3 ? ` and ${unseen.length - 3} more` : "";
  const say = `could not be looked at: ${unseen.slice(0, 3).join(", ")}${rest}`;
  return { check: "permissions", status: "problem", say, command: "id" };
}

function tooManyFinding(stateDir: string): Finding {
  const say = `${stateDir} has more than ${mostFiles.toLocaleString("en")} files: the others were not looked at`;
  return { check: "permissions", status: "warning", say, command: `du --inodes ${quoted(stateDir)}` };
}

function foreignFinding({ path, facts }: Entry): Finding {
  return {
    check: "owner",
    status: "problem",
    say: `${path} belongs to another user (uid ${facts.uid})`,
    command: `sudo chown -R "$(id -un)" ${quoted(path)}`,
  };
}

function linkFinding({ path }: Entry): Finding {
  return {
    check: "permissions",
    status: "problem",
    say: `${path} is a symbolic link; the gateway follows none`,
    command: `rm ${quoted(path)}`,
  };
}

function openFinding(open: readonly Entry[]): Finding {
  const names = open.slice(0, 3).map(({ path }) => path);
  const rest = open.length > names.length ? ` and ${open.length - names.length} more` : "";
  return {
    check: "permissions",
    status: "problem",
    say: `other users may look into ${names.join(", ")}${rest}`,
    command: open.length === 1 ? `chmod go= ${quoted(names[0] ?? "")}` : "cara doctor --fix",
    fix: async () => close(open),
  };
}

function close(open: readonly Entry[]): Result<string> {
  try {
    for (const { path, facts } of open) chmodSync(path, facts.isDirectory() ? 0o700 : 0o600);
    return ok(`closed ${open.length} files and folders to other users`);
  } catch (error) {
    return refuse("forbidden", error instanceof Error ? error.message : String(error));
  }
}

interface Seen {
  readonly entries: readonly Entry[];
  /** What could not be looked at, and why. */
  readonly unseen: readonly string[];
  readonly isWhole: boolean;
}

/** Everything below the first, which is a folder or a link; then the others. */
function lookAt(roots: readonly Entry[], others: readonly Entry[]): Seen {
  const entries: Entry[] = [...roots, ...others];
  const unseen: string[] = [];
  const waiting = roots.filter(({ facts }) => facts.isDirectory()).map(({ path }) => path);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const path of pathsIn(next, unseen)) {
      if (entries.length >= mostFiles) return { entries, unseen, isWhole: false };
      const facts = factsOf(path);
      if (typeof facts === "string") unseen.push(`${path} (${facts})`);
      else if (facts !== undefined) entries.push({ path, facts });
      if (typeof facts === "object" && facts.isDirectory()) waiting.push(path);
    }
  }
  return { entries, unseen, isWhole: true };
}

/** @returns the system's code if it cannot be looked at, undefined if it is not there */
function factsOf(path: string): Stats | string | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    return systemCode(error) ?? String(error);
  }
}

function pathsIn(folder: string, unseen: string[]): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch (error) {
    unseen.push(`${folder} (${systemCode(error) ?? String(error)})`);
    return [];
  }
}

function outside(configPath: string, stateDir: string): Entry[] {
  if (configPath.startsWith(`${stateDir}/`)) return [];
  const facts = factsOf(configPath);
  if (typeof facts !== "object") return [];
  // One that is linked to, or the administrator's, is shared on purpose.
  const isOwn = facts.isFile() && facts.uid === process.getuid?.();
  return isOwn ? [{ path: configPath, facts }] : [];
}

function quoted(path: string): string {
  return /^[\w/.@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
