import { secrets } from "../support/ground.ts";
import { down, enter } from "../support/keys.ts";
import type { Turn } from "../support/path.ts";

/** Providers in the order they are listed in. */
const providers = [
  "Anthropic",
  "OpenAI",
  "Ollama",
  "Gemini",
  "Vertex",
  "NEAR AI Cloud",
  "Venice",
  "Bedrock",
  "Claude CLI",
  "Skip",
] as const;

export const quick: Turn = ["How do you want to set up?", enter];
export const everyStep: Turn = ["How do you want to set up?", `${down(1)}${enter}`];
export const hidden: Turn = ["Hide keys and passwords", enter];

/** @param found 1 if an Ollama runs here, which is listed first then */
export function pick(name: (typeof providers)[number], found: number): Turn {
  const listed = found > 0 ? ["Ollama", ...providers.filter((one) => one !== "Ollama")] : providers;
  const at = listed.indexOf(name);
  return ["Who answers?", `${down(at)}${enter}`];
}

export const write: Turn = ["Write it?", enter];
export const model: Turn = ["Which model", enter];
export const noCheck: Turn = ["now whether this works?", "n"];

/** Gateway and extras of every step as they usually are; the outcome in between. */
export const usualGateway: readonly Turn[] = [
  ["prove to the gateway", enter],
  ["Make the token now?", enter],
  ["Who can reach the gateway?", enter],
];
const localChat: Turn = ["What is it for", enter];
export const usualExtras: readonly Turn[] = [
  ["May other programs call", enter],
  ["Serve the control page", enter],
  write,
];
/** Nothing is looked at afterwards. */
export const noChecks: readonly Turn[] = [
  ["See whether a gateway runs?", "n"],
  ["Prove now that it works", "n"],
  ["Chat with the assistant then?", "n"],
];
export const usualRest: readonly Turn[] = [...usualGateway, localChat, ...usualExtras, ...noChecks];

export function typedKey(label: string, secret: "anthropic" | "openai" | "gemini" | "venice"): Turn {
  return [`${label} API key`, `${secrets[secret]}${enter}`];
}
