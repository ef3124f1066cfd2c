import type { Finding } from "../../load/places.ts";
import { isRecord } from "../../record.ts";
import { ConfigSchema } from "../index.ts";
import { follow } from "../shape.ts";
import type { Rule } from "./rule.ts";
import { warn } from "./rule.ts";

/** Keys that are accepted and change nothing; one line for the outermost (config.md §13.6, Better). */
export const inertKeys: Rule = ({ tree }) => {
  const findings: Finding[] = [];
  const visit = (value: unknown, path: readonly string[]): void => {
    if (path.length > 0 && follow(ConfigSchema, path).facts.effect === "inert") {
      findings.push(warn(path, "is accepted but has no effect in this version"));
    } else if (isRecord(value) && path.length < deepestInert) {
      for (const [name, inner] of Object.entries(value)) visit(inner, [...path, name]);
    }
  };
  visit(tree, []);
  return findings;
};

/** Keys below this level take part in no rule of this kind: none of them is inert. */
const deepestInert = 4;
