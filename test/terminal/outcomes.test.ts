import { outcomePaths } from "./paths/outcomes.ts";
import { walkAll } from "./support/walk-all.ts";

await walkAll(outcomePaths);
