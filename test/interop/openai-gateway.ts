import type { StartOptions } from "@carapace/gateway";
import { type ScriptedReply, startTestGateway, type TestGateway } from "@carapace/gateway/testing";

/** A gateway that OpenAI clients can talk to, whose every model is scripted. */
export interface OpenAiGateway extends AsyncDisposable {
  readonly gateway: TestGateway;
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** What clients take as `baseURL`. */
  readonly baseURL: string;
  readonly token: string;
}

/** @param replies Of the model, one a call; the last one again when there are no more. */
export async function startOpenAiGateway(
  replies: readonly ScriptedReply[],
  defaults: Readonly<Record<string, unknown>> = {},
  providers: StartOptions["providers"] = [],
): Promise<OpenAiGateway> {
  const gateway = await startTestGateway({
    replies,
    providers,
    config: {
      gateway: { openai: { chatCompletions: true, responses: true } },
      agents: { defaults: { maxConcurrent: 16, ...defaults } },
    },
  });
  const origin = `http://127.0.0.1:${gateway.gateway.port}`;
  return {
    gateway,
    origin,
    baseURL: `${origin}/v1`,
    token: gateway.token,
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

/** The model, asked as it is. */
export const plain = "offline:basic";

/** A call of the client's own tool, then an answer from its result. */
export const weatherReplies: readonly ScriptedReply[] = [
  { calls: [{ id: "call_1", name: "get_weather", input: { city: "Tokyo" } }] },
  (request) => {
    const results = request.messages.flatMap(({ blocks }) =>
      blocks.flatMap((block) => (block.type === "tool_result" ? [block.content] : [])),
    );
    return `It is ${results.join()}.`;
  },
];
