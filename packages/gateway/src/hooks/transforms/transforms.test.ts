import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConfigStore } from "@carapace/config";
import { createTransforms } from "./runner.ts";
import type { TransformOutcome } from "./types.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "carapace-transforms-"));
  await mkdir(join(root, "t", "sub"), { recursive: true, mode: 0o700 });
});
afterAll(async () => await rm(root, { recursive: true, force: true }));

const limits = { timeoutMs: 1500, maxMemoryBytes: 160 * 1024 * 1024, maxOutputBytes: 100_000 };

async function put(name: string, text: string, mode = 0o600): Promise<string> {
  await writeFile(join(root, name), text, { mode });
  await chmod(join(root, name), mode);
  return `./${name.replace(/^t\//, "")}`;
}

function runner(transformsDir = "t", queue = { maxRunning: 4, maxWaiting: 64 }) {
  const current = () => ({
    path: join(root, "carapace.json"),
    config: { gateway: { hooks: { transformsDir } } },
  });
  // The only parts of a configuration that are looked at.
  return createTransforms({ config: { current } as unknown as Pick<ConfigStore, "current">, limits, queue });
}

const input = { payload: { data: "in" }, headers: {}, url: "http://h/hooks/x", path: "x" };
const run = (module: string, exportName?: string) => runner().run({ module, exportName, input });

async function ofText(text: string, exportName?: string): Promise<TransformOutcome> {
  return await run(await put("t/one.js", text), exportName);
}

const say = (outcome: TransformOutcome) => (outcome.kind === "done" ? "" : outcome.say);

test("the named export counts, else the default one, else transform; it may be asynchronous, or TypeScript", async () => {
  const named = 'export const process = (ctx) => ({ message: "Custom: " + ctx.payload.data });';
  expect(await ofText(named, "process")).toEqual({ kind: "done", output: { message: "Custom: in" } });
  expect(await ofText("export default async () => null; export const transform = () => 1;")).toEqual({
    kind: "done",
    output: null,
  });
  const typed = await put(
    "t/two.ts",
    "export const transform = (ctx: { path: string }): object => ({ text: ctx.path });",
  );
  expect(await run(typed)).toEqual({ kind: "done", output: { text: "x" } });
  expect(say(await ofText("export const other = 1;"))).toContain("exports no function");
});

test("what it throws, or a missing result, is a failure with its reason", async () => {
  expect(say(await ofText('export default () => { throw new Error("no good"); }'))).toContain("no good");
  expect(say(await ofText("export default () => undefined"))).toContain("returned nothing");
  expect(say(await ofText("export default () => { const a = {}; a.a = a; return a; }"))).toContain("threw");
  expect(say(await ofText("export default (")).length).toBeGreaterThan(0);
});

test("an endless loop and a promise that never ends are stopped in time, and the caller's process goes on", async () => {
  let beats = 0;
  const beat = setInterval(() => (beats += 1), 20);
  const outcomes = await Promise.all([
    ofText("export default () => { while (true) {} }"),
    runner().run({ module: await put("t/three.js", "export default () => new Promise(() => {})"), input }),
  ]);
  clearInterval(beat);
  for (const outcome of outcomes) expect(say(outcome)).toBe("it took longer than 1500 ms");
  expect(beats).toBeGreaterThan(20);
});

test("one that takes more memory than allowed is stopped", async () => {
  const bomb =
    "export default () => { const kept = []; for (;;) kept.push(new Uint8Array(1 << 18).fill(1)); }";
  const outcome = await ofText(bomb);
  expect(outcome.kind).toBe("failed");
  expect(say(outcome)).toMatch(/memory/i);
});

test("too large a result is refused", async () => {
  expect(say(await ofText('export default () => "x".repeat(200000)'))).toContain("too large");
});

