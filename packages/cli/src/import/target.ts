import { existsSync } from "node:fs";
import { type Environment, loadConfig } from "@carapace/config";
import type { OwnersWritten } from "@carapace/config/write";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import type { Place } from "../closed-state/place.ts";
import { newToken } from "../setup/new-token.ts";
import type { CliWorld } from "../world.ts";
import type { ImportOptions } from "./options.ts";
import {
  addedTo,
  completed,
  documentOf,
  type Plan,
  saysKey,
  usable,
  validator,
  withoutRedirects,
} from "./plan/finish.ts";
import type { Reading } from "./types.ts";

/** What becomes of the configuration that may be there; `leave` if only data is imported. */
export type Aim = "create" | "replace" | "merge" | "leave";

/** @returns `conflict` if there is a configuration and nothing was said of it */
export function aimOf(
  { merge, force, only }: ImportOptions,
  { configPath }: Place,
  { stateDir }: Pick<Reading, "stateDir">,
): Result<Aim> {
  if (only === "data") return ok("leave");
  if (!existsSync(configPath)) return ok("create");
  if (merge) return ok("merge");
  if (force) return ok("replace");
  const leave = stateDir === undefined ? "" : "; --only data leaves it as it is";
  return refuse(
    "conflict",
    `there is a configuration already, ${configPath}: add to it with --merge, or replace it with --force, which keeps a ` +
      `copy${leave}`,
  );
}

/** What would be written: only what loads, what is not there yet, and a gateway token if there is none. */
export async function planFor(
  { mappings, skips }: Reading,
  aim: Aim,
  { env, random }: { readonly env: Environment; readonly random: Place["random"] },
): Promise<Result<Plan>> {
  const sound = await usable({ mappings, skips }, await validator(env));
  const nothing = ok({ resolved: {}, parsed: {}, lookup: (name: string) => env[name] });
  const now = aim === "merge" ? await loadConfig({ env }) : nothing;
  if (!now.ok) return now;
  const { resolved, parsed, lookup } = now.value;
  // A sealed value that does not open stands in the file as it is written only: that is set up, too.
  const plan = withoutRedirects(addedTo(addedTo(sound, resolved), parsed), lookup);
  // A plan that comes to nothing stays so: a token alone is no import.
  if (plan.mappings.length === 0) return ok(plan);
  const has = (key: string) =>
    saysKey(resolved, key) || saysKey(parsed, key) || plan.mappings.some((mapping) => mapping.key === key);
  return ok(completed(plan, has, () => newToken(random)));
}

/** Writes the plan. The caller holds the guard. */
export async function writePlan(
  { mappings }: Plan,
  aim: Exclude<Aim, "leave">,
  { env }: CliWorld,
): Promise<Result<OwnersWritten>> {
  const { writeOwnersConfig } = await import("@carapace/config/write");
  return await writeOwnersConfig(documentOf(mappings), { env, mode: aim });
}
