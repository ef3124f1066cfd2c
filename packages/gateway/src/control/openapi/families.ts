import type { RouteFamily } from "../../http/route.ts";

type Requirement = Readonly<Record<string, readonly string[]>>;

/** What a family's callers show, and how its refusals look (http.md §4.6). */
interface FamilyFacts {
  /** None: everybody is heard. An empty requirement among others: some are heard without. */
  readonly security: readonly Requirement[];
  /** A name of {@link errorSchemas}; absent: refusals have no body. */
  readonly error?: keyof typeof errorSchemas;
  /** Another for who may not. */
  readonly unauthorized?: keyof typeof errorSchemas;
}

const gateway: Requirement = { gatewayCredential: [] };
const owner = (error: keyof typeof errorSchemas): FamilyFacts => ({ security: [gateway], error });

export const familyFacts: Readonly<Record<RouteFamily, FamilyFacts>> = {
  public: { security: [], error: "Refusal" },
  page: { security: [], error: "Refusal" },
  local: { security: [{}, gateway], error: "Refusal" },
  control: owner("Refusal"),
  openai: owner("OpenAiError"),
  tools: owner("NamedError"),
  hooks: {
    security: [{ hooksToken: [] }, { hooksHeader: [] }],
    error: "Refusal",
    unauthorized: "NamedError",
  },
  webhook: { security: [] },
};

export const securitySchemes = {
  gatewayCredential: {
    type: "http",
    scheme: "bearer",
    description:
      "The gateway's token or password. With `gateway.auth.mode: none` callers on this machine need none.",
  },
  hooksToken: { type: "http", scheme: "bearer", description: "`gateway.hooks.token`." },
  hooksHeader: {
    ...{ type: "apiKey", in: "header", name: "X-Carapace-Token" },
    description: "`gateway.hooks.token`, for callers that cannot send a bearer token.",
  },
} as const;

const text = { type: "string" } as const;
const nullable = { type: ["string", "null"] } as const;

const shape = (properties: Readonly<Record<string, unknown>>) => ({
  type: "object" as const,
  required: Object.keys(properties),
  properties,
});

/** How refusals look that any route of a family may answer. */
export const errorSchemas = {
  Refusal: shape({ ok: { const: false }, error: text }),
  NamedError: shape({ error: shape({ message: text, type: text }) }),
  OpenAiError: shape({ error: shape({ message: text, type: text, param: nullable, code: nullable }) }),
  CsrfError: shape({ error: shape({ code: { const: "csrf_error" }, message: text }) }),
  RateLimited: shape({ error: shape({ code: text, message: text, retryAfter: { type: "integer" } }) }),
} as const;
