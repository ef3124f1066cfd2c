import { isRecord } from "@carapace/protocol";
import type { TestGateway } from "../../testing/index.ts";

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly task: Record<string, unknown>;
}

export type Method = "GET" | "POST" | "PATCH";

/**
 * Calls the tasks' routes of a gateway, behind `/control/tasks`.
 * @param method With an `Idempotency-Key`, if it shall have one.
 */
export type TaskCaller = (
  method: Method | { readonly method: Method; readonly key: string },
  path: string,
  body?: unknown,
) => Promise<Answer>;

export function taskCaller({ gateway, token }: TestGateway): TaskCaller {
  return async (how, path, body) => {
    const { method, key } = typeof how === "string" ? { method: how, key: undefined } : how;
    const answer = await fetch(`http://127.0.0.1:${gateway.port}/control/tasks${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, ...(key && { "Idempotency-Key": key }) },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const json: unknown = text.startsWith("{") ? JSON.parse(text) : {};
    const record = isRecord(json) ? json : {};
    return { status: answer.status, body: record, task: isRecord(record["task"]) ? record["task"] : {} };
  };
}

/** The task, once it is in a state. */
export async function until(call: TaskCaller, id: unknown, state: string): Promise<Record<string, unknown>> {
  for (;;) {
    const { task } = await call("GET", `/${id}`);
    if (task["state"] === state) return task;
    await Bun.sleep(5);
  }
}
