import type { ToolResultBlock } from "@carapace/protocol";
import { errorResult, judgeCall, performCall, type ToolDesk, type Verdict } from "./call-tool.ts";
import type { StreamedCall } from "./model-call.ts";

export interface ExecuteOptions extends ToolDesk {
  /** Call ids of `once` tools that had started before a crash: not repeated. */
  readonly startedBefore: ReadonlySet<string>;
  /** Sees each result in the order of the calls, as soon as its group is done, and may replace it. */
  readonly settle: (call: StreamedCall, result: ToolResultBlock) => ToolResultBlock;
}

/**
 * Answers every call of one step. Neighbouring `read` calls run at the same time; every other call runs alone, in the
 * model's order, so that what it writes is seen by what follows (agent.md §7.5 *Better*).
 * @returns one result for each call, in the order of the calls.
 */
export async function executeTools(
  calls: readonly StreamedCall[],
  options: ExecuteOptions,
): Promise<ToolResultBlock[]> {
  const results: ToolResultBlock[] = [];
  for (const group of groups(calls.map((call) => judgeCall(call, options)))) {
    const answered = await Promise.all(
      group.map(async (verdict) => ({ verdict, result: await answer(verdict, options) })),
    );
    results.push(...answered.map(({ verdict, result }) => options.settle(verdict.call, result)));
  }
  return results;
}

async function answer(verdict: Verdict, options: ExecuteOptions): Promise<ToolResultBlock> {
  if (isUncertain(verdict, options)) return errorResult(verdict.call, interrupted, options.context.steeredBy);
  return await performCall(verdict, options);
}

const interrupted =
  "Interrupted, outcome unknown: the program stopped while this tool ran. It was not run again. Check whether it took " +
  "effect before you repeat it.";

function isUncertain(verdict: Verdict, options: ExecuteOptions): boolean {
  if (!options.startedBefore.has(verdict.call.id)) return false;
  return verdict.kind === "refuse" || verdict.tool.effect === "once";
}

function groups(verdicts: readonly Verdict[]): Verdict[][] {
  const grouped: Verdict[][] = [];
  let open: Verdict[] | undefined;
  for (const verdict of verdicts) {
    if (!isRead(verdict)) {
      grouped.push([verdict]);
      open = undefined;
    } else if (open === undefined) {
      open = [verdict];
      grouped.push(open);
    } else open.push(verdict);
  }
  return grouped;
}

function isRead(verdict: Verdict): boolean {
  return verdict.kind === "refuse" || verdict.tool.effect === "read";
}
