// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders are what is written
import { expect } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Home } from "../../../packages/cli/testing/cara.ts";
import { secrets } from "../support/ground.ts";
import { back, down, enter, interrupt } from "../support/keys.ts";
import type { PathsOn, Turn } from "../support/path.ts";
import {
  everyStep,
  hidden,
  noChecks,
  pick,
  quick,
  typedKey,
  usualExtras,
  usualGateway,
  write,
} from "./talk.ts";

const sealed = { CARAPACE_CONFIG_PASSWORD: secrets.configPassword };
const proven = { proves: ["local-chat"] } as const;

const begin = (found: number): readonly Turn[] => [everyStep, hidden, pick("Skip", found)];
const toOutcome = (found: number): readonly Turn[] => [...begin(found), ...usualGateway];
const outcome = (times: number): Turn => ["What is it for", `${down(times)}${enter}`];
const rest: readonly Turn[] = [...usualExtras, ...noChecks];

/** A chat here, and bots. */
const botPaths: PathsOn = ({ telegram, discord, found }) => [
  {
    name: "local chat in every step, looked at and talked to afterwards",
    talk: [
      ...toOutcome(found),
      outcome(0),
      ...usualExtras,
      ["See whether a gateway runs?", "y"],
      ["Prove now that it works", "y"],
      ["Chat with the assistant then?", "y"],
      ["local-chat works.", ""],
      ["> ", `what is 6*7?${enter}`],
      ["42", ""],
      ["> ", `/exit${enter}`],
    ],
    ...proven,
  },
  {
    name: "Discord: token typed, asked, proven with a real message",
    env: { ...sealed, DISCORD_BASE_URL: discord },
    talk: [
      ...toOutcome(found),
      outcome(1),
      ["Discord bot token", `no-token-of-discord${enter}`],
      ["Ask Discord now", enter],
      ["Write it anyway?", enter],
      ["Discord bot token", `${secrets.discord}${enter}`],
      ["Ask Discord now", enter],
      ["Which channel gets", `1234567890123${enter}`],
      ...usualExtras,
      ["See whether a gateway runs?", "n"],
      ["Prove now that it works", enter],
      ["Chat with the assistant then?", "n"],
    ],
    says: ["The token is that of", "[PASS] Discord send path", "--discord-to 1234567890123"],
    config: { discord: { enabled: true, botToken: expect.stringMatching(/^enc:v2:/) } },
  },
  {
    name: "Telegram: token of the environment, quick, with a message",
    env: { TELEGRAM_BASE_URL: telegram, TELEGRAM_BOT_TOKEN: secrets.telegram },
    words: ["--outcome", "telegram", "--verify-to", "4711"],
    talk: [quick, pick("Skip", found), ["where does it come from?", enter], write],
    says: ["[PASS] Telegram send path"],
    config: { telegram: { enabled: true, botToken: "${TELEGRAM_BOT_TOKEN}" } },
  },
  {
    name: "Telegram without a token: later",
    talk: [...toOutcome(found), outcome(2), ["Telegram bot token", enter], ...rest],
    says: ["cara start"],
    ...proven,
  },
  {
    name: "Telegram: a token that is not taken, written all the same",
    env: { TELEGRAM_BASE_URL: telegram },
    talk: [
      ...toOutcome(found),
      outcome(2),
      ["Telegram bot token", `${secrets.hooksToken}${enter}`],
      ["Ask Telegram now", enter],
      ["Write it anyway?", `${down(1)}${enter}`],
      ["Which chat gets", enter],
      ...rest,
    ],
    config: { telegram: { enabled: true, botToken: secrets.hooksToken } },
  },
];

