import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ScriptedReply } from "@carapace/agent/testing";
import { startTestGateway, type TestGateway } from "../../testing/test-gateway.ts";

export const hooksToken = "hooks-token-of-a-test";

/** What a hook answered. */
export interface Answered {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export interface Posted {
  /** Absent: the hooks token. */
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON unless it is a text. */
  readonly body?: unknown;
}

/** A gateway with hooks, and how to call them. */
export interface HookGateway extends AsyncDisposable {
  readonly gateway: TestGateway;
  post(path: string, posted?: Posted): Promise<Answered>;
}

export interface HookGatewayOptions {
  readonly hooks?: Readonly<Record<string, unknown>>;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly replies?: readonly ScriptedReply[];
  readonly stateDir?: string;
}

export async function startHookGateway(options: HookGatewayOptions = {}): Promise<HookGateway> {
  const { hooks, config, replies = many, stateDir } = options;
  const gateway = await startTestGateway({
    replies,
    ...(stateDir === undefined ? {} : { stateDir }),
    config: { ...config, gateway: { hooks: { enabled: true, token: hooksToken, ...hooks } } },
  });
  const base = gateway.gateway.url.replace(/^ws/, "http").replace(/\/ws$/, "");
  return {
    gateway,
    post: (path, posted) => post(`${base}${path}`, posted),
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

const many = Array.from({ length: 80 }, (_, index) => `reply ${index + 1}`);

export async function post(url: string, { headers, body = {} }: Posted = {}): Promise<Answered> {
  const response = await fetch(url, {
    method: "POST",
    headers: headers ?? { Authorization: `Bearer ${hooksToken}` },
    body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, text, body: text.startsWith("{") ? JSON.parse(text) : {} };
}

/** A folder that goes with the test. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "carapace-hooks-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
