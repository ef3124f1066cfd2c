import { definedOnly } from "../../defined-only.ts";
import { blankChoice, type HookTurn, wholeSeconds } from "../agent-request.ts";
import { type HookAnswer, refusal } from "../answer.ts";
import { channelNamed, channelSay } from "../channel-names.ts";
import type { TransformResult } from "../transforms/result.ts";
import { type HookWake, wakeMode } from "../wake-request.ts";
import type { HookContext } from "./context.ts";
import { isPresetTemplate } from "./presets.ts";
import type { Mapping } from "./resolve.ts";
import { render } from "./template.ts";

/** What becomes of a call that a mapping took. */
export type Plan =
  | { readonly kind: "wake"; readonly wake: HookWake; readonly isTrusted: boolean }
  | {
      readonly kind: "agent";
      readonly turn: HookTurn;
      readonly isTrusted: boolean;
      readonly instructions?: string;
    }
  | { readonly kind: "refused"; readonly answer: HookAnswer };

interface PlanFacts {
  readonly context: HookContext;
  /** What the transform said instead. */
  readonly said?: TransformResult | undefined;
  readonly channels: ReadonlySet<string>;
  /** The same for the same call; names a conversation of its own. */
  readonly id: string;
}

/** Decides what a mapping makes of a call (http.md §8.4, *Result*). Pure. */
export function planFor(mapping: Mapping, facts: PlanFacts): Plan {
  const { context, said = {} } = facts;
  const fill = filler(context);
  const kind = said.kind ?? mapping.action ?? "agent";
  // A transform repeats what callers send; only the owner's configuration says that it counts as his.
  const isTrusted = mapping.allowUnsafeExternalContent === true && said.allowUnsafeExternalContent !== false;
  const plan =
    kind === "wake"
      ? planWake(mapping, { ...facts, said, fill })
      : planTurn(mapping, { ...facts, said, fill });
  if (fill.broken !== undefined) return refused(`hook mapping template cannot be read: {{${fill.broken}}}`);
  if ("answer" in plan) return { kind: "refused", answer: plan.answer };
  if ("wake" in plan) return { kind: "wake", wake: plan.wake, isTrusted };
  return {
    ...{ kind: "agent", turn: plan.turn, isTrusted },
    ...definedOnly({ instructions: mapping.instructions?.trim() || undefined }),
  };
}

interface Filler {
  (template: string | undefined): string | undefined;
  /** The first expression that could not be read. */
  broken?: string;
}

/** Fills in templates; blank counts as nothing. */
function filler(context: HookContext): Filler {
  const fill: Filler = (template) => {
    if (template === undefined) return undefined;
    const rendered = render(template, context);
    if (!rendered.ok) {
      fill.broken ??= rendered.expression;
      return undefined;
    }
    const text = isPresetTemplate(template) ? withoutGaps(rendered.text) : rendered.text;
    return text.trim() || undefined;
  };
  return fill;
}

/** A built-in template names what many kinds of calls may have: the lines of what one has not go. */
function withoutGaps(text: string): string {
  const lines = text.split("\n").map((line) => line.trimEnd());
  return lines.filter((line, index) => line !== "" || lines[index - 1] !== "").join("\n");
}

type Filled = PlanFacts & { readonly said: TransformResult; readonly fill: Filler };
type Refused = { readonly answer: HookAnswer };

function planWake(mapping: Mapping, { said, fill, context }: Filled): { readonly wake: HookWake } | Refused {
  const template = said.textTemplate ?? mapping.textTemplate;
  const whole = template === undefined ? JSON.stringify(context.payload) : fill(template);
  const text = said.text?.trim() ?? whole;
  if (text === undefined || text === "") return { answer: refusal(400, "hook mapping requires text") };
  return { wake: { text, mode: wakeMode(said.mode ?? said.wakeMode ?? mapping.wakeMode) } };
}

function planTurn(mapping: Mapping, facts: Filled): { readonly turn: HookTurn } | Refused {
  const { said, fill, context, channels, id } = facts;
  const message =
    said.message === undefined ? fill(said.messageTemplate ?? mapping.messageTemplate) : said.message.trim();
  if (message === undefined || message === "")
    return { answer: refusal(400, "hook mapping requires message") };
  const channel = channelNamed(said.channel ?? mapping.channel, channels);
  if (channel === undefined) return { answer: refusal(400, channelSay(channels)) };
  const own = (name: "name" | "to" | "model" | "route" | "thinking" | "sessionKey") =>
    said[name]?.trim() || fill(mapping[name]);
  const choice = { model: own("model"), route: own("route") };
  const blank = blankChoice(choice);
  if (blank !== undefined) return { answer: refusal(400, blank) };
  return {
    turn: {
      ...{ message, channel, allowUnsafeExternalContent: false },
      ...definedOnly({ ...choice, to: own("to"), thinking: own("thinking") }),
      ...definedOnly({ timeoutSeconds: wholeSeconds(said.timeoutSeconds ?? mapping.timeoutSeconds) }),
      name: own("name") ?? mapping.id,
      deliver: said.deliver ?? mapping.deliver ?? true,
      wakeMode: wakeMode(said.wakeMode ?? mapping.wakeMode),
      sessionKey: own("sessionKey") ?? `hook:${context.path}:${id}`,
    },
  };
}

function refused(error: string): Plan {
  return { kind: "refused", answer: refusal(400, error) };
}
