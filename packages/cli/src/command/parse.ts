import { parseArgs } from "node:util";
import { type CommandDefinition, longFlag, type OptionDefinition, takesValue } from "./definition.ts";
import { closest } from "./suggest.ts";

export type Parsed =
  | {
      readonly kind: "run";
      readonly options: Record<string, unknown>;
      readonly args: Record<string, unknown>;
    }
  | { readonly kind: "help" }
  /** Wrong usage: exit code 2. */
  | { readonly kind: "wrong"; readonly say: string };

type Token = ReturnType<typeof tokenize>[number];
type OptionToken = Extract<Token, { kind: "option" }>;
type Outcome<T> = { readonly value: T } | { readonly say: string };

/** Reads the words after a command's name as its definition says. Pure; never throws. */
export function parseCommand(definition: CommandDefinition, words: readonly string[]): Parsed {
  const tokens = tokenize(definition, words);
  if (tokens.some((token) => token.kind === "option" && isHelp(token, definition))) return { kind: "help" };
  const options: Record<string, unknown> = {};
  for (const [key, option] of Object.entries(definition.options)) {
    options[key] = option.kind === "flag" ? false : undefined;
  }
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const read = readOption(definition, token);
    if ("say" in read) return { kind: "wrong", say: read.say };
    options[read.value.key] = read.value.value;
  }
  const positionals = tokens.flatMap((token) => (token.kind === "positional" ? [token.value] : []));
  const args = readArguments(definition, positionals);
  return "say" in args ? { kind: "wrong", say: args.say } : { kind: "run", options, args: args.value };
}

function tokenize(definition: CommandDefinition, words: readonly string[]) {
  const options = Object.entries(definition.options).map(([key, option]) => [
    longFlag(key),
    {
      type: takesValue(option) ? ("string" as const) : ("boolean" as const),
      ...(option.short === undefined ? {} : { short: option.short }),
    },
  ]);
  return parseArgs({
    args: [...words],
    options: Object.fromEntries(options),
    strict: false,
    tokens: true,
  }).tokens;
}

function isHelp(token: OptionToken, definition: CommandDefinition): boolean {
  if (token.rawName === "--help") return true;
  return token.rawName === "-h" && !Object.values(definition.options).some((option) => option.short === "h");
}

function readOption(
  definition: CommandDefinition,
  token: OptionToken,
): Outcome<{ key: string; value: unknown }> {
  const entry = Object.entries(definition.options).find(([key]) => longFlag(key) === token.name);
  if (entry === undefined) return { say: unknownOption(definition, token.rawName) };
  const [key, option] = entry;
  const value = readValue(option, token);
  return "say" in value ? value : { value: { key, value: value.value } };
}

function unknownOption(definition: CommandDefinition, rawName: string): string {
  if (definition.hidesWrongWords) return hiddenWord;
  const known = [...Object.keys(definition.options).map((key) => `--${longFlag(key)}`), "--help"];
  const near = rawName.startsWith("--") ? closest(rawName, known) : undefined;
  if (near !== undefined) return `unknown option ${rawName} (did you mean ${near}?)`;
  const isNumber = /^-[\d.]/.test(rawName) && definition.args !== undefined;
  return `unknown option ${rawName}${isNumber ? "; put -- before a value that begins with -" : ""}`;
}

function readValue(option: OptionDefinition, token: OptionToken): Outcome<unknown> {
  if (!takesValue(option)) {
    return token.value === undefined ? { value: true } : { say: `${token.rawName} takes no value` };
  }
  if (token.value === undefined) return { say: `${token.rawName} needs a value` };
  // `-p=1` arrives as the value `=1`.
  const isShortWithSign = token.inlineValue && !token.rawName.startsWith("--") && token.value.startsWith("=");
  const text = isShortWithSign ? token.value.slice(1) : token.value;
  // A forgotten value must not swallow the next option (cli.md §1).
  if (!token.inlineValue && text.length > 1 && text.startsWith("-")) {
    return { say: `${token.rawName} needs a value; if ${text} is meant, write --${token.name}=${text}` };
  }
  if (option.kind === "text") return { value: text };
  return option.kind === "choice"
    ? readChoice(option.choices, token.rawName, text)
    : readWhole(option, token.rawName, text);
}

function readChoice(choices: readonly string[], name: string, text: string): Outcome<string> {
  if (choices.includes(text)) return { value: text };
  return { say: `${name} must be one of ${choices.join(", ")}, not "${text}"` };
}

function readWhole(range: { min: number; max: number }, name: string, text: string): Outcome<number> {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= range.min && number <= range.max) return { value: number };
  return { say: `${name} must be a whole number from ${range.min} to ${range.max}, not "${text}"` };
}

function readArguments(
  definition: CommandDefinition,
  words: readonly string[],
): Outcome<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  let next = 0;
  for (const [name, argument] of Object.entries(definition.args ?? {})) {
    const word = argument.isRest === true && next < words.length ? words.slice(next).join(" ") : words[next];
    if (word === undefined && argument.isRequired) return { say: `<${name}> is missing` };
    if (word !== undefined && argument.choices !== undefined && !argument.choices.includes(word)) {
      return { say: `<${name}> must be one of ${argument.choices.join(", ")}, not "${word}"` };
    }
    values[name] = word;
    next = argument.isRest === true ? words.length : next + 1;
  }
  const extra = words[next];
  if (extra !== undefined && definition.hidesWrongWords) return { say: hiddenWord };
  return extra === undefined ? { value: values } : { say: `unexpected argument "${extra}"` };
}

const hiddenWord =
  "one word too many, which is not repeated here: a secret is never typed behind the command, for the shell keeps it";
