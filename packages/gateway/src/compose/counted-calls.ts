import type { Metrics } from "../metrics/metrics.ts";
import type { MethodHandler, MethodHandlers } from "../types.ts";

/** The same handlers, each of whose calls is counted. */
export function countingCalls(handlers: MethodHandlers, metrics: Metrics): MethodHandlers {
  const counted = Object.entries(handlers).map(([method, handler]) => {
    const calls = metrics.counter("ws_messages_total", { method });
    // Which method it is makes no difference here: the call goes in and the answer comes out as they are.
    const call = handler as MethodHandler<never>;
    const counting = (params: Parameters<typeof call>[0]) => {
      calls.value += 1;
      return call(params);
    };
    return [method, counting];
  });
  return Object.fromEntries(counted) as MethodHandlers;
}
