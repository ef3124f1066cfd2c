import type { Provider } from "../types.ts";
import type { BedrockSettings } from "./bedrock.ts";
import { bedrockUrl } from "./bedrock-endpoint.ts";
import { toCallOptions } from "./prompt.ts";
import { type CallDeps, callVendor } from "./vendor-call.ts";

/**
 * Bedrock's ConverseStream, signed with SigV4 (agent.md §4.6).
 * @param baseUrl Instead of the region's own.
 */
export function createBedrockProvider(
  { vendor, keys }: BedrockSettings,
  deps: CallDeps,
  baseUrl = bedrockUrl("bedrock-runtime", keys.region),
): Provider {
  return {
    id: vendor.id,
    complete(request, signal) {
      const options = {
        ...toCallOptions(request, { marksErrors: false }),
        maxOutputTokens: request.maxTokens,
      };
      const open = async (fetch: typeof globalThis.fetch) => {
        const { createAmazonBedrock } = await import("@ai-sdk/amazon-bedrock");
        return createAmazonBedrock({
          region: keys.region,
          accessKeyId: keys.accessKeyId.reveal(),
          secretAccessKey: keys.secretAccessKey.reveal(),
          ...(keys.sessionToken === undefined ? {} : { sessionToken: keys.sessionToken.reveal() }),
          // Blank, so that it does not take one from the environment.
          apiKey: " ",
          baseURL: baseUrl,
          fetch,
        })(request.model);
      };
      return callVendor({ vendor, request, options, open, framing: "aws" }, deps, signal);
    },
  };
}
