import type { Secret } from "@carapace/config";
import type { ModelEvent, ModelRequest, Provider } from "../types.ts";
import { anthropicOptions } from "./anthropic-options.ts";
import type { FreshToken } from "./credential.ts";
import type { ProvenAccount } from "./key-or-sign-in.ts";
import { unlessRefused, watchStatus } from "./signed-in-call.ts";
import type { FetchLike } from "./transport.ts";
import { type CallDeps, callVendor } from "./vendor-call.ts";

/** How a credential is sent. */
type Proof =
  | { readonly apiKey: string }
  | { readonly authToken: string; readonly headers: { readonly "anthropic-beta": string } };

interface Sending {
  readonly proof: Proof;
  readonly secrets: readonly Secret[];
  readonly watched?: (fetch: FetchLike) => FetchLike;
}

/** The Messages API (agent.md §4.2, §4.3). */
export function createAnthropicProvider(settings: ProvenAccount, deps: CallDeps): Provider {
  const { vendor, credential, baseUrl } = settings;
  const send = (request: ModelRequest, { proof, secrets, watched }: Sending, signal: AbortSignal) => {
    const open = async (fetch: FetchLike) => {
      const { createAnthropic } = await import("@ai-sdk/anthropic");
      const options = { ...proof, baseURL: `${baseUrl}/v1`, fetch: watched?.(fetch) ?? fetch };
      return createAnthropic(options)(request.model);
    };
    return callVendor(
      { vendor: { ...vendor, secrets }, request, options: anthropicOptions(request), open },
      deps,
      signal,
    );
  };
  if (credential.kind === "key") {
    const { key } = credential;
    return {
      id: vendor.id,
      complete: (request, signal) =>
        send(request, { proof: { apiKey: key.reveal() }, secrets: vendor.secrets }, signal),
    };
  }
  const complete = withSetupToken(credential.token, send);
  return { id: vendor.id, complete };
}

/** The two ways that setup tokens were taken at one time or another (agent.md §4.2 *Fix*). */
const ways: readonly ((token: string) => Proof)[] = [
  (token) => ({ authToken: token, headers: { "anthropic-beta": "oauth-2025-04-20" } }),
  (token) => ({ apiKey: token }),
];

/** Sends a setup token the way that worked last; one that is answered with 401 is sent the other way, once. */
function withSetupToken(
  fresh: FreshToken,
  send: (request: ModelRequest, sending: Sending, signal: AbortSignal) => AsyncIterable<ModelEvent>,
): Provider["complete"] {
  let winner = 0;
  return async function* (request, signal) {
    const token = await fresh({ signal });
    if (signal.aborted) return;
    if (!token.ok) {
      yield { kind: "failed", failure: { code: "auth", say: token.say } };
      return;
    }
    const { accessToken } = token.value;
    for (const way of [winner, 1 - winner]) {
      const proof = ways[way]?.(accessToken.reveal());
      if (proof === undefined) return;
      const status = watchStatus();
      const sending = { proof, secrets: [accessToken], watched: status.watched };
      const isFirst = way === winner;
      const outcome = yield* unlessRefused(
        send(request, sending, signal),
        () => isFirst && status.last() === 401,
      );
      if (outcome === "refused") continue;
      if (status.last() !== 401 && status.last() !== undefined) winner = way;
      return;
    }
  };
}
