import { type ProviderAuthMode, type SetupProvider, setupProviders } from "@carapace/config/setup";

/** What may answer: a provider of the table, or the built-in assistant of who skips them all. */
export type SetupChoice = SetupProvider["id"] | "offline";

/** As `--auth-mode` names them. */
export const authModes = ["oauth", "api-key", "setup-token"] as const;
export type AuthModeFlag = (typeof authModes)[number];

/** The flag of each way in that has one. */
export const authModeFlags = {
  oauth: "oauth",
  apiKey: "api-key",
  setupToken: "setup-token",
} as const satisfies Partial<Record<ProviderAuthMode, AuthModeFlag>>;

/** Words that `--provider` takes, aliases included, in the order of the table. */
export const providerWords: readonly string[] = [
  ...setupProviders.flatMap(({ id, aliases }) => [id, ...aliases]),
  "offline",
];

/** The provider of a word, in any case; undefined if it is none. */
export function choiceNamed(word: string): SetupChoice | undefined {
  const lower = word.trim().toLowerCase();
  if (lower === "offline" || lower === "skip") return "offline";
  return setupProviders.find(({ id, aliases }) => id === lower || aliases.includes(lower))?.id;
}

/** A provider of the table. */
export function providerOf(id: SetupProvider["id"]): SetupProvider {
  const found = setupProviders.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no provider ${id}`);
  return found;
}
