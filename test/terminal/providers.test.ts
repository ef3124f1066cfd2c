import { providerPaths } from "./paths/providers.ts";
import { walkAll } from "./support/walk-all.ts";

await walkAll(providerPaths);
