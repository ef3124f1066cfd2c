import { configSecret } from "@carapace/config/secret-places";
import { gatewayHealth, type HttpAnswer, httpSend } from "../link/http.ts";
import type { Target } from "../link/target.ts";
import { type Check, fail, pass, skip } from "./check.ts";
import { reachable } from "./gateway.ts";
import { unseal, useTls } from "./next-steps.ts";
import type { Checks, Subject } from "./types.ts";

const enabledName = "Hooks enabled";
const tokenName = "Hooks token";
const wakeName = "Signed /hooks/wake";
const timeoutMs = 10_000;

/** Whether another program can call the assistant: one real wake (cli.md §3.12). */
export async function* verifyHooks(subject: Subject): Checks {
  const reached = yield* reachable(subject);
  if (reached === undefined) return;
  await using gateway = reached;
  const enabled = checkEnabled(subject);
  yield enabled;
  if (enabled.status === "FAIL") return;
  const token = tokenOf(subject);
  if (token === undefined) {
    yield withoutToken(subject);
    return;
  }
  subject.world.out.hide([token.text]);
  yield pass(tokenName, `set by ${token.source}${token.note}`);
  yield await wake(gateway.target, token.text, subject);
}

function checkEnabled({ snapshot, place }: Subject): Check {
  if (place.kind === "elsewhere")
    return skip(
      enabledName,
      "only the configuration on the gateway's machine says it",
      "the wake below shows it; on that machine: cara config get gateway.hooks.enabled",
    );
  if (snapshot.config.gateway.hooks.enabled) return pass(enabledName, "gateway.hooks.enabled is true");
  return fail(
    enabledName,
    "gateway.hooks.enabled is false: no webhook is served",
    "cara config set gateway.hooks.enabled true, and give it a token: cara secrets set gateway.hooks.token",
  );
}

interface Token {
  readonly text: string;
  readonly source: string;
  /** What its owner should know of it; empty, or goes on after the source. */
  readonly note: string;
}

/** The environment first, then the configuration; the latter is none of a gateway elsewhere. */
function tokenOf({ snapshot, place }: Subject): Token | undefined {
  const variable = snapshot.lookup("CARAPACE_HOOKS_TOKEN")?.trim();
  const isHere = place.kind === "here";
  const own = isHere ? snapshot.config.gateway.hooks.token?.reveal().trim() : undefined;
  if (!variable) return own ? { text: own, source: "gateway.hooks.token", note: "" } : undefined;
  const differs = isHere && own !== variable;
  const note = `; gateway.hooks.token is ${own ? "another one" : "not set"}, and the gateway goes by that`;
  return { text: variable, source: "CARAPACE_HOOKS_TOKEN", note: differs ? note : "" };
}

function withoutToken({ snapshot, place }: Subject): Check {
  if (place.kind === "elsewhere")
    return fail(
      tokenName,
      "the token of a gateway elsewhere is not known here",
      "set CARAPACE_HOOKS_TOKEN here to that gateway's gateway.hooks.token",
    );
  if (configSecret(snapshot, "gateway.hooks.token").form === "locked")
    return fail(tokenName, "gateway.hooks.token is sealed and does not open", unseal);
  return fail(tokenName, "no token is set, so every call is refused", "cara secrets set gateway.hooks.token");
}

/** A real wake; what the gateway answers is not shown, as nothing of it is needed. */
async function wake(target: Target, secret: string, subject: Subject): Promise<Check> {
  const { allowPlaintext, snapshot, signal } = subject;
  if (!target.isLoopback && !target.isEncrypted && !allowPlaintext)
    return fail(
      wakeName,
      `${target.address} is another machine, and would get the hooks token unencrypted`,
      useTls,
    );
  const path = `${basePath(snapshot.config.gateway.hooks.path)}/wake`;
  const json = { text: "verify-hook" };
  const answer = await httpSend({ target, path, method: "POST", json, secret, timeoutMs, signal });
  signal.throwIfAborted();
  return tell(answer, path);
}

/** As the gateway mounts it. */
function basePath(path: string): string {
  const bare = path.trim().replace(/^\/+|\/+$/g, "");
  return `/${bare === "" ? "hooks" : bare}`;
}

function tell(answer: HttpAnswer, path: string): Check {
  if (answer.kind === "unreachable")
    return fail(
      wakeName,
      `POST ${path}: ${answer.cause}`,
      "look whether the gateway still runs: cara status",
    );
  const { status } = answer;
  const said = `POST ${path} was answered ${status}`;
  if (status >= 200 && status <= 299 && gatewayHealth(answer) === undefined) return pass(wakeName, said);
  return fail(wakeName, said, advice[status] ?? "see what the gateway says of it: cara logs, cara hooks log");
}

const advice: Readonly<Record<number, string>> = {
  401: "the token is not the running gateway's: make gateway.hooks.token and CARAPACE_HOOKS_TOKEN the same there and here",
  404: "the running gateway does not serve hooks there: check gateway.hooks.enabled and gateway.hooks.path of its configuration, and restart it if gateway.reload.mode is off",
  413: "raise gateway.hooks.maxBodyBytes: it does not even take this small call",
  429: "wait a minute: too many calls, or too many wrong tokens, came from this address",
  503: "wait until the gateway has started, then run cara verify again",
};
