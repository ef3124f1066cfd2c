import type { Secret } from "@carapace/config";
import type { Result } from "@carapace/protocol";

/**
 * A value as its owner gave it: the name of a variable, which is written as `${NAME}`; typed in, which is written
 * literally (and sealed if there is a config password); or left out.
 */
export type Given =
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "typed"; readonly secret: Secret }
  | { readonly kind: "none" };

/** A plain setting: a variable's name, or the text itself. */
export type GivenText =
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "text"; readonly text: string };

/** A stored sign-in that setup made or found (agent.md §15). */
export interface SignedIn {
  readonly profileId: string;
  readonly name?: string;
  readonly email?: string;
  /** Keeps it; called once everything else is decided, as nothing is written before. */
  readonly store: () => Promise<Result<undefined>>;
}

/** Which model provider, and what it needs (cli.md §3.10). */
export type ProviderAnswer =
  /** Nothing is set up: the built-in offline assistant answers. */
  | { readonly provider: "offline" }
  | { readonly provider: "anthropic"; readonly mode: "apiKey"; readonly key: Given }
  | { readonly provider: "anthropic"; readonly mode: "setupToken"; readonly profile: SignedIn }
  | { readonly provider: "openai"; readonly mode: "apiKey"; readonly key: Given }
  | {
      readonly provider: "codex";
      readonly mode: "oauth";
      readonly profile: SignedIn;
      readonly clientId: string;
    }
  | {
      readonly provider: "ollama";
      readonly mode: "baseUrl";
      readonly baseUrl: GivenText;
      readonly key: Given;
    }
  | {
      readonly provider: "gemini";
      readonly mode: "apiKey";
      readonly key: Given;
      readonly baseUrl?: GivenText;
    }
  | {
      readonly provider: "gemini";
      readonly mode: "oauth";
      readonly profile: SignedIn;
      readonly clientId: string;
      readonly baseUrl?: GivenText;
    }
  | {
      readonly provider: "vertex";
      readonly mode: "none";
      readonly projectId: GivenText;
      readonly location: GivenText;
      /** What `vertex:default` stands for. */
      readonly routeModel?: GivenText;
    }
  | {
      readonly provider: "nearai" | "venice";
      readonly mode: "apiKey";
      readonly key: Given;
      readonly baseUrl?: GivenText;
    }
  | {
      readonly provider: "bedrock";
      readonly mode: "staticCredentials";
      readonly region: GivenText;
      readonly accessKeyId: Given;
      readonly secretAccessKey: Given;
      readonly sessionToken: Given;
    }
  | { readonly provider: "claude-cli"; readonly mode: "none" };

/** How clients prove themselves to the gateway. */
export type GatewayAuthAnswer =
  | { readonly mode: "token"; readonly token: Secret }
  | { readonly mode: "password"; readonly password: Secret };

/** What the owner wants to have proven at the end. */
export const outcomes = ["local-chat", "discord", "telegram", "matrix", "hooks"] as const;
export type Outcome = (typeof outcomes)[number];

/** The account of an outcome's channel. */
export type ChannelAnswer =
  | {
      readonly channel: "discord" | "telegram";
      readonly botToken: Given;
      /** Where `cara verify` sends its message to. */
      readonly verifyTo?: string;
    }
  | {
      readonly channel: "matrix";
      readonly homeserverUrl: string;
      readonly userId: string;
      readonly signIn:
        | { readonly kind: "accessToken"; readonly token: Given; readonly deviceId: string }
        | { readonly kind: "password"; readonly password: Given };
      readonly encrypted: boolean;
      readonly storePassphrase: Given;
      readonly allowUsers: readonly string[];
      readonly allowServerNames: readonly string[];
      readonly verifyTo?: string;
    };

/** Everything setup asks for: what the wizard, flags and a draft come to, and what the configuration is made from. */
export interface SetupAnswers {
  readonly provider: ProviderAnswer;
  /** As it is written: `anthropic:claude-…`; absent only with `offline`. */
  readonly model?: string;
  readonly auth: GatewayAuthAnswer;
  readonly bind: "loopback" | "lan";
  readonly port: number;
  readonly outcome: Outcome;
  /** Absent: skipped, or the outcome needs none. */
  readonly channel?: ChannelAnswer;
  /** Absent: the hooks API stays off. */
  readonly hooksToken?: Secret;
  readonly controlUi: boolean;
}
