import { writeSync } from "node:fs";
import { forbidCoreDumps } from "../crash/core-dumps.ts";

/** What was typed or piped, or the exit code to end with and why. */
export type SecretInput =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly code: 1 | 130; readonly say?: string };

/** Longest secret, in bytes of UTF-8. */
const maxBytes = 65_536;

/**
 * Asks for a new secret on the terminal, twice, without showing it. @returns refused if there is no terminal, the two
 * differ or nothing was typed; 130 after Ctrl-C
 */
export async function askNewSecret(what: string): Promise<SecretInput> {
  const first = await askSecret(`New ${what}: `);
  if (!first.ok) return first;
  const second = await askSecret(`The same ${what} again: `);
  if (!second.ok) return second;
  if (first.value === second.value) return first;
  return { ok: false, code: 1, say: "the two were not the same; nothing was changed" };
}

/** A new secret: asked for on the terminal, else the first line of standard input. */
export async function newSecret(what: string): Promise<SecretInput> {
  return process.stdin.isTTY ? await askNewSecret(what) : await pipedSecret();
}

/** Asks for a secret on the terminal without showing it. The question goes to stderr. */
export async function askSecret(question: string): Promise<SecretInput> {
  const { stdin } = process;
  if (!stdin.isTTY) return { ok: false, code: 1, say: "there is no terminal to ask on" };
  await forbidCoreDumps(process.platform);
  const wasRaw = stdin.isRaw;
  // Before the question: who types ahead of it must not see the secret either.
  stdin.setRawMode(true);
  writeSync(2, question);
  try {
    return await typedLine(stdin);
  } finally {
    stdin.setRawMode(wasRaw);
    stdin.pause();
    writeSync(2, "\n");
  }
}

async function typedLine(stdin: AsyncIterable<unknown> & NodeJS.ReadStream): Promise<SecretInput> {
  const line = createLine();
  return new Promise((resolve) => {
    const end = (result: SecretInput) => {
      stdin.off("data", take).off("end", over);
      line.wipe();
      resolve(result);
    };
    const over = () => end({ ok: false, code: 1, say: "the terminal was closed; nothing was changed" });
    const take = (chunk: Uint8Array) => {
      const result = line.take(chunk);
      chunk.fill(0);
      if (result) end(result);
    };
    stdin.on("data", take).on("end", over);
    stdin.resume();
  });
}

/** Keys of a terminal in raw mode that mean something here. */
const keys = {
  interrupt: 0x03,
  end: 0x04,
  backspace: 0x08,
  lineFeed: 0x0a,
  enter: 0x0d,
  clear: 0x15,
  delete: 0x7f,
};

/** A line as it is typed, byte by byte. */
function createLine() {
  const typed = new Uint8Array(maxBytes);
  let length = 0;
  const erase = () => {
    // Back over the further bytes of a character, then its first.
    while (length > 0 && ((typed[length - 1] ?? 0) & 0xc0) === 0x80) length -= 1;
    if (length > 0) length -= 1;
  };
  const byKey: Readonly<Record<number, () => SecretInput | undefined>> = {
    [keys.interrupt]: () => ({ ok: false, code: 130 }),
    [keys.end]: () => (length === 0 ? { ok: false, code: 130 } : undefined),
    [keys.enter]: () => decoded(typed.subarray(0, length)),
    [keys.lineFeed]: () => decoded(typed.subarray(0, length)),
    [keys.backspace]: () => void erase(),
    [keys.delete]: () => void erase(),
    [keys.clear]: () => {
      length = 0;
      return undefined;
    },
  };
  return {
    take(chunk: Uint8Array): SecretInput | undefined {
      for (const [index, byte] of chunk.entries()) {
        const act = byKey[byte];
        const result = act?.();
        if (result) return result.ok && saysMore(chunk.subarray(index + 1)) ? severalLines : result;
        if (act) continue;
        if (length === maxBytes) return tooLong;
        typed[length++] = byte;
      }
      return undefined;
    },
    wipe: () => void typed.fill(0),
  };
}

/** Reads a secret from the first line of standard input. Refused if more lines came with it: half a secret is none. */
export async function pipedSecret(): Promise<SecretInput> {
  await forbidCoreDumps(process.platform);
  const line = new Uint8Array(maxBytes);
  try {
    return await firstLine(line);
  } finally {
    line.fill(0);
  }
}

async function firstLine(line: Uint8Array): Promise<SecretInput> {
  let length = 0;
  for await (const chunk of Bun.stdin.stream()) {
    const end = chunk.indexOf(keys.lineFeed);
    const part = end < 0 ? chunk : chunk.subarray(0, end);
    const isTooLong = length + part.length > maxBytes;
    const isMore = end >= 0 && saysMore(chunk.subarray(end + 1));
    if (!isTooLong) line.set(part, length);
    chunk.fill(0);
    if (isTooLong) return tooLong;
    if (isMore) return severalLines;
    length += part.length;
    if (end >= 0) break;
  }
  if (line[length - 1] === keys.enter) length -= 1;
  return decoded(line.subarray(0, length));
}

/** Whether anything but line ends and blanks follows a line. */
function saysMore(rest: Uint8Array): boolean {
  return rest.some((byte) => byte > 0x20);
}

const severalLines: SecretInput = {
  ok: false,
  code: 1,
  say: "it has more than one line, and a secret is one; nothing was changed",
};
const tooLong: SecretInput = {
  ok: false,
  code: 1,
  say: `a secret has at most ${maxBytes} bytes; nothing was changed`,
};

function decoded(bytes: Uint8Array): SecretInput {
  if (bytes.length === 0)
    return { ok: false, code: 1, say: "no secret was given, and it must not be empty; nothing was changed" };
  try {
    return { ok: true, value: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { ok: false, code: 1, say: "the secret is no UTF-8 text; nothing was changed" };
  }
}
