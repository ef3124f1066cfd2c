import { describe, expect, test } from "bun:test";
import { type ConnectDevice, type ConnectRequest, deviceIdOf, encodeKeyBytes } from "@carapace/protocol";
import { plainConnect } from "../listen/testing/client.ts";
import { testDevice } from "../listen/testing/device.ts";
import { checkDevice, type DeviceContext } from "./device-check.ts";

const nowMs = 1_700_000_000_000;
const nonce = "550e8400-e29b-41d4-a716-446655440000";
const connect: ConnectRequest = { ...plainConnect, auth: { token: "secret-token" } };
const device = testDevice(1);

function context(changes: Partial<DeviceContext> = {}): DeviceContext {
  return {
    nowMs,
    nonce,
    isLocalDirect: false,
    signed: {
      clientId: "test",
      clientMode: "test",
      role: "operator",
      scopes: ["operator.admin"],
      token: "secret-token",
    },
    platform: "test",
    ...changes,
  };
}

function proof(
  changes: Partial<ConnectDevice> = {},
  facts: { version?: 1 | 2 | 3; signedAtMs?: number; nonce?: string } = {},
) {
  const {
    id,
    publicKey,
    signature,
    signedAt,
    nonce: sent,
  } = device.proof(connect, { nonce, signedAtMs: nowMs, ...facts });
  return { id, publicKey, signature, signedAt, nonce: sent ?? undefined, ...changes };
}

async function refusal(given: ConnectDevice, at: DeviceContext = context()): Promise<string> {
  const checked = await checkDevice(given, at);
  return checked.ok ? "" : checked.say;
}

test("the contract's own signature vector is accepted, and only with its own fields", async () => {
  const vector = {
    id: "34750f98bd59fcfc946da45aaabe933be154a4b5094e1c4abf42866505f3c97e",
    publicKey: "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w",
    signature: "7dam5ZLJgoLmbHL20r-hQDPJ3kiqoD67y_WKtPG5EZowkErmTGKbI6aXOGpYaTolyNt_6QAZaOHlZxYGIPOtDg",
    signedAt: nowMs,
    nonce,
  };
  const signed = {
    clientId: "cli",
    clientMode: "cli",
    role: "operator",
    scopes: ["operator.read", "operator.write"],
    token: "secret-token",
  };
  expect(await checkDevice(vector, context({ signed }))).toEqual({
    ok: true,
    value: { id: vector.id, publicKey: vector.publicKey },
  });
  for (const change of [
    { clientId: "ui" },
    { role: "node" },
    { scopes: ["operator.write", "operator.read"] },
    { token: "" },
  ]) {
    expect(await refusal(vector, context({ signed: { ...signed, ...change } }))).toBe(
      "device signature invalid",
    );
  }
});

describe("accepted", () => {
  test("version 2 and version 3 with a nonce", async () => {
    expect(await refusal(proof({}, { version: 2 }))).toBe("");
    expect(await refusal(proof({}, { version: 3 }))).toBe("");
  });

  test("version 1 without a nonce on a local-direct connection", async () => {
    expect(await refusal(proof({}, { nonce: "" }), context({ isLocalDirect: true }))).toBe("");
  });

  test("a key in padded standard base64, told on in the one canonical form", async () => {
    const publicKey = Buffer.from(device.publicKey, "base64url").toString("base64");
    expect(await checkDevice(proof({ publicKey }), context())).toMatchObject({
      value: { publicKey: device.publicKey },
    });
  });

  test("a clock that is ten minutes off, to the millisecond", async () => {
    for (const off of [-600_000, 600_000])
      expect(await refusal(proof({}, { signedAtMs: nowMs + off }))).toBe("");
  });
});

describe("refused", () => {
  test("a key that does not decode", async () => {
    for (const publicKey of ["", "!", device.publicKey.slice(1), `${device.publicKey}==`, "A".repeat(5000)]) {
      expect(await refusal(proof({ publicKey }))).toBe("device public key invalid");
    }
  });

  test("an id that is not the key's", async () => {
    expect(await refusal(proof({ id: testDevice(2).id }))).toBe("device identity mismatch");
    expect(await refusal(proof({ id: device.id.toUpperCase() }))).toBe("device identity mismatch");
  });

  test("a clock that is more than ten minutes off, either way", async () => {
    for (const off of [-600_001, 600_001, -Number.MAX_SAFE_INTEGER]) {
      expect(await refusal(proof({}, { signedAtMs: nowMs + off }))).toBe("device signature expired");
    }
  });

  test("no nonce from afar, whatever is signed", async () => {
    expect(await refusal(proof({}, { nonce: "" }))).toBe("device nonce required");
  });

  test("another socket's nonce, near or far", async () => {
    const other = proof({}, { nonce: "11111111-1111-4111-8111-111111111111" });
    expect(await refusal(other)).toBe("device nonce mismatch");
    expect(await refusal(other, context({ isLocalDirect: true }))).toBe("device nonce mismatch");
  });

  test("a version 1 signature beside a nonce", async () => {
    expect(await refusal(proof({}, { version: 1 }), context({ isLocalDirect: true }))).toBe(
      "device signature invalid",
    );
  });

  test("a signature that is broken, short, or another's", async () => {
    const { signature } = proof();
    const another = testDevice(2).proof(connect, { nonce, signedAtMs: nowMs }).signature;
    for (const bad of ["", signature.slice(2), `${signature}AA`, another, "A".repeat(86)]) {
      expect(await refusal(proof({ signature: bad }))).toBe("device signature invalid");
    }
  });

  test("a small-order key, under which one signature would hold for every text", async () => {
    const key = new Uint8Array(32);
    key[0] = 1;
    const signature = new Uint8Array(64);
    signature[0] = 1;
    const weak = {
      id: deviceIdOf(key),
      publicKey: encodeKeyBytes(key),
      signature: encodeKeyBytes(signature),
    };
    expect(await refusal(proof(weak))).toBe("device signature invalid");
  });

  test("checks come in order: the first fault is the one told", async () => {
    const all = proof({ id: "x", publicKey: "!", signature: "!", signedAt: 0, nonce: "y" });
    expect(await refusal(all)).toBe("device public key invalid");
    expect(await refusal({ ...all, publicKey: device.publicKey })).toBe("device identity mismatch");
    expect(await refusal({ ...all, publicKey: device.publicKey, id: device.id })).toBe(
      "device signature expired",
    );
  });
});
