import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What an idle gateway need not hold, as its files are called. */
const notWhenIdle = [
  /node_modules\/(@ai-sdk|@discordjs|ai|croner|grammy|openai)\//,
  /accounts\/src\//,
  /agent\/src\/(turn|context|tools|sanitize)\//,
  /agent\/src\/offline\/(skills|next-move)/,
  /agent\/src\/providers\/(transport|vendor-call|\w+-provider)/,
  /channels\/src\/(discord\/|http\/|telegram\/|text\/|webhook\/|outbox\/(carrying|carriers|delivery|lane))/,
  /config\/src\/write\//,
  /fetch\/src\/(exchange|guarded-fetch)/,
  /gateway\/src\/control\/(control|config|events|onboarding|openapi\/document)/,
  /gateway\/src\/(control-ui|openai)\//,
  /gateway\/src\/cron\/(desk|scheduler)/,
  /gateway\/src\/hooks\/(create-hooks|signatures|mappings|transforms)/,
  /gateway\/src\/methods\/(audit|config|cron|devices|sessions|usage)\.ts/,
  /gateway\/src\/runs\/execute/,
  /gateway\/src\/tasks\/(opened|routes|worker|desk)/,
  /gateway\/src\/tools-invoke\/(invoke|list)/,
  /gateway\/src\/tracing\/(spans|exporter)/,
];

/** Each file takes about 35 KiB: with some more of them the limit of 80 MiB would be near. */
const mostFiles = 600;

async function loadedBy(more: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const home = await mkdtemp(join(tmpdir(), "carapace-idle-"));
  try {
    const env = { HOME: home, CARAPACE_STATE_DIR: home, CARAPACE_CREDENTIAL_STORE: "off", ...more };
    const script = join(import.meta.dir, "testing", "loaded-modules.ts");
    const child = Bun.spawn([process.execPath, script], { env, stdout: "pipe", stderr: "inherit" });
    const [text] = await Promise.all([child.stdout.text(), child.exited]);
    const files: unknown = JSON.parse(text);
    return Array.isArray(files) ? files.filter((file) => typeof file === "string") : [];
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

test.each([
  ["nothing set up", {}],
  ["a provider set up", { OPENAI_API_KEY: "sk-not-a-key" }],
])("an idle gateway with %s holds only what it needs", async (_, env) => {
  const files = await loadedBy(env);
  expect(files.some((file) => file.endsWith("gateway/src/compose/core.ts"))).toBe(true);
  expect(files.filter((file) => notWhenIdle.some((heavy) => heavy.test(file)))).toEqual([]);
  expect(files.length).toBeLessThanOrEqual(mostFiles);
});

test("one with bots set up has asked whose they are, and holds no vendor's library", async () => {
  // Nobody is there.
  const baseUrl = "http://127.0.0.1:9";
  const tokens = { TELEGRAM_BOT_TOKEN: "1:a", DISCORD_BOT_TOKEN: "a" };
  const files = await loadedBy({ ...tokens, TELEGRAM_BASE_URL: baseUrl, DISCORD_BASE_URL: baseUrl });
  expect(files.some((file) => file.endsWith("channels/src/telegram/vendor.ts"))).toBe(true);
  expect(files.some((file) => file.endsWith("channels/src/discord/vendor.ts"))).toBe(true);
  expect(files.filter((file) => /node_modules\/(@discordjs|discord-api-types|grammy)\//.test(file))).toEqual(
    [],
  );
});

test("what it need not hold is called as this file believes", () => {
  const root = join(import.meta.dir, "..", "..", "..", "..");
  const known = [...new Bun.Glob("packages/*/src/**/*.ts").scanSync(root), "node_modules/croner/x.js"];
  for (const heavy of notWhenIdle)
    expect([heavy, known.some((file) => heavy.test(file))]).toEqual([heavy, true]);
});
