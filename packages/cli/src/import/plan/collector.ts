import { redactText } from "@carapace/config/redaction";
import { cleanLine } from "../../output/clean.ts";
import { shortened } from "../../output/table.ts";
import type { Tree } from "../read/tree.ts";
import type { Mapping, Skip } from "../types.ts";
import { type Dialect, type Literal, type Lookup, literalOf } from "./literal.ts";
import type { ModelPrefixes } from "./model.ts";
import { isSecretTarget, settingFrom, type TargetKey } from "./settings.ts";

/** What is offered for a key of ours. */
interface Offer {
  /** Where it stands: file and path. */
  readonly from: string;
  readonly key: TargetKey;
  readonly value: Tree | undefined;
}

/** Gathers what a source has: the first usable value of each key counts, everything else is told. */
export interface Collector {
  /** @returns whether the value counts from now on */
  offer(offer: Offer): boolean;
  /**
   * A key and the address that it is for: both count, or neither. A server without a key counts alone, if no other key
   * would be sent to it. @returns whether the server counts
   */
  offerServer(server: { readonly apiKey: Offer; readonly url: Offer }): boolean;
  /** A channel that is switched off there must not start to talk here. */
  switchOff(from: string, channel: "telegram" | "discord" | "slack"): void;
  skip(path: string, reason: string): void;
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
  const mappings = new Map<string, Mapping>();
  const skips = new Map<string, Skip>();
  const skip = (path: string, reason: string): void => {
    if (skips.size > maxSkips) return;
    const told = { path: label(path), reason: label(reason) };
    const id = `${told.path}\n${told.reason}`;
    if (skips.size < maxSkips) skips.set(id, told);
    else if (skips.size === maxSkips)
      skips.set("", { path: "…", reason: `only the first ${maxSkips} are told` });
  };
  const judge = (offer: Offer): Literal => judged(offer, options, mappings);
  const take = ({ from, key }: Offer, value: string): void => {
    mappings.set(key, { source: label(from), key, value, isSecret: isSecretTarget(key) });
  };
  return {
    offer(offer) {
      const found = judge(offer);
      if (found.kind === "text") take(offer, found.text);
      if (found.kind === "left") skip(offer.from, found.reason);
      return found.kind === "text";
    },
    offerServer({ apiKey, url }) {
      const [key, address] = [judge(apiKey), judge(url)];
      const isKeyTaken = key.kind === "nothing" && mappings.has(apiKey.key);
      if (address.kind === "text" && key.kind !== "left" && !isKeyTaken) {
        if (key.kind === "text") take(apiKey, key.text);
        take(url, address.text);
        return true;
      }
      const isKeyless = key.kind === "nothing" && !isKeyTaken;
      if (!isKeyless) skip(apiKey.from, key.kind === "left" ? key.reason : "belongs to another address");
      skip(url.from, address.kind === "left" ? address.reason : "belongs to another key");
      return false;
    },
    switchOff(from, channel) {
      const key = `${channel}.enabled`;
      mappings.set(key, { source: label(from), key, value: false, isSecret: false });
    },
    skip,
    get mappings() {
      return [...mappings.values()];
    },
    get skips() {
      return [...skips.values()];
    },
  };
}

/** What an offer is worth beside what counts already. Pure. */
function judged(
  { key, value }: Offer,
  { dialect = {}, lookup = nothing, prefixes }: CollectorOptions,
  mappings: ReadonlyMap<string, Mapping>,
): Literal {
  const literal = literalOf(value, dialect, lookup);
  if (literal.kind !== "text") return literal;
  const setting = settingFrom(key, literal.text, prefixes);
  if (!setting.ok) return { kind: "left", reason: setting.say };
  const earlier = mappings.get(key);
  if (earlier === undefined) return { kind: "text", text: setting.value };
  if (earlier.value === setting.value) return { kind: "nothing" };
  return { kind: "left", reason: `${earlier.source} counts before it` };
}

const maxLabel = 160;

/** Names in a file are its maker's: one line, no tricks, not too long, and no key that stands in the wrong place. */
function label(text: string): string {
  return shortened(redactText(cleanLine(text.slice(0, maxLabel * 8))), maxLabel);
}
