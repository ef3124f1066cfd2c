import { expect } from "bun:test";
import { clientId, secrets } from "../support/ground.ts";
import { down, enter, interrupt } from "../support/keys.ts";
import type { PathsOn } from "../support/path.ts";
import { everyStep, hidden, model, noCheck, pick, quick, typedKey, usualRest } from "./talk.ts";

/** Keys left for later, and sign-ins that something stands in the way of. */
const hinderedPaths: PathsOn = ({ found }) => [
  {
    name: "OpenAI, the key left for later: written, and said to be of no use yet",
    talk: [
      ...[everyStep, hidden, pick("OpenAI", found)],
      ["How do you sign in", enter],
      model,
      ["OpenAI API key", enter],
      noCheck,
      ...usualRest,
    ],
    says: ["Status: invalid", "Do first:"],
  },
  {
    name: "a sign-in without a password to seal it: not to be had, a key instead",
    talk: [
      ...[everyStep, hidden, pick("OpenAI", found)],
      ["How do you sign in", `${down(1)}${enter}`],
      ["CARAPACE_CONFIG_PASSWORD is not set", ""],
      ["How do you sign in", enter],
      model,
      ["OpenAI API key", `${secrets.openai}${enter}`],
      noCheck,
      ...usualRest,
    ],
    config: { openai: { apiKey: secrets.openai } },
  },
  {
    name: "a setup token beside a key that hides it: asked twice",
    env: {
      CARAPACE_CONFIG_PASSWORD: secrets.configPassword,
      ANTHROPIC_API_KEY: secrets.anthropic,
      ANTHROPIC_SETUP_TOKEN: secrets.setupToken,
    },
    talk: [
      ...[everyStep, hidden],
      ["Who answers?", enter],
      ["How do you sign in", `${down(1)}${enter}`],
      model,
      ["comes before the token", "n"],
      ["Which model", enter],
      ["comes before the token", "y"],
      ["where does it come from?", enter],
      ...usualRest,
    ],
    config: { anthropic: { authProfile: "anthropic:default" } },
  },
  {
    name: "Ctrl-C while the browser is waited for",
    env: { CARAPACE_CONFIG_PASSWORD: secrets.configPassword, OPENAI_OAUTH_CLIENT_ID: clientId },
    signsInHere: true,
    talk: [
      ...[quick, pick("OpenAI", found)],
      ["How do you sign in", `${down(1)}${enter}`],
      model,
      ["Which application", enter],
      ["Paste the address it ends at", interrupt],
    ],
    ...{ exit: 130, says: ["Run cara setup again to go on"] },
  },
];

/** Signed in to in a browser, or with a key all the same. */
const browserPaths: PathsOn = ({ models, found, signIn }) => [
  {
    name: "Codex: signed in with the address that the browser ended at",
    env: { CARAPACE_CONFIG_PASSWORD: secrets.configPassword },
    signsInHere: true,
    talk: [
      ...[everyStep, hidden, pick("OpenAI", found)],
      ["How do you sign in", `${down(1)}${enter}`],
      model,
      ["Client id", `${clientId}${enter}`],
      ["Client secret", `${secrets.clientSecret}${enter}`],
      ["Paste the address it ends at", `https://example.org/nothing${enter}`],
      ["Paste the address it ends at", (screen) => `${signIn.signIn(authUrlOn(screen.all()))}${enter}`],
      ...usualRest,
    ],
    says: ["jane@example.org"],
    config: {
      agents: { defaults: { model: "codex:default" } },
      auth: { profiles: { providers: { openai: { clientId } } } },
      codex: { authProfile: expect.stringMatching(/^openai-/) },
    },
  },
  {
    name: "Gemini: signed in through the browser of this machine",
    env: {
      CARAPACE_CONFIG_PASSWORD: secrets.configPassword,
      GOOGLE_OAUTH_CLIENT_ID: clientId,
      GOOGLE_OAUTH_CLIENT_SECRET: secrets.clientSecret,
    },
    signsInHere: true,
    talk: [
      ...[everyStep, hidden],
      ["Who answers?", (screen) => (screen.all().includes("Ollama runs") ? `${down(1)}${enter}` : enter)],
      ["How do you sign in", enter],
      ["Use Gemini's own address", enter],
      model,
      ["Which application", enter],
      [
        "Paste the address it ends at",
        async (screen) => (await fetch(signIn.signIn(authUrlOn(screen.all())))) && "",
      ],
      ...usualRest,
    ],
    says: ["jane@example.org"],
    config: { google: { authProfile: expect.stringMatching(/^google-/) } },
  },
  {
    name: "Gemini, key typed, another address",
    talk: [
      ...[everyStep, hidden, pick("Gemini", found)],
      ["How do you sign in", enter],
      ["Use Gemini's own address", "n"],
      ["Address of the Gemini API", `${models}${enter}`],
      model,
      typedKey("Gemini", "gemini"),
      ["now whether this works?", enter],
      ...usualRest,
    ],
    config: { google: { apiKey: secrets.gemini, baseUrl: models } },
    proves: ["local-chat"],
  },
];

/** Everything about proving who one is that is no plain key. */
export const signInPaths: PathsOn = (ground) =>
  [hinderedPaths, browserPaths].flatMap((paths) => paths(ground));

/** The page a person would open. */
function authUrlOn(screen: string): string {
  return /http:\/\/127\.0\.0\.1:\d+\/authorize\?[^\s\x1b]+/.exec(screen)?.[0] ?? "";
}
