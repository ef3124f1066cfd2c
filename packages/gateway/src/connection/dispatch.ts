import {
  denyMethod,
  isKnownMethod,
  isMethodName,
  type MethodName,
  type Refusal,
  type Result,
  readParams,
  refuse,
} from "@carapace/protocol";
import type { ConnectionView, MethodHandler, MethodHandlers } from "../types.ts";

/** One request of an authenticated connection. */
export interface Call {
  readonly method: string;
  readonly params: unknown;
  readonly connection: ConnectionView;
  readonly signal: AbortSignal;
}

export interface DispatchDeps {
  readonly handlers: MethodHandlers;
  /** A handler threw: a fault of ours, not a refusal. Contract: must not throw. */
  readonly onFault: (method: string, error: unknown) => void;
}

/**
 * Answers one request: knows the method, checks the grant, reads the params, calls the handler. The one place where a
 * handler's fault is caught; the caller learns only that it failed.
 * @returns at once where the handler does.
 */
export function dispatch(call: Call, deps: DispatchDeps): Result<unknown> | Promise<Result<unknown>> {
  const { method } = call;
  if (method === "connect") return refuse("invalid_request", "connect already completed");
  if (!isKnownMethod(method)) return refuse("invalid_request", "unknown method", { method });
  const denied = denyMethod(method, call.connection);
  if (denied !== undefined) return denied;
  return isMethodName(method) ? run(method, call, deps) : notInThisVersion(method);
}

function run<M extends MethodName>(
  method: M,
  call: Call,
  deps: DispatchDeps,
): Result<unknown> | Promise<Result<unknown>> {
  const params = readParams(method, call.params);
  if (!params.ok) return params;
  const handler: MethodHandler<M> = deps.handlers[method];
  try {
    const outcome = handler({ params: params.value, connection: call.connection, signal: call.signal });
    return outcome instanceof Promise
      ? outcome.catch((error: unknown) => fault(method, error, deps))
      : outcome;
  } catch (error) {
    return fault(method, error, deps);
  }
}

function fault(method: string, error: unknown, deps: DispatchDeps): Refusal {
  deps.onFault(method, error);
  return refuse("unavailable", `${method} failed; the gateway's log says why`);
}

function notInThisVersion(method: string): Refusal {
  return refuse("not_in_this_version", "method not available in this version", {
    method,
    reason: "not_in_this_version",
  });
}
