import type { z } from "zod";
import type { Route, RouteDoc, RouteSource, Visit } from "../http/route.ts";
import type { OpenAiDeps } from "./deps.ts";
import type { Handlers } from "./handlers.ts";
import { chatRequest } from "./schemas/chat-request.ts";
import { responsesRequest } from "./schemas/responses-request.ts";

/** The OpenAI-compatible API (http.md §11). */
export interface OpenAi extends Disposable {
  readonly routes: RouteSource;
}

const maxBodyBytes = 4 * 1024 * 1024;
/** A turn of an agent may be long; it has limits of its own. */
const timeoutSeconds = 3600;

/** What answers is loaded with the first request: a gateway that nobody asks this way does not hold it. */
export function createOpenAi(deps: OpenAiDeps): OpenAi {
  let loading: Promise<Handlers> | undefined;
  let loaded: Handlers | undefined;
  const load = async () => {
    loading ??= import("./handlers.ts").then(({ createHandlers }) => createHandlers(deps));
    loaded = await loading;
    return loaded;
  };
  const by = (name: Exclude<keyof Handlers, symbol>) => async (visit: Visit) => (await load())[name](visit);
  const chat: Route = {
    ...{ method: "POST", path: "/v1/chat/completions", family: "openai", maxBodyBytes, timeoutSeconds },
    doc: withBody(doc("Complete a chat, by a model or by an agent", refusals), chatRequest),
    handle: by("chat"),
  };
  const responses: Route = {
    ...{ method: "POST", path: "/v1/responses", family: "openai", maxBodyBytes, timeoutSeconds },
    doc: withBody(doc("Make a response, by a model or by an agent", refusals), responsesRequest),
    handle: by("responses"),
  };
  const models: readonly Route[] = [
    { ...get("/v1/models"), doc: doc("List what can be asked"), handle: by("models") },
    {
      ...get("/v1/models/*"),
      doc: doc("One that can be asked", { 404: { say: "It is not in the configuration" } }),
      handle: by("model"),
    },
  ];
  return {
    routes({ gateway: { openai } }) {
      const asked = [...(openai.chatCompletions ? [chat] : []), ...(openai.responses ? [responses] : [])];
      return asked.length === 0 ? [] : [...asked, ...models];
    },
    [Symbol.dispose]: () => loaded?.[Symbol.dispose](),
  };
}

function get(path: string) {
  return { method: "GET", path, family: "openai" } as const;
}

/** The schema is made where it is asked for: a start needs none of it. */
function withBody(facts: RouteDoc, schema: () => z.ZodType): RouteDoc {
  return {
    ...facts,
    get body() {
      return schema();
    },
  };
}

function doc(summary: string, also: RouteDoc["answers"] = {}): RouteDoc {
  return {
    summary,
    tag: "OpenAI-compatible",
    answers: { 200: { say: "The answer; with stream, as server-sent events" }, ...also },
  };
}

const refusals: RouteDoc["answers"] = {
  400: { say: "The request is wrong; param says where" },
  404: { say: "The model's name is none" },
  422: { say: "The agent has no model, or the Idempotency-Key was used for another request" },
  500: { say: "The provider failed; code says how" },
  503: { say: "The provider is not set up, or all places are taken; Retry-After says when to come back" },
};
