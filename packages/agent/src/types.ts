import type {
  Block,
  BlockMetadata,
  Json,
  Origin,
  Role,
  RunId,
  SessionKey,
  StopReason,
  TokenUsage,
} from "@carapace/protocol";
import type {
  MemoryRepository,
  Message,
  RunJournal,
  RunOutcome,
  SessionRepository,
  State,
  UsageEntry,
} from "@carapace/state";

/** A message as a model reads it: history plus what the context adds. */
export interface ModelMessage {
  readonly role: Exclude<Role, "system" | "tool">;
  readonly blocks: readonly Block[];
}

export interface ToolDefinition {
  readonly name: string;
  /** For the model. */
  readonly description: string;
  /** JSON Schema of an object, `additionalProperties: false` (agent.md §9). */
  readonly inputSchema: { readonly [key: string]: Json };
}

export interface ModelRequest {
  /** Without the provider's prefix. */
  readonly model: string;
  readonly system?: string;
  /**
   * Contract of whoever builds it: roles alternate, a user first. The results of a message's calls stand at the start
   * of the next one, one for each call; there are no other results. A call's id comes once in its message.
   */
  readonly messages: readonly ModelMessage[];
  /** The bytes of the media in them, by id; one that is missing is told of in words. */
  readonly media?: ReadonlyMap<string, Uint8Array>;
  readonly tools: readonly ToolDefinition[];
  readonly maxTokens: number;
  readonly temperature?: number;
  /** Another model is asked if this one fails: it need not be waited for long. */
  readonly hasFallback?: boolean;
  /** What its caller asks of the reply besides; a vendor that does not know one of them goes without it. */
  readonly reply?: ReplyWishes;
  /** Provider-specific extras (`venice_parameters`). */
  readonly extra?: Json;
}

/** How a reply is to be made (http.md §11 *Better*); absent: as the vendor has it. */
export interface ReplyWishes {
  readonly topP?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly seed?: number;
  /** Texts that end it. */
  readonly stop?: readonly string[];
  readonly effort?: "none" | "minimal" | "low" | "medium" | "high" | "xhigh";
  /** Nothing but JSON; of this schema, if one is given. */
  readonly json?: {
    readonly name?: string;
    readonly description?: string;
    readonly schema?: { readonly [key: string]: Json };
  };
  /** Which of the tools must, or may not, be called. */
  readonly toolChoice?: "auto" | "none" | "required" | { readonly name: string };
}

/** Another model than the one asked for answers, because that one failed or rests after a failure. */
export interface ModelSwitch {
  /** As `provider:model`. */
  readonly from: string;
  readonly model: AgentModel;
  /** The id of who asks it. */
  readonly provider: string;
  /** For the owner; `detail` for the log. */
  readonly why: string;
  readonly detail?: string;
}

/** What a model call tells, in order; exactly one `stop` or `failed` ends it. */
export type ModelEvent =
  /** Before anything else, and once for each model that was tried. */
  | ({ readonly kind: "switched" } & ModelSwitch)
  | { readonly kind: "text"; readonly delta: string }
  /** Always a whole call. `invalid` holds the text when it is not JSON: the call is answered with an error, never run. */
  | {
      readonly kind: "tool_use";
      readonly id: string;
      readonly name: string;
      readonly input: Json;
      readonly invalid?: string;
      /** What the vendor wants back with the call when it is told of its result. */
      readonly metadata?: BlockMetadata;
    }
  | { readonly kind: "stop"; readonly reason: StopReason; readonly usage: TokenUsage }
  | { readonly kind: "failed"; readonly failure: ProviderFailure; readonly usage?: TokenUsage };

/** agent.md §4.1 *Better*: error classes as codes. */
export type ProviderFailureCode =
  | "auth"
  | "quota"
  | "rate_limit"
  | "overloaded"
  | "no_such_model"
  | "context_overflow"
  | "content_filter"
  | "bad_request"
  | "network"
  | "timeout"
  | "bad_response";

export interface ProviderFailure {
  readonly code: ProviderFailureCode;
  /** For the owner: what is wrong and what to do. No URL, no key, at most 500 bytes. */
  readonly say: string;
  /** The vendor's own wording, redacted, for the log. */
  readonly detail?: string;
}

