import { aider } from "./aider/aider.ts";
import { hermes } from "./hermes/hermes.ts";
import { nemoclaw } from "./nemoclaw/nemoclaw.ts";
import { openclaw } from "./openclaw/openclaw.ts";
import { opencode } from "./opencode/opencode.ts";
import type { ImportSource } from "./types.ts";

/** Every other assistant whose configuration can be taken over, in the order of offers (cli.md §3.11). */
export const importSources: readonly ImportSource[] = [openclaw, opencode, aider, nemoclaw, hermes];
