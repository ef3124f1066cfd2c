import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  callDepsOf,
  collect,
  owner,
  quickDeps,
  request,
  settingsOf,
  textOfEvents,
} from "../../testing/providers.ts";
import type { Provider } from "../types.ts";
import { claudeEnvironment } from "./claude-cli.ts";
import { createClaudeCliProvider } from "./claude-cli-provider.ts";
import { claudeMissing } from "./claude-failures.ts";
import { createProviders } from "./index.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "carapace-claude-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;

/** A program that notes how it was called, and then does what the test says. */
async function program(script: string): Promise<string> {
  count += 1;
  const path = join(folder, `claude-${count}`);
  const notes = `
for arg in "$@"; do printf '%s\\n' "$arg"; done > '${path}.args'
env > '${path}.env'
pwd > '${path}.cwd'
`;
  await writeFile(path, `#!/bin/sh\n${notes}\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

const system = `${process.env["PATH"] ?? ""}`;

function provider(path: string, limits = {}): Provider {
  const env = claudeEnvironment((name) => (name === "PATH" ? system : undefined));
  const deps = quickDeps();
  return createClaudeCliProvider(
    { path, maxTurns: 10, env },
    callDepsOf({ ...deps, limits: { ...deps.limits, ...limits } }),
  );
}

const noted = (path: string, what: string) => readFile(`${path}.${what}`, "utf8");

/** Prints these as lines of `stream-json`, letters outside of ASCII in octal, as every shell reads them. */
function prints(...lines: readonly object[]): string {
  const octal = (text: string) =>
    [...Buffer.from(text)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
  return lines.map((line) => `printf '${octal(`${JSON.stringify(line)}\n`)}'`).join("\n");
}

const delta = (text: string) => ({
  type: "stream_event",
  event: { type: "content_block_delta", index: 0, delta: { type: "text_delta", text } },
  session_id: "s",
  parent_tool_use_id: null,
});
const init = { type: "system", subtype: "init", session_id: "s", tools: [], model: "claude-sonnet-4-6" };
const success = {
  ...{ type: "result", subtype: "success", is_error: false, duration_ms: 1200, num_turns: 1 },
  ...{ result: "Grüß dich 👋", total_cost_usd: 0.01 },
  usage: { input_tokens: 3, cache_creation_input_tokens: 10, cache_read_input_tokens: 20, output_tokens: 7 },
};

test("text arrives in pieces, and the turn ends with the usage of the result line", async () => {
  const thinking = {
    ...delta(""),
    event: { type: "content_block_delta", delta: { type: "thinking_delta" } },
  };
  const path = await program(prints(init, thinking, delta("Grüß"), delta(" dich 👋"), success));
  expect(await collect(provider(path))).toEqual([
    { kind: "text", delta: "Grüß" },
    { kind: "text", delta: " dich 👋" },
    {
      kind: "stop",
      reason: "end_turn",
      usage: { inputTokens: 33, outputTokens: 7, cacheReadTokens: 20, cacheWriteTokens: 10 },
    },
  ]);
});

test("it gets the conversation on its input, the system text by a private file, and no tools", async () => {
  const path = await program(`cat > '${folder}/input'
for last; do :; done
ls -l "$last" > '${folder}/mode'; cp "$last" '${folder}/system'
${prints(success)}`);
  const messages = [
    { role: "user", blocks: [{ type: "text", text: "Find x", origin: owner }] },
    { role: "assistant", blocks: [{ type: "tool_use", id: "t", name: "find", input: { q: "x" } }] },
    {
      role: "user",
      blocks: [
        { type: "tool_result", toolUseId: "t", name: "find", content: "42", isError: false, origin: owner },
        { type: "text", text: "And now?", origin: owner },
      ],
    },
  ] as const;
  await collect(provider(path), request({ model: "opus", system: "Be brief.", messages }));
  const args = (await noted(path, "args")).split("\n");
  expect(args.slice(0, 15)).toEqual([
    ...[
      "-p",
      "--output-format",
      "stream-json",
      "--verbose",
      "--include-partial-messages",
      "--max-turns",
      "10",
    ],
    ...["--no-session-persistence", "--tools", "", "--strict-mcp-config"],
    ...["--setting-sources", "user", "--model", "opus"],
  ]);
  expect(args.join(" ")).not.toMatch(/Be brief|Find x|--bare/);
  expect(await readFile(join(folder, "input"), "utf8")).toBe(
    'User: Find x\n\nAssistant: [tool use: find] {"q":"x"}\n\nUser: [tool result] 42\n\nUser: And now?',
  );
  expect(await readFile(join(folder, "system"), "utf8")).toBe("Be brief.");
  expect(await readFile(join(folder, "mode"), "utf8")).toStartWith("-rw-------");
  expect(existsSync((await noted(path, "cwd")).trim())).toBe(false);
});

test("a home folder that cannot be written to is no reason not to run it", async () => {
  const path = await program(prints(success));
  const settings = { path, maxTurns: 10, env: { PATH: system, HOME: "/proc/self" } };
  const claude = createClaudeCliProvider(settings, callDepsOf(quickDeps()));
  expect(textOfEvents(await collect(claude))).toBe("Grüß dich 👋");
});

test("the default leaves the choice of a model to it", async () => {
  const path = await program(prints(success));
  expect(textOfEvents(await collect(provider(path), request({ model: "default" })))).toBe("Grüß dich 👋");
  expect(await noted(path, "args")).not.toContain("--model");
});

test("its environment holds no secret", async () => {
  const env = {
    ...{ PATH: system, HOME: folder, CLAUDE_CONFIG_DIR: "/x", ANTHROPIC_API_KEY: "sk-ant-1" },
    ...{ CARAPACE_CONFIG_PASSWORD: "pw", HTTPS_PROXY: "http://u:pw@proxy:1", HTTP_PROXY: "http://proxy:2" },
    CLAUDE_CLI_ENABLED: "1",
  };
  const path = await program(prints(success));
  const set = createProviders(settingsOf({ env, config: { claudeCli: { path } } }), quickDeps());
  const claude = set.ok ? set.value.get("claude-cli") : undefined;
  if (claude === undefined) throw new Error("no provider");
  await collect(claude);
  const seen = await noted(path, "env");
  expect(seen).not.toMatch(/sk-ant|pw/);
  for (const line of ["CLAUDE_CONFIG_DIR=/x", "HTTP_PROXY=http://proxy:2", "DISABLE_NONESSENTIAL_TRAFFIC=1"])
    expect(seen).toContain(line);
});

test("cancelling kills it and what it has started", async () => {
  const path = await program(`sleep 60 & echo $! > '${folder}/sleeper'\n${prints(init, delta("Hi"))}\nwait`);
  const stop = new AbortController();
  const told: string[] = [];
  for await (const event of provider(path).complete(request(), stop.signal)) {
    told.push(event.kind);
    stop.abort();
  }
  expect(told).toEqual(["text"]);
  await untilGone(Number(await readFile(join(folder, "sleeper"), "utf8")));
});

test("a caller that stops listening ends it", async () => {
  const path = await program(`echo $$ > '${folder}/pid'\n${prints(delta("Hi"))}\nsleep 60`);
  for await (const _ of provider(path).complete(request(), new AbortController().signal)) break;
  await untilGone(Number(await readFile(join(folder, "pid"), "utf8")));
});

/** Killed processes are there until their parent has heard of it. */
async function untilGone(pid: number): Promise<void> {
  for (;;) {
    const state = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    if (state === "" || state.includes(") Z ")) return;
    await Bun.sleep(2);
  }
}

test("one that says nothing for too long is stopped", async () => {
  const silent = await program("sleep 60");
  expect(await collect(provider(silent, { headerTimeoutMs: 50 }))).toMatchObject([
    { kind: "failed", failure: { code: "timeout", say: expect.stringContaining("in time") } },
  ]);
  const stuck = await program(`${prints(delta("Hi"))}\nsleep 60`);
  expect((await collect(provider(stuck, { idleTimeoutMs: 50 }))).at(-1)).toMatchObject({
    failure: { code: "timeout", say: expect.stringContaining("in the middle") },
  });
});

test.skipIf(Bun.which("setsid") === null)(
  "what it leaves behind with its output open holds nobody up",
  async () => {
    // In a session of its own it is not killed with the rest.
    const path = await program(
      `setsid sleep 30 & echo $! > '${folder}/left'\n${prints(delta("Hi"), success)}`,
    );
    expect(textOfEvents(await collect(provider(path)))).toBe("Hi");
    process.kill(Number(await readFile(join(folder, "left"), "utf8")), "SIGKILL");
  },
);

const failed = (result: string) => ({ ...success, is_error: true, result });
const endings = [
  [prints(failed("Invalid API key · Please run /login")), "auth", /type \/login/],
  [prints(failed("Claude AI usage limit reached|1764000000")), "rate_limit", /limit/],
  [
    prints(failed('API Error: 529 {"type":"error","error":{"type":"overloaded_error"}}')),
    "overloaded",
    /529/,
  ],
  [prints({ ...success, subtype: "error_max_turns" }), "bad_response", /maxTurns/],
  ["echo 'error: unknown option --tools' >&2; exit 1", "bad_response", /cara logs/],
  ["exit 0", "bad_response", /cara logs/],
] as const;

test.each(endings)("an end without an answer is told for what it is (%#)", async (script, code, says) => {
  const [event, ...more] = await collect(provider(await program(script)));
  expect(more).toEqual([]);
  expect(event).toMatchObject({ kind: "failed", failure: { code, say: expect.stringMatching(says) } });
});

test("words before a failure stay, and lines that are no JSON change nothing", async () => {
  const path = await program(`echo nonsense\n${prints(delta("Hi"))}\nexit 3`);
  expect((await collect(provider(path))).map((event) => event.kind)).toEqual(["text", "failed"]);
});

test("a program that is not there is said to be missing", async () => {
  for (const path of ["no-such-claude", join(folder, "nowhere"), folder])
    expect(await collect(provider(path))).toEqual([{ kind: "failed", failure: claudeMissing }]);
  expect(claudeMissing.say).toContain("claudeCli.path");
});

test("a model's name cannot become an option", async () => {
  const path = await program(prints(success));
  expect(await collect(provider(path), request({ model: "--dangerously-skip-permissions" }))).toMatchObject([
    { kind: "failed", failure: { code: "no_such_model" } },
  ]);
  expect(existsSync(`${path}.args`)).toBe(false);
});

test("it is there once it is switched on", () => {
  const ids = (source: Parameters<typeof settingsOf>[0]) => {
    const set = createProviders(settingsOf(source), quickDeps());
    return set.ok ? set.value.list().map(({ id }) => id) : [];
  };
  for (const value of ["1", "true", "TRUE"])
    expect(ids({ env: { CLAUDE_CLI_ENABLED: value } })).toEqual(["claude-cli"]);
  expect(ids({ config: { claudeCli: { enabled: true } } })).toEqual(["claude-cli"]);
  expect(ids({ env: { CLAUDE_CLI_ENABLED: "0" }, config: { claudeCli: { enabled: true } } })).toEqual([]);
  expect(ids({ config: { claudeCli: {} } })).toEqual([]);
});
