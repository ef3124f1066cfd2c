import { describe, expect, test } from "bun:test";
import { identityFromSeed, keptIdentity, readStoredIdentity } from "./device-identity.ts";

const seed = new Uint8Array(32).fill(1);
const stored = keptIdentity(seed).stored;

describe("a device identity", () => {
  test("follows from its seed as the contract's vector does", async () => {
    const identity = identityFromSeed(seed);
    expect(identity.publicKey).toBe("iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w");
    expect(identity.deviceId).toBe("34750f98bd59fcfc946da45aaabe933be154a4b5094e1c4abf42866505f3c97e");
    const nonce = "550e8400-e29b-41d4-a716-446655440000";
    const text = `v2|${identity.deviceId}|cli|cli|operator|operator.read,operator.write|1700000000000|secret-token|${nonce}`;
    expect(await identity.sign(text)).toBe(
      "7dam5ZLJgoLmbHL20r-hQDPJ3kiqoD67y_WKtPG5EZowkErmTGKbI6aXOGpYaTolyNt_6QAZaOHlZxYGIPOtDg",
    );
  });

  test("does not show its secret", () => {
    expect(Bun.inspect(identityFromSeed(seed))).not.toContain(stored.secret_key);
    expect(JSON.stringify(identityFromSeed(seed))).not.toContain(stored.secret_key);
  });

  test("a seed of another length is a fault", () => {
    expect(() => identityFromSeed(new Uint8Array(31))).toThrow(RangeError);
  });

  test("keys in standard base64 are read, and written as the contract has them", () => {
    const secret_key = Buffer.from(seed).toString("base64");
    const public_key = Buffer.from(stored.public_key, "base64url").toString("base64");
    expect(readStoredIdentity(JSON.stringify({ ...stored, secret_key, public_key }))).toMatchObject({
      ok: true,
      value: { stored },
    });
  });
});
