// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders in texts are what is tested
import { expect, test } from "bun:test";
import { peekConfig } from "./peek.ts";
import { openerFrom } from "./seal/opener.ts";
import { testFolder } from "./testing/folder.ts";

test("port, credentials and paths come from the same stages as for the gateway", async () => {
  using folder = testFolder({
    "carapace.json5": "{$include: 'more.json5', gateway: {auth: {token: '${T}'}}}",
    "more.json5": "{gateway: {port: 4000, auth: {password: 'p'}}, env: {T: 'tok'}}",
  });
  const peek = await peekConfig({ env: folder.env });
  expect(peek).toMatchObject({ ok: true, value: { port: 4000, stateDir: folder.path } });
  expect(peek.ok && [peek.value.token?.reveal(), peek.value.password?.reveal()]).toEqual(["tok", "p"]);
});

test("the environment's token wins, and nonsense falls back to the default port", async () => {
  using folder = testFolder({ "carapace.json5": "{gateway: {port: 'x', auth: {token: 5}}}" });
  const peek = await peekConfig({ env: { ...folder.env, CARAPACE_GATEWAY_TOKEN: " env " } });
  expect(peek).toMatchObject({ ok: true, value: { port: 18789 } });
  expect(peek.ok && peek.value.token?.reveal()).toBe("env");
});

test("a sealed credential is opened, wherever it stands; other sealed values cost a command nothing", async () => {
  const known = "enc:v2:ICEiIyQlJicoKSor:MKIrbMiAexykMNrbckoIks7rDG8iwPXd6s3LRA==:AAECAwQFBgcICQoLDA0ODw==";
  using folder = testFolder({
    "a.json5": `{gateway: {auth: {token: '${known}'}}}`,
    "b.json5": `{env: {T: '${known}'}, gateway: {auth: {password: '\${T}'}}}`,
    "c.json5": `{env: {vars: {CARAPACE_GATEWAY_TOKEN: '${known}'}}}`,
    "d.json5": `{openai: {apiKey: '${known}'}, gateway: {auth: {token: 'plain'}}}`,
  });
  const env = { ...folder.env, CARAPACE_CONFIG_PASSWORD: "contract-test-password" };
  const asked: (readonly string[])[] = [];
  using real = openerFrom(env);
  const open = (envelopes: readonly string[]) => {
    asked.push(envelopes);
    return real.open(envelopes);
  };
  const found: unknown[] = [];
  for (const name of ["a", "b", "c", "d"]) {
    const peek = await peekConfig({ env, path: folder.file(`${name}.json5`), opener: { why: "", open } });
    found.push(peek.ok && (peek.value.token ?? peek.value.password)?.reveal());
  }
  expect(found).toEqual(["hello secret", "hello secret", "hello secret", "plain"]);
  expect(asked).toHaveLength(3);
  const locked = await peekConfig({ env: folder.env, path: folder.file("a.json5") });
  expect(locked).toMatchObject({
    ok: true,
    value: { warnings: [expect.stringContaining(".gateway.auth.token: the sealed value cannot be opened")] },
  });
});

test("a file that does not parse is refused with its place", async () => {
  using folder = testFolder({ "carapace.json5": "{\n gateway: {" });
  expect(await peekConfig({ env: folder.env })).toMatchObject({
    ok: false,
    say: expect.stringContaining("carapace.json5:2:11: this { is never closed"),
  });
});

test("neither peeking nor the package's face loads the schema library", async () => {
  const script = (entry: string) => `
    const face = await import(${JSON.stringify(new URL(entry, import.meta.url).pathname)});
    if (face.peekConfig) await face.peekConfig({ env: { CARAPACE_STATE_DIR: "/nonexistent" } });
    console.log(Object.keys(require.cache).filter((name) => name.includes("/zod/")).length);`;
  for (const entry of ["./peek.ts", "./index.ts", "./redaction/index.ts"]) {
    const run = Bun.spawnSync([process.execPath, "--no-install", "-e", script(entry)]);
    expect(run.stdout.toString().trim()).toBe("0");
  }
});
