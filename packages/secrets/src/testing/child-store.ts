/** What came of a call in the other process. */
type Answer = { readonly value: unknown } | { readonly code: string; readonly say: string };

/** A credential store in a process of its own. */
export interface ChildStore extends AsyncDisposable {
  readonly opened: { readonly kind: string; readonly isDurable: boolean; readonly why?: string };
  get(account: string): Promise<Answer>;
  set(account: string, value: string): Promise<Answer>;
  delete(account: string): Promise<Answer>;
}

export async function openChildStore(env: Record<string, string>, stateDir: string): Promise<ChildStore> {
  const program = new URL("./store-child.ts", import.meta.url).pathname;
  const child = Bun.spawn([process.execPath, "--no-install", program, stateDir], {
    env,
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const lines = linesOf(child.stdout);
  const ask = async (question: unknown): Promise<Answer> => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    await child.stdin.flush();
    return JSON.parse(await lines());
  };
  return {
    opened: JSON.parse(await lines()),
    get: (account) => ask({ call: "get", account }),
    set: (account, value) => ask({ call: "set", account, value }),
    delete: (account) => ask({ call: "delete", account }),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

function linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): () => Promise<string> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  return async () => {
    for (;;) {
      const end = rest.indexOf("\n");
      if (end >= 0) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 1);
        return line;
      }
      const { done, value } = await reader.read();
      if (done) throw new Error("the store's process ended");
      rest += decoder.decode(value, { stream: true });
    }
  };
}
