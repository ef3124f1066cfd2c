import { json } from "./json.ts";
import type { RouteFamily } from "./route.ts";

/** How the routes of one family word what the pipeline answers in their stead (http.md §3.2, §4.6). */
export interface FamilyWords {
  unauthorized(): Response;
  tooLarge(): Response;
  timedOut(): Response;
  fault(): Response;
}

const bearer = { "WWW-Authenticate": "Bearer" };

function words(body: (say: string, type: string) => unknown): FamilyWords {
  return {
    unauthorized: () => json(body("Unauthorized", "unauthorized"), 401, bearer),
    tooLarge: () => json(body("payload too large", "invalid_request_error"), 413),
    timedOut: () => json(body("the request took too long to arrive", "invalid_request_error"), 408),
    fault: () => json(body("Internal Server Error", "server_error"), 500),
  };
}

const plain = words((error) => ({ ok: false, error }));
const named = words((message, type) => ({ error: { message, type } }));
const openai = words((message, type) => ({
  error: {
    message,
    type: type === "unauthorized" ? "invalid_request_error" : type,
    param: null,
    code: null,
  },
}));
const empty: FamilyWords = {
  unauthorized: () => new Response(null, { status: 401 }),
  tooLarge: () => new Response(null, { status: 413 }),
  timedOut: () => new Response(null, { status: 408 }),
  fault: () => new Response(null, { status: 500 }),
};

export const familyWords: Readonly<Record<RouteFamily, FamilyWords>> = {
  public: plain,
  local: plain,
  control: plain,
  openai,
  tools: named,
  // A refused caller is told as the tools' are; what is wrong with a body, as the hooks' own answers say it.
  hooks: { ...plain, unauthorized: named.unauthorized },
  webhook: empty,
};
