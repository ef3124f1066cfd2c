import { referenceMemoryDirOf } from "@carapace/config";
import type { ResetCategory, ResetReport } from "@carapace/state/backup";
import { guarded } from "../../closed-state/guard.ts";
import { interruptible, unfinishedSay } from "../../closed-state/interruptible.ts";
import { ownPlace } from "../../closed-state/place.ts";
import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { forceOption, jsonOption, yesOption } from "../../command/options.ts";
import { confirm } from "../../prompt/confirm.ts";

export const definition = {
  name: "reset",
  summary: "Empty conversations, schedules, usage, notes or tasks for good",
  details: [
    "Stop the gateway first. What is removed is gone: the database is written anew without it. Files of the reference\n" +
      "that lie in the state directory go too. Configuration, credentials and pairings stay.",
  ],
  options: {
    sessions: { kind: "flag", help: "All conversations, their archives and runs" },
    cron: { kind: "flag", help: "All schedules" },
    usage: { kind: "flag", help: "What was counted and what it cost" },
    memory: { kind: "flag", help: "All notes" },
    tasks: { kind: "flag", help: "All tasks" },
    all: { kind: "flag", help: "All of these" },
    yes: yesOption,
    force: forceOption,
    json: jsonOption,
  },
  examples: [
    { command: "cara reset --sessions", says: "asks before it removes anything" },
    { command: "cara reset --all --yes", says: "in a script" },
  ],
} as const satisfies CommandDefinition;

/** cli.md §3.9. */
export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const { out } = world;
  return await interruptible(world, async (signal) => {
    const { resetCategories, resetState, countResettable } = await import("@carapace/state/backup");
    const categories = resetCategories.filter((name) => options.all || options[name]);
    if (categories.length === 0) {
      return out.fail(`say what to empty: ${resetCategories.map((name) => `--${name}`).join(", ")} or --all`);
    }
    const place = await ownPlace(world);
    const lock = await guarded(place);
    if (!lock.ok) return out.fail(lock.say);
    await using _held = lock.value;
    const ask = { ...place, categories, signal, memoryDir: referenceMemoryDirOf(world.env) };
    if (!options.yes && !options.force) {
      const found = await countResettable(ask);
      for (const line of lines(categories, found, "to remove")) out.note(line);
      const answer = await confirm("Remove this for good?", signal);
      if (answer === "nobody")
        return out.fail("nothing was removed; to do it without being asked, use --yes");
      if (answer === "no") {
        out.note("Nothing was removed.");
        return 1;
      }
    }
    const report = await resetState(ask);
    const { removed, files, unfinished } = report;
    if (options.json) out.json({ removed, files, finished: unfinished === undefined });
    else for (const line of lines(categories, report, "removed")) out.result(line);
    return unfinished === undefined ? 0 : out.fail(unfinishedSay("reset", unfinished));
  });
}

/** One line a category. */
function lines(
  categories: readonly ResetCategory[],
  { removed, files }: ResetReport,
  what: string,
): string[] {
  const counted = categories.map((name) => `${name}: ${removed[name] ?? 0} ${what}`);
  return [...counted, ...files.map((path) => `${path}: of the reference, ${what}`)];
}
