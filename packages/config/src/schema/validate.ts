import type { JsonObject } from "@carapace/protocol";
import type { Finding } from "../load/places.ts";
import type { Environment } from "../types.ts";
import type { Config } from "./index.ts";
import { typeConfig } from "./typed.ts";
import { unknownKeys } from "./unknown.ts";

export interface ToValidate {
  readonly resolved: JsonObject;
  readonly env: Environment;
}

/** Every rule of config.md §8 over one tree: the typed configuration and all that is wrong with it. */
export function validate({ resolved }: ToValidate): { config: Config; findings: Finding[] } {
  const typed = typeConfig(resolved);
  return { config: typed.config, findings: [...typed.findings, ...unknownKeys(resolved)] };
}
