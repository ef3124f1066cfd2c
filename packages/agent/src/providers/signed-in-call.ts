import type { FreshToken as AccountToken } from "@carapace/accounts";
import type { Secret } from "@carapace/config";
import type { ModelEvent } from "../types.ts";
import type { FreshToken } from "./credential.ts";
import type { FetchLike } from "./transport.ts";

/** A token, and the way by which its call is to go: it is seen there if the vendor does not take the token. */
export interface SignedIn {
  readonly token: AccountToken;
  /** Cut out of everything the vendor says: the token, and the one before it. */
  readonly secrets: readonly Secret[];
  readonly watched: (fetch: FetchLike) => FetchLike;
}

/**
 * A call that first asks for its token; without one it fails with what the owner has to do. A token that is answered
 * with 401 is renewed, once.
 */
export async function* withToken(
  fresh: FreshToken,
  signal: AbortSignal,
  call: (signedIn: SignedIn) => AsyncIterable<ModelEvent>,
): AsyncGenerator<ModelEvent> {
  let refused: Secret | undefined;
  for (;;) {
    const token = await fresh({ signal, ...(refused === undefined ? {} : { refused }) });
    if (signal.aborted) return;
    if (!token.ok) {
      const code = token.code === "unavailable" ? "network" : "auth";
      yield { kind: "failed", failure: { code, say: token.say } };
      return;
    }
    const status = watchStatus();
    const secrets = [token.value.accessToken, ...(refused === undefined ? [] : [refused])];
    const outcome = yield* unlessRefused(
      call({ token: token.value, secrets, watched: status.watched }),
      () => status.last() === 401 && refused === undefined,
    );
    if (outcome === "ended") return;
    refused = token.value.accessToken;
  }
}

/** Passes the events of a call on, but not the failure of one whose credential was refused: nothing came before it. */
export async function* unlessRefused(
  events: AsyncIterable<ModelEvent>,
  isRefused: () => boolean,
): AsyncGenerator<ModelEvent, "ended" | "refused"> {
  for await (const event of events) {
    if (event.kind === "failed" && isRefused()) return "refused";
    yield event;
  }
  return "ended";
}

/** Remembers the last status that came over the fetches it watches. */
export function watchStatus() {
  let status: number | undefined;
  const watched = (send: FetchLike): FetchLike => {
    const sendAndSee = async (...request: Parameters<FetchLike>) => {
      const response = await send(...request);
      status = response.status;
      return response;
    };
    return Object.assign(sendAndSee, { preconnect: () => {} });
  };
  return { watched, last: () => status };
}
