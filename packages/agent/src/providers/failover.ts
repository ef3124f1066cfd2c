import { modelString } from "../agents/model-string.ts";
import { cutBytes } from "../sanitize/redact.ts";
import type { AgentModel, ModelEvent, ModelRequest, Provider, ProviderFailure } from "../types.ts";
import { type CoolDown, isWorthAnother } from "./cool-down.ts";

/** One of the models that may answer, and who asks it. */
export interface Candidate {
  readonly model: AgentModel;
  readonly provider: Provider;
}

/**
 * A model with others that take its place, in order, when it fails before the first word (agent.md §4.1 *Better*). One
 * that failed is not asked again for a while, unless all rest. Who answers in its place says so first (`switched`).
 */
export function withFallbacks(first: Candidate, others: readonly Candidate[], coolDown: CoolDown): Provider {
  const candidates = distinct([first, ...others]);
  if (candidates.length === 1) return first.provider;
  const { id, isLanguageModel } = first.provider;
  return {
    id,
    ...(isLanguageModel === undefined ? {} : { isLanguageModel }),
    complete: (request, signal) => askInOrder({ request, signal, candidates, coolDown }),
  };
}

/** Each model once, where it comes first: what just failed does not take its own place. */
function distinct(candidates: readonly Candidate[]): Candidate[] {
  const byName = Map.groupBy(candidates, ({ model }) => modelString(model));
  return [...byName.values()].flatMap(([earliest]) => earliest ?? []);
}

interface Question {
  readonly request: ModelRequest;
  readonly signal: AbortSignal;
  readonly candidates: readonly Candidate[];
  readonly coolDown: CoolDown;
}

async function* askInOrder(question: Question): AsyncGenerator<ModelEvent> {
  const { candidates, coolDown, signal } = question;
  const awake = candidates.filter(({ model }) => coolDown.find(modelString(model)) === undefined);
  const asked = awake.length === 0 ? candidates : awake;
  const [first] = candidates;
  let firstSay = first && coolDown.find(modelString(first.model))?.why;
  let failure: ProviderFailure | undefined;
  for (const [index, candidate] of asked.entries()) {
    if (signal.aborted) return;
    if (candidate !== first) yield switched(candidate, question, failure);
    const before = candidate === first ? undefined : firstSay;
    const failed = yield* ask(candidate, question, { before, hasMore: index < asked.length - 1 });
    if (failed === undefined) return;
    if (candidate === first) firstSay = failed.say;
    failure = failed;
  }
}

interface Place {
  /** What the first one failed with, if this is another. */
  readonly before: string | undefined;
  /** Whether another may be asked after it. */
  readonly hasMore: boolean;
}

/**
 * @returns the failure with which another is to be asked; undefined if this was the answer.
 */
async function* ask(
  { model, provider }: Candidate,
  { request, signal, coolDown }: Question,
  { before, hasMore }: Place,
): AsyncGenerator<ModelEvent, ProviderFailure | undefined> {
  const name = modelString(model);
  let isFirst = true;
  const asked = { ...request, model: model.model, hasFallback: hasMore };
  for await (const event of provider.complete(asked, signal)) {
    if (event.kind !== "failed") {
      if (isFirst) coolDown.answered(name);
      isFirst = false;
      yield event;
      continue;
    }
    if (!isFirst || !isWorthAnother(event.failure)) yield event;
    else {
      coolDown.failed(name, event.failure);
      if (hasMore) return event.failure;
      yield { ...event, failure: together(before, name, event.failure) };
    }
    return undefined;
  }
  return undefined;
}

/** Why another model answers: the one before just failed, or rests. */
function switched(
  { model, provider }: Candidate,
  { candidates, coolDown }: Question,
  failure?: ProviderFailure,
) {
  const [first] = candidates;
  const from = first === undefined ? "" : modelString(first.model);
  const why = failure?.say ?? coolDown.find(from)?.why ?? "";
  const detail = failure?.detail;
  return {
    kind: "switched",
    from,
    model,
    provider: provider.id,
    why,
    ...(detail === undefined ? {} : { detail }),
  } as const;
}

/** The owner set up the first one, and wants to know what is wrong with it, too. */
function together(before: string | undefined, name: string, last: ProviderFailure): ProviderFailure {
  if (before === undefined) return last;
  return { ...last, say: cutBytes(`${before} Its fallback ${name} failed, too: ${last.say}`, 500) };
}
