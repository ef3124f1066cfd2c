import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModelEvent, ModelRequest, Provider } from "../types.ts";
import { linesOf } from "./child/lines.ts";
import { quietFolder } from "./child/quiet-folder.ts";
import { firstText } from "./child/run-program.ts";
import { type Child, startChild } from "./child/start.ts";
import type { ClaudeCliSettings } from "./claude-cli.ts";
import { claudeFailure, claudeMissing, claudeTooSlow, claudeVendor } from "./claude-failures.ts";
import { readClaudeLine } from "./claude-lines.ts";
import { claudePrompt } from "./claude-prompt.ts";
import { ClaudeReply } from "./claude-reply.ts";
import { troubleOf } from "./failures.ts";
import { unknownModel } from "./unknown-model.ts";
import type { CallDeps } from "./vendor-call.ts";

const maxLineBytes = 8 * 1024 * 1024;
const maxOutputBytes = 64 * 1024 * 1024;
const maxErrorBytes = 4096;

/**
 * The Claude command line as a model (agent.md §4.7): one run a call, without tools, in a folder of its own that goes
 * with it. Our tools, limits and temperature mean nothing to it.
 */
export function createClaudeCliProvider(settings: ClaudeCliSettings, deps: CallDeps): Provider {
  return {
    id: claudeVendor.id,
    complete(request, signal) {
      const isName = /^[A-Za-z0-9][\w.:@/[\]-]{0,199}$/.test(request.model);
      if (isName) return run(settings, request, { deps, signal });
      return unknownModel({ vendor: claudeVendor, model: request.model, nowMs: deps.nowMs() });
    },
  };
}

interface Circumstances {
  readonly deps: CallDeps;
  readonly signal: AbortSignal;
}

async function* run(
  settings: ClaudeCliSettings,
  request: ModelRequest,
  { deps, signal }: Circumstances,
): AsyncGenerator<ModelEvent> {
  if (signal.aborted) return;
  const cwd = await ownFolder(settings);
  try {
    const child = startChild(await commandOf(settings, request, cwd), { env: settings.env, cwd });
    if (child === undefined) {
      yield { kind: "failed", failure: claudeMissing };
      return;
    }
    yield* converse(child, request, { deps, signal });
  } catch (error) {
    yield {
      kind: "failed",
      failure: troubleOf(error, { vendor: claudeVendor, model: "", nowMs: 0 }).failure,
    };
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

/** Where nobody else writes, if such a place can be written to; else among the temporary files. */
async function ownFolder({ env }: ClaudeCliSettings): Promise<string> {
  const name = ".carapace-claude-";
  const quiet = await quietFolder(env);
  return await mkdtemp(join(quiet, name)).catch(() => mkdtemp(join(tmpdir(), name)));
}

/** The system text goes by a file that only its owner can read: the command line is there for everybody to see. */
async function commandOf(
  { path, maxTurns }: ClaudeCliSettings,
  { model, system }: ModelRequest,
  folder: string,
): Promise<string[]> {
  const command = [
    ...[path, "-p", "--output-format", "stream-json", "--verbose", "--include-partial-messages"],
    ...["--max-turns", String(maxTurns), "--no-session-persistence"],
    // Only both together leave it without tools: the second keeps it from those of its owner's own servers.
    ...["--tools", "", "--strict-mcp-config"],
    // No instructions or settings of a project: none is worked on here.
    ...["--setting-sources", "user"],
    ...(model === "default" ? [] : ["--model", model]),
  ];
  if (system === undefined || system.trim() === "") return command;
  const file = join(folder, "system-prompt.txt");
  await writeFile(file, system, { flag: "wx", mode: 0o600 });
  return [...command, "--system-prompt-file", file];
}

async function* converse(
  child: Child,
  request: ModelRequest,
  { deps, signal }: Circumstances,
): AsyncGenerator<ModelEvent> {
  const watch = watchOver(child, deps, signal);
  const reply = new ClaudeReply(request.model);
  try {
    const errors = firstText(child.stderr, maxErrorBytes).catch(() => "");
    await tell(child, claudePrompt(request.messages));
    for await (const line of linesOf(watch.passed(child.stdout), maxLineBytes)) {
      const event = reply.take(readClaudeLine(line));
      if (signal.aborted) return;
      if (event !== undefined) yield event;
    }
    const code = await child.exited;
    if (signal.aborted) return;
    yield watch.isLate()
      ? { kind: "failed", failure: claudeTooSlow(reply.hasText) }
      : reply.end(code, await errors);
  } catch (error) {
    if (signal.aborted) return;
    yield { kind: "failed", failure: claudeFailure(String(error), request.model) };
  } finally {
    // Also runs when the caller stops listening.
    watch.end();
    await child.exited;
  }
}

/** A program that does not want to hear the rest says why on its own. */
async function tell({ stdin }: Child, text: string): Promise<void> {
  try {
    stdin.write(text);
    await stdin.end();
  } catch {}
}

/** Kills the program when the call is cancelled, when it says nothing for too long, and when it says too much. */
function watchOver(child: Child, { limits }: CallDeps, signal: AbortSignal) {
  let isLate = false;
  const late = () => {
    isLate = true;
    child.kill();
  };
  let timer = setTimeout(late, limits.headerTimeoutMs);
  const stop = () => child.kill();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  return {
    isLate: () => isLate,
    async *passed(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      let size = 0;
      for await (const chunk of stream) {
        clearTimeout(timer);
        timer = setTimeout(late, limits.idleTimeoutMs);
        size += chunk.length;
        if (size > maxOutputBytes) throw new RangeError("the answer is too long");
        yield chunk;
      }
    },
    end() {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      child.kill();
    },
  };
}
