import { expect, test } from "bun:test";
import { createDecipheriv, createHash, randomBytes } from "node:crypto";
import { passwordKey } from "../envelope/password-key.ts";
import { encodeHead, headBytes, readHead, tagBytes } from "./layout.ts";
import { type ArchiveBytes, ArchiveTagError, openArchive } from "./open.ts";
import { sealArchive } from "./seal.ts";

const sha256 = (text: string) => new Uint8Array(createHash("sha256").update(text).digest());

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function joined(all: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of all) parts.push(part);
  return Buffer.concat(parts);
}

function inMemory(bytes: Uint8Array): ArchiveBytes {
  return { size: bytes.length, read: (from, to) => pieces(bytes.subarray(from, to), 1000) };
}

function headOf(bytes: Uint8Array) {
  const read = readHead(bytes.subarray(0, headBytes), bytes.length);
  if (read.kind !== "sealed") throw new Error(read.kind);
  return read.head;
}

const plain = randomBytes(10_000);
const sealed = await joined(sealArchive(pieces(plain, 777), { secret: "swordfish", random: randomBytes }));
const open = (bytes: Uint8Array, passphrase = "swordfish") =>
  openArchive(inMemory(bytes), { head: headOf(bytes), passphrase });

test("the contract's passphrase and salt make the contract's key", async () => {
  const key = await passwordKey(
    sha256("carapace-backup-v2-kat-passphrase"),
    sha256("carapace-backup-v2-kat-salt"),
  );
  expect(Buffer.from(key).toString("hex")).toBe(
    "5b37e9dfff38746b91d3748784fc105d90cf2077c5176a8efe31d6190ca2d537",
  );
});

test("an archive has the contract's layout, and any AES-256-GCM opens it", async () => {
  expect(sealed.subarray(0, 9)).toEqual(Buffer.from("CRPC_ENC\x02", "latin1"));
  expect(sealed.length).toBe(8 + 1 + 32 + 12 + plain.length + 16);
  const key = await passwordKey("swordfish", sealed.subarray(9, 41));
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(41, 53));
  decipher.setAuthTag(sealed.subarray(-16));
  const opened = Buffer.concat([decipher.update(sealed.subarray(53, -16)), decipher.final()]);
  expect(opened.equals(plain)).toBe(true);
});

test("what was sealed opens as often as it is read, an empty archive too", async () => {
  const opened = await open(sealed);
  expect((await joined(opened.plain())).equals(plain)).toBe(true);
  expect((await joined(opened.plain())).equals(plain)).toBe(true);
  const empty = await joined(sealArchive(pieces(new Uint8Array(), 1), { secret: "x", random: randomBytes }));
  expect((await joined((await open(empty, "x")).plain())).length).toBe(0);
});

test("another passphrase does not open", async () => {
  await expect(open(sealed, "Swordfish")).rejects.toBeInstanceOf(ArchiveTagError);
});

test.each([
  ["salt", 9],
  ["nonce", 41],
  ["first byte", 53],
  ["last byte", sealed.length - 17],
  ["tag", sealed.length - 1],
])("a changed %s does not open", async (_what, at) => {
  const changed = Buffer.from(sealed);
  changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
  await expect(open(changed)).rejects.toBeInstanceOf(ArchiveTagError);
});

test("one byte fewer or more does not open", async () => {
  await expect(open(sealed.subarray(0, -1))).rejects.toBeInstanceOf(ArchiveTagError);
  await expect(open(Buffer.concat([sealed, Buffer.of(0)]))).rejects.toBeInstanceOf(ArchiveTagError);
});

test("a file that changes after it was verified is noticed before its end", async () => {
  const bytes = Buffer.from(sealed);
  const opened = await open(bytes);
  bytes.writeUInt8(bytes.readUInt8(60) ^ 1, 60);
  await expect(joined(opened.plain())).rejects.toBeInstanceOf(ArchiveTagError);
});

test.each([
  ["plain", Buffer.from([0x1f, 0x8b, 8, 0])],
  ["plain", Buffer.alloc(0)],
  ["plain", Buffer.from("CRPC_EN")],
  ["old", Buffer.from(`CRPC_ENC\x01${"x".repeat(80)}`)],
  ["newer", Buffer.from(`CRPC_ENC\x03${"x".repeat(80)}`)],
  ["short", Buffer.from("CRPC_ENC")],
  ["short", sealed.subarray(0, 52)],
  ["short", sealed.subarray(0, headBytes + tagBytes - 1)],
] as const)("a file of the kind %s is known by its start", (kind, bytes) => {
  expect(readHead(bytes.subarray(0, headBytes), bytes.length).kind).toBe(kind);
});

test("a salt or a nonce of another length is a mistake of the caller", () => {
  expect(() => encodeHead({ salt: new Uint8Array(16), nonce: new Uint8Array(12) })).toThrow(RangeError);
});
