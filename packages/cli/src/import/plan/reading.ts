import type { Gatherer } from "../read/gather.ts";
import type { Reading } from "../types.ts";
import type { Collector } from "./collector.ts";

/** What was found, and what it comes to. */
export function readingOf(gatherer: Gatherer, collector: Collector): Reading {
  const { dropped, ...account } = gatherer.account();
  for (const path of dropped) collector.skip(path, "a name that no honest file has");
  return { ...account, mappings: collector.mappings, skips: collector.skips };
}
