import { secrets } from "../support/ground.ts";
import { down, enter, interrupt } from "../support/keys.ts";
import type { Path, Turn } from "../support/path.ts";
import { everyStep, hidden, model, noCheck, noChecks, pick, usualGateway, usualRest } from "./talk.ts";

/** Ctrl-C at each question: 130, nothing written, one sentence how to go on. */
export function interrupted(found: number): readonly Path[] {
  const toEnd = usualRest.slice(0, -noChecks.length);
  const begin: readonly Turn[] = [everyStep, hidden];
  const ways: readonly (readonly [from: number, way: readonly Turn[]])[] = [
    [0, [...begin, pick("Skip", found), ...toEnd]],
    [2, [...begin, pick("Anthropic", found), ...anthropic]],
    [3, [...begin, pick("Bedrock", found), ...bedrock]],
    [3, [...begin, pick("Venice", found), ...venice]],
    [7, [...begin, pick("Skip", found), ...usualGateway, ...matrix]],
    [7, [...begin, pick("Skip", found), ...usualGateway, ...telegram]],
  ];
  return ways.flatMap(([from, way]) =>
    way.slice(from).map(([see], at) => stoppedAt(see, way.slice(0, from + at))),
  );
}

function stoppedAt(see: string, before: readonly Turn[]): Path {
  return {
    name: `Ctrl-C at "${see}" after ${before.length}`,
    env: { CARAPACE_CONFIG_PASSWORD: secrets.configPassword },
    talk: [...before, [see, interrupt]],
    exit: 130,
    says: ["Run cara setup again to go on"],
  };
}

const anthropic: readonly Turn[] = [
  ["How do you sign in", `${down(1)}${enter}`],
  model,
  ["Token that", enter],
];
const bedrock: readonly Turn[] = [
  model,
  ["AWS region", enter],
  ["AWS access key id", `${secrets.awsId}${enter}`],
  ["AWS secret access key", `${secrets.awsSecret}${enter}`],
  ["AWS session token", enter],
  noCheck,
];
const venice: readonly Turn[] = [
  ["own address", "n"],
  ["Address of the Venice API", `https://venice.example${enter}`],
  model,
  ["Venice API key", enter],
];
const matrix: readonly Turn[] = [
  ["What is it for", `${down(3)}${enter}`],
  ["Matrix home server", `https://matrix.example.org${enter}`],
  ["Account of the assistant", `@cara:example.org${enter}`],
  ["How does the account sign in?", `${down(1)}${enter}`],
  ["Matrix access token", `${secrets.matrixToken}${enter}`],
  ["Device id", `DEVICEID${enter}`],
  ["Take part in encrypted rooms?", enter],
  ["Passphrase of the store", `${secrets.passphrase}${enter}`],
  ["Whose invitations", enter],
  ["everyone on which servers", enter],
  ["Which room gets", enter],
];
const telegram: readonly Turn[] = [
  ["What is it for", `${down(2)}${enter}`],
  ["Telegram bot token", `${secrets.hooksToken}${enter}`],
  ["Ask Telegram now", "n"],
  ["Which chat gets", enter],
];
