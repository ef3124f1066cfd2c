export { type AddressPolicy, type AddressVerdict, judgeAddress } from "./addresses/judge.ts";
export type { RequestHeaders } from "./exchange/headers.ts";
export type { Method } from "./exchange/redirect.ts";
export type { Resolve } from "./exchange/resolve.ts";
export { type FetchFailure, FetchFault, type FetchRefusal, type FetchResult } from "./failures.ts";
export {
  type FetchOptions,
  type GuardedResponse,
  type GuardedStream,
  guardedFetch,
  openFetch,
} from "./guarded-fetch.ts";
export { checkUrl, maxUrlBytes, type Scheme, type Target, type UrlPolicy } from "./url/check-url.ts";
