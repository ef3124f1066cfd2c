import { expect, test } from "bun:test";
import { renameSync, rmSync } from "node:fs";
import { refuse } from "@carapace/protocol/failures";
import { type TestFolder, testFolder } from "../testing/folder.ts";
import type { ConfigStore, ReloadReport } from "../types.ts";
import { openConfigStore } from "./store.ts";

async function open(
  folder: TestFolder,
  options: { watch?: boolean; path?: string } = {},
): Promise<ConfigStore> {
  const store = await openConfigStore({ env: folder.env, ...options });
  if (!store.ok) throw new Error(store.say);
  return store.value;
}

/** The next change the store tells of. */
function nextChange(store: ConfigStore): Promise<ReloadReport> {
  return new Promise((resolve) => {
    const stop = store.onChange((_snapshot, report) => {
      stop();
      resolve(report);
    });
  });
}

test("without a file the store opens with the defaults", async () => {
  using folder = testFolder();
  using store = await open(folder);
  expect(store.current()).toMatchObject({ exists: false, hash: null, config: { gateway: { port: 18789 } } });
});

test("a file with errors is refused, each with its place", async () => {
  using folder = testFolder({ "carapace.json5": "{gateway: {port: 0},\n hooks: {}, other: 1}" });
  const refused = await openConfigStore({ env: folder.env });
  const file = folder.file("carapace.json5");
  expect(refused).toMatchObject({ ok: false, code: "invalid_request" });
  expect(!refused.ok && refused.say.split("\n")).toEqual([
    `${file} has 2 errors:`,
    `  ${file}:1:12: .gateway.port: must be a whole number from 1 to 65535`,
    `  ${file}:2:2: .hooks: hooks must stand in gateway.hooks; move it there`,
  ]);
});

test.each(["{a: ", "{a: '$" + "{CARAPACE_NOT_SET}'}", "[]", "{$include: 'none'}"])(
  "%s is refused at start",
  async (text) => {
    using folder = testFolder({ "carapace.json5": text });
    expect((await openConfigStore({ env: folder.env })).ok).toBe(false);
  },
);

test("a reload says which keys are in force and which wait for a restart", async () => {
  using folder = testFolder({
    "carapace.json5":
      "{gateway: {port: 1, auth: {token: 'a'}}, agents: {defaults: {maxTurns: 1}}, openai: {apiKey: 'a'}}",
  });
  using store = await open(folder);
  folder.write(
    "carapace.json5",
    "{gateway: {port: 2, auth: {token: 'b'}}, agents: {defaults: {maxTurns: 2}}, openai: {apiKey: 'b'}, talk: {}}",
  );
  const report = await store.reload();
  expect(report).toEqual({
    ok: true,
    value: {
      mode: "hybrid",
      warnings: [expect.stringContaining(".talk: ")],
      applied: ["openai.apiKey", "agents.defaults.maxTurns"],
      needsRestart: ["gateway.port", "gateway.auth.token"],
    },
  });
  expect(store.current().config.gateway.port).toBe(2);
});

test("a reload that does not load, does not validate or is vetoed keeps the old configuration", async () => {
  using folder = testFolder({ "carapace.json5": "{gateway: {port: 1}}" });
  using store = await open(folder);
  let told = 0;
  store.onChange(() => {
    told += 1;
  });
  for (const text of ["{", "{gateway: {port: 'x'}}"]) {
    folder.write("carapace.json5", text);
    expect(await store.reload()).toMatchObject({ ok: false, code: "unavailable" });
  }
  store.onBeforeChange((next) =>
    next.config.gateway.port === 3
      ? refuse("provider_not_configured", "no provider is left")
      : { ok: true, value: undefined },
  );
  folder.write("carapace.json5", "{gateway: {port: 3}}");
  expect(await store.reload()).toMatchObject({ ok: false, code: "provider_not_configured" });
  expect([store.current().config.gateway.port, told]).toEqual([1, 0]);
  folder.write("carapace.json5", "{gateway: {port: 4}}");
  expect((await store.reload()).ok).toBe(true);
  expect([store.current().config.gateway.port, told]).toEqual([4, 1]);
});

