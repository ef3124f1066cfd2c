import { guarded } from "../../closed-state/guard.ts";
import type { Place } from "../../closed-state/place.ts";
import type { ExitCode } from "../../command/definition.ts";
import type { VerifyReport } from "../../verify/types.ts";
import type { CliWorld } from "../../world.ts";
import type { SetupAnswers } from "../answers.ts";
import { detect } from "../detect.ts";
import { finishSetup } from "../finish.ts";
import { checkLive, type LiveFinding } from "../live.ts";
import type { SetupReport } from "../report.ts";
import { modeOver, type Present, type SetupOptions } from "../run.ts";
import { nextLines, reportJson, tellSummary } from "../tell.ts";
import type { SetupWishes } from "../wishes.ts";
import { headlessAnswers } from "./headless.ts";

export interface HeadlessSetup {
  readonly wishes: SetupWishes;
  readonly options: SetupOptions;
  readonly world: CliWorld;
  readonly place: Place;
  readonly present: Present;
  readonly signal: AbortSignal;
}

/**
 * Sets up without asking. What the live check finds is told, and keeps nothing from being written.
 * @returns 1 if nothing was written, or if `--verify` did not prove the outcome; 130 if it was stopped
 */
export async function setUpHeadless(setup: HeadlessSetup): Promise<ExitCode> {
  const { wishes, world, place, options, signal } = setup;
  const answers = await answersOf(setup);
  if (!answers.ok) return world.out.fail(answers.say);
  const guard = await guarded(place);
  if (!guard.ok) return world.out.fail(guard.say);
  await using held = guard.value;
  const live = await liveOf(answers.value, setup);
  signal.throwIfAborted();
  const report = await finishSetup(answers.value, live, {
    ...{ world, stateDir: place.dir, guard: held },
    mode: modeOver(setup.present, wishes),
  });
  if (!report.ok) return world.out.fail(report.say);
  return options.json ? await endAsJson(report.value, setup) : await endAsText(report.value, setup);
}

async function answersOf({ wishes, world, place }: HeadlessSetup) {
  const { env, nowMs } = world;
  return await headlessAnswers(wishes, {
    env,
    random: place.random,
    setupToken: async (text) => {
      const { openAccounts } = await import("@carapace/accounts");
      return openAccounts({ env, nowMs }).setupToken(text);
    },
    detect: () => detect({ env }),
  });
}

async function liveOf(
  { provider, model }: SetupAnswers,
  { wishes, world, signal }: HeadlessSetup,
): Promise<LiveFinding> {
  if (wishes.skipsLiveCheck && provider.provider !== "offline") {
    return { status: "skip", detail: "It was not wanted." };
  }
  return await checkLive({ answer: provider, model, world, signal });
}

async function endAsText(report: SetupReport, setup: HeadlessSetup): Promise<ExitCode> {
  const { out } = setup.world;
  tellSummary(report, out);
  const verified = setup.wishes.mustProve ? await verify(report, setup, "text") : undefined;
  out.result("");
  for (const line of nextLines(report)) out.result(line);
  return codeOf(verified);
}

async function endAsJson(report: SetupReport, setup: HeadlessSetup): Promise<ExitCode> {
  const { out } = setup.world;
  const verified = setup.wishes.mustProve ? await verify(report, setup, "nothing") : undefined;
  const verification = verified && { ok: verified.ok, outcome: verified.outcome, checks: verified.checks };
  out.json({ ...reportJson(report), ...(verification && { verify: verification }) });
  return codeOf(verified);
}

function codeOf(verified: VerifyReport | undefined): ExitCode {
  if (verified === undefined) return 0;
  if (verified.wasStopped) return 130;
  return verified.ok ? 0 : 1;
}

async function verify(
  { outcome, verifyTo }: SetupReport,
  { world, signal }: HeadlessSetup,
  print: "text" | "nothing",
) {
  const { runVerify } = await import("../../verify/run-verify.ts");
  if (print === "text") world.out.result("");
  const to = verifyTo === undefined ? {} : { [outcome]: verifyTo };
  return await runVerify({ world, outcome, to, print, signal });
}
