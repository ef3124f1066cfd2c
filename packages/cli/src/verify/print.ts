import { cleanLine } from "../output/clean.ts";
import { shortened } from "../output/table.ts";
import type { CliWorld } from "../world.ts";
import type { Check } from "./check.ts";
import type { VerifyReport } from "./types.ts";

type Begun = Pick<VerifyReport, "outcome" | "port" | "target"> & { readonly isRemote: boolean };

/** How a run is shown while it goes on. */
export interface Printer {
  begin(run: Begun): void;
  check(check: Check): void;
  end(report: VerifyReport): void;
}

/** Shows nothing. */
export const silent: Printer = { begin() {}, check() {}, end() {} };

/** One object at the end (cli.md §3.12 *Better*). */
export function jsonPrinter({ out }: CliWorld): Printer {
  return {
    begin() {},
    check() {},
    end: ({ outcome, port, target, checks, ok, wasStopped }) =>
      out.json({ outcome, port, target, checks, ok, ...(wasStopped ? { stopped: true } : {}) }),
  };
}

/** Lines, each as soon as it is known. */
export function textPrinter({ out }: CliWorld): Printer {
  let again = "the same command";
  return {
    begin({ outcome, port, target, isRemote }) {
      if (!isRemote && outcome !== "auto") again = `cara verify --outcome ${outcome}`;
      out.result(`Outcome: ${outcome}`);
      out.result(isRemote ? `Gateway: ${target}` : `Gateway port: ${port === 0 ? "any free one" : port}`);
    },
    check({ status, name, detail, nextStep }) {
      out.result(`[${status}] ${name}: ${detail}`);
      if (nextStep !== undefined) out.result(`  next step: ${nextStep}`);
    },
    end(report) {
      out.result("");
      out.result(sumUp(report, again));
    },
  };
}

function sumUp({ outcome, checks, ok, wasStopped }: VerifyReport, again: string): string {
  if (wasStopped) return `Stopped before all of ${outcome} was checked.`;
  if (outcome === "auto") return `Nothing was verified: do the next step above, then run ${again} again.`;
  const has = (status: Check["status"]) => checks.some((check) => check.status === status);
  if (ok) return has("SKIP") ? `${outcome} works, as far as it was checked.` : `${outcome} works.`;
  if (has("FAIL")) return `${outcome} does not work yet: do the next step above, then run ${again} again.`;
  return `${outcome} is not proven: nothing could be checked.`;
}

const maxChars = 700;

/** A check whose texts may be shown: one line each, of a bounded length, without known secrets. */
export function cleaned(check: Check, { out }: CliWorld): Check {
  const clean = (text: string) => shortened(cleanLine(out.withoutSecrets(text)).trim(), maxChars);
  const { nextStep } = check;
  return {
    ...check,
    detail: clean(check.detail),
    ...(nextStep === undefined ? {} : { nextStep: clean(nextStep) }),
  };
}
