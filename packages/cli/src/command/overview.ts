import { allDefinitions, groups } from "../commands/index.ts";
import { overview, type Row } from "./usage.ts";

/** The help of `cara` (`group` empty) or of one group of commands. */
export async function overviewText(group: string, columns: number): Promise<string> {
  const definitions = await allDefinitions();
  const rows = definitions.map((definition): Row => [definition.name, definition.summary]);
  if (group !== "") {
    const members = rows.filter(([name]) => name.startsWith(`${group} `));
    return overview({
      title: `${groups[group]}.`,
      usage: `cara ${group} <command> [options]`,
      rows: members,
      after: `For more: cara ${group} <command> --help`,
      columns,
    });
  }
  const flags = "Options:\n  -h, --help     Show this help\n  -V, --version  Print the version";
  return overview({
    title: "Carapace: a personal AI assistant with a hard shell.",
    usage: "cara [command] [options]",
    rows,
    after: `${flags}\n\nWithout a command, cara starts the gateway. For more: cara <command> --help`,
    columns,
  });
}
