import { writeSync } from "node:fs";

/** What a person said to a question; `nobody` if there is no terminal to ask on. */
export type Answer = "yes" | "no" | "nobody";

/** Asks on the terminal; anything but y and yes is a no. The question goes to stderr. @throws the signal's reason */
export async function confirm(question: string, signal?: AbortSignal): Promise<Answer> {
  const { stdin } = process;
  if (!stdin.isTTY) return "nobody";
  writeSync(2, `${question} [y/N] `);
  const line = await new Promise<string>((resolve) => {
    const end = (text: string): void => {
      stdin.off("data", take).off("end", over).pause();
      signal?.removeEventListener("abort", over);
      resolve(text);
    };
    const take = (chunk: Uint8Array): void => end(new TextDecoder().decode(chunk));
    const over = (): void => end("");
    stdin.on("data", take).on("end", over);
    signal?.addEventListener("abort", over);
    stdin.resume();
  });
  if (signal?.aborted) writeSync(2, "\n");
  signal?.throwIfAborted();
  return /^y(es)?$/i.test(line.trim()) ? "yes" : "no";
}
