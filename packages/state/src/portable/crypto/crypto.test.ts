import { expect, test } from "bun:test";
import { openArtifact, sealArtifact, sealedBytes } from "./artifact.ts";
import { plainSidecarKey, type SessionKeys, sessionKeys, sessionKeysOf } from "./keys.ts";
import { checkManifest, manifestTag, parseManifest, writeManifest } from "./manifest.ts";
import { FileMacs, parseSidecar, writeSidecar } from "./sidecar.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const count = (from: number, length: number) => Uint8Array.from({ length }, (_, i) => from + i);
const salt = count(0, 16);
const master = Buffer.from("89005dbdb02f11eb5c6a0e375ed07627ce7dc6efe5f13d12efaa25d4ab6bb007", "hex");
const keys = sessionKeys(master);
const place = { sessionId: "11111111-2222-3333-4444-555555555555", purpose: "history" } as const;
const sealed =
  'cse1:{"format":"session-enc-v1","n":"ICEiIyQlJicoKSor","c":"y4lgnq2m7iIGIkUfTdNtOjgMAZs51NhVtYQ/"}';
const sidecar = "v1:d4f1e8d95c9ff5a2d62c4cbfcbd7d2ce96fb5de67c8b7958b146610b8118fde9";

function macsOf(text: string, key: Uint8Array): FileMacs {
  const macs = new FileMacs([key]);
  macs.update(Buffer.from(text));
  return macs;
}

test("the contract's vectors: password to keys, manifest tag, artifact and sidecar", async () => {
  const derived = await sessionKeysOf("contract-test-password", salt);
  expect(hex(derived.sidecar)).toBe(hex(keys.sidecar));
  expect(hex(derived.sidecar)).toStartWith("ac1c1f06");
  expect(Buffer.from(manifestTag(keys, salt)).toString("base64")).toBe(
    "oNNTzWWZ1O0uwAyv93lRuCUp2MTKEQfk4n+Eedde55I=",
  );
  expect(sealArtifact(keys, place, { text: '{"probe":1}', nonce: count(0x20, 12) })).toBe(sealed);
  expect(writeSidecar(macsOf('{"probe":1}', keys.sidecar).first() ?? salt)).toBe(sidecar);
});

test("the reference's own pinned vectors, from a master key of zeros", () => {
  const zero = sessionKeys(new Uint8Array(32));
  expect(hex(zero.artifact("session-pinned-vector", "history"))).toBe(
    "bc2b611f9037855d583ec905e88bc0e8eb0a727f7598c7fc00b6e2236e57ae7b",
  );
  expect(hex(zero.manifest)).toBe("fa3a17546c220677a1bf4dc9c3ee65e93128e9a52a489980951e01dc66afd35a");
});

test("the key of plaintext sidecars comes from the gateway's secret", () => {
  expect(hex(plainSidecarKey("pinned-test-server-secret"))).toBe(
    "411e9811a08a8c5417b57863efcaa9d1d326697ee1cf5d7c86d681fe3f89b187",
  );
});

test("an artifact opens only with its key, in its place and unchanged", () => {
  expect(openArtifact(keys, place, sealed)).toBe('{"probe":1}');
  const other: SessionKeys = sessionKeys(new Uint8Array(32));
  expect(openArtifact(other, place, sealed)).toBeUndefined();
  expect(openArtifact(keys, { ...place, purpose: "metadata" }, sealed)).toBeUndefined();
  expect(openArtifact(keys, { ...place, sessionId: "other" }, sealed)).toBeUndefined();
  expect(openArtifact(keys, place, sealed.replace("y4lg", "z4lg"))).toBeUndefined();
});

test.each(["", "{}", "cse1:", "cse1:{}", 'cse1:{"format":"session-enc-v2","n":"","c":""}', "cse1:[1]"])(
  "%j is no artifact",
  (text) => {
    expect(openArtifact(keys, place, text)).toBeUndefined();
  },
);

test.each([0, 1, 2, 3, 17, 1000])("the size of %d sealed bytes is known before", (bytes) => {
  const text = "x".repeat(bytes);
  expect(sealArtifact(keys, place, { text, nonce: count(1, 12) }).length).toBe(sealedBytes(bytes));
});

test("a manifest is valid with its own tag, invalid with another, and untagged without", () => {
  const text = writeManifest(keys, salt);
  const manifest = parseManifest(text);
  if (manifest === undefined) throw new Error("no manifest");
  expect(hex(manifest.salt)).toBe(hex(salt));
  expect(checkManifest(keys, manifest)).toBe("valid");
  expect(checkManifest(sessionKeys(new Uint8Array(32)), manifest)).toBe("invalid");
  expect(checkManifest(keys, { ...manifest, tag: new Uint8Array(3) })).toBe("invalid");
  expect(checkManifest(keys, { salt })).toBe("untagged");
});

test("a manifest that asks for other parameters is refused before a key is derived", () => {
  const good = JSON.parse(writeManifest(keys, salt));
  for (const change of [
    { version: 2 },
    { kdf: "scrypt" },
    { memory_kib: 4_000_000 },
    { iterations: 1000 },
    { lanes: 2 },
    { root_salt: "AAAA" },
    { root_salt: "not base64" },
  ]) {
    expect(parseManifest(JSON.stringify({ ...good, ...change }))).toBeUndefined();
  }
  expect(parseManifest("no json")).toBeUndefined();
});

test("a sidecar is read with and without its version, and only whole", () => {
  const bare = sidecar.slice(3);
  expect(macsOf('{"probe":1}', keys.sidecar).find(parseSidecar(sidecar))).toBe(0);
  expect(macsOf('{"probe":1}', keys.sidecar).find(parseSidecar(`${bare}\n`))).toBe(0);
  expect(macsOf('{"probe":2}', keys.sidecar).find(parseSidecar(sidecar))).toBe(-1);
  for (const text of ["", "v1:", `v2:${bare}`, bare.slice(1), `${bare}0`]) {
    expect(parseSidecar(text)).toBeUndefined();
  }
  expect(macsOf("", keys.sidecar).find(undefined)).toBe(-1);
});
