import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRecord } from "@carapace/protocol";
import { startTestGateway, type TestGatewayOptions } from "../../testing/index.ts";

/** A gateway with the control API, and its owner at the other end. */
export interface ControlledGateway extends AsyncDisposable {
  readonly http: string;
  /** The config file. */
  readonly file: string;
  readonly stateDir: string;
  readonly bearer: Readonly<Record<string, string>>;
  get(path: string): Promise<Answer>;
  /** @param body Sent as JSON, or as it is if it is a text. */
  patch(body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  text(): Promise<string>;
  write(text: string): Promise<void>;
  /** What the audit log says of one kind, the newest last. */
  audited(event: string): Promise<unknown>;
  /** Reads the file again. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly headers: Headers;
}

export const enabled = { gateway: { control: { enabled: true }, reload: { mode: "off" } } };

/** Starts the real gateway. @param text Of its config file; by default one that only switches the control API on. */
export async function startControlled(
  text = JSON.stringify(enabled),
  options: TestGatewayOptions = {},
): Promise<ControlledGateway> {
  await using opened = new AsyncDisposableStack();
  const stateDir = await mkdtemp(join(tmpdir(), "carapace-control-"));
  opened.defer(() => rm(stateDir, { recursive: true, force: true }));
  const file = join(stateDir, "carapace.json5");
  const write = (written: string) => writeFile(file, written, { mode: 0o600 });
  await write(text);
  const started = opened.use(await startTestGateway({ ...options, stateDir }));
  const closing = opened.move();
  const http = `http://127.0.0.1:${started.gateway.port}`;
  const bearer = { Authorization: `Bearer ${started.token}` };
  return {
    ...{ http, file, stateDir, bearer, write },
    get: async (path) => answerOf(await fetch(http + path, { headers: bearer })),
    patch: async (body, headers = bearer) =>
      answerOf(
        await fetch(`${http}/control/config`, {
          method: "PATCH",
          headers: { "Content-Type": "application/json", ...headers },
          body: typeof body === "string" ? body : JSON.stringify(body),
        }),
      ),
    text: () => readFile(file, "utf8"),
    audited: async (event) => {
      using link = await started.connect();
      return (await link.call("audit.tail", { event })).payload["records"];
    },
    reload: async () => {
      const reloaded = await started.gateway.reload();
      if (!reloaded.ok) throw new Error(reloaded.say);
    },
    close: () => started.gateway.close("test over"),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const body: unknown = text.startsWith("{") ? JSON.parse(text) : {};
  return { status: response.status, text, body: isRecord(body) ? body : {}, headers: response.headers };
}
