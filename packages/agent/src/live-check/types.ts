import type { Secret } from "@carapace/config";

/** What a check found. Holds neither a secret, nor an address, nor words of the vendor. */
export interface LiveCheckResult {
  /** `skip`: nothing was proven either way. */
  readonly status: "pass" | "fail" | "skip";
  /** One sentence for the owner. */
  readonly detail: string;
  /** What to do next. */
  readonly remediation?: string;
}

/** An API key, or what gives a sign-in's fresh token: it throws, or refuses, if there is none. */
type LiveCredential =
  | { readonly kind: "key"; readonly key: Secret }
  | { readonly kind: "token"; readonly token: (signal: AbortSignal) => Promise<Secret> };

/**
 * What is to be checked. Base URLs are the vendor's own unless given. `model` stands without the provider's prefix, and
 * is looked for where the vendor tells which ones there are.
 */
export type LiveCheckRequest =
  | {
      readonly provider: "anthropic" | "openai" | "nearai" | "venice";
      readonly key: Secret;
      readonly baseUrl?: string;
      readonly model?: string;
    }
  | {
      readonly provider: "gemini";
      readonly credential: LiveCredential;
      readonly baseUrl?: string;
      readonly model?: string;
    }
  | {
      readonly provider: "ollama";
      readonly key?: Secret;
      readonly baseUrl?: string;
      readonly model?: string;
    }
  | {
      readonly provider: "bedrock";
      readonly region: string;
      readonly accessKeyId: Secret;
      readonly secretAccessKey: Secret;
      readonly sessionToken?: Secret;
      readonly model?: string;
      /** Of the control plane, `https://bedrock.<region>.amazonaws.com`. */
      readonly baseUrl?: string;
    }
  | {
      readonly provider: "vertex";
      readonly projectId: string;
      /** Default `us-central1`. */
      readonly location?: string;
      /** As in a model string: `gemini-…`, `google/gemini-…`, `publishers/anthropic/models/…`. */
      readonly model?: string;
      /** Default `["gemini-3*"]`. */
      readonly globalModels?: readonly string[];
      readonly gcloudTokenTimeoutMs?: number;
      readonly baseUrl?: string;
      /** Of the metadata server. */
      readonly metadataUrl?: string;
    }
  | {
      readonly provider: "claude-cli";
      /** Default `claude`. */
      readonly path?: string;
    };

export interface LiveCheckDeps {
  readonly nowMs: () => number;
  /** The environment, and what the configuration adds to it: programs that are asked need `PATH` and `HOME`. */
  readonly lookup: (name: string) => string | undefined;
  readonly signal?: AbortSignal;
}
