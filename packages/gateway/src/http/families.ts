import { json } from "./json.ts";
import type { RouteFamily } from "./route.ts";

/** How the routes of one family word what the pipeline answers in their stead (http.md §3.2, §4.6). */
export interface FamilyWords {
  unauthorized(): Response;
  tooLarge(): Response;
  timedOut(): Response;
  /** A caller without a credential must say that it sends JSON: a form of another site cannot. */
  notJson(): Response;
  /** The gateway stops. */
  stopping(): Response;
  late(): Response;
  fault(): Response;
}

const bearer = { "WWW-Authenticate": "Bearer" };

function words(body: (say: string, type: string) => unknown): FamilyWords {
  return {
    unauthorized: () => json(body("Unauthorized", "unauthorized"), 401, bearer),
    tooLarge: () => json(body("payload too large", "invalid_request_error"), 413),
    timedOut: () => json(body("the request took too long to arrive", "invalid_request_error"), 408),
    notJson: () => json(body("Content-Type must be application/json", "invalid_request_error"), 415),
    stopping: () => json(body("the gateway is stopping", "unavailable"), 503, { "Retry-After": "5" }),
    late: () => json(body("the gateway took too long to answer", "timeout"), 504),
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
  notJson: () => new Response(null, { status: 415 }),
  stopping: () => new Response(null, { status: 503, headers: { "Retry-After": "5" } }),
  late: () => new Response(null, { status: 504 }),
  fault: () => new Response(null, { status: 500 }),
};

export const familyWords: Readonly<Record<RouteFamily, FamilyWords>> = {
  public: plain,
  local: plain,
  page: plain,
  control: plain,
  openai,
  tools: named,
  // A refused caller is told as the tools' are; what is wrong with a body, as the hooks' own answers say it.
  hooks: { ...plain, unauthorized: named.unauthorized },
  webhook: empty,
};
