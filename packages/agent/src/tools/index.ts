import type { Tool } from "../types.ts";
import { configRead } from "./config-read.ts";
import { currentTime } from "./current-time.ts";
import { mathEval } from "./math-eval.ts";
import { memoryForget } from "./memory-forget.ts";
import { memoryList } from "./memory-list.ts";
import { memoryRead } from "./memory-read.ts";
import { memorySearch } from "./memory-search.ts";
import { memoryWrite } from "./memory-write.ts";
import { sessionList } from "./session-list.ts";
import { sessionRead } from "./session-read.ts";
import { sessionSearch } from "./session-search.ts";
import { statusRead } from "./status-read.ts";
import { time } from "./time.ts";
import { webFetch } from "./web-fetch.ts";

export {
  answer as toolAnswer,
  defineTool,
  failure as toolFailure,
  steered as toolLabel,
} from "./define-tool.ts";

/** Every tool of the product, by name (agent.md §9.2). */
export const builtInTools: readonly Tool[] = [
  configRead,
  currentTime,
  mathEval,
  memoryForget,
  memoryList,
  memoryRead,
  memorySearch,
  memoryWrite,
  sessionList,
  sessionRead,
  sessionSearch,
  statusRead,
  time,
  webFetch,
];
