export type { AddressPolicy } from "./addresses/judge.ts";
export { FetchFault, type FetchRefusal, type FetchResult } from "./failures.ts";
export {
  type FetchOptions,
  type GuardedResponse,
  type GuardedStream,
  guardedFetch,
  openFetch,
} from "./guarded-fetch.ts";
export { checkUrl, isThisMachine } from "./url/check-url.ts";
