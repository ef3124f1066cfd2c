import {
  type HelloOk,
  type MethodName,
  type MethodResult,
  ok,
  type Result,
  readResult,
  refuse,
} from "@carapace/protocol";
import type { Link } from "./link.ts";
import { withPatience } from "./patience.ts";
import type { CallLimits, GatewayConnection } from "./types.ts";

const requestTimeoutMs = 30_000;

/** The face of a link after its handshake. */
export function createConnection(link: Link, hello: HelloOk): GatewayConnection {
  link.limitRequests(hello.policy.maxPayload);
  return {
    hello,
    closed: link.closed,
    onEvent: (listener) => link.events.listen(listener),
    request: (method, params, limits) => request(link, { method, params, ...limits }),
    [Symbol.asyncDispose]: () => link.close(),
  };
}

interface Request<M extends MethodName> extends CallLimits {
  readonly method: M;
  readonly params: unknown;
}

async function request<M extends MethodName>(link: Link, call: Request<M>): Promise<Result<MethodResult<M>>> {
  const { method, params, signal, timeoutMs = requestTimeoutMs } = call;
  const wait = { what: method, timeoutMs, signal };
  const answer = await withPatience(() => link.call(method, params, wait), signal);
  if (!answer.ok) return answer;
  const result = readResult(method, answer.value);
  if (result !== undefined) return ok(result);
  return refuse(
    "unavailable",
    `The gateway's answer to ${method} cannot be read. Are both of the same version?`,
  );
}
