import { describe, expect, test } from "bun:test";
import { createPrivateKey, sign } from "node:crypto";
import { buildDeviceAuthPayload, buildDeviceAuthPayloadV3 } from "@openclaw/gateway-client/browser";
import fc from "fast-check";
import { type SignedFields, signedTextV1, signedTextV2, signedTextV3 } from "./device-signature.ts";

const nonce = "550e8400-e29b-41d4-a716-446655440000";
const fields: SignedFields = {
  deviceId: "34750f98bd59fcfc946da45aaabe933be154a4b5094e1c4abf42866505f3c97e",
  clientId: "cli",
  clientMode: "cli",
  role: "operator",
  scopes: ["operator.read", "operator.write"],
  signedAtMs: 1_700_000_000_000,
  token: "secret-token",
};
const shared = `${fields.deviceId}|cli|cli|operator|operator.read,operator.write|1700000000000|secret-token`;

/** The key of the vector of websocket.md §6: the seed is 32 bytes of 0x01. */
function vectorKey() {
  const prefix = Buffer.from("302e020100300506032b657004220420", "hex");
  const der = Buffer.concat([prefix, Buffer.alloc(32, 1)]);
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}

describe("what a device signs", () => {
  test("version 2 is the vector's text, and its signature the vector's", () => {
    const text = signedTextV2(fields, nonce);
    expect(text).toBe(`v2|${shared}|${nonce}`);
    expect(sign(null, Buffer.from(text), vectorKey()).toString("base64url")).toBe(
      "7dam5ZLJgoLmbHL20r-hQDPJ3kiqoD67y_WKtPG5EZowkErmTGKbI6aXOGpYaTolyNt_6QAZaOHlZxYGIPOtDg",
    );
  });

  test("version 1 has no nonce field", () => {
    expect(signedTextV1(fields)).toBe(`v1|${shared}`);
  });

  test("an absent token is signed as nothing", () => {
    expect(signedTextV1({ ...fields, token: undefined })).toEndWith("|1700000000000|");
  });

  test("version 3 adds platform and family, trimmed, with A to Z lowered and nothing else", () => {
    const text = signedTextV3(fields, nonce, { platform: " MacOS ", deviceFamily: "ÄIPad" });
    expect(text).toBe(`v3|${shared}|${nonce}|macos|Äipad`);
    expect(signedTextV3(fields, nonce, {})).toBe(`v3|${shared}|${nonce}||`);
  });

  test("versions 2 and 3 are the texts OpenClaw's client builds, whatever the fields", () => {
    const text = fc.string({ unit: "binary", maxLength: 12 });
    const anyFields = fc.record({
      deviceId: text,
      clientId: text,
      clientMode: text,
      role: text,
      scopes: fc.array(text, { maxLength: 3 }),
      signedAtMs: fc.nat(),
      token: text,
    });
    fc.assert(
      fc.property(anyFields, text, text, text, (some, ...[challenge, platform, deviceFamily]) => {
        const theirs = { ...some, nonce: challenge };
        expect(signedTextV2(some, challenge)).toBe(buildDeviceAuthPayload(theirs));
        expect(signedTextV3(some, challenge, { platform, deviceFamily })).toBe(
          buildDeviceAuthPayloadV3({ ...theirs, platform, deviceFamily }),
        );
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});
