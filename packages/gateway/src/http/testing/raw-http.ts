import { openRaw } from "../../listen/testing/raw.ts";

/** What a server wrote, taken apart. */
export interface RawAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Sends the bytes as they are, and reads until the other end closes: they should ask for that. */
export async function exchange(port: number, bytes: string): Promise<RawAnswer> {
  using raw = await openRaw(port);
  raw.write(bytes);
  await raw.ended;
  return readAnswer(raw.received());
}

/** A request line and headers, which ask to close the connection. */
export function request(line: string, headers: readonly string[] = [], body = ""): string {
  const named = headers.some((header) => /^host:/i.test(header)) ? headers : ["Host: localhost", ...headers];
  return [`${line} HTTP/1.1`, ...named, "Connection: close", "", body].join("\r\n");
}

export function readAnswer(text: string): RawAnswer {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [first = "", ...lines] = head.split("\r\n");
  const pairs = lines.map((line): [string, string] => {
    const [name = "", ...value] = line.split(": ");
    return [name.toLowerCase(), value.join(": ")];
  });
  return {
    status: Number(first.split(" ")[1]),
    headers: new Map(pairs),
    body: Buffer.from(rest.join("\r\n\r\n"), "latin1").toString(),
  };
}
