import { chmodSync, lstatSync, readdirSync, type Stats } from "node:fs";
import { join } from "node:path";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import type { Check, Finding } from "../finding.ts";

/** More is not looked at: a state directory holds a few hundred files. */
const mostFiles = 100_000;

interface Entry {
  readonly path: string;
  readonly facts: Stats;
}

/** Everything below the state directory belongs to its owner alone: owner, mode, no links (state.md §2). */
export const checkPermissions: Check = async ({ stateDir, configPath, platform }) => {
  if (platform === "win32") return [skipped("Windows keeps access in lists that are not looked at")];
  const root = lstatSync(stateDir, { throwIfNoEntry: false });
  if (root === undefined) return [skipped(`there is no ${stateDir} yet`)];
  const entries = [{ path: stateDir, facts: root }, ...below(stateDir), ...outside(configPath, stateDir)];
  const uid = process.getuid?.() ?? 0;
  const foreign = entries.filter(({ facts }) => facts.uid !== uid);
  const links = entries.filter(({ facts }) => facts.isSymbolicLink());
  const open = entries.filter(({ facts }) => !facts.isSymbolicLink() && (facts.mode & 0o077) !== 0);
  const findings = [
    ...foreign.slice(0, 5).map(foreignFinding),
    ...links.slice(0, 5).map(linkFinding),
    ...(open.length > 0 ? [openFinding(open)] : []),
  ];
  if (findings.length > 0) return findings;
  const say = `${stateDir} and all in it (${entries.length - 1} files and folders) are yours alone`;
  return [{ check: "permissions", status: "ok", say }];
};

function skipped(say: string): Finding {
  return { check: "permissions", status: "skipped", say };
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

function below(folder: string): Entry[] {
  const found: Entry[] = [];
  const waiting = [folder];
  for (let next = waiting.pop(); next !== undefined && found.length < mostFiles; next = waiting.pop()) {
    for (const name of namesIn(next)) {
      const path = join(next, name);
      const facts = lstatSync(path, { throwIfNoEntry: false });
      if (facts === undefined) continue;
      found.push({ path, facts });
      if (facts.isDirectory()) waiting.push(path);
    }
  }
  return found;
}

/** A folder that may not be read is told by its owner or mode. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function outside(configPath: string, stateDir: string): Entry[] {
  if (configPath.startsWith(`${stateDir}/`)) return [];
  const facts = lstatSync(configPath, { throwIfNoEntry: false });
  // One that is linked to, or the administrator's, is shared on purpose.
  const isOwn = facts?.isFile() === true && facts.uid === process.getuid?.();
  return isOwn ? [{ path: configPath, facts }] : [];
}

function quoted(path: string): string {
  return /^[\w/.@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