test("it has the language and nothing else: no imports, files, network, environment, process or code from text", async () => {
  expect(say(await ofText('import fs from "node:fs"; export default () => 1;'))).toContain("cannot import");
  expect(say(await ofText('export default () => import("node:fs")'))).toContain("cannot import");
  const seen = await ofText(
    `export default async () => {
      const names = ["fetch", "process", "Bun", "require", "WebSocket", "setTimeout", "Buffer", "Worker"];
      const found = names.filter((name) => typeof globalThis[name] !== "undefined");
      let escaped = "no";
      try { escaped = globalThis.constructor.constructor("return typeof process")(); } catch {}
      let thrown = "";
      try { await import("node:fs"); } catch (error) { thrown = typeof error; }
      return { found, escaped, thrown, meta: Object.keys(import.meta) };
    }`,
  );
  expect(seen).toEqual({ kind: "done", output: { found: [], escaped: "no", thrown: "string", meta: [] } });
});

test("neither another realm nor the formatting of stacks leads out of its own", async () => {
  const realm = await ofText(
    'export default () => (typeof ShadowRealm === "undefined" ? "none" : new ShadowRealm().evaluate("typeof process"))',
  );
  expect(realm).toEqual({ kind: "done", output: "none" });
  const stack = await ofText(
    `export default () => {
      let seen = "nothing";
      const look = (_error, sites) => { seen = sites[0].constructor.constructor("return typeof process")(); };
      const ways = [
        () => { Error.prepareStackTrace = look; },
        () => { Object.defineProperty(Error, "prepareStackTrace", { value: look }); },
        () => { TypeError.prepareStackTrace = look; },
        () => { Function.prototype.prepareStackTrace = look; },
        () => { Object.setPrototypeOf(TypeError, { prepareStackTrace: look }); },
        () => { globalThis.Error = { prepareStackTrace: look }; },
      ];
      for (const way of ways) {
        try { way(); } catch {}
        try { null.x; } catch (error) { String(error.stack); }
        try { String(new TypeError("x").stack); } catch {}
      }
      console.log("heard by nobody");
      return seen;
    }`,
  );
  expect(stack).toEqual({ kind: "done", output: "nothing" });
});

test("a file outside of the folder, behind a link, or open to others is not run", async () => {
  const good = "export default () => 1";
  await put("outside.js", good);
  await symlink(join(root, "outside.js"), join(root, "t", "link.js"));
  await symlink(root, join(root, "t", "up"));
  expect(say(await run("../outside.js"))).toContain("outside");
  expect(say(await run(join(root, "outside.js")))).toContain("outside");
  expect(say(await run("./link.js"))).toContain("not a regular file");
  expect(say(await run("./up/outside.js"))).toContain("symbolic link");
  expect(say(await run(await put("t/open.js", good, 0o644)))).toContain("can be opened by other users");
  expect(say(await run(await put("t/wide.js", good, 0o666)))).toContain("can be opened by other users");
  expect(say(await run("./missing.js"))).toContain("not there");
  expect(say(await run("./"))).toContain("outside");
  expect(say(await run(await put("t/data.json", "{}")))).toContain("no JavaScript");
  expect(say(await runner("").run({ module: "./a.js", input }))).toContain("is not set");
  await put("t/sub/a.js", good);
  expect(await run("./sub/a.js")).toEqual({ kind: "done", output: 1 });
  await chmod(join(root, "t", "sub"), 0o777);
  expect(say(await run("./sub/a.js"))).toContain("written by other users");
});

test("a changed file counts at the next call, and one that was opened to others is not run again", async () => {
  const all = runner();
  const module = await put("t/changing.js", "export default () => 1");
  expect(await all.run({ module, input })).toEqual({ kind: "done", output: 1 });
  await put("t/changing.js", "export default () => 22");
  expect(await all.run({ module, input })).toEqual({ kind: "done", output: 22 });
  await chmod(join(root, "t/changing.js"), 0o604);
  expect(say(await all.run({ module, input }))).toContain("can be opened by other users");
});

test("many calls at once share a few processes, and more than can wait are told to come again", async () => {
  const all = runner("t", { maxRunning: 2, maxWaiting: 3 });
  const module = await put("t/busy.js", "export default ({ payload }) => payload.n");
  const outcomes = await Promise.all(
    Array.from({ length: 8 }, (_, n) => all.run({ module, input: { payload: { n } } })),
  );
  expect(outcomes.map((one) => (one.kind === "done" ? one.output : one.kind))).toEqual([
    ...[0, 1, 2, 3, 4],
    ...["busy", "busy", "busy"],
  ]);
});
