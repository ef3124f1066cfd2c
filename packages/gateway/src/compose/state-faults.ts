import { type Refusal, refuse } from "@carapace/protocol";
import { StateError, stateFailures } from "@carapace/state";
import type { MethodHandler, MethodHandlers } from "../types.ts";

/** A failed operation of the state as a refusal that says what to do; undefined for any other error. */
function stateRefusal(method: string, error: unknown): Refusal | undefined {
  if (!(error instanceof StateError)) return undefined;
  const { failure } = stateFailures[error.code];
  return refuse(failure, `${method} failed: ${error.message}`, { reason: error.code });
}

/** The same handlers, which answer a failed store operation in words instead of failing (websocket.md §12.4). */
export function answeringStateFaults(handlers: MethodHandlers): MethodHandlers {
  const guarded = Object.entries(handlers).map(([name, handler]) => [name, guard(name, handler)]);
  return Object.fromEntries(guarded) as MethodHandlers;
}

// Which method it is makes no difference here: the call goes in and the answer comes out as they are.
function guard(name: string, handler: MethodHandlers[keyof MethodHandlers]) {
  const call = handler as MethodHandler<never>;
  return (params: Parameters<typeof call>[0]) => {
    const answer = call(params);
    if (!(answer instanceof Promise)) return answer;
    return answer.catch((error: unknown) => {
      const refusal = stateRefusal(name, error);
      if (refusal === undefined) throw error;
      return refusal;
    });
  };
}
