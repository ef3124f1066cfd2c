export { dryRunLocally } from "./dry-run-locally.ts";
export { hooksBase } from "./hooks-base.ts";
export { type Mapping, mappingsOf, plainPath } from "./mappings/resolve.ts";
