import type { Provider } from "../types.ts";
import { isModelPath, openGoogleModel } from "./google-wire.ts";
import type { ProvenAccount } from "./key-or-sign-in.ts";
import { toCallOptions } from "./prompt.ts";
import { withToken } from "./signed-in-call.ts";
import type { FetchLike } from "./transport.ts";
import { unknownModel } from "./unknown-model.ts";
import type { Vendor } from "./vendor.ts";
import { type CallDeps, callVendor } from "./vendor-call.ts";

interface CallParts {
  readonly secrets: Vendor["secrets"];
  readonly watched: (fetch: FetchLike) => FetchLike;
}

/** The Gemini API (agent.md §4.2, §4.5), with an API key or a sign-in. */
export function createGeminiProvider(settings: ProvenAccount, deps: CallDeps): Provider {
  const { vendor, credential } = settings;
  const baseUrl = `${settings.baseUrl}/v1beta`;
  return {
    id: vendor.id,
    complete(request, signal) {
      if (!isModelPath(request.model))
        return unknownModel({ vendor, model: request.model, nowMs: deps.nowMs() });
      const options = {
        ...toCallOptions(request, { marksErrors: false }),
        maxOutputTokens: request.maxTokens,
      };
      const call = (headers: Readonly<Record<string, string>>, { secrets, watched }: CallParts) =>
        callVendor(
          {
            vendor: { ...vendor, secrets },
            request,
            options,
            open: (fetch) => openGoogleModel(request.model, { baseUrl, headers, fetch: watched(fetch) }),
          },
          deps,
          signal,
        );
      return credential.kind === "key"
        ? call(
            { "x-goog-api-key": credential.key.reveal() },
            { secrets: vendor.secrets, watched: (fetch) => fetch },
          )
        : withToken(credential.token, signal, ({ token, secrets, watched }) =>
            call(
              { authorization: `Bearer ${token.accessToken.reveal()}` },
              { secrets: [...vendor.secrets, ...secrets], watched },
            ),
          );
    },
  };
}