/** Matrix accounts. */
const matrixPaths: PathsOn = ({ found }) => [
  {
    name: "Matrix with a password, encrypted, all lists",
    env: sealed,
    talk: [
      ...toOutcome(found),
      outcome(3),
      ["Matrix home server", `http://matrix.example.org${enter}`],
      ["must be encrypted", `\x15https://matrix.example.org${enter}`],
      ["Account of the assistant", `assistant${enter}`],
      ["looks like @name", `\x15@cara:example.org${enter}`],
      ["How does the account sign in?", enter],
      ["Matrix password", `${secrets.matrixPassword}${enter}`],
      ["Take part in encrypted rooms?", enter],
      ["Passphrase of the store", `${secrets.passphrase}${enter}`],
      ["Whose invitations", `@a:example.org, @b:example.org${enter}`],
      ["everyone on which servers", `example.org${enter}`],
      ["Which room gets", `!room:example.org${enter}`],
      ...rest,
    ],
    config: {
      matrix: {
        homeserverUrl: "https://matrix.example.org",
        userId: "@cara:example.org",
        encrypted: true,
        password: expect.stringMatching(/^enc:v2:/),
        storePassphrase: expect.stringMatching(/^enc:v2:/),
        autoJoin: { allowUsers: ["@a:example.org", "@b:example.org"], allowServerNames: ["example.org"] },
      },
    },
  },
  {
    name: "Matrix with an access token of the environment, not encrypted",
    env: {
      MATRIX_HOMESERVER_URL: "https://matrix.example.org",
      MATRIX_USER_ID: "@cara:example.org",
      MATRIX_ACCESS_TOKEN: secrets.matrixToken,
      MATRIX_DEVICE_ID: "DEVICEID",
    },
    talk: [
      ...toOutcome(found),
      outcome(3),
      ["Matrix home server", enter],
      ["Account of the assistant", enter],
      ["How does the account sign in?", enter],
      ["Matrix access token: where", enter],
      ["Device id", enter],
      ["Take part in encrypted rooms?", "n"],
      ["Whose invitations", enter],
      ["everyone on which servers", enter],
      ["Which room gets", enter],
      ...rest,
    ],
    config: { matrix: { encrypted: false, accessToken: "${MATRIX_ACCESS_TOKEN}", deviceId: "DEVICEID" } },
  },
  {
    name: "Matrix: a typed secret is not taken without a password that seals it; later then",
    talk: [
      ...toOutcome(found),
      outcome(3),
      ["Matrix home server", `https://matrix.example.org${enter}`],
      ["Account of the assistant", `@cara:example.org${enter}`],
      ["How does the account sign in?", enter],
      ["Matrix password", `${secrets.matrixPassword}${enter}`],
      ["only kept sealed", "\x1b"],
      ["How does the account sign in?", "\x1b"],
      ["Account of the assistant", "\x1b"],
      ["Matrix home server", `none${enter}`],
      ...rest,
    ],
  },
];

/** Hooks, and every answer about the gateway. */
const gatewayPaths: PathsOn = ({ found }) => [
  {
    name: "hooks with a token of one's own, and the control page",
    talk: [
      ...toOutcome(found),
      outcome(4),
      ["May other programs call", enter],
      ["Make the token now?", "n"],
      ["Your token", `short${enter}`],
      ["At least 10 characters", `${secrets.hooksToken}${enter}`],
      ["Serve the control page", "y"],
      write,
      ["See whether a gateway runs?", "n"],
      ["Prove now that it works", enter],
      ["Chat with the assistant then?", "n"],
    ],
    says: ["[PASS] Signed /hooks/wake", "cara hooks add"],
    config: {
      gateway: { hooks: { enabled: true, token: secrets.hooksToken }, controlUi: { enabled: true } },
    },
    proves: ["hooks"],
  },
  {
    name: "hooks, quick",
    words: ["--outcome", "hooks"],
    talk: [quick, pick("Skip", found), write],
    says: ["Hooks API: on", "[PASS] Signed /hooks/wake"],
    config: { gateway: { hooks: { enabled: true } } },
  },
  {
    name: "a password, the network, another port",
    asksPort: true,
    talk: [
      ...begin(found),
      ["prove to the gateway", `${down(1)}${enter}`],
      ["Make the password now?", "n"],
      ["Your password", `${secrets.gatewayToken}${enter}`],
      ["Who can reach the gateway?", `${down(1)}${enter}`],
      ["Open it to the network?", enter],
      ["Who can reach the gateway?", `${down(1)}${enter}`],
      ["Open it to the network?", "y"],
      ["Port of the gateway", `99999${enter}`],
      ["from 1 to 65535", `\x15<port>${enter}`],
      outcome(0),
      ...rest,
    ],
    says: ["Every device of the network"],
    config: { gateway: { bind: "lan", auth: { mode: "password", password: secrets.gatewayToken } } },
  },
  {
    name: "quick, then every step after all",
    talk: [
      quick,
      pick("Skip", found),
      ["Write it?", `${down(1)}${enter}`],
      hidden,
      ...usualGateway,
      outcome(0),
      ...rest,
    ],
    ...proven,
  },
];

