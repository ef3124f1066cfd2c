import { quietFolder } from "../providers/child/quiet-folder.ts";
import { runProgram } from "../providers/child/run-program.ts";
import { claudeEnvironment } from "../providers/claude-cli.ts";
import { failed } from "./base.ts";
import type { LiveCheckDeps, LiveCheckRequest, LiveCheckResult } from "./types.ts";

type ClaudeRequest = Extract<LiveCheckRequest, { provider: "claude-cli" }>;

const timeoutMs = 10_000;

/** Asks the program for its version. Whether it is signed in shows with its first answer: only that would tell. */
export async function checkClaudeCli(
  { path = "claude" }: ClaudeRequest,
  { lookup, signal }: LiveCheckDeps,
): Promise<LiveCheckResult> {
  const env = claudeEnvironment(lookup);
  const end = await runProgram([path, "--version"], {
    ...{ env, cwd: await quietFolder(env), timeoutMs },
    ...(signal === undefined ? {} : { signal }),
  });
  if (signal?.aborted === true) return { status: "skip", detail: "The check was stopped." };
  if (end.kind === "not_found") {
    const remediation = "Install it, or write its place into claudeCli.path.";
    return failed("Claude CLI is not installed where it is expected.", remediation);
  }
  if (end.kind === "too_long") return failed("Claude CLI did not answer in time.", "Try: claude --version");
  const version = /^\s*(\d+\.\d+\.\d+)/.exec(end.out)?.[1];
  if (end.code !== 0 || version === undefined)
    return failed("What is installed as claude is not Claude CLI.", "Try: claude --version");
  return {
    status: "pass",
    detail: `Claude CLI ${version} is there; whether it is signed in shows with the first message.`,
  };
}
