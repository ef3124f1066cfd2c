import type { z } from "zod";
import { z as zod } from "zod";
import type { Finding } from "../load/places.ts";
import { isRecord } from "../record.ts";
import { ConfigSchema } from "./index.ts";
import { nearest } from "./nearest.ts";
import { below, unwrap } from "./shape.ts";

/** Known to the reference as channels (config.md §8). */
const channelIds = ["console", "signal", "telegram", "discord", "slack", "webhook", "matrix", "defaults"];

/** Every key the schema does not know, at every level, with the nearest known one. */
export function unknownKeys(tree: unknown): Finding[] {
  const findings: Finding[] = [];
  visit({ schema: ConfigSchema, value: tree, path: [] }, findings);
  if (isRecord(tree) && isRecord(tree["channels"])) findings.push(...channelSettings(tree["channels"]));
  return findings;
}

/** A name that is like no known one is a plugin's, or a client's own (channels.md §1.4). */
function channelSettings(channels: Readonly<Record<string, unknown>>): Finding[] {
  const misspelt = Object.keys(channels)
    .slice(0, maxUnknown)
    .filter((name) => !channelIds.includes(name) && nearest(name, channelIds) !== undefined)
    .map((name) => unknown(["channels", name], channelIds, "channel"));
  const { defaults } = channels;
  if (!isRecord(defaults) || defaults["session"] === undefined) return misspelt;
  const message = "has no effect: defaults are for features only; set session, or that of each channel";
  return [...misspelt, { severity: "warning", path: ["channels", "defaults", "session"], message }];
}

interface Spot {
  readonly schema: z.core.$ZodType;
  readonly value: unknown;
  readonly path: readonly (string | number)[];
}

/** Nobody mends more of them at once, and looking for near words takes its time. */
const maxUnknown = 200;

function visit({ schema, value, path }: Spot, findings: Finding[]): void {
  if (findings.length >= maxUnknown) return;
  const { core } = unwrap(schema);
  if (Array.isArray(value)) {
    const item = below(core, 0);
    for (const [index, inner] of value.entries()) {
      if (item) visit({ schema: item, value: inner, path: [...path, index] }, findings);
    }
    return;
  }
  if (!isRecord(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    if (findings.length >= maxUnknown) return;
    const next = below(core, name);
    if (next) visit({ schema: next, value: inner, path: [...path, name] }, findings);
    else if (core instanceof zod.ZodObject)
      findings.push(unknown([...path, name], Object.keys(core.shape), "key"));
  }
}

function unknown(path: readonly (string | number)[], known: readonly string[], what: string): Finding {
  const name = String(path.at(-1));
  const near = nearest(name, known);
  const advice = near ? `did you mean "${near}"?` : "it has no effect; remove it or check its spelling";
  return { severity: "warning", path, message: `unknown ${what} "${name}": ${advice}` };
}
