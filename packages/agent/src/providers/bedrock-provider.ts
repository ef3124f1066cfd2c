import type { Provider } from "../types.ts";
import type { AwsProof, BedrockSettings } from "./bedrock.ts";
import { bedrockUrl } from "./bedrock-endpoint.ts";
import { type PromptStyle, toCallOptions } from "./prompt.ts";
import { type CallDeps, callVendor } from "./vendor-call.ts";

/**
 * Bedrock's ConverseStream, signed with SigV4, or with a key of Bedrock's own (agent.md §4.6).
 * @param baseUrl Instead of the region's own.
 */
export function createBedrockProvider(
  { vendor, region, proof }: BedrockSettings,
  deps: CallDeps,
  baseUrl = bedrockUrl("bedrock-runtime", region),
): Provider {
  return {
    id: vendor.id,
    complete(request, signal) {
      const options = {
        ...toCallOptions(request, styleOf(request.model)),
        maxOutputTokens: request.maxTokens,
      };
      const open = async (fetch: typeof globalThis.fetch) => {
        const { createAmazonBedrock } = await import("@ai-sdk/amazon-bedrock");
        return createAmazonBedrock({
          region,
          ...credentialsOf(proof),
          baseURL: baseUrl,
          fetch,
        })(request.model);
      };
      return callVendor({ vendor, request, options, open, framing: "aws" }, deps, signal);
    },
  };
}

/** Of Bedrock's models these keep a prompt for certain, from Claude 4 on; others refuse the mark. */
function styleOf(model: string): PromptStyle {
  const isCached = /\banthropic\.claude-[a-z]+-([4-9]|\d{2})\b/.test(model);
  return isCached
    ? { marksErrors: false, cacheMark: { bedrock: { cachePoint: { type: "default" } } } }
    : { marksErrors: false };
}

function credentialsOf(proof: AwsProof) {
  if (proof.kind === "bearer") return { apiKey: proof.token.reveal() };
  const { accessKeyId, secretAccessKey, sessionToken } = proof;
  return {
    accessKeyId: accessKeyId.reveal(),
    secretAccessKey: secretAccessKey.reveal(),
    ...(sessionToken === undefined ? {} : { sessionToken: sessionToken.reveal() }),
    // Blank, so that it does not take one from the environment.
    apiKey: " ",
  };
}
