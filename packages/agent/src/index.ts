export { agentIdentity, listAgents } from "./agents/list.ts";
export { modelString } from "./agents/model-string.ts";
export {
  type AgentConfig,
  type AgentQuestion,
  type AgentWish,
  agentSettings,
  chooseModel,
  defaultAgentId,
} from "./agents/settings.ts";
export type {
  CompactSessionDeps,
  CompactSessionReport,
  CompactSessionRequest,
} from "./context/compact-session.ts";
export { createOfflineProvider } from "./offline/provider.ts";
export { type CoolDown, type Cooling, createCoolDown } from "./providers/cool-down.ts";
export type { OpenSignIns } from "./providers/credential.ts";
export type { Candidate } from "./providers/failover.ts";
export {
  createProviders,
  type ProviderDeps,
  type ProviderLimits,
  type ProviderSet,
} from "./providers/index.ts";
export type { Verdict } from "./turn/call-tool.ts";
export type { Reply, StreamedCall } from "./turn/model-call.ts";
export type {
  AgentModel,
  AgentSettings,
  ModelEvent,
  ModelMessage,
  ModelRequest,
  ParsedCall,
  Provider,
  ProviderFailure,
  ProviderFailureCode,
  ReplyWishes,
  RunTurn,
  Tool,
  ToolContext,
  ToolDecision,
  ToolDefinition,
  ToolOutput,
  Turn,
  TurnDeps,
  TurnEvent,
} from "./types.ts";
