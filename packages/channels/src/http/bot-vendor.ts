import type { BotIdentity } from "./checked-token.ts";
import type { Said } from "./judge-answer.ts";
import type { VendorAnswer, VendorRequest } from "./vendor-request.ts";

/** What a bot's channel knows of its vendor. */
export interface BotVendor {
  readonly id: "telegram" | "discord";
  /** In sentences. */
  readonly label: string;
  /** Whether it can be a token: it stands in a path or a header, and nothing may that leads elsewhere or ends one. */
  readonly isTokenShaped: (token: string) => boolean;
  /** What is said of one that cannot. */
  readonly notAToken: string;
  /** The question whose a token is. */
  readonly whoAmI: (root: string, token: string) => Pick<VendorRequest, "url" | "headers">;
  /** Pure. Whose it is, in the answer's result; undefined if it does not say. */
  readonly botIn: (result: unknown) => BotIdentity | undefined;
  /** Pure. Reads an answer; what is none of the vendor's API says nothing. */
  readonly read: (answer: VendorAnswer) => Said & { readonly result?: unknown };
}
