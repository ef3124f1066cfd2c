import type { ModelProvider, Secret } from "@carapace/config";
import type { Result } from "@carapace/protocol";
import type { Provider } from "../types.ts";
import type { ProviderSource } from "./settings.ts";
import type { CallDeps } from "./vendor-call.ts";

/** What a vendor is called and where its settings stand: the words its failures are told in. */
export interface Vendor {
  /** The prefix of its model strings. */
  readonly id: Exclude<ModelProvider, "offline">;
  /** For sentences: `Anthropic`. */
  readonly label: string;
  /** Where its key comes from: `ANTHROPIC_API_KEY`, or `anthropic.apiKey` in the config. */
  readonly keyName: string;
  /** The same for its base URL. */
  readonly urlName: string;
  /** Whether requests leave this machine. */
  readonly isLocal: boolean;
  /** Cut out of everything the vendor says. */
  readonly secrets: readonly Secret[];
  /** What its owner can do about it, if it is a server of their own. */
  readonly ownServer?: OwnServer;
}

/** Commands for the owner of a server: they end a sentence. */
export interface OwnServer {
  readonly start: string;
  readonly getModel: (model: string) => string;
}

/** A vendor of language models: one file each, all of them listed in `vendors.ts`. */
export interface VendorDefinition {
  /** A sentence for an owner who asks for one of its models and has not set it up. */
  readonly howToSetUp: string;
  /** Until a reply's headers. */
  readonly headerTimeoutMs: number;
  /** @returns undefined if it is not set up; refused if it is set to something that can never work. */
  readonly read: (source: ProviderSource) => Result<ConfiguredVendor | AbsentVendor | undefined>;
}

/** A vendor that is set up, but not so that it could be used, while the others can (agent.md §3). */
export interface AbsentVendor {
  /** A sentence for its owner: what is wrong with which setting. */
  readonly absentBecause: string;
}

/** A vendor with the settings of one configuration. */
export interface ConfiguredVendor {
  readonly create: (deps: CallDeps) => Provider;
  /** Everything that makes the provider, keys included (agent.md §3 *Fix*). */
  readonly fingerprint: readonly string[];
  /** What its owner should know of how it is set up. */
  readonly warnings?: readonly string[];
  /** The model string of an owner who chose none. Without it the next vendor gives it. */
  readonly defaultModel?: (nowMs: () => number) => Result<string> | Promise<Result<string>>;
}
