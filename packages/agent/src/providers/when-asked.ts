import type { Provider } from "../types.ts";

/** A provider that is loaded with its first request: most gateways use one vendor, and an idle one none. */
export function whenAsked(id: string, load: () => Promise<Provider>): Provider {
  let loading: Promise<Provider> | undefined;
  return {
    id,
    async *complete(request, signal) {
      loading ??= load();
      yield* (await loading).complete(request, signal);
    },
  };
}
