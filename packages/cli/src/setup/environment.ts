import type { Environment } from "@carapace/config";
import type { SetupSetting } from "@carapace/config/setup";
import type { Given, GivenText } from "./answers.ts";

/** Whether a variable says something: a blank one is as good as none. */
export function isSet(env: Environment, name: string): boolean {
  return (env[name] ?? "").trim() !== "";
}

/** The first variable of a setting that is set; undefined without one. */
export function variableOf(env: Environment, setting: SetupSetting | undefined): string | undefined {
  return setting?.variables.find((name) => isSet(env, name));
}

/** A secret from the environment, by its variable; `none` if that is not set. */
export function givenBy(env: Environment, setting: SetupSetting | undefined): Given {
  const name = variableOf(env, setting);
  return name === undefined ? { kind: "none" } : { kind: "variable", name };
}

/** A setting from the environment, by its variable, else its default; undefined without either. */
export function textBy(
  env: Environment,
  setting: (SetupSetting & { readonly default?: string }) | undefined,
): GivenText | undefined {
  const name = variableOf(env, setting);
  if (name !== undefined) return { kind: "variable", name };
  return setting?.default === undefined ? undefined : { kind: "text", text: setting.default };
}

/** Names of all variables that some answers stand for, each once, in their order. */
export function variablesIn(answers: unknown): readonly string[] {
  if (typeof answers !== "object" || answers === null) return [];
  if ("kind" in answers && answers.kind === "variable" && "name" in answers) return [String(answers.name)];
  return [...new Set(Object.values(answers).flatMap(variablesIn))];
}
