/** What takes turns. A gateway loads it with the first one: until then it need not hold it. */
export { type AssembledContext, assemble } from "../context/assemble.ts";
export { compactSession } from "../context/compact-session.ts";
export { withFallbacks } from "../providers/failover.ts";
export { judgeCall } from "./call-tool.ts";
export { callModel } from "./model-call.ts";
export { runTurn } from "./run-turn.ts";
export { isToolOffered } from "./tool-policy.ts";
