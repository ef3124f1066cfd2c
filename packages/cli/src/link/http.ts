import { isRecord } from "./json.ts";
import type { Target } from "./target.ts";

/** What came of one HTTP request to a gateway. Network errors never hold a URL. */
export type HttpAnswer =
  | { readonly kind: "unreachable"; readonly cause: string }
  | { readonly kind: "answer"; readonly status: number; readonly body: string; readonly json: unknown };

export interface HttpAsk {
  readonly target: Target;
  readonly path: string;
  readonly timeoutMs: number;
  /** Sent as a bearer; to another machine only encrypted, or where the owner allows otherwise. */
  readonly secret?: string | undefined;
  /** Instead of 256 KiB (cli.md §1). */
  readonly maxBodyBytes?: number;
  /** Gives the request up before its time. */
  readonly signal?: AbortSignal | undefined;
}

export interface HttpSend extends HttpAsk {
  readonly method: "GET" | "POST" | "PATCH";
  /** The body, as JSON; none if absent. */
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const usualBodyBytes = 256 * 1024;

/** GETs a path; follows no redirect, goes through no proxy on this machine, reads at most 256 KiB (cli.md §1). */
export async function httpGet(ask: HttpAsk): Promise<HttpAnswer> {
  return await httpSend({ ...ask, method: "GET" });
}

/** The same with a method and a body. */
export async function httpSend(ask: HttpSend): Promise<HttpAnswer> {
  const maxBytes = ask.maxBodyBytes ?? usualBodyBytes;
  const tooLarge = `the answer is larger than ${maxBytes / 1024} KiB`;
  try {
    const response = await fetch(`${ask.target.httpUrl}${ask.path}`, {
      method: ask.method,
      redirect: "manual",
      signal: limitOf(ask),
      headers: headersOf(ask),
      ...(ask.json === undefined ? {} : { body: JSON.stringify(ask.json) }),
      ...(ask.target.isLoopback ? { proxy: false } : {}),
      ...(ask.target.acceptsAnyCertificate ? { tls: { rejectUnauthorized: false } } : {}),
    });
    const body = await readCapped(response, maxBytes);
    if (body === undefined) return { kind: "unreachable", cause: tooLarge };
    return { kind: "answer", status: response.status, body, json: parsed(body) };
  } catch (fault) {
    return { kind: "unreachable", cause: causeOf(fault, ask.timeoutMs) };
  }
}

function limitOf({ timeoutMs, signal }: HttpAsk): AbortSignal {
  const limit = AbortSignal.timeout(timeoutMs);
  return signal === undefined ? limit : AbortSignal.any([signal, limit]);
}

function headersOf({ secret, json, headers }: HttpSend): Record<string, string> {
  return {
    ...headers,
    ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
    ...(json === undefined ? {} : { "content-type": "application/json" }),
  };
}

/** The body of `/health` if what answered is a gateway of ours (http.md §6). */
export function gatewayHealth(answer: HttpAnswer): Record<string, unknown> | undefined {
  if (answer.kind !== "answer" || answer.status < 200 || answer.status > 299 || !isRecord(answer.json))
    return undefined;
  const { status, version } = answer.json;
  return typeof status === "string" && typeof version === "string" ? answer.json : undefined;
}

/** @returns undefined if it is larger */
async function readCapped(response: Response, maxBytes: number): Promise<string | undefined> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > maxBytes) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** As a cause: the other side answered a TLS handshake with something else. */
export const noTls = "it does not speak TLS";

const causes: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ConnectionRefused: "connection refused",
  ENOTFOUND: "no such host",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "network unreachable",
  ECONNRESET: "connection reset",
  ConnectionClosed: "connection closed without an answer",
  EPROTO: noTls,
};

function causeOf(fault: unknown, timeoutMs: number): string {
  if (!(fault instanceof Error)) return "unknown network error";
  if (fault.name === "TimeoutError") return `no answer within ${timeoutMs / 1000} s`;
  const code = "code" in fault && typeof fault.code === "string" ? fault.code : "";
  const known = causes[code];
  if (known !== undefined) return known;
  if (/CERT|TLS|SSL/i.test(code))
    return `its certificate is not trusted (${code}); --trust accepts it unchecked`;
  // The runtime's own texts quote the URL; the code says enough.
  return code === "" ? "network error" : code;
}
