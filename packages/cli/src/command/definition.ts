import type { CliWorld } from "../world.ts";

/** What the process answers: done, refused or failed, wrong usage, interrupted (cli.md §1). */
export type ExitCode = 0 | 1 | 2 | 130;

/** One option of a command; its key in the definition, in kebab case, is the long flag. */
export type OptionDefinition =
  | { readonly kind: "flag"; readonly help: string; readonly short?: string }
  | {
      readonly kind: "text";
      readonly help: string;
      readonly short?: string;
      readonly value: string;
      /** Words that completion offers; others may be right, too. */
      readonly offers?: readonly string[];
    }
  | {
      readonly kind: "whole";
      readonly help: string;
      readonly short?: string;
      readonly value: string;
      readonly min: number;
      readonly max: number;
    }
  | {
      readonly kind: "choice";
      readonly help: string;
      readonly short?: string;
      readonly choices: readonly string[];
    };

interface ArgumentDefinition {
  readonly help: string;
  readonly isRequired: boolean;
  /** The only values it may have; shown in help, used by completion. */
  readonly choices?: readonly string[];
  /** Names a file: completion offers them. */
  readonly isFile?: boolean;
  /** Takes all words that are left, joined by spaces. */
  readonly isRest?: boolean;
}

interface Example {
  readonly command: string;
  readonly says: string;
}

/** Everything parsing, help, completion and the reference page know of a command. */
export interface CommandDefinition {
  /** As typed after `cara`: `status`, `config get`. */
  readonly name: string;
  /** One line, without a full stop. */
  readonly summary: string;
  /** Further paragraphs of the help. */
  readonly details?: readonly string[];
  /** In the order they are typed. */
  readonly args?: Readonly<Record<string, ArgumentDefinition>>;
  readonly options: Readonly<Record<string, OptionDefinition>>;
  /** What is typed beyond the definition may be a secret: it is refused without being repeated. */
  readonly hidesWrongWords?: true;
  readonly examples: readonly Example[];
}

type OptionValue<O extends OptionDefinition> = O extends { kind: "flag" }
  ? boolean
  : O extends { kind: "whole" }
    ? number | undefined
    : O extends { kind: "choice"; choices: readonly (infer C)[] }
      ? C | undefined
      : string | undefined;

/** What was typed of some options. */
export type OptionValues<O extends CommandDefinition["options"]> = {
  readonly [K in keyof O]: OptionValue<O[K]>;
};

type ArgumentValue<A extends ArgumentDefinition> = A extends { isRequired: true }
  ? string
  : string | undefined;

type ArgumentValues<D extends CommandDefinition> = D extends {
  args: infer A extends Readonly<Record<string, ArgumentDefinition>>;
}
  ? { readonly [K in keyof A]: ArgumentValue<A[K]> }
  : Readonly<Record<never, never>>;

/** What a command's `run` gets. */
export interface Run<D extends CommandDefinition> {
  readonly options: OptionValues<D["options"]>;
  readonly args: ArgumentValues<D>;
  readonly world: CliWorld;
}

/** A command as the table keeps it: its own option types are known only inside its file. */
export interface AnyCommand {
  readonly definition: CommandDefinition;
  run(given: { options: never; args: never; world: CliWorld }): Promise<ExitCode>;
}

/** `dryRun` → `dry-run`. */
export function longFlag(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** True if the option is followed by a value. */
export function takesValue(option: OptionDefinition): option is Exclude<OptionDefinition, { kind: "flag" }> {
  return option.kind !== "flag";
}

/** How an option's value is named in help: `<number>`, `<a|b>`. */
export function valueName(option: OptionDefinition): string {
  if (option.kind === "flag") return "";
  return option.kind === "choice" ? `<${option.choices.join("|")}>` : `<${option.value}>`;
}