/** One language-model back end. */
export interface Provider {
  /** The prefix of its model strings: `anthropic`, `openai`, `ollama`, `offline`. */
  readonly id: string;
  /** `false` for a rule-based assistant: it is not asked for summaries. */
  readonly isLanguageModel?: boolean;
  /**
   * Contract: never throws; failures travel in the stream. Ends soon after `signal` fires (without an event). Retries
   * 408/429/5xx/resets itself, before the first event only.
   */
  complete(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>;
}

/** What a tool gets to work with: nothing it was not handed. */
export interface ToolContext {
  readonly agentId: string;
  readonly sessionKey: SessionKey;
  readonly sessionId: string;
  readonly runId: RunId;
  readonly state: Pick<State, "sessions" | "memory">;
  /** The redacted, effective configuration. */
  readonly config: () => unknown;
  readonly status: () => Promise<unknown>;
  readonly nowMs: () => number;
  /** Labels of everything in the context that led to this call. */
  readonly steeredBy: readonly Origin[];
  readonly signal: AbortSignal;
}

/** One tool of the assistant. */
export interface Tool extends ToolDefinition {
  /** `read`: may run in parallel with others. `idempotent`: twice is as good as once. `once`: never repeated after a crash. */
  readonly effect: "read" | "idempotent" | "once";
  /** Sends or fetches something outside: hidden and refused under `exfiltrationGuard` (agent.md §8.1). */
  readonly isOutward?: boolean;
  /** Reads the arguments of a call, once. */
  readonly parse: (input: unknown) => ParsedCall;
}

/** A call whose arguments fit, or what is wrong with them, in words for the model. Contract: `run` may throw. */
export type ParsedCall =
  | { readonly ok: true; readonly run: (context: ToolContext) => Promise<ToolOutput> }
  | { readonly ok: false; readonly say: string };

/** A refused call is `isError`; the text goes to the model either way. */
export interface ToolOutput {
  readonly value: Json;
  readonly isError?: boolean;
  readonly origin: Origin;
}

/** A tool call that was carried out (begun, whatever came of it), or that a policy refused. */
export type ToolDecision =
  | { readonly kind: "executed"; readonly tool: string }
  | { readonly kind: "denied"; readonly tool: string; readonly policy: string };

/** What a turn tells while it goes on; one of the last three ends it (websocket.md §10.3). */
export type TurnEvent =
  | { readonly kind: "started"; readonly model: string }
  /** From now on another model answers. */
  | {
      readonly kind: "switched";
      readonly from: string;
      readonly model: string;
      readonly why: string;
      readonly detail?: string;
    }
  | { readonly kind: "text"; readonly delta: string }
  | { readonly kind: "tool_use"; readonly id: string; readonly name: string; readonly input: Json }
  | {
      readonly kind: "tool_use_cancelled";
      readonly id: string;
      readonly name: string;
      readonly reason: string;
    }
  | {
      readonly kind: "tool_result";
      readonly id: string;
      readonly name: string;
      readonly result: string;
      readonly isError: boolean;
    }
  | {
      readonly kind: "completed";
      readonly text: string;
      readonly stopReason: StopReason;
      readonly usage: TokenUsage;
    }
  /** `detail`: what lies behind it (a vendor's own wording), redacted; for the log, not for clients. */
  | { readonly kind: "failed"; readonly say: string; readonly detail?: string }
  | { readonly kind: "cancelled" };

/** One turn of the assistant: from an accepted message to its reply. */
export interface Turn {
  readonly runId: RunId;
  readonly sessionId: string;
  readonly sessionKey: SessionKey;
  readonly agent: AgentSettings;
}

/** A model string (agent.md §2), parsed once. */
export interface AgentModel {
  /** The id of its `Provider`. */
  readonly provider: string;
  /** Without the prefix; may hold colons and slashes. */
  readonly model: string;
}

/** An agent's effective configuration for one run (agent.md §5). */
export interface AgentSettings {
  readonly agentId: string;
  readonly model: AgentModel;
  /** Asked in this order where the model fails before its first word. */
  readonly fallbacks?: readonly AgentModel[];
  readonly system?: string;
  readonly maxTurns: number;
  readonly maxTokens: number;
  readonly temperature?: number;
  readonly contextTokens: number;
  readonly timeoutSeconds: number;
  readonly tools: {
    readonly policy: "allow-all" | "allow-list" | "deny-list";
    readonly list: readonly string[];
  };
  /** Outward tools are hidden and refused (agent.md §8.1). */
  readonly exfiltrationGuard?: boolean;
  readonly reply?: ReplyWishes;
  readonly extra?: Json;
}

/** Prices and stores what model calls cost. */
export interface UsageDesk {
  /** The record as it is to be stored, priced; undefined if usage is not recorded. Contract: must not throw. */
  readonly bill: (entry: UsageEntry) => UsageEntry | undefined;
  /** Stores the record of a call whose answer does not join the history; others are stored with their message. */
  readonly recordUsage: (entry: UsageEntry) => Promise<void>;
}

export interface TurnDeps extends UsageDesk {
  readonly sessions: SessionRepository;
  readonly memory: MemoryRepository;
  readonly journal: Omit<RunJournal, "accept" | "absorb" | "unfinished" | "unfinishedOf" | "prune">;
  readonly provider: Provider;
  readonly tools: readonly Tool[];
  readonly toolContext: Pick<ToolContext, "config" | "status">;
  /** The bytes of a picture or document in the history; undefined if they are not kept any more. Contract: must not throw. */
  readonly readMedia?: (mediaId: string) => Promise<Uint8Array | undefined>;
  /** Hears what became of each tool call, for the audit log. Contract: must not throw. */
  readonly onToolDecided?: (decided: ToolDecision) => void;
  readonly clock: { nowMs(): number };
  readonly newId: () => string;
  /** Everything this process holds that must not stand in a reply; what looks like a secret is cut out anyway. */
  readonly secrets: () => readonly string[];
  /**
   * Asked before each model call: messages that came meanwhile and join this turn (agent.md §6.2 *Better*), which are in
   * the history already, as the run's own. Contract: must not throw.
   * @param fits Whether the turn's context has room for one more; asked once for each, before it joins.
   */
  readonly takeIn: (
    moment: "start" | "step",
    fits: (blocks: readonly Block[]) => boolean,
  ) => Promise<readonly Message[]>;
  /** Contract: must not throw. */
  readonly emit: (event: TurnEvent) => void;
  readonly signal: AbortSignal;
}

/** Runs (or, after a crash, goes on with) one turn until it ended; the outcome is in the journal before it returns. Never throws. */
export type RunTurn = (turn: Turn, deps: TurnDeps) => Promise<RunOutcome>;
