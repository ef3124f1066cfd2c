import type { OAuthEndpoints, OAuthProvider } from "@carapace/accounts";
import type { ExitCode } from "../../command/definition.ts";
import type { Asker } from "../../prompt/asker.ts";
import { openAsker } from "../../prompt/open-asker.ts";
import { checkModel } from "../model-rules.ts";
import { tellSummary } from "../tell.ts";
import type { WizardStart } from "../wizard-start.ts";
import { offerChecks } from "./after.ts";
import type { Answers } from "./answers.ts";
import { assemble } from "./assemble.ts";
import { modeOf, type StepContext } from "./context.ts";
import { type FlowEnd, runFlow } from "./flow.ts";
import { guardedAsker } from "./guarded-asker.ts";
import { answersOf, draftOf, fitting } from "./keep.ts";
import { openPage } from "./open-page.ts";
import { allSteps } from "./steps/index.ts";
import { labelOf } from "./steps/start.ts";

/** What a test holds in its own hands. */
export interface WizardDeps {
  /** Where people sign in; the vendors' own unless told. */
  readonly endpoints?: Readonly<Partial<Record<OAuthProvider, OAuthEndpoints>>>;
  readonly openPage?: StepContext["openPage"];
}

const goOn =
  "Run cara setup again to go on: what you answered is kept for a day, keys and passwords are not.";

/**
 * Asks the owner everything (cli.md §3.10), writes it, and offers to prove it.
 * @returns 130 after Ctrl-C, 1 if nothing was written for another reason
 */
export async function runWizard(start: WizardStart, deps: WizardDeps = {}): Promise<ExitCode> {
  const { world } = start;
  const asker = await openAsker(world);
  if (asker === undefined) {
    return world.out.fail(
      "there is no terminal to ask on: run cara setup in one, or say everything with flags and --yes (cara setup --help)",
    );
  }
  const asked = await withTerminal(asker, () => ask(start, deps, asker));
  if (typeof asked === "number") return asked;
  return await offerChecks(asked, world);
}

async function withTerminal<T>(asker: Asker, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    asker[Symbol.dispose]();
  }
}

/** @returns the exit code if it ended without a configuration */
async function ask(start: WizardStart, deps: WizardDeps, asker: Asker) {
  const context = contextOf(start, deps, asker);
  asker.begin("Carapace setup");
  asker.say(
    "Enter takes what is marked. Esc goes back one question. Ctrl-C stops; nothing is written before the end.",
  );
  tellFound(start, asker);
  const kept = await askResume(start, context);
  if (kept.kind !== "done") return ended(kept, asker, start);
  const end = await askAll(start, context, kept.answers);
  if (end.kind !== "done") return ended(end, asker, start);
  return await write(start, context, end.answers);
}

function contextOf(
  { world, wishes, present, detected, random }: WizardStart,
  deps: WizardDeps,
  asker: Asker,
): Omit<StepContext, "answers"> {
  return {
    ...{
      asker: guardedAsker(asker, world.out),
      world,
      detected,
      wishes,
      present,
      wished: wishedAnswers(wishes),
    },
    ...(deps.endpoints && { endpoints: deps.endpoints }),
    openPage: deps.openPage ?? ((url) => openPage(url, world.env)),
    random,
  };
}

/** Pure. What the command line said. A model waits for its provider. */
function wishedAnswers(wishes: WizardStart["wishes"]): Partial<Answers> {
  const { provider, authMode, model, outcome, bind, port, verifyTo } = wishes;
  const checked =
    model === undefined || provider === undefined || provider === "offline"
      ? undefined
      : checkModel(model.model, provider);
  return {
    ...(provider && { provider }),
    ...(authMode && { authMode }),
    ...(checked?.ok && { model: checked.value.model }),
    ...(outcome && { outcome }),
    ...(bind && { bind }),
    ...(port !== undefined && { port }),
    ...(verifyTo !== undefined && { verifyTo }),
  };
}

function tellFound({ detected }: WizardStart, asker: Asker): void {
  const here = detected.providers.map(({ provider, say }) => `${labelOf(provider)}: ${say}`);
  const tools = detected.tools.map(
    ({ label, path, command }) => `${label}: ${path}; "${command}" takes its settings over instead`,
  );
  if (here.length + tools.length > 0) asker.say(["Found here:", ...here, ...tools].join("\n"), "good");
}

/** Offers what an interrupted setup had been told. */
async function askResume(
  { draft, world }: WizardStart,
  { asker, wished }: Omit<StepContext, "answers">,
): Promise<FlowEnd> {
  const kept = draft === undefined ? {} : answersOf(fitting(draft, wished), world.env);
  if (Object.keys(kept).length === 0) return { kind: "done", answers: wished };
  for (;;) {
    const asked = await asker.confirm({ message: "Go on where you stopped?", initial: true });
    if (asked.kind === "back") continue;
    if (asked.kind === "stop") return asked;
    return { kind: "done", answers: asked.value ? { ...kept, ...wished } : wished };
  }
}

async function askAll(
  { saveDraft }: WizardStart,
  context: Omit<StepContext, "answers">,
  answers: Partial<Answers>,
): Promise<FlowEnd> {
  const onAnswer = (known: Partial<Answers>): void => saveDraft(draftOf(known));
  const end = await runFlow({ steps: allSteps, context, answers, onAnswer });
  if (end.kind !== "done" || end.answers.consent !== "every") return end;
  const { consent: _, ...known } = end.answers;
  return await runFlow({ steps: allSteps, context, answers: { ...known, pace: "every" }, onAnswer });
}

function ended(
  end: Exclude<FlowEnd, { readonly kind: "done" }>,
  asker: Asker,
  { world }: WizardStart,
): ExitCode {
  if (end.kind === "abort") {
    asker.finish(end.instead ?? "Nothing was written.");
    return end.instead === undefined ? 1 : 0;
  }
  if (end.why === "end") {
    asker.finish("Nothing was written.");
    return world.out.fail(`the input ended before everything was answered. ${goOn}`);
  }
  asker.finish(`Stopped; nothing was written. ${goOn}`);
  return 130;
}

async function write(
  { finish, world, wishes }: WizardStart,
  context: Omit<StepContext, "answers">,
  answers: Partial<Answers>,
) {
  const { asker, random } = context;
  const live = answers.live ?? {
    status: "pass",
    detail: "The built-in assistant needs neither a key nor a network.",
  };
  const mode = modeOf({ ...context, answers });
  const report = await finish(assemble(answers, { env: world.env, random, mode }), live, mode);
  if (!report.ok) {
    asker.finish("Nothing was written.");
    return world.out.fail(report.say);
  }
  asker.finish("Written.");
  tellSummary(report.value, world.out);
  return { report: report.value, asksFirst: answers.pace === "every", mustProve: wishes.mustProve === true };
}
