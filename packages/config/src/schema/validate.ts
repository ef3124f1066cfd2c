import type { Finding } from "../load/places.ts";
import type { Config } from "./index.ts";
import { rules } from "./rules/index.ts";
import type { Subject } from "./rules/rule.ts";
import { typeConfig } from "./typed.ts";
import { unknownKeys } from "./unknown.ts";

/** Every rule of config.md §8 over one tree: the typed configuration and all that is wrong with it. */
export function validate(subject: Subject): { config: Config; findings: Finding[] } {
  const typed = typeConfig(subject.tree);
  const found = [...typed.findings, ...rules.flatMap((rule) => rule(subject))];
  // A key with a complaint of its own need not be called unknown as well.
  const told = new Set(found.map((finding) => finding.path.join("\0")));
  const unknown = unknownKeys(subject.tree).filter((finding) => !told.has(finding.path.join("\0")));
  return { config: withVertex(typed.config, subject), findings: [...found, ...unknown] };
}

/** The one section whose defaults come from variables (config.md §7). */
function withVertex(config: Config, { lookup }: Subject): Config {
  const variable = (name: string): string | undefined => lookup(name)?.trim() || undefined;
  const projectId = config.vertex.projectId ?? variable("VERTEX_PROJECT_ID");
  const location = config.vertex.location ?? variable("VERTEX_LOCATION") ?? "us-central1";
  return { ...config, vertex: { ...config.vertex, location, ...(projectId && { projectId }) } };
}
