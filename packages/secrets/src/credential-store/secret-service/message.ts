/** A call of a method on the bus, with the few kinds of arguments we need (D-Bus specification, "Message Format"). */
export interface BusCall {
  readonly serial: number;
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly strings?: readonly string[];
}

/** What the bus sent. */
export interface BusMessage {
  readonly kind: "return" | "error" | "other";
  readonly replyTo: number | undefined;
  /** The name of an error. */
  readonly error: string | undefined;
  readonly body: Buffer;
}

const field = { path: 1, interface: 2, member: 3, error: 4, replySerial: 5, destination: 6, signature: 8 };
const headBytes = 16;

/** The bytes of a method call, little endian. */
export function encodeCall(call: BusCall): Buffer {
  const strings = call.strings ?? [];
  const body = new Writer();
  for (const text of strings) body.string(text);
  const fields = new Writer();
  fields.headerField(field.path, "o", call.path);
  fields.headerField(field.interface, "s", call.interface);
  fields.headerField(field.member, "s", call.member);
  fields.headerField(field.destination, "s", call.destination);
  if (strings.length > 0) fields.headerField(field.signature, "g", "s".repeat(strings.length));
  const head = new Writer();
  // Little endian, method call, no flags, version 1.
  head.bytes(0x6c, 1, 0, 1);
  head.uint32(body.length);
  head.uint32(call.serial);
  head.uint32(fields.length);
  return Buffer.concat([head.done(), fields.padded(8), body.done()]);
}

/**
 * The first message of some bytes.
 * @returns how long it is, `undefined` until it is whole, or `broken` for what is no message we read
 */
export function decodeMessage(
  bytes: Buffer,
  maxBytes: number,
): { readonly message: BusMessage; readonly length: number } | undefined | "broken" {
  if (bytes.length < headBytes) return undefined;
  if (bytes[0] !== 0x6c || bytes[3] !== 1) return "broken";
  const bodyLength = bytes.readUInt32LE(4);
  const fieldsLength = bytes.readUInt32LE(12);
  const bodyAt = align(headBytes + fieldsLength, 8);
  const length = bodyAt + bodyLength;
  if (length > maxBytes) return "broken";
  if (bytes.length < length) return undefined;
  try {
    const facts = readFields(bytes.subarray(0, headBytes + fieldsLength));
    const kind = bytes[1] === 2 ? "return" : bytes[1] === 3 ? "error" : "other";
    return { message: { kind, ...facts, body: bytes.subarray(bodyAt, length) }, length };
  } catch (error) {
    if (error instanceof RangeError) return "broken";
    throw error;
  }
}

/** An object path or string that stands first in a body. @throws RangeError if it does not */
export function readString(body: Buffer, at = 0): string {
  const length = body.readUInt32LE(at);
  if (at + 4 + length > body.length) throw new RangeError("a string ends outside its message");
  return body.toString("utf8", at + 4, at + 4 + length);
}

/** A variant that holds a boolean. @throws RangeError if it holds something else */
export function readVariantBoolean(body: Buffer): boolean {
  if (body.readUInt8(0) !== 1 || body.toString("latin1", 1, 2) !== "b") throw new RangeError("no boolean");
  return body.readUInt32LE(4) !== 0;
}

function readFields(head: Buffer): { replyTo: number | undefined; error: string | undefined } {
  let replyTo: number | undefined;
  let error: string | undefined;
  for (let at = headBytes; at < head.length; ) {
    at = align(at, 8);
    const code = head.readUInt8(at);
    const type = head.toString("latin1", at + 2, at + 2 + head.readUInt8(at + 1));
    at += 3 + type.length;
    if (type === "g") {
      at += 2 + head.readUInt8(at);
      continue;
    }
    at = align(at, 4);
    const value = head.readUInt32LE(at);
    if (type === "u" && code === field.replySerial) replyTo = value;
    if (type === "s" && code === field.error) error = readString(head, at);
    at += type === "u" ? 4 : 5 + value;
  }
  return { replyTo, error };
}

function align(at: number, to: number): number {
  return Math.ceil(at / to) * to;
}

/** Appends values, each aligned as its kind asks. */
class Writer {
  readonly #out: number[] = [];

  get length(): number {
    return this.#out.length;
  }

  bytes(...values: number[]): void {
    this.#out.push(...values);
  }

  uint32(value: number): void {
    this.#pad(4);
    this.bytes(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24);
  }

  string(text: string): void {
    const encoded = Buffer.from(text);
    this.uint32(encoded.length);
    this.bytes(...encoded, 0);
  }

  headerField(code: number, type: "o" | "s" | "g", value: string): void {
    this.#pad(8);
    this.bytes(code, 1, type.charCodeAt(0), 0);
    if (type === "g") this.bytes(value.length, ...Buffer.from(value), 0);
    else this.string(value);
  }

  padded(to: number): Buffer {
    this.#pad(to);
    return this.done();
  }

  done(): Buffer {
    return Buffer.from(this.#out);
  }

  #pad(to: number): void {
    while (this.#out.length % to !== 0) this.#out.push(0);
  }
}
