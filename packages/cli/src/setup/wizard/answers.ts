import type { OAuthClient } from "@carapace/accounts";
import type { Secret } from "@carapace/config";
import type { GatewayAuthAnswer, Given, GivenText, Outcome, SignedIn } from "../answers.ts";
import type { AuthModeFlag, SetupChoice } from "../choice.ts";
import type { LiveFinding } from "../live.ts";

/** How a Matrix account proves itself. */
type MatrixSignIn = "access-token" | "password";

/** What each question of the wizard sets. Those that were not asked are absent: `assemble` knows their defaults. */
export interface Answers {
  /** What becomes of the configuration that is there. */
  over: "merge" | "replace";
  /** `import`: another assistant's settings are taken over instead. */
  pace: "quick" | "every" | `import ${string}`;
  hidesInput: boolean;
  provider: SetupChoice;
  authMode: AuthModeFlag;
  /** As it is written, with its prefix. */
  model: string;
  /** Absent in the answer: the provider's own. */
  baseUrl: GivenText | undefined;
  key: Given;
  projectId: GivenText;
  location: GivenText;
  routeModel: GivenText;
  region: GivenText;
  accessKeyId: Given;
  secretAccessKey: Given;
  sessionToken: Given;
  client: OAuthClient;
  profile: SignedIn;
  live: LiveFinding;
  gatewayAuth: GatewayAuthAnswer;
  bind: "loopback" | "lan";
  port: number;
  outcome: Outcome;
  botToken: Given;
  /** Whether the vendor was asked, and took it. */
  botChecked: boolean;
  /** Blank: no account; the outcome is left for later. */
  homeserverUrl: string;
  userId: string;
  matrixSignIn: MatrixSignIn;
  matrixToken: Given;
  deviceId: string;
  encrypted: boolean;
  storePassphrase: Given;
  allowUsers: readonly string[];
  allowServerNames: readonly string[];
  /** Blank: nobody gets a message. */
  verifyTo: string;
  /** Undefined in the answer: the hooks API stays off. */
  hooksToken: Secret | undefined;
  controlUi: boolean;
  /** `every`: what was not asked is asked after all. */
  consent: "write" | "every";
}

export type AnswerKey = keyof Answers;
