// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders in texts are what is tested
import { expect, test } from "bun:test";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { emptyHome, type Home, runCara } from "../../testing/cara.ts";

/** `cara setup` where there is a configuration already. */
const configIn = (home: Home, name = "carapace.json") => join(home.stateDir, name);
const modeOf = (path: string) => statSync(path).mode & 0o777;
const secret = "sk-never-to-be-seen-0123456789abcdef";

test("--merge changes the model and the outcome, and keeps comments, hooks and who can reach the gateway", async () => {
  using home = emptyHome();
  mkdirSync(home.stateDir, { recursive: true, mode: 0o700 });
  const old = `{
  // mine
  gateway: { port: 4001, auth: { mode: "token", token: "${"a".repeat(64)}" }, hooks: { token: "${"h".repeat(40)}" } },
  agents: { defaults: { model: "openai:gpt-5", maxConcurrent: 2 } },
  openai: { apiKey: "sk-old", baseUrl: "http://127.0.0.1:9/v1" },
}`;
  writeFileSync(configIn(home), old, { mode: 0o600 });
  const env = { OPENAI_API_KEY: secret };
  const words = ["setup", "--merge", "--provider", "openai", "--model", "gpt-5.5", "--outcome", "hooks"];
  const ran = await runCara([...words, "--skip-live-check", "--json"], { home, env });
  expect(JSON.parse(ran.stdout)).toMatchObject({ port: 4001, model: "openai:gpt-5.5" });
  const text = readFileSync(configIn(home), "utf8");
  expect(text).toContain("// mine");
  expect(Bun.JSON5.parse(text)).toEqual({
    gateway: {
      ...{ port: 4001, auth: { mode: "token", token: "a".repeat(64) } },
      hooks: { token: "h".repeat(40), enabled: true },
    },
    agents: { defaults: { model: "openai:gpt-5.5", maxConcurrent: 2 } },
    openai: { apiKey: "${OPENAI_API_KEY}" },
  });
  expect(readFileSync(configIn(home, "carapace.json.bak"), "utf8")).toBe(old);
});

test.each([
  [["--merge", "--force"], "choose one"],
  [["--merge", "--port", "4000"], "cara config set gateway.port"],
])("%j does not go together", async (words, says) => {
  using home = emptyHome();
  const ran = await runCara(["setup", "--provider", "offline", ...words], { home });
  expect([ran.code, ran.stdout, ran.stderr]).toEqual([1, "", expect.stringContaining(says)]);
});

test("nothing is merged into what does not load; without a configuration --merge makes one", async () => {
  using home = emptyHome();
  const words = ["setup", "--merge", "--provider", "offline"];
  expect((await runCara(words, { home })).code).toBe(0);
  writeFileSync(configIn(home), "{ broken");
  const refused = await runCara(words, { home });
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("nothing can be merged into")]);
  expect(readFileSync(configIn(home), "utf8")).toBe("{ broken");
});

test("an existing configuration is refused without --force, and kept byte for byte with it", async () => {
  using home = emptyHome();
  mkdirSync(home.stateDir, { recursive: true, mode: 0o700 });
  const old = "{ this does not even parse";
  writeFileSync(configIn(home), old);
  const words = ["setup", "--provider", "offline"];
  const refused = await runCara(words, { home });
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("--force");
  expect(refused.stderr).toContain("backup");
  expect(readFileSync(configIn(home), "utf8")).toBe(old);
  for (const name of ["carapace.json.bak", "carapace.json.bak.1"]) {
    const before = readFileSync(configIn(home), "utf8");
    const ran = await runCara([...words, "--force"], { home });
    expect(ran.stdout).toContain(configIn(home, name));
    expect(readFileSync(configIn(home, name), "utf8")).toBe(before);
    expect(modeOf(configIn(home, name))).toBe(0o600);
  }
});

test("the command that is proposed says again what becomes of the configuration", async () => {
  using home = emptyHome();
  const ran = await runCara(["setup", "--merge", "--provider", "openai"], { home });
  expect(ran.stderr).toContain("cara setup --merge --provider openai --model ");
});
