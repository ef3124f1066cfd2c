import type { Secret } from "@carapace/config";
import type { ModelEvent } from "../types.ts";
import type { FreshToken } from "./credential.ts";

/** A call that first asks for its token; without one it fails with what the owner has to do. */
export async function* withToken(
  fresh: FreshToken,
  signal: AbortSignal,
  call: (token: Secret) => AsyncIterable<ModelEvent>,
): AsyncGenerator<ModelEvent> {
  const token = await fresh(signal);
  if (signal.aborted) return;
  if (token.ok) yield* call(token.value);
  else yield { kind: "failed", failure: { code: "auth", say: token.say } };
}
