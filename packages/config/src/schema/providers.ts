import { z } from "zod";
import { count, flag, guarded, key, part, secret, section, text, textOr, wordOr } from "./kit.ts";

const provider = { effect: "provider" } as const;
const errorText = { wrong: "error", expected: "a text" } as const;

const keyAndUrl = (name: string) => ({
  apiKey: secret(`${name} key.`),
  baseUrl: text(`Another address of the ${name} API.`, guarded),
});

const anthropic = part(
  { ...keyAndUrl("Anthropic"), authProfile: text("Stored sign-in to use instead of a key.") },
  "Anthropic.",
  provider,
);

const openai = part(
  {
    ...keyAndUrl("OpenAI"),
    httpReferer: text("Value of the HTTP-Referer header."),
    title: text("Value of the X-Title header."),
  },
  "OpenAI, or a service that speaks its protocol.",
  provider,
);

const google = part(
  { ...keyAndUrl("Gemini"), authProfile: text("Stored sign-in to use instead of a key.") },
  "Google Gemini.",
  provider,
);

const bedrock = part(
  {
    enabled: flag(true, "Use Bedrock."),
    region: text("AWS region."),
    accessKeyId: secret("AWS access key id."),
    secretAccessKey: secret("AWS secret access key."),
    sessionToken: secret("AWS session token."),
  },
  "Amazon Bedrock.",
  provider,
);

const globalModel = z
  .string()
  .regex(/^[^\s*]+\*?$/, { error: "must be a model name, or the start of one followed by *" });

const vertex = section(
  {
    projectId: text("Google Cloud project; absent: VERTEX_PROJECT_ID.", errorText),
    location: text("Region; absent: VERTEX_LOCATION, else us-central1.", errorText),
    model: text("What `vertex:default` stands for.", errorText),
    gcloudTokenTimeoutMs: key(
      z.int().default(10000),
      "Time for gcloud to give a token, 500 to 60000 milliseconds.",
      {
        wrong: "error",
        expected: "a whole number",
      },
    ),
    globalModels: key(z.array(globalModel).default(["gemini-3*"]), "Models served by the global endpoint.", {
      wrong: "error",
      expected: "a list of model names",
    }),
  },
  "Google Vertex AI.",
  provider,
);

/** Provider sections (config.md §13.2). */
export const providerSections = {
  anthropic,
  openai,
  codex: part({ authProfile: text("Stored OpenAI sign-in.") }, "OpenAI Codex.", provider),
  google,
  nearai: part(keyAndUrl("NEAR AI"), "NEAR AI.", provider),
  venice: part(keyAndUrl("Venice"), "Venice.", provider),
  providers: section(
    { ollama: part(keyAndUrl("Ollama"), "Ollama; its presence switches it on.") },
    "Providers by name.",
    provider,
  ),
  ollama: part(keyAndUrl("Ollama"), "Not read; use providers.ollama.", { effect: "inert" }),
  bedrock,
  vertex,
  claudeCli: part(
    {
      enabled: flag(false, "Use the local Claude CLI as a provider."),
      path: textOr("claude", "The program.", guarded),
      maxTurns: count(10, "Most turns of one call."),
    },
    "The local Claude CLI.",
    provider,
  ),
};

const priced = z.object({
  match: key(z.string().min(1), "The model, or a part of its name.", {
    expected: "a text that is not empty",
  }),
  matchType: wordOr(["exact", "contains"], "contains", { description: "How the model is compared." }),
  inputCostPerMTok: key(z.number().nonnegative(), "US dollars for a million input tokens."),
  outputCostPerMTok: key(z.number().nonnegative(), "US dollars for a million output tokens."),
});

/** `usage` (config.md §13.2). */
export const usage = section(
  {
    pricing: section(
      {
        default: part(
          {
            inputCostPerMTok: key(
              z.number().nonnegative().optional(),
              "US dollars for a million input tokens.",
            ),
            outputCostPerMTok: key(
              z.number().nonnegative().optional(),
              "US dollars for a million output tokens.",
            ),
          },
          "Price of models without a price of their own.",
        ),
        overrides: key(z.array(priced).default([]), "Prices by model."),
      },
      "Prices.",
    ),
  },
  "Usage accounting.",
  { effect: "live" },
);
