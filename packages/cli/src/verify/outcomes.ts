import type { Checks, ProvenOutcome, Subject } from "./types.ts";

type Verify = (subject: Subject) => Checks;

/** What proves each outcome; loaded when it is asked for. */
const outcomes: Readonly<Partial<Record<ProvenOutcome, () => Promise<Verify>>>> = {
  "local-chat": async () => (await import("./local-chat/local-chat.ts")).verifyLocalChat,
  hooks: async () => (await import("./hooks.ts")).verifyHooks,
  autonomy: async () => (await import("./autonomy.ts")).verifyAutonomy,
};

export async function checksOf(outcome: ProvenOutcome, subject: Subject): Promise<Checks> {
  const load = outcomes[outcome];
  if (load === undefined) throw new Error(`${outcome} cannot be verified yet`);
  return (await load())(subject);
}
