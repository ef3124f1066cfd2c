import { expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { gunzipped, gzipped } from "./gzip.ts";
import { collected, given } from "./testing/tar.ts";

const limits = { mostRatio: 200, freeBytes: 1_000_000, mostBytes: 50_000_000 };
const unpack = (bytes: Uint8Array, with_ = limits) => collected(gunzipped(given(bytes, 1000), with_));
const plain = randomBytes(300_000);
const packed = gzipSync(plain);

test("what is packed unpacks, also with the system's own library", async () => {
  const own = await collected(gzipped(given(plain, 5000), 1));
  expect(Buffer.from(Bun.gunzipSync(Uint8Array.from(own))).equals(plain)).toBe(true);
  expect((await unpack(own)).equals(plain)).toBe(true);
  expect((await unpack(packed)).equals(plain)).toBe(true);
});

test("a source that fails fails the packing and the unpacking", async () => {
  const failing = async function* (): AsyncGenerator<Uint8Array> {
    yield packed.subarray(0, 100);
    throw new Error("the disk is gone");
  };
  await expect(collected(gzipped(failing(), 1))).rejects.toThrow("the disk is gone");
  await expect(collected(gunzipped(failing(), limits))).rejects.toThrow("the disk is gone");
});

test("what is cut off, flipped or no gzip is refused", async () => {
  for (const cut of [0, 5, 100, packed.length - 8, packed.length - 1]) {
    await expect(unpack(packed.subarray(0, cut))).rejects.toMatchObject({ code: "bad_archive" });
  }
  for (const at of [0, 2, 1000, packed.length - 8, packed.length - 1]) {
    const flipped = Buffer.from(packed);
    flipped.writeUInt8(flipped.readUInt8(at) ^ 4, at);
    await expect(unpack(flipped)).rejects.toMatchObject({ code: "bad_archive" });
  }
});

test("what follows the end is refused, zeros too", async () => {
  for (const tail of [Buffer.from("garbage"), Buffer.alloc(600), Buffer.from([0x1f, 0x8b])]) {
    await expect(unpack(Buffer.concat([packed, tail]))).rejects.toMatchObject({ code: "bad_archive" });
  }
});

test("a bomb is refused early, whatever its size would be", async () => {
  const bomb = gzipSync(Buffer.alloc(40_000_000));
  expect(bomb.length).toBeLessThan(50_000);
  await expect(unpack(bomb)).rejects.toThrow("unpacks to more than it may");
  const small = { ...limits, mostRatio: 1e9, mostBytes: 1_000_000 };
  await expect(unpack(bomb, small)).rejects.toThrow("unpacks to more than it may");
});
