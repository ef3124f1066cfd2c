import { shortened } from "../output/table.ts";

/** What became of one check. */
type CheckStatus = "PASS" | "FAIL" | "SKIP";

/** One check of a run (cli.md §3.12). Its texts are for a person: one line, no secret. */
export interface Check {
  readonly name: string;
  readonly status: CheckStatus;
  readonly detail: string;
  /** What to do about it; for what did not pass. */
  readonly nextStep?: string;
}

export function pass(name: string, detail: string): Check {
  return { name, status: "PASS", detail };
}

export function fail(name: string, detail: string, nextStep: string): Check {
  return { name, status: "FAIL", detail, nextStep };
}

export function skip(name: string, detail: string, nextStep: string): Check {
  return { name, status: "SKIP", detail, nextStep };
}

/** Whether an outcome is proven: nothing failed, and something was shown to work. Pure. */
export function isProven(checks: readonly Check[]): boolean {
  return checks.every(({ status }) => status !== "FAIL") && checks.some(({ status }) => status === "PASS");
}

const maxDetail = 160;

/**
 * What somebody else's program said of its failure, as far as it may be shown (cli.md §3.12). Pure.
 * @returns a stand-in for what looks like a page, a document or several lines; at most 160 characters
 */
export function shownError(text: string): string {
  const trimmed = text.trim();
  if (trimmed === "") return "no reason was given";
  if (/[<{\r\n]/.test(trimmed)) return "the reason is not shown here; see: cara logs";
  return shortened(trimmed, maxDetail);
}
