import { familyWords } from "./families.ts";
import type { Flight } from "./flights.ts";
import type { Route } from "./route.ts";

export interface TimeDeps {
  readonly route: Pick<Route, "family" | "timeoutSeconds">;
  /** Fires when the caller goes away. */
  readonly signal: AbortSignal;
  readonly flight: Flight;
}

const usualSeconds = 60;

/**
 * Lets a route answer, within its time and until the gateway stops. Its signal fires when that is up, or the caller
 * is gone; what it does then is not waited for.
 */
export async function withinTime(
  { route, signal, flight }: TimeDeps,
  handle: (signal: AbortSignal) => Promise<Response>,
): Promise<Response> {
  const controller = new AbortController();
  const cut = Promise.withResolvers<Response>();
  const words = familyWords[route.family];
  const end = (answer: () => Response) => {
    cut.resolve(answer());
    controller.abort();
  };
  const timer = setTimeout(() => end(words.late), (route.timeoutSeconds ?? usualSeconds) * 1000);
  flight.onCut(() => end(words.stopping));
  // For as long as the answer lasts: a stream outlives this function.
  if (signal.aborted) controller.abort();
  else signal.addEventListener("abort", () => controller.abort(), { once: true });
  try {
    return await Promise.race([handle(controller.signal), cut.promise]);
  } finally {
    clearTimeout(timer);
  }
}
