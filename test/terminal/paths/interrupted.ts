import { secrets } from "../support/ground.ts";
import { down, enter, interrupt } from "../support/keys.ts";
import type { Path, Turn } from "../support/path.ts";
import { everyStep, hidden, model, noCheck, noChecks, pick, usualGateway, usualRest } from "./talk.ts";

/** Ctrl-C at each question: 130, nothing written, one sentence how to go on. */
export function interrupted(found: number, models: string): readonly Path[] {
  const toEnd = usualRest.slice(0, -noChecks.length);
  const begin: readonly Turn[] = [everyStep, hidden];
  const ways: readonly (readonly [from: number, way: readonly Turn[]])[] = [
    [0, [...begin, pick("Skip", found), ...toEnd]],
    [2, [...begin, pick("Anthropic", found), ...anthropic]],
    [3, [...begin, pick("Bedrock", found), ...bedrock]],
    [3, [...begin, pick("Venice", found), ...venice]],
    [3, [...begin, pick("Vertex", found), ...vertex]],
    [3, [...begin, pick("Ollama", found), ...ollama(models)]],
    [4, [...begin, pick("OpenAI", found), ...openai]],
    [4, [...begin, pick("Gemini", found), ...gemini]],
    [7, [...begin, pick("Skip", found), ...usualGateway, ...matrix]],
    [7, [...begin, pick("Skip", found), ...usualGateway, ...bot("Telegram", 2, "Which chat gets")]],
    [7, [...begin, pick("Skip", found), ...usualGateway, ...bot("Discord", 1, "Which channel gets")]],
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
const vertex: readonly Turn[] = [
  ["Which model", enter],
  ["Google Cloud project", `my-project-123${enter}`],
  ["Location", enter],
  ["stands behind vertex:default", `gemini-3-flash${enter}`],
  noCheck,
];
const openai: readonly Turn[] = [["How do you sign in", enter], model, ["OpenAI API key", enter], noCheck];
const gemini: readonly Turn[] = [
  ["How do you sign in", `${down(1)}${enter}`],
  ["own address", enter],
  model,
  ["Gemini API key", enter],
  noCheck,
];

function ollama(models: string): readonly Turn[] {
  return [
    ["Where does Ollama listen?", `${models}${enter}`],
    ["llama3.3:70b", `\x1b[A${enter}`],
    ["Which model of", `qwen3:8b${enter}`],
    ["Does this Ollama want a key?", "y"],
    ["Ollama API key", `${secrets.ollama}${enter}`],
    noCheck,
  ];
}

function bot(label: "Telegram" | "Discord", at: number, whom: string): readonly Turn[] {
  return [
    ["What is it for", `${down(at)}${enter}`],
    [`${label} bot token`, `${secrets.hooksToken}${enter}`],
    [`Ask ${label} now`, "n"],
    [whom, enter],
  ];
}
