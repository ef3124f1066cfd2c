import { join } from "node:path";
import type { Candidate, SourcePlace } from "../types.ts";

const present: readonly string[] = ["opencode.jsonc", "opencode.json"];

/** Where versions since 2025-06 keep settings; what comes first counts. */
export function presentPlaces({ env, home, cwd }: SourcePlace): readonly Candidate[] {
  const exact = env["OPENCODE_CONFIG"];
  const dirs = globalDirs(env, home);
  return [
    ...present.map((file) => here(cwd, join(".opencode", file))),
    ...present.map((file) => here(cwd, file)),
    ...(exact ? [{ path: exact }] : []),
    ...dirs.flatMap((dir) => [...present, "config.json"].map((name) => ({ path: join(dir, name) }))),
  ];
}

/** Where the first versions kept them (cli.md §3.11): only the first that is there counts. */
export function earlyPlaces({ env, home, cwd }: SourcePlace): readonly Candidate[] {
  const [first, last] = [env["XDG_CONFIG_HOME"], join(home, ".config")];
  const name = ".opencode.json";
  return [
    cwd === home ? { path: join(home, name) } : here(cwd, name),
    ...(first ? [{ path: join(first, "opencode", name) }] : []),
    { path: join(home, name) },
    { path: join(last, "opencode", name) },
  ];
}

/** Where `/connect` puts keys and sign-ins. */
export function authPlaces({ env, home }: SourcePlace): readonly Candidate[] {
  const dir = env["XDG_DATA_HOME"] || join(home, ".local", "share");
  return [{ path: join(dir, "opencode", "auth.json") }];
}

/** A file of this folder, which may be anybody's. */
function here(cwd: string, file: string): Candidate {
  return { path: join(cwd, file), name: `./${file}`, isForeign: true };
}

function globalDirs(env: SourcePlace["env"], home: string): readonly string[] {
  const own = env["XDG_CONFIG_HOME"];
  const dirs = [...(own ? [own] : []), join(home, ".config")];
  return [...new Set(dirs.map((dir) => join(dir, "opencode")))];
}
