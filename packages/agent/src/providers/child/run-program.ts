import { type ChildOptions, startChild } from "./start.ts";

/** How a short run of a program ended. */
export type ProgramEnd =
  | { readonly kind: "done"; readonly code: number; readonly out: string; readonly errors: string }
  | { readonly kind: "not_found" }
  | { readonly kind: "too_long" };

const maxOutBytes = 64 * 1024;
const maxErrorBytes = 4096;

/**
 * Runs a program that answers at once, without input. What it writes is cut at 64 KiB, its errors at 4 KiB.
 * @param timeoutMs After it, it is killed; as it is when the signal fires (`too_long`, too).
 */
export async function runProgram(
  command: readonly string[],
  {
    timeoutMs,
    signal,
    ...options
  }: ChildOptions & { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<ProgramEnd> {
  const child = startChild(command, options);
  if (child === undefined) return { kind: "not_found" };
  let isKilled = signal?.aborted === true;
  const kill = () => {
    isKilled = true;
    child.kill();
  };
  const timer = setTimeout(kill, timeoutMs);
  signal?.addEventListener("abort", kill, { once: true });
  if (isKilled) kill();
  try {
    void Promise.resolve(child.stdin.end()).catch(() => {});
    const [out, errors, code] = await Promise.all([
      firstText(child.stdout, maxOutBytes),
      firstText(child.stderr, maxErrorBytes),
      child.exited,
    ]);
    return isKilled ? { kind: "too_long" } : { kind: "done", code, out, errors };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", kill);
    child.kill();
  }
}

/** Reads a stream to its end, and keeps the beginning. */
export async function firstText(stream: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of stream) {
    if (size < maxBytes) parts.push(part.subarray(0, maxBytes - size));
    size += part.length;
  }
  return Buffer.concat(parts).toString("utf8");
}