/** What was there before. */
const foundPaths: PathsOn = ({ models, found }) => [
  {
    name: "Ctrl-C once it is written: the rest is left out, and what is next is said",
    talk: [
      ...toOutcome(found),
      outcome(0),
      ...usualExtras,
      ["See whether a gateway runs?", "y"],
      ["Prove now", interrupt],
    ],
    says: ["Next:"],
    saysNot: ["local-chat works."],
  },
  {
    name: "a configuration that is there, and another port: it can be started over, or left",
    prepare: withOld,
    talk: [["What becomes of it?", `${down(1)}${enter}`]],
    exit: 1,
    says: ["Start over", "Nothing was written."],
    saysNot: ["keep everything else"],
    config: { gateway: { port: 1 } },
  },
  {
    name: "a configuration that is there: replaced with --force, the old one kept",
    prepare: withOld,
    words: ["--force"],
    talk: [quick, pick("Skip", found), ["Write it over the old configuration", enter]],
    says: ["local-chat works.", "Old configuration:"],
    after: ({ stateDir }) => {
      const kept = readdirSync(stateDir).filter((name) => name.includes(".bak"));
      expect(kept).toHaveLength(1);
      const path = join(stateDir, kept[0] ?? "");
      expect(readFileSync(path, "utf8")).toContain('"port":1');
      expect(statSync(path).mode & 0o777).toBe(0o600);
    },
  },
  {
    name: "another assistant's configuration is offered first, and nothing is written over it",
    prepare: withOpenClaw,
    talk: [["Take over the settings of OpenClaw", enter]],
    writesNothing: true,
    says: ["Run this now: cara import openclaw"],
  },
  {
    name: "a configuration that is there: the model is changed, and all else stays",
    env: { ANTHROPIC_BASE_URL: models },
    prepare: (home) => {
      withRichConfig(home);
      withOpenClaw(home);
    },
    asksPort: true,
    talk: [
      ["What becomes of it?", enter],
      quick,
      pick("Anthropic", found),
      ["How do you sign in", enter],
      ["Which model", enter],
      typedKey("Anthropic", "anthropic"),
      ["Write it into the configuration?", enter],
    ],
    says: ["Everything else: as it is", "local-chat works."],
    saysNot: ["OpenClaw"],
    config: {
      ...richConfig,
      anthropic: { apiKey: secrets.anthropic },
      agents: { defaults: { model: "anthropic:claude-sonnet-4-6", maxConcurrent: 2 } },
    },
    after: ({ stateDir }) =>
      expect(readFileSync(join(stateDir, "carapace.json.bak"), "utf8")).toBe(JSON.stringify(richConfig)),
  },
  {
    name: "a configuration that is there: back to that question, and left as it is",
    prepare: withRichConfig,
    asksPort: true,
    talk: [
      ["What becomes of it?", enter],
      ["How do you want to set up?", back],
      ["What becomes of it?", `${down(2)}${enter}`],
    ],
    ...{ exit: 1, says: ["Nothing was written."], config: richConfig },
  },
  {
    name: "a configuration that does not load can only be started over",
    prepare: ({ stateDir }) => {
      mkdirSync(stateDir, { mode: 0o700 });
      writeFileSync(join(stateDir, "carapace.json"), "{ broken", { mode: 0o600 });
    },
    asksPort: true,
    talk: [["What becomes of it?", enter], quick, pick("Skip", found), ["Write it over the old", enter]],
    saysNot: ["keep everything else"],
    config: { agents: { defaults: { model: "offline:basic" } } },
  },
  {
    name: "another assistant's configuration is told of, and need not be taken over",
    prepare: withOpenClaw,
    talk: [
      ["How do you want to set up?", found > 0 ? enter : `${down(1)}${enter}`],
      pick("Skip", found),
      write,
    ],
    says: ["local-chat works."],
  },
];

/** Every outcome, and every answer about the gateway. */
export const outcomePaths: PathsOn = (ground) =>
  [botPaths, matrixPaths, gatewayPaths, foundPaths].flatMap((paths) => paths(ground));

const richConfig = {
  gateway: { port: 18790, auth: { mode: "token", token: "an-old-token-of-forty-characters-000000" } },
  agents: { defaults: { model: "offline:basic", maxConcurrent: 2 } },
  cron: { enabled: false },
};

function withRichConfig({ stateDir }: Home): void {
  mkdirSync(stateDir, { mode: 0o700 });
  writeFileSync(join(stateDir, "carapace.json"), JSON.stringify(richConfig), { mode: 0o600 });
}

function withOpenClaw({ folder }: Home): void {
  mkdirSync(join(folder, ".openclaw"), { mode: 0o700 });
  writeFileSync(join(folder, ".openclaw", "openclaw.json"), "{}", { mode: 0o600 });
}

function withOld({ stateDir }: Home): void {
  if (!existsSync(stateDir)) mkdirSync(stateDir, { mode: 0o700 });
  const path = join(stateDir, "carapace.json");
  writeFileSync(
    path,
    '{"gateway":{"port":1,"auth":{"mode":"token","token":"an-old-token-of-forty-characters-000000"}}}',
  );
  chmodSync(path, 0o600);
}
