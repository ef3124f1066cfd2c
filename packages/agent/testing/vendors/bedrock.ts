import { crc32 } from "node:zlib";
import { jsonReply } from "./sse.ts";
import type { Reply } from "./wire.ts";

/** One message of an AWS event stream: lengths and header strings, each part with its CRC32. */
export function awsFrame(headers: Readonly<Record<string, string>>, body: string): Buffer {
  const head = Buffer.concat(
    Object.entries(headers).map(([name, value]) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(Buffer.byteLength(value));
      // Header type 7 is a string.
      return Buffer.concat([
        Buffer.from([name.length]),
        Buffer.from(name),
        Buffer.from([7]),
        length,
        Buffer.from(value),
      ]);
    }),
  );
  const payload = Buffer.from(body);
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(16 + head.length + payload.length, 0);
  prelude.writeUInt32BE(head.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const message = Buffer.concat([prelude, head, payload]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(message));
  return Buffer.concat([message, checksum]);
}

/** An event of `ConverseStream`, padded as the service does it. */
export function bedrockEvent(type: string, body: object): Buffer {
  const headers = { ":event-type": type, ":content-type": "application/json", ":message-type": "event" };
  return awsFrame(headers, JSON.stringify({ ...body, p: "abcdefghijk" }));
}

/** An exception in the middle of a stream. */
export function bedrockException(type: string, message: string): Buffer {
  const headers = {
    ":exception-type": type,
    ":content-type": "application/json",
    ":message-type": "exception",
  };
  return awsFrame(headers, JSON.stringify({ message }));
}

export interface BedrockTool {
  readonly id: string;
  readonly name: string;
  readonly json: readonly string[];
}

export interface BedrockReply {
  readonly texts?: readonly string[];
  readonly tools?: readonly BedrockTool[];
  /** Default `end_turn`; null leaves `messageStop` out. */
  readonly stopReason?: string | null;
  readonly usage?: Readonly<Record<string, number>>;
  readonly splitAt?: readonly number[];
  readonly ending?: "complete" | "hang" | "destroy";
}

/** The events of a whole answer; usage comes after its end, as the service sends it. */
export function bedrockEvents(reply: BedrockReply): Buffer[] {
  const { texts = [], tools = [], stopReason = "end_turn" } = reply;
  const usage = reply.usage ?? { inputTokens: 30, outputTokens: 9, totalTokens: 39 };
  return [
    bedrockEvent("messageStart", { role: "assistant" }),
    ...texts.map((text) => bedrockEvent("contentBlockDelta", { contentBlockIndex: 0, delta: { text } })),
    ...(texts.length === 0 ? [] : [bedrockEvent("contentBlockStop", { contentBlockIndex: 0 })]),
    ...tools.flatMap((tool, index) => toolEvents(tool, index + 1)),
    ...(stopReason === null ? [] : [bedrockEvent("messageStop", { stopReason })]),
    bedrockEvent("metadata", { usage, metrics: { latencyMs: 512 } }),
  ];
}

/** Real tool deltas carry their block's index and a piece of the input, no id. */
function toolEvents({ id, name, json }: BedrockTool, contentBlockIndex: number): Buffer[] {
  return [
    bedrockEvent("contentBlockStart", { contentBlockIndex, start: { toolUse: { toolUseId: id, name } } }),
    ...json.map((input) =>
      bedrockEvent("contentBlockDelta", { contentBlockIndex, delta: { toolUse: { input } } }),
    ),
    bedrockEvent("contentBlockStop", { contentBlockIndex }),
  ];
}

/** A streamed answer of `converse-stream`. */
export function bedrockReply(reply: BedrockReply): Reply {
  return bedrockStream(bedrockEvents(reply), reply);
}

/** These frames as a reply. */
export function bedrockStream(
  frames: readonly Buffer[],
  { splitAt, ending }: Pick<BedrockReply, "splitAt" | "ending"> = {},
): Reply {
  return {
    kind: "http",
    headers: { "content-type": "application/vnd.amazon.eventstream" },
    body: Buffer.concat(frames),
    ...(splitAt === undefined ? {} : { splitAt }),
    ...(ending === undefined ? {} : { ending }),
  };
}

/** An error of the service: named in a header, its body a message alone. */
export function bedrockError(status: number, type: string, message: string): Reply {
  return jsonReply(
    status,
    { message },
    { "x-amzn-errortype": `${type}:http://internal.amazon.com/coral/com.amazon.bedrock/` },
  );
}
