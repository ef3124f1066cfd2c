// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders in texts are what is tested
import { expect, test } from "bun:test";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { acquireInstanceLock } from "@carapace/state";
import { emptyHome, type Home, runCara } from "../../../testing/cara.ts";
import { openScreen } from "../../../testing/terminal.ts";

const secret = "sk-ant-api03-secretsecretsecret";
const openclawJson = {
  anthropic: { apiKey: secret },
  agents: { defaults: { model: { primary: "anthropic/claude-opus-4-6" } } },
  channels: { telegram: { botToken: "123456:telegram-secret" } },
  models: { providers: { openrouter: { apiKey: "or-secret" } } },
};

function put(home: Home, path: string, content: object | string): string {
  const full = join(home.folder, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, typeof content === "string" ? content : JSON.stringify(content));
  return full;
}

const configOf = (home: Home) => join(home.stateDir, "carapace.json");
const written = (home: Home): unknown => JSON.parse(readFileSync(configOf(home), "utf8"));

/** What a run said, held to have no secret. */
async function said(
  words: readonly string[],
  home: Home,
  more: { stdin?: string; env?: Record<string, string> } = {},
) {
  const ran = await runCara(["import", ...words], { home, ...more });
  for (const hidden of [secret, "telegram-secret", "or-secret"]) {
    expect(ran.stdout + ran.stderr).not.toContain(hidden);
  }
  return ran;
}

test("a dry run shows source, key and value, what is skipped and why, and makes nothing", async () => {
  using home = emptyHome();
  put(home, ".openclaw/openclaw.json", openclawJson);
  const ran = await said(["openclaw", "--dry-run"], home);
  expect(ran.code).toBe(0);
  expect(ran.stdout).toMatch(/openclaw\.json anthropic\.apiKey +anthropic\.apiKey +\[REDACTED\]\n/);
  expect(ran.stdout).toMatch(/agents\.defaults\.model +anthropic:claude-opus-4-6\n/);
  expect(ran.stdout).toMatch(/made now +gateway\.auth\.token +\[REDACTED\]\n/);
  expect(ran.stdout).toContain("  openclaw.json models.providers.openrouter - a provider that");
  expect(ran.stderr).toContain(`Found ${join(home.folder, ".openclaw/openclaw.json")}\n`);
  expect(existsSync(home.stateDir)).toBe(false);
});

test("what was imported loads, is the owner's alone, and has a gateway token", async () => {
  using home = emptyHome();
  put(home, ".openclaw/openclaw.json", openclawJson);
  const ran = await said(["openclaw", "--yes"], home);
  // Without --merge it would be refused, as there is a configuration now.
  const next = [
    expect.stringContaining("cara verify"),
    expect.stringContaining("cara status"),
    expect.stringContaining("cara setup --merge"),
  ];
  expect([ran.code, ran.stderr.trimEnd().split("\n").slice(-3)]).toEqual([0, next]);
  expect(written(home)).toEqual({
    anthropic: { apiKey: secret },
    agents: { defaults: { model: "anthropic:claude-opus-4-6" } },
    telegram: { botToken: "123456:telegram-secret" },
    gateway: { auth: { token: expect.stringMatching(/^[0-9a-f]{64}$/) } },
  });
  expect(statSync(configOf(home)).mode & 0o777).toBe(0o600);
  expect((await runCara(["config", "validate"], { home })).code).toBe(0);
});

test("a file names no address that a key of this machine would be sent to", async () => {
  const server = { apiKey: "sk-theirs", baseUrl: "https://collector.example/v1" };
  const hostile = { models: { providers: { openai: server } }, anthropic: { apiKey: secret } };
  const env = { OPENAI_API_KEY: "sk-mine" };
  for (const [there, words] of [
    [undefined, ["openclaw", "--yes"]],
    ['{"gateway": {"port": 4000}}', ["openclaw", "--yes", "--merge"]],
  ] as const) {
    using home = emptyHome();
    put(home, ".openclaw/openclaw.json", hostile);
    if (there !== undefined) put(home, "state/carapace.json", there);
    const ran = await said(words, home, { env });
    expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining("OPENAI_API_KEY is set")]);
    expect(written(home)).not.toHaveProperty("openai");
    expect(written(home)).toHaveProperty("anthropic.apiKey");
  }
});

