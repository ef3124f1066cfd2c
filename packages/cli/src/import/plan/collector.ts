import { redactText } from "@carapace/config/redaction";
import { cleanLine } from "../../output/clean.ts";
import { shortened } from "../../output/table.ts";
import type { Tree } from "../read/tree.ts";
import type { Mapping, Skip } from "../types.ts";
import { type Dialect, type Lookup, literalOf } from "./literal.ts";
import type { ModelPrefixes } from "./model.ts";
import { isSecretTarget, settingFrom, type TargetKey } from "./settings.ts";

/** What is offered for a key of ours. */
export interface Offer {
  /** Where it stands: file and path. */
  readonly from: string;
  readonly key: TargetKey;
  readonly value: Tree | undefined;
}

/** Gathers what a source has: the first usable value of each key counts, everything else is told. */
export interface Collector {
  /** @returns whether the value counts from now on */
  offer(offer: Offer): boolean;
  /** A channel that is switched off there must not start to talk here. */
  switchOff(from: string, channel: "telegram" | "discord" | "slack"): void;
  skip(path: string, reason: string): void;
  has(key: TargetKey): boolean;
  readonly mappings: readonly Mapping[];
  readonly skips: readonly Skip[];
}

export interface CollectorOptions {
  readonly dialect?: Dialect;
  readonly lookup?: Lookup;
  readonly prefixes?: ModelPrefixes;
}

const nothing: Lookup = () => undefined;
/** A hostile file may have a million things to skip. */
const maxSkips = 200;

export function createCollector(options: CollectorOptions = {}): Collector {
  const { dialect = {}, lookup = nothing, prefixes } = options;
  const mappings = new Map<string, Mapping>();
  const skips = new Map<string, Skip>();
  const skip = (path: string, reason: string): void => {
    const told = { path: label(path), reason: label(reason) };
    const id = `${told.path}\n${told.reason}`;
    if (skips.size < maxSkips) skips.set(id, told);
    else if (skips.size === maxSkips)
      skips.set("", { path: "…", reason: `only the first ${maxSkips} are told` });
  };
  return {
    offer({ from, key, value }) {
      const literal = literalOf(value, dialect, lookup);
      if (literal.kind === "nothing") return false;
      const setting = literal.kind === "text" ? settingFrom(key, literal.text, prefixes) : literal;
      if ("kind" in setting) skip(from, setting.reason);
      else if (!setting.ok) skip(from, setting.say);
      else {
        const earlier = mappings.get(key);
        if (earlier === undefined) {
          mappings.set(key, {
            source: label(from),
            key,
            value: setting.value,
            isSecret: isSecretTarget(key),
          });
          return true;
        }
        if (earlier.value !== setting.value) skip(from, `${earlier.source} counts before it`);
      }
      return false;
    },
    switchOff(from, channel) {
      const key = `${channel}.enabled`;
      mappings.set(key, { source: label(from), key, value: false, isSecret: false });
    },
    skip,
    has: (key) => mappings.has(key),
    get mappings() {
      return [...mappings.values()];
    },
    get skips() {
      return [...skips.values()];
    },
  };
}

/** Names in a file are its maker's: one line, no tricks, not too long, and no key that stands in the wrong place. */
function label(text: string): string {
  return shortened(redactText(cleanLine(text)), 160);
}
