import type { ClientRequest, IncomingMessage } from "node:http";
import type { RequestOptions } from "node:https";
import { type FetchFailure, type FetchResult, fetched, refuseFetch } from "../failures.ts";
import type { Target } from "../url/check-url.ts";

export interface Outgoing {
  readonly target: Target;
  /** The checked address: the only one that is connected to. */
  readonly address: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
  /** PEM, instead of the system's. */
  readonly certificateAuthorities?: string | undefined;
  readonly signal: AbortSignal;
}

const connectTimeoutMs = 10_000;
const maxHeaderBytes = 32 * 1024;

/**
 * Sends a request to one address and waits for the answer's headers. A connection of its own, which is closed after the
 * answer: none that was opened for somebody else's check is used again. `node:http` reads no proxy from the environment
 * for such a connection. The host's name is only for the certificate and the `Host` header; nobody looks it up again.
 */
export async function send(outgoing: Outgoing): Promise<FetchResult<IncomingMessage>> {
  const { target, body, signal } = outgoing;
  if (signal.aborted) return refuseFetch("aborted");
  const { request } = target.isSecure ? await import("node:https") : await import("node:http");
  const { promise, resolve } = Promise.withResolvers<FetchResult<IncomingMessage>>();
  let isConnected = false;
  const sending: ClientRequest = request(requestOptions(outgoing));
  const fail = (reason: FetchFailure) => {
    resolve(refuseFetch(reason, isConnected));
    sending.destroy();
  };
  const timer = setTimeout(() => fail("unreachable"), connectTimeoutMs);
  sending.on("socket", (socket) =>
    socket.once(target.isSecure ? "secureConnect" : "connect", () => {
      isConnected = true;
      clearTimeout(timer);
    }),
  );
  sending.on("response", (message) => {
    // What is wrong behind the headers is told by the body, and is no fault of this process while nobody reads it.
    message.on("error", () => {});
    sending.on("error", (error) => message.destroy(error));
    resolve(fetched(message));
  });
  sending.on("upgrade", (_message, socket) => {
    socket.destroy();
    fail("bad_response");
  });
  sending.on("error", (error) => fail(failureOf(error)));
  signal.addEventListener("abort", () => fail("aborted"), { once: true });
  sending.end(body);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

function requestOptions({ target, address, ...outgoing }: Outgoing): RequestOptions {
  return {
    host: address,
    port: target.port,
    method: outgoing.method,
    path: `${target.url.pathname}${target.url.search}`,
    headers: outgoing.headers,
    setHost: false,
    agent: false,
    maxHeaderSize: maxHeaderBytes,
    insecureHTTPParser: false,
    // Said, so that NODE_TLS_REJECT_UNAUTHORIZED does not say otherwise.
    rejectUnauthorized: true,
    ...(target.isAddress ? {} : { servername: target.host }),
    ...(outgoing.certificateAuthorities === undefined ? {} : { ca: outgoing.certificateAuthorities }),
  };
}

/** What an error of the connection, of TLS or of the parser comes to. */
export function failureOf(error: unknown): FetchFailure {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code.startsWith("HPE_")) return "bad_response";
  if (/^ERR_(?:TLS|SSL|OSSL)|CERT|SELF_SIGNED|UNABLE_TO_|EPROTO|HOSTNAME_MISMATCH|INVALID_PURPOSE/.test(code))
    return "tls_failed";
  return "unreachable";
}
