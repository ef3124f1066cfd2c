import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { importKey, openText, sealText } from "./cipher.ts";
import { envelopeKind, envelopeParts } from "./kind.ts";
import { passwordKey } from "./password-key.ts";
import { createSealer } from "./sealer.ts";

const password = "contract-test-password";
const vector = "enc:v2:ICEiIyQlJicoKSor:MKIrbMiAexykMNrbckoIks7rDG8iwPXd6s3LRA==:AAECAwQFBgcICQoLDA0ODw==";
const pinned =
  "enc:v2:HVld7esM3b11YwFS:/wAwmf1W35FauNExFxCqEMI+C6VcAxWkJ8TRWp69uF/85BSPBw==:WysQE5dy+IR3iQR5+ynVZQ==";

/** Bytes that count up, the salt from 0x00, every nonce from 0x20. */
const counting = (bytes: number) =>
  Uint8Array.from({ length: bytes }, (_, index) => index + (bytes === 16 ? 0 : 0x20));
const sha256 = (text: string) => new Uint8Array(createHash("sha256").update(text).digest());

test("the contract's password and salt make the contract's key", async () => {
  expect(Buffer.from(await passwordKey(password, counting(16))).toString("hex")).toBe(
    "89005dbdb02f11eb5c6a0e375ed07627ce7dc6efe5f13d12efaa25d4ab6bb007",
  );
});

test("the contract's envelope is made and opened", async () => {
  using sealer = createSealer(password, counting);
  expect(await sealer.seal("hello secret")).toBe(vector);
  using opener = createSealer(password);
  expect(await opener.open(vector)).toEqual({ ok: true, value: "hello secret" });
});

test("the reference's own envelope, of a key without a password, is made and opened", async () => {
  const key = await importKey(sha256("carapace-secrets-golden-key"));
  const salt = sha256("carapace-secrets-golden-salt").slice(0, 16);
  const nonce = sha256("carapace-secrets-golden-nonce").slice(0, 12);
  expect(await sealText("sk-live-golden-secret", { key, salt, nonce })).toBe(pinned);
  const sealed = new Uint8Array(Buffer.from(envelopeParts(pinned)?.sealed ?? "", "base64"));
  expect(await openText(key, { nonce, sealed })).toBe("sk-live-golden-secret");
});

test("a key's bytes are overwritten once they are taken in", async () => {
  const bytes = sha256("x");
  await importKey(bytes);
  expect(bytes).toEqual(new Uint8Array(32));
});

test("twenty texts sealed at once, and opened at once, take one derivation", async () => {
  const texts = Array.from({ length: 20 }, (_, index) => `secret ${index} ü\u{1f980}\ufeff`).concat("");
  using sealer = createSealer(password);
  const envelopes = await Promise.all(texts.map((text) => sealer.seal(text)));
  expect(sealer.derivations).toBe(1);
  expect(new Set(envelopes).size).toBe(texts.length);
  expect(new Set(envelopes.map((envelope) => envelopeParts(envelope)?.salt)).size).toBe(1);
  expect(new Set(envelopes.map((envelope) => envelopeParts(envelope)?.nonce)).size).toBe(texts.length);
  using opener = createSealer(password);
  const opened = await Promise.all(envelopes.map((envelope) => opener.open(envelope)));
  expect(opener.derivations).toBe(1);
  expect(opened).toEqual(texts.map((value) => ({ ok: true, value })));
});

test("an envelope can take the salt of another, so that one key opens both", async () => {
  using sealer = createSealer(password);
  const envelope = await sealer.seal("later", { like: vector });
  expect(envelopeParts(envelope)?.salt).toBe("AAECAwQFBgcICQoLDA0ODw==");
  using opener = createSealer(password);
  expect(await opener.open(vector)).toMatchObject({ ok: true });
  expect(await opener.open(envelope)).toEqual({ ok: true, value: "later" });
  expect(opener.derivations).toBe(1);
});

test("another password does not open, and says so without telling either", async () => {
  using other = createSealer("not that one");
  const opened = await other.open(vector);
  expect(opened).toMatchObject({ ok: false, code: "unauthorized", problem: "locked" });
  expect(JSON.stringify(opened)).not.toContain("not that one");
});

test("an envelope with any byte of nonce, ciphertext, tag or salt changed does not open", async () => {
  using opener = createSealer(password);
  const body = vector.slice("enc:v2:".length).split(":");
  const changed = [
    [0, 0],
    [0, 11],
    [1, 0],
    [1, 11],
    [1, 12],
    [1, 27],
    [2, 15],
  ] as const;
  for (const [part, at] of changed) {
    const parts = body.map((text, index) => {
      const bytes = Buffer.from(text, "base64");
      if (index === part) bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
      return bytes.toString("base64");
    });
    expect(await opener.open(`enc:v2:${parts.join(":")}`)).toMatchObject({ ok: false, problem: "locked" });
  }
});

test("what decrypts but is no UTF-8 does not open", async () => {
  const key = await importKey(sha256("k"));
  const nonce = counting(12);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, key, Uint8Array.of(0xff, 0xfe));
  expect(await openText(key, { nonce, sealed: new Uint8Array(sealed) })).toBeUndefined();
});

test.each([
  ["plain text", "malformed"],
  ["", "malformed"],
  ["enc:v2:", "malformed"],
  [`${vector}:AAAA`, "malformed"],
  ["enc:v1:AAAA", "unsupported"],
  [vector.replace("v2", "v9"), "unsupported"],
])("%p is refused without a derivation: %s", async (text, problem) => {
  using sealer = createSealer(password);
  expect(await sealer.open(text)).toMatchObject({ ok: false, code: "invalid_request", problem });
  expect(sealer.derivations).toBe(0);
});

test.each([
  [vector, "v2"],
  ["plain", "none"],
  ["enc:other", "none"],
  ["enc:v1:x", "unsupported"],
  ["enc:v9", "unsupported"],
  ["enc:v2", "unsupported"],
  ["enc:v2:", "malformed"],
  [vector.replace("ICEi", "IC*i"), "malformed"],
  [vector.replace("ICEi", ""), "malformed"],
  [vector.replace("==:", ":"), "malformed"],
  [vector.replace("LRA==", "LRB=="), "malformed"],
  ["enc:v2:ICEiIyQlJicoKSor::AAECAwQFBgcICQoLDA0ODw==", "malformed"],
  [`${vector}:AAAA`, "malformed"],
] as const)("%p is %s", (text, kind) => {
  expect(envelopeKind(text)).toBe(kind);
});

test("half a surrogate pair is not sealed, and an empty password seals nothing", async () => {
  using sealer = createSealer(password);
  await expect(sealer.seal("\ud800")).rejects.toThrow(TypeError);
  expect(() => createSealer("")).toThrow(TypeError);
});

test("a sealer that was disposed of derives nothing more", async () => {
  const sealer = createSealer(password);
  const running = sealer.open(vector);
  sealer[Symbol.dispose]();
  await expect(running).rejects.toThrow("disposed");
  await expect(sealer.seal("x")).rejects.toThrow("disposed");
});

test("timers go on while a key is derived", async () => {
  using sealer = createSealer(password);
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  await sealer.open(vector);
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(5);
});
