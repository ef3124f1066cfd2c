import type { Mapping } from "@carapace/gateway/hooks";
import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption } from "../../command/options.ts";
import { tableLines } from "../../output/table.ts";

export const definition = {
  name: "hooks list",
  summary: "Show which webhooks the configuration has, and their addresses",
  details: ["The addresses are those on this machine; from outside, a proxy or a tunnel stands in front."],
  options: { json: jsonOption },
  examples: [{ command: "cara hooks list", says: "addresses, and how each caller proves itself" }],
} as const satisfies CommandDefinition;

/** docs/hooks.md. */
export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const { loadConfig } = await import("@carapace/config");
  const loaded = await loadConfig({ env: world.env });
  if (!loaded.ok) return world.out.fail(loaded.say);
  const { hooksBase, mappingsOf, plainPath } = await import("@carapace/gateway/hooks");
  const { hooks, port } = loaded.value.config.gateway;
  const base = `http://127.0.0.1:${port}${hooksBase(hooks.path)}`;
  const rows = [
    { id: "wake", url: `${base}/wake`, auth: "token", action: "wake" },
    { id: "agent", url: `${base}/agent`, auth: "token", action: "agent" },
    ...mappingsOf(hooks).map((mapping) => {
      const path = plainPath(mapping.match?.path);
      return { ...rowOf(mapping), url: `${base}/${path === "" ? "<any>" : path}` };
    }),
  ];
  if (options.json) {
    world.out.json({ enabled: hooks.enabled, hasToken: hooks.token !== undefined, hooks: rows });
    return 0;
  }
  const cells = rows.map(({ id, action, auth, url }) => [id, action, auth, url]);
  world.out.result(tableLines(["ID", "ACTION", "PROOF", "URL"], cells).join("\n"));
  if (!hooks.enabled) world.out.note("Hooks are switched off: cara config set gateway.hooks.enabled true");
  if (hooks.token === undefined)
    world.out.note("No hooks token is set: cara secrets set gateway.hooks.token");
  return 0;
}

function rowOf({ id, action = "agent", auth }: Mapping) {
  const kind = auth === undefined ? "token" : (auth.kind ?? "unknown");
  const isOpen = kind === "token" || auth?.secret !== undefined;
  return { id, action, auth: isOpen ? kind : `${kind} (no secret yet)` };
}
