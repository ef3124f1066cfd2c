import { join } from "node:path";

/** A gateway in a process of its own, whose model never finishes a reply. */
export interface ChildGateway {
  readonly url: string;
  /** Until its model was asked. */
  readonly asked: Promise<void>;
  /** As the system does when it is out of memory: without a word. */
  kill(): Promise<void>;
}

/** Starts a gateway that a test can kill. */
export async function startChildGateway(stateDir: string): Promise<ChildGateway> {
  const child = Bun.spawn(
    [process.execPath, "--no-env-file", join(import.meta.dir, "crash-child.ts"), stateDir],
    {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
    },
  );
  const address = Promise.withResolvers<string>();
  const asked = Promise.withResolvers<void>();
  void listen(child.stdout, (line) => (line === "asked" ? asked.resolve() : address.resolve(line)));
  const url = await address.promise;
  if (!url.startsWith("ws:")) throw new Error(`the gateway did not start: ${url}`);
  return {
    url,
    asked: asked.promise,
    async kill() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

async function listen(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  hear: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) hear(line);
  }
}
