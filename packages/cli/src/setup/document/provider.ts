import type { ProviderAnswer } from "../answers.ts";
import { type Entry, secretAt, textAt } from "./entries.ts";

type Entries = {
  readonly [P in ProviderAnswer["provider"]]: (
    answer: Extract<ProviderAnswer, { readonly provider: P }>,
  ) => readonly Entry[];
};

const signedIn = (provider: "openai" | "google", clientId: string): readonly Entry[] => [
  ["auth.profiles.enabled", true],
  [`auth.profiles.providers.${provider}.clientId`, clientId],
];

/** What each provider's answers become (cli.md §3.10, the tables). A secret of an OAuth application is not among them. */
const entries: Entries = {
  offline: () => [],
  anthropic: (answer) =>
    answer.mode === "apiKey"
      ? secretAt("anthropic.apiKey", answer.key)
      : [
          ["auth.profiles.enabled", true],
          ["anthropic.authProfile", answer.profile.profileId],
        ],
  openai: ({ key }) => secretAt("openai.apiKey", key),
  codex: ({ profile, clientId }) => [
    ...signedIn("openai", clientId),
    ["codex.authProfile", profile.profileId],
  ],
  ollama: ({ baseUrl, key }) => [
    ...textAt("providers.ollama.baseUrl", baseUrl),
    ...secretAt("providers.ollama.apiKey", key),
  ],
  gemini: (answer) => [
    ...textAt("google.baseUrl", answer.baseUrl),
    ...(answer.mode === "apiKey"
      ? secretAt("google.apiKey", answer.key)
      : [
          ...signedIn("google", answer.clientId),
          ["google.authProfile", answer.profile.profileId] satisfies Entry,
        ]),
  ],
  vertex: ({ projectId, location, routeModel }) => [
    ...textAt("vertex.projectId", projectId),
    ...textAt("vertex.location", location),
    ...textAt("vertex.model", routeModel),
  ],
  nearai: keyAndUrl,
  venice: keyAndUrl,
  bedrock: ({ region, accessKeyId, secretAccessKey, sessionToken }) => [
    ...textAt("bedrock.region", region),
    ...secretAt("bedrock.accessKeyId", accessKeyId),
    ...secretAt("bedrock.secretAccessKey", secretAccessKey),
    ...secretAt("bedrock.sessionToken", sessionToken),
  ],
  "claude-cli": () => [["claudeCli.enabled", true]],
};

function keyAndUrl({
  provider,
  key,
  baseUrl,
}: Extract<ProviderAnswer, { readonly provider: "nearai" | "venice" }>): readonly Entry[] {
  return [...secretAt(`${provider}.apiKey`, key), ...textAt(`${provider}.baseUrl`, baseUrl)];
}

export function providerEntries(answer: ProviderAnswer): readonly Entry[] {
  // Each entry takes the answers of its own provider: the compiler cannot follow that through the look-up.
  const of = entries[answer.provider] as (answer: ProviderAnswer) => readonly Entry[];
  return of(answer);
}
