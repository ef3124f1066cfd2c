import { lstatSync } from "node:fs";
import { isatty } from "node:tty";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import { guarded } from "../closed-state/guard.ts";
import { interruptible } from "../closed-state/interruptible.ts";
import { ownPlace, type Place } from "../closed-state/place.ts";
import type { ExitCode } from "../command/definition.ts";
import type { CliWorld } from "../world.ts";
import { readWishes, type SetupFlags } from "./read-wishes.ts";
import type { SetupWishes } from "./wishes.ts";

/** What `cara setup` was told. */
export interface SetupOptions extends SetupFlags {
  readonly yes: boolean;
  readonly json: boolean;
}

/** A setup that may begin: nothing stands in its way, and nobody else works on the state directory. */
export interface OpenSetup {
  readonly wishes: SetupWishes;
  readonly world: CliWorld;
  readonly place: Place;
  readonly guard: AsyncDisposable;
}

/** Checks what was asked for, takes the state directory, and asks the owner, or nobody (cli.md §3.10). */
export async function runSetup(options: SetupOptions, world: CliWorld): Promise<ExitCode> {
  const wishes = readWishes(options);
  if (!wishes.ok) return world.out.fail(wishes.say);
  const { forbidCoreDumps } = await import("../crash/core-dumps.ts");
  await forbidCoreDumps(process.platform);
  const place = await ownPlace(world);
  const isFree = notInTheWay(place, options);
  if (!isFree.ok) return world.out.fail(isFree.say);
  const isAsked = !options.yes && !options.json && isatty(0);
  if (!isAsked) {
    const { setUpHeadless } = await import("./headless/run.ts");
    return await interruptible(world, (signal) =>
      setUpHeadless({ wishes: wishes.value, options, world, place, signal }),
    );
  }
  const guard = await guarded(place);
  if (!guard.ok) return world.out.fail(guard.say);
  await using held = guard.value;
  const { askOwner } = await import("./ask.ts");
  return await askOwner({ wishes: wishes.value, world, place, guard: held });
}

/** An existing configuration is only replaced by who says so. */
function notInTheWay({ configPath }: Place, { force }: SetupOptions): Result<undefined> {
  if (force || lstatSync(configPath, { throwIfNoEntry: false }) === undefined) {
    return ok(undefined);
  }
  const say = `${configPath} is there already: with --force it is replaced, and kept beside the new one as a backup`;
  return refuse("conflict", say);
}
