import type { Finding } from "../../load/places.ts";
import { isRecord } from "../../record.ts";
import { isLater } from "../later.ts";
import type { Rule } from "./rule.ts";
import { at, error, warn } from "./rule.ts";

type Path = readonly (string | number)[];

/** Keys below this level are inside of a section that was looked at. */
const deepest = 4;

/** Says of each key that asks for something this version does not have that it gets nothing; switched off is fine. */
export const laterKeys: Rule = ({ tree }) => {
  const findings: Finding[] = [];
  const visit = (value: unknown, path: Path): void => {
    if (isLater(path)) {
      if (!isOff(value)) findings.push(warn(path, "belongs to a later version and has no effect yet"));
    } else if (path.length < deepest) {
      for (const [step, inner] of parts(value)) visit(inner, [...path, step]);
    }
  };
  visit(tree, []);
  return findings;
};

/** Who asks for encryption and gets none must not find out later. */
export const noTlsYet: Rule = ({ tree }) =>
  (["tls", "mtls"] as const).flatMap((name) => {
    const path = ["gateway", name, "enabled"];
    if (at(tree, ...path) !== true) return [];
    return [
      error(path, "comes in a later version: set it to false, and connect through a tunnel, such as ssh -L"),
    ];
  });

function parts(value: unknown): [string | number, unknown][] {
  if (Array.isArray(value)) return value.map((inner, index) => [index, inner]);
  return isRecord(value) ? Object.entries(value) : [];
}

function isOff(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === "" || value === "off")
    return true;
  if (Array.isArray(value)) return value.length === 0;
  if (!isRecord(value)) return false;
  return value["enabled"] === false || value["mode"] === "off" || Object.keys(value).length === 0;
}
