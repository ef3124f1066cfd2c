import type { GatewayProcess } from "../support/gateway-process.ts";
import { connectOperator } from "../support/operator.ts";

/** How much is asked of a gateway, each second. */
export interface Rates {
  readonly http: number;
  readonly ws: number;
  /** Turns of the assistant, over WebSocket, hooks and the OpenAI-compatible API in turn. */
  readonly turns: number;
}

export interface Seen {
  /** Answers by HTTP status; 0: none. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Server errors that are neither 503 nor say when to come back. */
  readonly badAnswers: readonly string[];
  /** Times of `/health`, in ms, from the moment it was due: a late answer delays no other's clock. */
  readonly healthMs: readonly number[];
  readonly wsAnswers: number;
  readonly turnsAccepted: number;
}

const hooksToken = "the-hooks-token-of-this-load-0000000";

/** The configuration that this traffic needs. */
export function loadConfig(token: string) {
  return {
    gateway: {
      auth: { mode: "token", token },
      ws: { messageRate: 1e9, messageBurst: 1e9 },
      control: { enabled: true },
      hooks: { enabled: true, token: hooksToken },
      openai: { chatCompletions: true, responses: true },
    },
  };
}

const maxSessions = 20;

/** Mixed traffic over all doors at a fixed pace, whatever the answers take, for so long. */
export async function drive(gateway: GatewayProcess, rates: Rates, forMs: number): Promise<Seen> {
  const statuses = new Map<number, number>();
  const badAnswers: string[] = [];
  const healthMs: number[] = [];
  const underWay = new Set<Promise<void>>();
  let wsAnswers = 0;
  let turnsAccepted = 0;

  async function ask({ path, ...init }: Asked): Promise<void> {
    const dueAt = performance.now();
    const answer = await fetch(`http://127.0.0.1:${gateway.port}${path}`, init).catch(() => undefined);
    const status = answer?.status ?? 0;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    const text = (await answer?.text().catch(() => "")) ?? "";
    if (path === "/health") healthMs.push(performance.now() - dueAt);
    const isRefusal = status === 503 && answer?.headers.has("retry-after") === true;
    if ((status >= 500 && !isRefusal) || status === 0)
      badAnswers.push(`${path}: ${status} ${text.slice(0, 200)}`);
    if (init.method === "POST" && status < 300) turnsAccepted += 1;
  }

  using operator = await connectOperator(gateway.port, gateway.token);
  operator.onFrame = (frame) => {
    if (frame["type"] === "res") wsAnswers += 1;
  };
  let sent = 0;
  const overWs = () => {
    const method = wsMethods[sent % wsMethods.length];
    operator.send(JSON.stringify({ type: "req", id: `r${sent++}`, method }));
  };
  let asked = 0;
  const overHttp = () => track(underWay, ask(reading(asked++, gateway.token)));
  let turns = 0;
  const turn = () => {
    const number = turns++;
    if (number % 3 > 0) return track(underWay, ask(starting(number, gateway.token)));
    const params = {
      message: question,
      sessionKey: `load-${number % maxSessions}`,
      idempotencyKey: crypto.randomUUID(),
    };
    operator.send(JSON.stringify({ type: "req", id: `t${number}`, method: "chat.send", params }));
  };
  const until = performance.now() + forMs;
  await Promise.all([
    paced({ perSecond: rates.http, until, act: overHttp }),
    paced({ perSecond: rates.ws, until, act: overWs }),
    paced({ perSecond: rates.turns, until, act: turn }),
  ]);
  await Promise.all(underWay);
  return { statuses, badAnswers, healthMs, wsAnswers, turnsAccepted };
}

const question = "what is 6 * 7?";
const wsMethods = ["health", "sessions.list", "status"];

interface Asked extends RequestInit {
  readonly path: string;
}

function reading(number: number, token: string): Asked {
  const paths = [
    "/health",
    "/control/status",
    "/health",
    "/v1/models",
    "/health",
    "/metrics",
    "/tools",
    "/health/ready",
  ];
  const path = paths[number % paths.length] ?? "/health";
  return { path, headers: { Authorization: `Bearer ${token}` } };
}

function starting(number: number, token: string): Asked {
  const headers = { "Content-Type": "application/json" };
  if (number % 3 === 1) {
    const body = JSON.stringify({ message: question, sessionKey: `hook-${number % maxSessions}` });
    return {
      path: "/hooks/agent",
      method: "POST",
      headers: { ...headers, Authorization: `Bearer ${hooksToken}` },
      body,
    };
  }
  const body = JSON.stringify({ model: "carapace", messages: [{ role: "user", content: question }] });
  return {
    path: "/v1/chat/completions",
    method: "POST",
    headers: { ...headers, Authorization: `Bearer ${token}` },
    body,
  };
}

function track(underWay: Set<Promise<void>>, work: Promise<void>): void {
  const kept = work.finally(() => underWay.delete(kept));
  underWay.add(kept);
}

interface Pace {
  readonly perSecond: number;
  readonly until: number;
  readonly act: () => void;
}

/** An open loop: what is due is asked, though what was asked before has not been answered. */
async function paced({ perSecond, until, act }: Pace): Promise<void> {
  const startedAt = performance.now();
  for (let done = 0; performance.now() < until; ) {
    const due = Math.floor(((performance.now() - startedAt) / 1000) * perSecond);
    for (; done < due; done += 1) act();
    await Bun.sleep(5);
  }
}
