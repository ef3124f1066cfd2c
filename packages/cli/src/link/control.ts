import { type FailureCode, type Result, refuse } from "@carapace/protocol/failures";
import { type HttpAnswer, type HttpSend, httpSend } from "./http.ts";
import { isRecord } from "./json.ts";
import type { Credentials, Settings } from "./settings.ts";
import type { Target } from "./target.ts";

/** A gateway's control API, as the owner's command may use it (cli.md §2.3). */
export interface Control {
  /** @returns the answer's JSON, `{ok: true}` for an empty one; else what was wrong, in a sentence. */
  call(ask: ControlAsk): Promise<Result<Record<string, unknown>>>;
}

export interface ControlAsk extends Pick<HttpSend, "method" | "json" | "headers" | "signal"> {
  /** With its query; what stands in it is encoded. */
  readonly path: string;
}

const timeoutMs = 90_000;
const maxBodyBytes = 1024 * 1024;

/**
 * Refuses before anything is sent where a credential would go to another machine unencrypted.
 * @param allowPlaintext the owner wants it nevertheless
 */
export async function openControl(
  target: Target,
  settings: Settings,
  { allowPlaintext = false } = {},
): Promise<Result<Control>> {
  const credentials = await settings.credentials();
  const isSafe = target.isLoopback || target.isEncrypted || allowPlaintext;
  if (!isSafe && credentials.source === "configured") {
    const say =
      `${target.address} is another machine, and the control API would get your credential unencrypted: ` +
      "open a tunnel (ssh -L 18789:127.0.0.1:18789 HOST) and run the command without --host";
    return refuse("forbidden", say);
  }
  // The token this machine made for itself is nobody else's business.
  const isOurs = target.isLoopback || (isSafe && credentials.source === "configured");
  const secrets = isOurs ? secretsOf(credentials) : [undefined];
  const ageMs = target.isLoopback ? settings.configAgeMs : async () => Number.POSITIVE_INFINITY;
  const call: Control["call"] = async (ask) =>
    read(await untilServed(() => send(ask, target, secrets), ageMs, ask), target);
  return { ok: true, value: { call } };
}

/** Which of the two the gateway takes is its mode's business: the token first (cli.md §2.2). */
export function secretsOf(credentials: Credentials): readonly (string | undefined)[] {
  if (credentials.source === "none") return [undefined];
  const both =
    credentials.source === "local" ? [credentials.token] : [credentials.token, credentials.password];
  return both.filter((secret) => secret !== undefined);
}

/** A gateway reads a changed file after a quiet time (`gateway.reload.debounceMs`), and then serves what it says. */
const readMs = 2000;
const pauseMs = 100;

/** Whoever switches the API on and calls it in the next line is not to be told that it is off. */
async function untilServed(
  send: () => Promise<HttpAnswer>,
  configAgeMs: Settings["configAgeMs"],
  { signal }: ControlAsk,
): Promise<HttpAnswer> {
  let answer = await send();
  while (isUnserved(answer) && (await configAgeMs()) < readMs && signal?.aborted !== true) {
    await Bun.sleep(pauseMs);
    answer = await send();
  }
  return answer;
}

/** Its own refusals are JSON; a path that is not served is not, and nothing was done. */
function isUnserved(answer: HttpAnswer): boolean {
  return answer.kind === "answer" && answer.status === 404 && !isRecord(answer.json);
}

async function send(
  ask: ControlAsk,
  target: Target,
  secrets: readonly (string | undefined)[],
): Promise<HttpAnswer> {
  let answer: HttpAnswer = { kind: "unreachable", cause: "nothing was sent" };
  for (const secret of secrets) {
    answer = await httpSend({ ...ask, target, timeoutMs, maxBodyBytes, secret });
    if (answer.kind !== "answer" || answer.status !== 401) break;
  }
  return answer;
}

function read(answer: HttpAnswer, { address, isLoopback }: Target): Result<Record<string, unknown>> {
  if (answer.kind === "unreachable") {
    const advice = isLoopback && answer.cause === "connection refused" ? ". Start it with: cara start" : "";
    return refuse("unavailable", `cannot reach a gateway at ${address}: ${answer.cause}${advice}`);
  }
  const { status, body, json } = answer;
  if (status >= 200 && status <= 299) {
    if (body.trim() === "") return { ok: true, value: { ok: true } };
    if (isRecord(json)) return { ok: true, value: json };
    return refuse(
      "unavailable",
      `what answers at ${address} is not a Carapace gateway; choose another with --port`,
    );
  }
  if (isUnserved(answer)) return refuse("not_found", isOff(address));
  return refuse(codeOf(status), `${reasonOf(json) ?? body.slice(0, 500)} (HTTP ${status})`);
}

/** `unavailable`: the same may succeed later. */
function codeOf(status: number): FailureCode {
  if (status === 404) return "not_found";
  return status === 429 || status >= 500 ? "unavailable" : "invalid_request";
}

function isOff(address: string): string {
  return (
    `the gateway at ${address} does not serve its control API (HTTP 404). Turn it on with: ` +
    "cara config set gateway.control.enabled true"
  );
}

function reasonOf(json: unknown): string | undefined {
  if (!isRecord(json)) return undefined;
  const { error, message } = json;
  // The rate limiter and the CSRF guard word theirs as an object (http.md §3).
  if (isRecord(error) && typeof error["message"] === "string") return error["message"];
  const said = typeof error === "string" ? error : message;
  return typeof said === "string" ? said : undefined;
}