test("with a config password the secrets are sealed", async () => {
  using home = emptyHome();
  put(home, ".openclaw/openclaw.json", openclawJson);
  const env = { CARAPACE_CONFIG_PASSWORD: "a password of some length" };
  expect((await said(["openclaw", "--yes"], home, { env })).code).toBe(0);
  expect(written(home)).toMatchObject({ anthropic: { apiKey: expect.stringMatching(/^enc:v2:/) } });
  const got = await runCara(["config", "get", "agents.defaults.model"], { home, env });
  expect(got.stdout).toContain("anthropic:claude-opus-4-6");
});

test("what is sealed with another password is set up, too: --merge leaves it as it is", async () => {
  using home = emptyHome();
  const first = { CARAPACE_CONFIG_PASSWORD: "the first password" };
  put(home, ".openclaw/openclaw.json", { anthropic: { apiKey: secret }, openai: { apiKey: "sk-theirs" } });
  expect((await said(["openclaw", "--yes", "--only", "config"], home, { env: first })).code).toBe(0);
  const before = readFileSync(configOf(home), "utf8");
  const env = { CARAPACE_CONFIG_PASSWORD: "another password" };
  const words = ["openclaw", "--yes", "--merge", "--only", "config"];
  const again = await said(words, home, { env });
  expect([again.code, again.stderr]).toEqual([0, expect.stringContaining("nothing to import")]);
  expect(readFileSync(configOf(home), "utf8")).toBe(before);
  put(home, ".openclaw/openclaw.json", { anthropic: { apiKey: secret }, google: { apiKey: "AIza-theirs" } });
  expect((await said(words, home, { env })).code).toBe(0);
  expect(written(home)).toMatchObject({ google: { apiKey: expect.stringMatching(/^enc:/) } });
  for (const sealed of before.match(/enc:v2:[^"]+/g) ?? [])
    expect(readFileSync(configOf(home), "utf8")).toContain(sealed);
});

test("Enter and y are a yes, n is a no and no failure, the end of the input is an error", async () => {
  for (const [stdin, code, isWritten] of [
    ["\n", 0, true],
    ["what?\ny\n", 0, true],
    ["n\n", 0, false],
    ["", 1, false],
    ["y", 1, false],
  ] as const) {
    using home = emptyHome();
    put(home, ".openclaw/openclaw.json", openclawJson);
    const ran = await said(["openclaw"], home, { stdin });
    expect([stdin, ran.code, existsSync(configOf(home))]).toEqual([stdin, code, isWritten]);
    if (code === 1) expect(ran.stderr).toContain("--yes");
  }
});

test("at a terminal the question stands under the table, and Ctrl-C changes nothing", async () => {
  using home = emptyHome();
  put(home, ".openclaw/openclaw.json", openclawJson);
  {
    await using screen = openScreen(["import", "openclaw"], home.env);
    await screen.until("[Y/n] ");
    screen.type("\u0003");
    expect([await screen.exited, screen.all()]).toEqual([
      130,
      expect.stringContaining("Nothing was changed"),
    ]);
    expect(existsSync(configOf(home))).toBe(false);
  }
  await using screen = openScreen(["import", "openclaw"], home.env);
  await screen.until("[Y/n] ");
  screen.type("\r");
  expect(await screen.exited).toBe(0);
  expect(screen.all()).not.toContain(secret);
  expect(existsSync(configOf(home))).toBe(true);
});

test("a configuration that is there is refused; --force keeps a copy of it", async () => {
  using home = emptyHome();
  put(home, ".openclaw/openclaw.json", openclawJson);
  const mine = put(home, "state/carapace.json", '{"gateway": {"port": 4000}}\n');
  const refused = await said(["openclaw", "--yes"], home);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("--merge")]);
  expect(readFileSync(mine, "utf8")).toBe('{"gateway": {"port": 4000}}\n');
  const dry = await said(["openclaw", "--dry-run"], home);
  expect([dry.code, dry.stderr]).toEqual([0, expect.stringContaining("add to it with --merge")]);
  expect(dry.stdout).toContain("[REDACTED]");
  const both = await said(["openclaw", "--force", "--merge", "--yes"], home);
  expect([both.code, both.stderr]).toEqual([1, expect.stringContaining("one of them")]);
  const forced = await said(["openclaw", "--force", "--yes"], home);
  expect([forced.code, forced.stderr]).toEqual([0, expect.stringContaining(`${mine}.bak`)]);
  expect(readFileSync(`${mine}.bak`, "utf8")).toBe('{"gateway": {"port": 4000}}\n');
  expect(written(home)).not.toHaveProperty("gateway.port");
});

test("--merge adds what is not set up, and mixes no key of one place with an address of another", async () => {
  using home = emptyHome();
  put(home, ".openclaw/openclaw.json", {
    ...openclawJson,
    models: { providers: { openai: { apiKey: "proxy", baseUrl: "https://proxy.example.com/v1" } } },
    channels: { telegram: { botToken: "1:a", enabled: false }, discord: { token: "disc" } },
  });
  const mine = '{\n  // mine\n  openai: {apiKey: "sk-mine"},\n  telegram: {botToken: "2:b"},\n}\n';
  const path = put(home, "state/carapace.json5", mine);
  const ran = await said(["openclaw", "--merge", "--yes"], home);
  expect(ran.code).toBe(0);
  expect(ran.stdout).toContain("openclaw.json models.providers.openai.baseUrl - openai is set up already");
  expect(readFileSync(path, "utf8")).toContain("// mine");
  const now = await runCara(["config", "show", "--json"], { home });
  const shown: unknown = JSON.parse(now.stdout);
  expect(shown).toMatchObject({ agents: { defaults: { model: "anthropic:claude-opus-4-6" } } });
  const text = readFileSync(path, "utf8");
  expect(text).toContain("disc");
  expect(text).not.toMatch(/proxy|enabled|1:a/);
  const again = await said(["openclaw", "--merge", "--yes"], home);
  expect([again.code, again.stderr]).toEqual([0, expect.stringContaining("nothing to import")]);
});

test("a configuration that does not parse is not merged into", async () => {
  using home = emptyHome();
  put(home, ".openclaw/openclaw.json", openclawJson);
  const path = put(home, "state/carapace.json", "{ broken");
  const ran = await said(["openclaw", "--merge", "--yes"], home);
  expect(ran.code).toBe(1);
  expect(readFileSync(path, "utf8")).toBe("{ broken");
});

test("nothing is written while a gateway runs", async () => {
  using home = emptyHome();
  put(home, ".openclaw/openclaw.json", openclawJson);
  const lock = await acquireInstanceLock(home.stateDir);
  if (!lock.ok) throw new Error(lock.say);
  await using _held = lock.value;
  const ran = await said(["openclaw", "--yes"], home);
  expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining("stop it")]);
  expect(existsSync(configOf(home))).toBe(false);
});

