import { isRecord, ok, type Refusal, type Result, refuse } from "@carapace/protocol";
import type { SignedIn } from "../types.ts";
import { readPaste, readReturn } from "./answer.ts";
import { endPage, foreignPage, resultPage } from "./page.ts";
import type { SignInAnswer, SignInFlow, SignInHere, SignInHereOptions } from "./types.ts";

/** What waits for the browser, on one port. */
interface Listening {
  readonly port: number;
  /** Ends at once what is under way, if told to. */
  stop(isForced?: boolean): Promise<void>;
}

const defaultTimeoutMs = 300_000;
const path = "/auth/callback";

/**
 * Waits for a browser of this machine on loopback (RFC 8252 §7.3), and for a person who pastes, whichever comes first.
 * @param begin makes the flow, once it is known where the browser comes back to
 */
export function waitHere(
  begin: (redirectUri: string) => Result<SignInFlow>,
  options: SignInHereOptions = {},
): Result<SignInHere> {
  const place = placeOf(options.redirectUri);
  if (!place.ok) return place;
  const wait = createWait(options);
  const server = listen(place.value, (request) => wait.answer(request));
  if (!server.ok) return server;
  const flow = begin(options.redirectUri ?? `http://127.0.0.1:${server.value.port}${path}`);
  if (!flow.ok) {
    void server.value.stop(true);
    wait.end(flow);
    return flow;
  }
  wait.start(flow.value, server.value);
  const { authUrl, redirectUri, state } = flow.value;
  return ok({
    ...{ authUrl, redirectUri, done: wait.done },
    paste(text) {
      const answer = readPaste(text, state);
      if (!answer.ok) return answer;
      void wait.finish(answer.value);
      return ok(undefined);
    },
    async [Symbol.asyncDispose]() {
      wait.end(refuse("unavailable", "the sign-in was ended"));
      await server.value.stop(true);
    },
  });
}

interface Wait {
  readonly done: Promise<Result<SignedIn>>;
  start(flow: SignInFlow, server: Listening): void;
  answer(request: Request): Response | Promise<Response>;
  finish(answer: SignInAnswer): Promise<Result<SignedIn>>;
  end(result: Result<SignedIn>): void;
}

function createWait({ timeoutMs = defaultTimeoutMs, signal }: SignInHereOptions): Wait {
  const { promise: done, resolve } = Promise.withResolvers<Result<SignedIn>>();
  const over = new AbortController();
  let running: { readonly flow: SignInFlow; readonly server: Listening } | undefined;
  const cancelled = () => end(refuse("unavailable", "the sign-in was ended"));
  const late = () => end(refuse("unavailable", "nobody signed in within the time for it: start again"));
  const timer = setTimeout(late, timeoutMs);
  const end = (result: Result<SignedIn>) => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", cancelled);
    resolve(result);
    over.abort();
    // Not at once: the browser gets its page first.
    void running?.server.stop();
  };
  if (signal?.aborted) cancelled();
  signal?.addEventListener("abort", cancelled);
  const finish = async (answer: SignInAnswer) => {
    if (running === undefined) return refuse("unavailable", "the sign-in has not begun");
    const result = await running.flow.finish(answer, over.signal);
    end(result);
    return result;
  };
  return {
    ...{ done, finish, end },
    start: (flow, server) => {
      running = { flow, server };
      if (over.signal.aborted) void server.stop();
    },
    answer(request) {
      if (running === undefined) return foreignPage();
      const { flow } = running;
      const url = new URL(request.url);
      // A page elsewhere whose name leads here must not take part.
      if (url.host !== new URL(flow.redirectUri).host || request.headers.get("host") !== url.host)
        return missing();
      if (request.method !== "GET" || url.pathname !== new URL(flow.redirectUri).pathname) return missing();
      const returned = readReturn(url.searchParams, flow.state);
      if (returned.kind === "foreign" || over.signal.aborted) return foreignPage();
      return finish(returned.answer).then(endPage);
    },
  };
}

function missing(): Response {
  return resultPage({ status: 404, title: "Nothing here", text: "Go back to where you began." });
}

interface Place {
  readonly port: number;
  readonly hosts: readonly [string, ...string[]];
}

function placeOf(redirectUri: string | undefined): Result<Place> {
  if (redirectUri === undefined) return ok({ port: 0, hosts: ["127.0.0.1"] });
  const url = URL.parse(redirectUri);
  const isHere = url?.protocol === "http:" && ["127.0.0.1", "localhost"].includes(url.hostname);
  // A browser may take that name for either: whoever listened at the other one would be sent the code.
  const hosts = url?.hostname === "localhost" ? (["127.0.0.1", "::1"] as const) : (["127.0.0.1"] as const);
  if (isHere && url.port !== "") return ok({ port: Number(url.port), hosts });
  return refuse(
    "invalid_request",
    "the redirect address of a sign-in here must look like http://localhost:1455/auth/callback",
  );
}

type Answer = (request: Request) => Response | Promise<Response>;

function listen({ port: wanted, hosts: [main, ...others] }: Place, fetch: Answer): Result<Listening> {
  const first = serve(main, wanted, fetch);
  if (!("port" in first)) return inUse(wanted);
  const port = first.port ?? wanted;
  const rest = others.map((host) => serve(host, port, fetch));
  const servers = [first, ...rest.filter((one) => "port" in one)];
  const stop = async (isForced?: boolean) => {
    await Promise.all(servers.map((server) => server.stop(isForced)));
  };
  if (!rest.some((one) => "isTaken" in one && one.isTaken)) return ok({ port, stop });
  void stop(true);
  return inUse(port);
}

type Served = Bun.Server<undefined> | { readonly isTaken: boolean };

/** @returns whether somebody else is there already; otherwise this machine has no such address */
function serve(hostname: string, port: number, fetch: Answer): Served {
  try {
    const options = { hostname, port, idleTimeout: 120, maxRequestBodySize: 1024 } as const;
    return Bun.serve({ ...options, development: false, fetch });
  } catch (error) {
    return { isTaken: isRecord(error) && error["code"] === "EADDRINUSE" };
  }
}

function inUse(port: number): Refusal {
  return refuse(
    "unavailable",
    port === 0
      ? "no port of this machine can be opened for the browser to come back to"
      : `port ${port} of this machine is in use: end what holds it, and start again`,
  );
}
