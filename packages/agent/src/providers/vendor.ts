import type { Secret } from "@carapace/config";

/** What a vendor is called and where its settings stand: the words its failures are told in. */
export interface Vendor {
  /** The prefix of its model strings. */
  readonly id: "anthropic" | "openai" | "ollama";
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
}