test("a removed file gives the defaults and takes back what env had set", async () => {
  using folder = testFolder({ "carapace.json5": "{env: {A: '1'}}" });
  using store = await open(folder);
  expect(store.current().lookup("A")).toBe("1");
  rmSync(folder.file("carapace.json5"));
  expect((await store.reload()).ok).toBe(true);
  expect(store.current().lookup("A")).toBeUndefined();
});

const quick = "gateway: {reload: {debounceMs: 20}}";

test("the watcher takes over a changed file, also one that is replaced by a rename", async () => {
  using folder = testFolder({ "carapace.json5": `{${quick}}` });
  using store = await open(folder, { watch: true });
  let change = nextChange(store);
  folder.write("carapace.json5", `{${quick}, agents: {defaults: {maxTurns: 2}}}`);
  expect(await change).toMatchObject({ applied: ["agents.defaults.maxTurns"] });
  change = nextChange(store);
  folder.write("next", `{${quick}, agents: {defaults: {maxTurns: 3}}}`);
  renameSync(folder.file("next"), folder.file("carapace.json5"));
  await change;
  expect(store.current().config.agents.defaults.maxTurns).toBe(3);
});

test("the watcher follows every included file, new ones too", async () => {
  using folder = testFolder({
    "carapace.json5": `{${quick}}`,
    "sub/a.json5": "{agents: {defaults: {maxTurns: 1}}}",
  });
  using store = await open(folder, { watch: true });
  let change = nextChange(store);
  folder.write("carapace.json5", `{${quick}, $include: 'sub/a.json5'}`);
  await change;
  change = nextChange(store);
  folder.write("sub/a.json5", "{agents: {defaults: {maxTurns: 2}}}");
  await change;
  expect(store.current().config.agents.defaults.maxTurns).toBe(2);
});

test("the watcher sees a file appear in a folder that was not there", async () => {
  using folder = testFolder();
  using store = await open(folder, { watch: true, path: folder.file("later/on/carapace.json") });
  const change = nextChange(store);
  folder.write("later/on/carapace.json", '{"agents": {"defaults": {"maxTurns": 7}}}');
  expect(await change).toMatchObject({ applied: ["agents.defaults.maxTurns"] });
});

test("the watcher tells of a broken file and recovers when it is mended", async () => {
  using folder = testFolder({ "carapace.json5": `{${quick}}` });
  using store = await open(folder, { watch: true });
  const refused = new Promise((resolve) => store.onRefused(resolve));
  folder.write("carapace.json5", `{${quick}, gateway: {port: 'x'`);
  expect(await refused).toMatchObject({ ok: false, code: "unavailable" });
  const change = nextChange(store);
  folder.write("carapace.json5", `{${quick}, agents: {defaults: {maxTurns: 9}}}`);
  expect(await change).toMatchObject({ applied: ["agents.defaults.maxTurns"] });
});

test("with mode off nothing is watched any more, but a reload works", async () => {
  using folder = testFolder({ "carapace.json5": `{${quick}}` });
  using store = await open(folder, { watch: true });
  const change = nextChange(store);
  folder.write("carapace.json5", "{gateway: {reload: {mode: 'off'}}}");
  expect(await change).toMatchObject({
    mode: "hot",
    needsRestart: ["gateway.reload.mode", "gateway.reload.debounceMs"],
  });
  const reports: ReloadReport[] = [];
  store.onChange((_snapshot, report) => {
    reports.push(report);
  });
  folder.write("carapace.json5", "{agents: {defaults: {maxTurns: 1}}}");
  await store.reload();
  expect(reports).toHaveLength(1);
});

test("what a change sets going is waited for, before the next one is read", async () => {
  using folder = testFolder({ "carapace.json5": "{}" });
  using store = await open(folder);
  const seen: string[] = [];
  store.onChange(async ({ config }) => {
    seen.push(`begun ${config.gateway.port}`);
    await new Promise(setImmediate);
    seen.push(`ended ${config.gateway.port}`);
  });
  folder.write("carapace.json5", "{gateway: {port: 1}}");
  const first = store.reload().then(() => folder.write("carapace.json5", "{gateway: {port: 2}}"));
  const second = first.then(() => store.reload());
  await Promise.all([first, second]);
  expect(seen).toEqual(["begun 1", "ended 1", "begun 2", "ended 2"]);
});
