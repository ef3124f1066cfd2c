import type { ModelRequest, Provider } from "../types.ts";
import type { FreshToken } from "./credential.ts";
import { toCallOptions } from "./prompt.ts";
import { asResponses } from "./responses-wire.ts";
import { withToken } from "./signed-in-call.ts";
import type { Vendor } from "./vendor.ts";
import { type CallDeps, callVendor } from "./vendor-call.ts";

export interface CodexSettings {
  readonly token: FreshToken;
  /** Without `/responses`; ChatGPT's own unless told. */
  readonly baseUrl?: string;
}

const chatgpt = "https://chatgpt.com/backend-api/codex";

/** What `codex:default` stands for (agent.md §2). */
const usualModel = "gpt-5.5";

const vendor: Vendor = {
  ...{ id: "codex", label: "Codex", isLocal: false, secrets: [] },
  ...{ keyName: "the sign-in that codex.authProfile names", urlName: "chatgpt.com" },
};

/** The Responses API as ChatGPT serves it to subscriptions (agent.md §4.2 *Fix*). */
export function createCodexProvider({ token, baseUrl = chatgpt }: CodexSettings, deps: CallDeps): Provider {
  return {
    id: vendor.id,
    complete(asked, signal) {
      const request = withoutUnknown(asked);
      const options = {
        ...toCallOptions(request, { marksErrors: false }),
        providerOptions: {
          openai: {
            // It keeps nothing, and takes its instructions apart from the messages; without either it refuses.
            store: false,
            systemMessageMode: "remove",
            instructions: request.system?.trim() ? request.system : "You are a helpful assistant.",
          },
        },
      };
      return withToken(token, signal, ({ token: { accessToken, accountId }, secrets, watched }) =>
        callVendor(
          {
            vendor: { ...vendor, secrets },
            ...{ request, options },
            open: async (fetch) => {
              const { createOpenAI } = await import("@ai-sdk/openai");
              const openai = createOpenAI({
                apiKey: accessToken.reveal(),
                baseURL: baseUrl,
                headers: headersFor(accountId),
                fetch: watched(fetch),
              });
              return asResponses(openai.responses(request.model));
            },
          },
          deps,
          signal,
        ),
      );
    },
  };
}

/** Whose subscription pays, and who asks: under our own name. */
function headersFor(accountId: string | undefined): Record<string, string> {
  return {
    "OpenAI-Beta": "responses=experimental",
    originator: "carapace",
    ...(accountId === undefined ? {} : { "chatgpt-account-id": accountId }),
  };
}

/** This API refuses a request that says how long or how freely to answer. */
function withoutUnknown({ temperature: _, reply, ...request }: ModelRequest): ModelRequest {
  const model = request.model.toLowerCase() === "default" ? usualModel : request.model;
  if (reply === undefined) return { ...request, model };
  const { effort, json, toolChoice } = reply;
  return {
    ...request,
    model,
    reply: {
      ...(effort === undefined ? {} : { effort }),
      ...(json === undefined ? {} : { json }),
      ...(toolChoice === undefined ? {} : { toolChoice }),
    },
  };
}
