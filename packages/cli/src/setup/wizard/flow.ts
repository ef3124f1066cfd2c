import type { Asked } from "../../prompt/asker.ts";
import type { AnswerKey, Answers } from "./answers.ts";
import type { StepContext } from "./context.ts";

/**
 * What came of a step: `abort` if its owner would rather not go on, so that nothing is written; `instead` says what they
 * chose in its place.
 */
export type Stepped<T> = Asked<T> | { readonly kind: "abort"; readonly instead?: string };

/** A question: when it is asked, how, and which answer it sets. */
export interface Step<K extends AnswerKey> {
  readonly sets: K;
  readonly isAsked: (context: StepContext) => boolean;
  /** Answers by itself unless something is wrong: going back does not stop at it. */
  readonly isSilent?: (context: StepContext) => boolean;
  /** @param before what was answered before the owner came back to it */
  readonly ask: (context: StepContext, before: Answers[K] | undefined) => Promise<Stepped<Answers[K]>>;
}

/** A step as the list keeps it: the type of its answer is known only inside. */
export interface AnyStep {
  readonly sets: AnswerKey;
  readonly isAsked: (context: StepContext) => boolean;
  readonly isSilent: (context: StepContext) => boolean;
  readonly run: (context: StepContext, before: Partial<Answers>) => Promise<Stepped<Partial<Answers>>>;
}

export function step<K extends AnswerKey>({ sets, isAsked, isSilent, ask }: Step<K>): AnyStep {
  return {
    sets,
    isAsked,
    isSilent: isSilent ?? (() => false),
    async run(context, before) {
      const stepped = await ask(context, before[sets]);
      if (stepped.kind !== "answer") return stepped;
      const answers: Partial<Answers> = { ...context.answers };
      answers[sets] = stepped.value;
      return { kind: "answer", value: answers };
    },
  };
}

export type FlowEnd =
  | { readonly kind: "done"; readonly answers: Partial<Answers> }
  | Exclude<Stepped<never>, { readonly kind: "answer" | "back" }>;

export interface Flow {
  readonly steps: readonly AnyStep[];
  /** All but the answers. */
  readonly context: Omit<StepContext, "answers">;
  /** What is answered already: its steps are passed over, but can be gone back to. */
  readonly answers: Partial<Answers>;
  readonly onAnswer: (answers: Partial<Answers>) => void;
}

/**
 * Asks one step after the other. "Back" goes to the one asked, or passed over, before; an answer that the new ones
 * leave no question for is dropped.
 */
export async function runFlow({ steps, context, answers, onAnswer }: Flow): Promise<FlowEnd> {
  let known = answers;
  let before = answers;
  const passed: number[] = [];
  let isReturning = false;
  for (let index = 0; index < steps.length; ) {
    const current = steps[index];
    if (current === undefined) break;
    const here = { ...context, answers: known };
    if (!current.isAsked(here)) {
      index += 1;
      continue;
    }
    if (current.sets in known && !isReturning) {
      if (!current.isSilent(here)) passed.push(index);
      index += 1;
      continue;
    }
    const asked = await current.run(here, before);
    if (asked.kind === "answer") {
      known = asked.value;
      // What was answered for another provider is no proposal for this one.
      before = known.provider === before.provider ? { ...before, ...known } : known;
      isReturning = false;
      if (!current.isSilent(here)) passed.push(index);
      onAnswer(known);
      index += 1;
    } else if (asked.kind === "back") {
      isReturning = true;
      index = passed.pop() ?? firstAsked(steps, here);
      known = upTo(index, steps, { known, wished: context.wished });
    } else return asked;
  }
  return { kind: "done", answers: pruned(steps, context, known) };
}

/** What was answered before a step, and what the command line said. */
function upTo(
  index: number,
  steps: readonly AnyStep[],
  { known, wished }: { readonly known: Partial<Answers>; readonly wished: Partial<Answers> },
): Partial<Answers> {
  return steps.slice(index).reduce((kept, { sets }) => (sets in wished ? kept : without(kept, sets)), known);
}

function firstAsked(steps: readonly AnyStep[], context: StepContext): number {
  return Math.max(
    0,
    steps.findIndex((one) => one.isAsked(context)),
  );
}

/** The answers whose questions would be asked: those of a way that was left again are gone. */
function pruned(
  steps: readonly AnyStep[],
  context: Omit<StepContext, "answers">,
  answers: Partial<Answers>,
): Partial<Answers> {
  let kept = answers;
  for (const { sets, isAsked } of steps) {
    if (!(sets in context.wished) && !isAsked({ ...context, answers: kept })) kept = without(kept, sets);
  }
  return kept;
}

function without(answers: Partial<Answers>, key: AnswerKey): Partial<Answers> {
  const rest = { ...answers };
  delete rest[key];
  return rest;
}