test.each(["openclaw", "opencode", "aider", "nemoclaw", "hermes"])(
  "without anything of %s the places are told",
  async (source) => {
    using home = emptyHome();
    const ran = await said([source, "--yes"], home);
    expect([ran.code, ran.stdout]).toEqual([1, ""]);
    expect(ran.stderr).toContain("These places were looked at:");
    expect(ran.stderr).toContain(home.folder);
    expect(readdirSync(home.folder)).toEqual([]);
  },
);

test.each([
  [
    "opencode",
    ".config/opencode/opencode.json",
    { provider: { anthropic: { options: { apiKey: secret } } } },
  ],
  ["aider", ".aider.conf.yml", `anthropic-api-key: ${secret}\n`],
  ["hermes", ".hermes/.env", `ANTHROPIC_API_KEY=${secret}\n`],
] as const)("%s: what was imported is in force", async (source, path, content) => {
  using home = emptyHome();
  put(home, path, content);
  const ran = await said([source, "--yes", "--json"], home);
  expect(ran.code).toBe(0);
  expect(JSON.parse(ran.stdout)).toMatchObject({
    source,
    files: [join(home.folder, path)],
    dryRun: false,
    mappings: [{ key: "anthropic.apiKey", value: "[REDACTED]" }, { key: "gateway.auth.token" }],
    written: configOf(home),
  });
  expect(written(home)).toMatchObject({ anthropic: { apiKey: secret } });
});

test("nemoclaw: the key comes from the variable that its file names", async () => {
  using home = emptyHome();
  const file = { endpointType: "anthropic", credentialEnv: "ANTHROPIC_API_KEY", model: "claude-opus-4-6" };
  put(home, ".nemoclaw/config.json", file);
  const ran = await said(["nemoclaw", "--yes"], home, { env: { ANTHROPIC_API_KEY: secret } });
  expect(ran.code).toBe(0);
  expect(written(home)).toMatchObject({
    anthropic: { apiKey: secret },
    agents: { defaults: { model: "anthropic:claude-opus-4-6" } },
  });
});

test("files that cannot be used are warnings; with nothing else there is nothing to import", async () => {
  using home = emptyHome();
  put(home, ".openclaw/openclaw.json", `{ apiKey: "${secret}`);
  const ran = await said(["openclaw", "--yes"], home);
  expect([ran.code, ran.stdout]).toEqual([0, expect.not.stringContaining("Key")]);
  expect(ran.stderr).toContain("is not valid JSON");
  expect(ran.stderr).toContain("nothing to import");
  expect(existsSync(configOf(home))).toBe(false);
});

