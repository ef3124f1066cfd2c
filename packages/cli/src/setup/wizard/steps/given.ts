import type { SetupSetting } from "@carapace/config/setup";
import type { Asked, LineCheck } from "../../../prompt/asker.ts";
import type { Given, GivenText } from "../../answers.ts";
import { variableOf } from "../../environment.ts";
import type { StepContext } from "../context.ts";

export interface GivenAsk {
  /** As in "Anthropic API key". */
  readonly what: string;
  readonly setting: SetupSetting | undefined;
  readonly rule: LineCheck;
  /** What it means to leave it out; undefined: it is needed. */
  readonly ifBlank?: string;
}

/** A secret: from the environment if it is there, which is offered first; else typed. */
export async function askGiven(context: StepContext, ask: GivenAsk): Promise<Asked<Given>> {
  for (;;) {
    const source = await askSource(context, ask);
    if (source.kind !== "answer") return source;
    if (source.value !== undefined)
      return { kind: "answer", value: { kind: "variable", name: source.value } };
    const typed = await typedSecret(context, ask);
    // Back from typing to where it was offered, if it was.
    if (typed.kind === "back" && variableOf(context.world.env, ask.setting) !== undefined) continue;
    return typed;
  }
}

/** @returns the variable's name; undefined to type */
async function askSource(
  context: StepContext,
  { what, setting }: GivenAsk,
): Promise<Asked<string | undefined>> {
  const name = variableOf(context.world.env, setting);
  if (name === undefined) return { kind: "answer", value: undefined };
  const asked = await context.asker.choose({
    message: `${what}: where does it come from?`,
    options: [
      { value: "variable", label: `From ${name}, which is set here`, hint: `written as $\{${name}}` },
      { value: "typed", label: "Type it in", hint: "written into the configuration" },
    ],
  });
  if (asked.kind !== "answer") return asked;
  return { kind: "answer", value: asked.value === "variable" ? name : undefined };
}

async function typedSecret(
  { asker, world, answers }: StepContext,
  { what, rule, ifBlank }: GivenAsk,
): Promise<Asked<Given>> {
  const hint = ifBlank === undefined ? "" : ` (Enter alone: ${ifBlank})`;
  const asked = await asker.secret({
    message: `${what}${hint}`,
    check: ifBlank === undefined ? rule : (text) => (text === "" ? undefined : rule(text)),
    isShown: answers.hidesInput === false,
  });
  if (asked.kind !== "answer") return asked;
  const text = asked.value.reveal();
  if (text === "") return { kind: "answer", value: { kind: "none" } };
  world.out.hide([text]);
  return { kind: "answer", value: { kind: "typed", secret: asked.value } };
}

export interface GivenTextAsk {
  readonly what: string;
  readonly setting: (SetupSetting & { readonly default?: string }) | undefined;
  readonly rule: LineCheck;
  readonly before: GivenText | undefined;
  readonly example?: string;
}

/** A plain setting: the variable that is set is offered as `${NAME}`, which may be typed over. */
export async function askGivenText(context: StepContext, ask: GivenTextAsk): Promise<Asked<GivenText>> {
  const { what, setting, rule, before, example } = ask;
  const name = variableOf(context.world.env, setting);
  const usual = before ?? (name === undefined ? undefined : { kind: "variable", name });
  const initial = usual === undefined ? setting?.default : shownText(usual);
  const asked = await context.asker.line({
    message: what,
    check: (text) => (text === placeholder(name) ? undefined : rule(text)),
    ...(initial !== undefined && { initial }),
    ...(example !== undefined && { example }),
  });
  if (asked.kind !== "answer") return asked;
  return { kind: "answer", value: readText(asked.value, name) };
}

/** Pure. As it is written, and as a draft keeps it. */
export function shownText(given: GivenText): string {
  return given.kind === "variable" ? `$\{${given.name}}` : given.text;
}

/** Pure. The other way: only a variable that is meant is one. */
function readText(text: string, name: string | undefined): GivenText {
  return name !== undefined && text === placeholder(name)
    ? { kind: "variable", name }
    : { kind: "text", text };
}

function placeholder(name: string | undefined): string | undefined {
  return name === undefined ? undefined : `$\{${name}}`;
}
