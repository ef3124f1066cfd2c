import { startTestGateway, type TestGateway, type TestGatewayOptions } from "../../testing/test-gateway.ts";

/** A gateway whose OpenAI-compatible API a test talks to. */
export interface TestApi extends AsyncDisposable {
  readonly gateway: TestGateway;
  post(
    path: string,
    body: unknown,
    init?: { headers?: Record<string, string>; signal?: AbortSignal },
  ): Promise<Response>;
  get(path: string): Promise<Response>;
}

export interface TestApiOptions extends TestGatewayOptions {
  readonly agents?: Readonly<Record<string, unknown>>;
}

/** Starts one with both APIs switched on. */
export async function startTestApi({ agents, config, ...options }: TestApiOptions = {}): Promise<TestApi> {
  const openai = { chatCompletions: true, responses: true };
  const gateway = await startTestGateway({
    ...options,
    config: { gateway: { openai }, ...(agents && { agents }), ...config },
  });
  const origin = `http://127.0.0.1:${gateway.gateway.port}`;
  const headers = { Authorization: `Bearer ${gateway.token}` };
  return {
    gateway,
    post: (path, body, init = {}) =>
      fetch(origin + path, {
        ...{ method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) },
        headers: { "Content-Type": "application/json", ...headers, ...init.headers },
        ...(init.signal && { signal: init.signal }),
      }),
    get: (path) => fetch(origin + path, { headers }),
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

export const chatPath = "/v1/chat/completions";
export const responsesPath = "/v1/responses";
/** The model as it is; `carapace` is the agent. */
export const plain = "offline:basic";

/** A chat of these texts, the user's first. */
export function chatOf(model: string, ...texts: readonly string[]) {
  const messages = texts.map((content, index) => ({ role: index % 2 === 0 ? "user" : "assistant", content }));
  return { model, messages };
}

/** The text of a chat's only choice. */
export async function textOf(response: Response): Promise<unknown> {
  return Object(await response.json()).choices?.[0]?.message?.content;
}
