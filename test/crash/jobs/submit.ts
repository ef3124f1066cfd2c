import { isRecord } from "@carapace/protocol";
import type { GatewayProcess } from "../../support/gateway-process.ts";
import type { Operator } from "../../support/operator.ts";

export const jobKinds = ["task", "cron", "hook", "delivery"] as const;
export type JobKind = (typeof jobKinds)[number];

/** A job that the gateway acknowledged. */
export interface Job {
  readonly kind: JobKind;
  readonly name: string;
  /** The id that the gateway gave it: of the task, the scheduled job, the run, the message. */
  readonly id: string;
}

/** How a job is asked for: over which way, in which words. */
export interface Submitter {
  readonly gateway: GatewayProcess;
  readonly operator: Operator;
  readonly hooksToken: string;
}

const question = "what is 6 * 7?";

/** Asks for a job. The same name again is the same job. @returns its id, or undefined if it was not acknowledged. */
export async function submit(kind: JobKind, name: string, way: Submitter): Promise<string | undefined> {
  const deliver = { deliver: true, channel: "webhook", to: name, bestEffortDeliver: true };
  const payload = { kind: "agentTurn", message: question, ...deliver };
  switch (kind) {
    case "task": {
      const body = await post(way, "/control/tasks", { name, token: way.gateway.token, body: { payload } });
      const task = isRecord(body) ? body["task"] : undefined;
      return isRecord(task) ? String(task["id"]) : undefined;
    }
    case "hook": {
      const asked = { message: question, sessionKey: name, channel: "webhook", to: name };
      const body = await post(way, "/hooks/agent", { name, token: way.hooksToken, body: asked });
      return isRecord(body) && body["ok"] === true ? String(body["runId"]) : undefined;
    }
    case "cron": {
      const schedule = { kind: "at", atMs: Date.now() + 300 };
      const missed = { missed: "once" };
      const params = { name, idempotencyKey: name, schedule, payload, sessionTarget: "isolated", ...missed };
      const result = await call(way.operator, "cron.add", params);
      const job = isRecord(result) ? result["job"] : undefined;
      return isRecord(job) ? String(job["id"]) : undefined;
    }
    case "delivery": {
      const params = { to: name, message: "hello", channel: "webhook", idempotencyKey: name };
      const result = await call(way.operator, "send", params);
      return isRecord(result) ? String(result["messageId"]) : undefined;
    }
  }
}

interface Posted {
  readonly name: string;
  readonly token: string;
  readonly body: unknown;
}

/** @returns the body of a 2xx answer; undefined for anything else, and for none. */
async function post({ gateway }: Submitter, path: string, { name, token, body }: Posted): Promise<unknown> {
  try {
    const answer = await fetch(`http://127.0.0.1:${gateway.port}${path}`, {
      method: "POST",
      headers: {
        Authorization: `Bearer ${token}`,
        "Content-Type": "application/json",
        "Idempotency-Key": name,
      },
      body: JSON.stringify(body),
    });
    const answered: unknown = await answer.json();
    return answer.ok ? answered : undefined;
  } catch {
    return undefined;
  }
}

let lastId = 0;

/** @returns the payload of a successful answer; undefined for a refusal, and if the connection goes first. */
async function call(operator: Operator, method: string, params: unknown): Promise<unknown> {
  const id = `call-${++lastId}`;
  const answered = Promise.withResolvers<unknown>();
  const before = operator.onFrame;
  operator.onFrame = (frame) => {
    if (frame["type"] !== "res" || frame["id"] !== id) return before(frame);
    answered.resolve(frame["ok"] === true ? frame["payload"] : undefined);
  };
  operator.send(JSON.stringify({ type: "req", id, method, params }));
  return await Promise.race([answered.promise, operator.gone.then(() => undefined)]);
}
