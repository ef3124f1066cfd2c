import type { Finding } from "../../load/places.ts";
import { isRecord } from "../../record.ts";
import { hookPresetNames } from "../hook-presets.ts";
import { hookMappingKeys } from "../hooks.ts";
import { nearest } from "../nearest.ts";
import { at, error, isFilled, type Rule, warn } from "./rule.ts";

type Path = readonly (string | number)[];
type Fields = Readonly<Record<string, unknown>>;

const base: Path = ["gateway", "hooks"];

/** Mappings of hooks (http.md §8.4): one that is not understood to the letter would let in what it should not. */
export const hookMappings: Rule = ({ tree }) => {
  const list = at(tree, ...base, "mappings");
  const entries = Array.isArray(list) ? list : [];
  const found = entries.flatMap((entry, index) =>
    isRecord(entry) ? inMapping(entry, [...base, "mappings", index]) : [],
  );
  const isTransforming = entries.some((entry) => isFilled(at(entry, "transform", "module")));
  const folder =
    isTransforming && !isFilled(at(tree, ...base, "transformsDir"))
      ? [warn([...base, "mappings"], "a transform needs gateway.hooks.transformsDir; its calls fail without")]
      : [];
  return [...found, ...inOrder(entries), ...folder, ...presets(at(tree, ...base, "presets"))];
};

function inMapping(entry: Fields, path: Path): Finding[] {
  const both = isFilled(entry["model"]) && isFilled(entry["route"]);
  const taken = pathOf(entry);
  const isTaken = ["wake", "agent"].includes(taken);
  const isClimbing = taken.split("/").some((step) => step === "." || step === "..");
  return [
    ...unknownFields(entry, path),
    ...presetName(entry["preset"], [...path, "preset"]),
    ...inAuth(entry["auth"], [...path, "auth"]),
    ...inTransform(entry["transform"], [...path, "transform"]),
    ...(both ? [error([...path, "route"], "model is set too; remove one of them")] : []),
    ...(isTaken
      ? [warn([...path, "match", "path"], "this path is the gateway's own; no call gets here")]
      : []),
    ...(isClimbing
      ? [warn([...path, "match", "path"], "no call gets here: callers resolve . and .. before they ask")]
      : []),
  ];
}

/** The path of a mapping without outer slashes and blanks; empty: any. */
function pathOf(entry: unknown): string {
  const path = at(entry, "match", "path");
  return typeof path === "string" ? path.replace(/^[\s/]+|[\s/]+$/g, "") : "";
}

/** The first mapping that fits takes a call: one behind another that takes all of its calls is never asked. */
function hidden(entries: readonly unknown[]): Finding[] {
  const asked = entries.map((entry) => {
    const source = at(entry, "match", "source");
    return {
      path: pathOf(entry),
      source: typeof source === "string" ? source.trim().toLowerCase() : "",
      // What its preset gives it is not written here, and who signs picks his mapping by that, too.
      isWhole: isRecord(entry) && entry["preset"] === undefined && isToken(entry["auth"]),
    };
  });
  return asked.flatMap(({ path, source, isWhole }, index) => {
    const first = asked
      .slice(0, index)
      .findIndex(
        (one) =>
          one.isWhole &&
          (one.path === "" || one.path === path) &&
          (one.source === "" || one.source === source),
      );
    if (!isWhole || first === -1) return [];
    const say = `mappings[${first}] takes all of its calls before it; remove one, or tell them apart by match`;
    return [warn([...base, "mappings", index], say)];
  });
}

function isToken(auth: unknown): boolean {
  return auth === undefined || at(auth, "kind") === "token";
}

function unknownFields(entry: Fields, path: Path): Finding[] {
  return Object.entries(hookMappingKeys).flatMap(([part, known]) => {
    const fields = part === "" ? entry : entry[part];
    if (!isRecord(fields)) return [];
    const place = part === "" ? path : [...path, part];
    return Object.keys(fields)
      .filter((name) => !known.includes(name))
      .map((name) => {
        const near = nearest(name, known);
        const advice = near === undefined ? "remove it" : `did you mean "${near}"?`;
        return error([...place, name], `a mapping has no field "${name}": ${advice}`);
      });
  });
}

function presets(list: unknown): Finding[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((name, index) => presetName(name, [...base, "presets", index]));
}

function presetName(name: unknown, path: Path): Finding[] {
  const known: readonly string[] = hookPresetNames;
  if (typeof name !== "string" || known.includes(name)) return [];
  return [error(path, `there is no preset "${name}"; known: ${known.join(", ")}`)];
}

function inAuth(auth: unknown, path: Path): Finding[] {
  if (auth === undefined) return [];
  const kind = at(auth, "kind");
  if (!isFilled(kind)) return [error(path, "needs kind: token, github, stripe or hmac")];
  if (kind === "token") return [];
  const signed = at(auth, "signed");
  const hasTime = isFilled(at(auth, "timestampHeader"));
  return [
    ...(isFilled(at(auth, "secret"))
      ? []
      : [warn([...path, "secret"], "is not set: every call is refused until it is")]),
    ...(kind === "hmac" && !isFilled(at(auth, "header"))
      ? [error([...path, "header"], "kind hmac needs the name of the header with the signature")]
      : []),
    ...(typeof signed === "string" ? signedText(signed, hasTime, [...path, "signed"]) : []),
  ];
}

/** A signature that leaves out the body or the time proves nothing of them. */
function signedText(signed: string, hasTime: boolean, path: Path): Finding[] {
  const needed = hasTime ? ["{timestamp}", "{body}"] : ["{body}"];
  const missing = needed.filter((name) => signed.split(name).length !== 2);
  if (missing.length > 0) return [error(path, `must have ${missing.join(" and ")} in it, once`)];
  const isTimeless = !hasTime && signed.includes("{timestamp}");
  return isTimeless ? [error(path, "has {timestamp} in it, so timestampHeader must be set")] : [];
}

function inTransform(transform: unknown, path: Path): Finding[] {
  if (!isRecord(transform)) return [];
  const module = transform["module"];
  if (!isFilled(module)) return [error(path, "needs module: a file in gateway.hooks.transformsDir")];
  const isOutside = /^[/\\~]|^[a-z]+:|(^|[/\\])\.\.([/\\]|$)/i.test(module);
  return isOutside
    ? [error([...path, "module"], "must name a file inside gateway.hooks.transformsDir, like ./filter.js")]
    : [];
}

/** One thing at a time: of two mappings with one id that is what is wrong. */
function inOrder(entries: readonly unknown[]): Finding[] {
  const double = doubleIds(entries);
  return double.length > 0 ? double : hidden(entries);
}

function doubleIds(entries: readonly unknown[]): Finding[] {
  const seen = new Set<string>();
  return entries.flatMap((entry, index) => {
    const id = at(entry, "id");
    if (!isFilled(id)) return [];
    if (seen.has(id)) return [error([...base, "mappings", index, "id"], `"${id}" is the id of two mappings`)];
    seen.add(id);
    return [];
  });
}
