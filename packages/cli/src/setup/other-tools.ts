import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "@carapace/config";

/** Another assistant's configuration; nothing of it was read. */
export interface FoundTool {
  readonly label: string;
  readonly path: string;
  /** What takes it over. */
  readonly command: string;
}

/** Where another assistant keeps its configuration, the likeliest place first (cli.md §3.11). */
interface ToolPlaces {
  readonly label: string;
  /** As typed after `cara import`. */
  readonly name: string;
  readonly files: (env: Environment, home: string) => readonly string[];
}

const tools: readonly ToolPlaces[] = [
  {
    ...{ label: "OpenClaw", name: "openclaw" },
    files: (env, home) => [
      ...given(env["OPENCLAW_CONFIG_PATH"]),
      ...[...given(env["OPENCLAW_STATE_DIR"]), join(home, ".openclaw"), join(home, ".clawdbot")].flatMap(
        (dir) => [join(dir, "openclaw.json"), join(dir, "clawdbot.json")],
      ),
    ],
  },
  {
    ...{ label: "OpenCode", name: "opencode" },
    files: (env, home) => [
      ...given(env["OPENCODE_CONFIG"]),
      ...[...given(env["XDG_CONFIG_HOME"]), join(home, ".config")].flatMap((dir) =>
        ["opencode.jsonc", "opencode.json", ".opencode.json"].map((name) => join(dir, "opencode", name)),
      ),
      join(home, ".opencode.json"),
    ],
  },
  { label: "Aider", name: "aider", files: (_env, home) => [join(home, ".aider.conf.yml")] },
  { label: "NemoClaw", name: "nemoclaw", files: (_env, home) => [join(home, ".nemoclaw", "config.json")] },
  {
    ...{ label: "Hermes Agent", name: "hermes" },
    files: (env, home) => [join(env["HERMES_HOME"] || join(home, ".hermes"), "config.yaml")],
  },
];

function given(path: string | undefined): readonly string[] {
  return path === undefined || path === "" ? [] : [path];
}

/** Other assistants that have a configuration here; nothing of it is read. */
export function otherTools(env: Environment): readonly FoundTool[] {
  const home = env["HOME"];
  if (home === undefined || home === "") return [];
  return tools.flatMap(({ label, name, files }) => {
    const path = files(env, home).find((file) => existsSync(file));
    return path === undefined ? [] : [{ label, path, command: `cara import ${name}` }];
  });
}
