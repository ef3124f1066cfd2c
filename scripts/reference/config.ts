import { configReference } from "@carapace/config";
import { code, heading, table } from "./page.ts";

/** Every key of the config file. */
export async function configPage(): Promise<string> {
  const rows = (await configReference()).map((entry) => [
    code(entry.path),
    entry.type,
    entry.default === undefined ? "" : code(JSON.stringify(entry.default)),
    entry.effect,
    entry.secret ? "yes" : "",
    entry.description,
  ]);
  return [
    ...heading(
      "Config file",
      "JSON5, `carapace.json5` or `carapace.json`; `cara config path` prints where. *Takes effect*: `live` at once, `provider` when the providers are rebuilt (at once, too), `restart` after a restart, `later` belongs to a later version and has no effect yet, `inert` is accepted and never used.",
    ),
    ...table(["Key", "Type", "Default", "Takes effect", "Secret", "What it does"], rows),
  ].join("\n");
}
