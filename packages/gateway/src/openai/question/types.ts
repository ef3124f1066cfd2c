import type { ReplyWishes, ToolDefinition } from "@carapace/agent";
import type { Block, Json } from "@carapace/protocol";
import type { ApiError } from "../errors.ts";

/** What a request of either API asks, in one form. */
export interface Question {
  /** As the client wrote it. */
  readonly model: string;
  /** Whom the client speaks for, in its own words. */
  readonly user?: string;
  /** Of the client; blank if it gave none. */
  readonly system: string;
  readonly turns: readonly Turn[];
  readonly tools: readonly ToolDefinition[];
  readonly sampling: Sampling;
}

/** What a caller asks of how a reply is made. */
export interface Sampling {
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly reply?: ReplyWishes;
}

/** One message of the conversation so far. */
export interface Turn {
  readonly role: "user" | "assistant" | "tool";
  readonly pieces: readonly Piece[];
  /** Of an item that this gateway once gave out. */
  readonly itemId?: string;
}

export type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "file"; readonly file: FileSource }
  /** What was labelled before. */
  | { readonly kind: "block"; readonly block: Block }
  | { readonly kind: "call"; readonly id: string; readonly name: string; readonly input: Json }
  | { readonly kind: "result"; readonly id: string; readonly text: string };

/** Where a picture or document comes from. */
export type FileSource = {
  readonly isImage: boolean;
  readonly name?: string;
  /** Of the request, for errors. */
  readonly param: string;
} & (
  | { readonly kind: "url"; readonly url: string }
  | { readonly kind: "base64"; readonly data: string; readonly mime?: string }
);

/** What was read, or what the client is told is wrong. */
export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: ApiError };
