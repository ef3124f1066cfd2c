import type { Checks, ProvenOutcome, Subject } from "./types.ts";

/** What proves each outcome; loaded when it is asked for. */
const outcomes: Readonly<Record<ProvenOutcome, () => Promise<(subject: Subject) => Checks>>> = {
  "local-chat": async () => (await import("./local-chat/local-chat.ts")).verifyLocalChat,
  discord: async () => (await import("./channels/verify-bot.ts")).verifyDiscord,
  telegram: async () => (await import("./channels/verify-bot.ts")).verifyTelegram,
  matrix: async () => (await import("./matrix/matrix.ts")).verifyMatrix,
  hooks: async () => (await import("./hooks.ts")).verifyHooks,
  autonomy: async () => (await import("./autonomy.ts")).verifyAutonomy,
};

export async function checksOf(outcome: ProvenOutcome, subject: Subject): Promise<Checks> {
  return (await outcomes[outcome]())(subject);
}
