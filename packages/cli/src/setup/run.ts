import { lstatSync } from "node:fs";
import { isatty } from "node:tty";
import { describeIssue, errorsOf, loadConfig } from "@carapace/config";
import { systemCode } from "@carapace/files";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import { guarded } from "../closed-state/guard.ts";
import { interruptible } from "../closed-state/interruptible.ts";
import { notBySudo } from "../closed-state/not-by-sudo.ts";
import { ownPlace, type Place } from "../closed-state/place.ts";
import type { ExitCode } from "../command/definition.ts";
import type { CliWorld } from "../world.ts";
import type { SetupMode } from "./finish.ts";
import { readWishes, type SetupFlags } from "./read-wishes.ts";
import { sealableHere } from "./sealable.ts";
import type { SetupWishes } from "./wishes.ts";

/** What `cara setup` was told. */
export interface SetupOptions extends SetupFlags {
  readonly yes: boolean;
  readonly json: boolean;
}

/** The configuration that is there already. */
export type Present =
  | { readonly kind: "none" }
  | { readonly kind: "loads"; readonly path: string }
  | { readonly kind: "broken"; readonly path: string; readonly wrong: string };

/** A setup that may begin: nothing stands in its way, and nobody else works on the state directory. */
export interface OpenSetup {
  readonly wishes: SetupWishes;
  readonly world: CliWorld;
  readonly place: Place;
  readonly present: Present;
  readonly guard: AsyncDisposable;
}

/** Checks what was asked for, takes the state directory, and asks the owner, or nobody (cli.md §3.10). */
export async function runSetup(options: SetupOptions, world: CliWorld): Promise<ExitCode> {
  const wishes = readWishes(options);
  if (!wishes.ok) return world.out.fail(wishes.say);
  const { forbidCoreDumps } = await import("../crash/core-dumps.ts");
  await forbidCoreDumps(process.platform);
  const place = await ownPlace(world);
  const isOwn = notBySudo(place.dir, world.env);
  if (!isOwn.ok) return world.out.fail(isOwn.say);
  const isAsked = !options.yes && !options.json && isatty(0);
  const present = await presentOf(place, world);
  const usable = usableOver(present, wishes.value, isAsked);
  if (!usable.ok) return world.out.fail(usable.say);
  if (!isAsked) {
    const { setUpHeadless } = await import("./headless/run.ts");
    return await interruptible(world, (signal) =>
      setUpHeadless({ wishes: wishes.value, options, world, place, present, signal }),
    );
  }
  const sealable = sealableHere(wishes.value, world.env);
  if (!sealable.ok) return world.out.fail(sealable.say);
  const guard = await guarded(place);
  if (!guard.ok) return world.out.fail(guard.say);
  await using held = guard.value;
  const { askOwner } = await import("./ask.ts");
  return await askOwner({ wishes: wishes.value, world, place, present, guard: held });
}

async function presentOf({ configPath: path }: Place, { env }: CliWorld): Promise<Present> {
  if (!isThere(path)) return { kind: "none" };
  const loaded = await loadConfig({ env });
  const [wrong] = loaded.ok
    ? errorsOf(loaded.value.issues).map((issue) => describeIssue(issue))
    : [loaded.say];
  return wrong === undefined ? { kind: "loads", path } : { kind: "broken", path, wrong };
}

/** What stands in the way of looking is told by the guard, which has to make or open the same folder. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return false;
  }
}

/** An existing configuration is only changed by who says how; at a terminal that is asked. */
function usableOver(present: Present, { force, merge }: SetupWishes, isAsked: boolean): Result<undefined> {
  if (present.kind === "none" || force) return ok(undefined);
  if (merge && present.kind === "broken") {
    const say = `nothing can be merged into ${present.path}: ${present.wrong}. Mend it, or start over with --force, which keeps it as a backup`;
    return refuse("invalid_request", say);
  }
  if (merge || isAsked) return ok(undefined);
  const say = `${present.path} is there already: --merge changes what setup asks about and keeps the rest, --force starts over. Both keep the old one beside the new one as a backup`;
  return refuse("conflict", say);
}

/** Pure. What the flags, or the answer to the first question, come to. */
export function modeOver(
  present: Present,
  { force, merge }: Pick<SetupWishes, "force" | "merge">,
): SetupMode {
  if (present.kind === "none") return "create";
  return merge ? "merge" : force ? "replace" : "create";
}