test("a hostile file steers neither the terminal nor what variables say", async () => {
  using home = emptyHome();
  put(home, ".openclaw/openclaw.json", {
    openai: { apiKey: "${CARAPACE_SECRET_OF_MINE}" },
    gateway: { auth: { token: "$${HOME}" } },
    models: { providers: { "\u001b]0;mine\u0007\u202eevil\n[PASS]": { apiKey: "k" } } },
    agents: { defaults: { model: "claude-\u001b[2J" } },
    anthropic: { apiKey: secret },
  });
  const env = { CARAPACE_SECRET_OF_MINE: "of this machine" };
  const ran = await said(["openclaw", "--yes"], home, { env });
  expect(ran.code).toBe(0);
  expect(ran.stdout + ran.stderr).not.toMatch(/[\u001b\u0007\u202e]|of this machine|^\[PASS\]/m);
  expect(JSON.stringify(written(home))).not.toMatch(/of this machine|\$\{|CARAPACE_SECRET/);
});

test("a folder that cannot be written to leaves nothing behind", async () => {
  if (process.geteuid?.() === 0) return;
  using home = emptyHome();
  put(home, ".openclaw/openclaw.json", openclawJson);
  mkdirSync(home.stateDir, { mode: 0o500 });
  const ran = await said(["openclaw", "--yes"], home);
  chmodSync(home.stateDir, 0o700);
  expect([ran.code, readdirSync(home.stateDir)]).toEqual([1, []]);
});

const fixture = join(import.meta.dir, "../../../../../test/fixtures/openclaw/clawdbot-2026.1.24-3/.clawdbot");

/** A home that a real Clawdbot left, with a key in its configuration besides. */
function clawdbotHome(): Home {
  const home = emptyHome();
  cpSync(fixture, join(home.folder, ".clawdbot"), { recursive: true });
  put(home, ".clawdbot/clawdbot.json", { anthropic: { apiKey: secret } });
  return home;
}

test("openclaw: settings and conversations are shown together, asked for once, and both come over", async () => {
  using home = clawdbotHome();
  const dry = await said(["openclaw", "--dry-run"], home);
  expect(dry.stdout).toMatch(/anthropic\.apiKey[\s\S]*\nSessions +\d/);
  expect(existsSync(home.stateDir)).toBe(false);
  const ran = await said(["openclaw", "--json"], home, { stdin: "y\n" });
  expect([ran.code, ran.stderr.split("[Y/n]").length]).toEqual([0, 2]);
  const report: unknown = JSON.parse(ran.stdout);
  expect(report).toMatchObject({ written: configOf(home), data: { stores: { sessions: { corrupt: 0 } } } });
  const again = await said(["openclaw", "--merge", "--yes"], home);
  expect([again.code, again.stderr]).toEqual([0, expect.stringContaining("nothing to import")]);
  const audit = await runCara(["audit", "tail", "--json"], { home });
  expect(audit.stdout).toContain("state_imported");
  expect(audit.stdout).toContain("cara import openclaw");
});

test("openclaw: --only leaves the other half alone", async () => {
  using home = clawdbotHome();
  put(home, "state/carapace.json", "{}");
  const refused = await said(["openclaw", "--yes"], home);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("--only data")]);
  const data = await said(["openclaw", "--only", "data", "--yes"], home);
  expect(data.code).toBe(0);
  expect(written(home)).toEqual({});
  expect(existsSync(join(home.stateDir, "state.db"))).toBe(true);
  const config = await said(["openclaw", "--only", "config", "--merge", "--yes"], home);
  expect([config.code, config.stdout]).toEqual([0, expect.not.stringContaining("Sessions")]);
  expect(written(home)).toMatchObject({ anthropic: { apiKey: secret } });
});

test("openclaw: a dry run does not read a database that a gateway works on", async () => {
  using home = clawdbotHome();
  expect((await said(["openclaw", "--only", "data", "--yes"], home)).code).toBe(0);
  const lock = await acquireInstanceLock(home.stateDir);
  if (!lock.ok) throw new Error(lock.say);
  await using _held = lock.value;
  expect((await said(["openclaw", "--dry-run"], home)).code).toBe(1);
  expect((await said(["openclaw", "--dry-run", "--only", "config"], home)).code).toBe(0);
});
