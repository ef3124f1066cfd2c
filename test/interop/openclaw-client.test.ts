import { expect, test } from "bun:test";
import { createHash, createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { GatewayClient } from "@openclaw/gateway-client";
import { startGatewayProcess } from "../support/gateway-process.ts";

/** A device as the client's host application makes one. */
function device() {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32);
  return {
    deviceId: createHash("sha256").update(raw).digest("hex"),
    publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
    privateKeyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    rawPublicKey: Buffer.from(raw).toString("base64url"),
  };
}

test("the published OpenClaw client connects with protocol 4 and a v3 signature, asks for health and chats", async () => {
  await using gateway = await startGatewayProcess();
  const identity = device();
  const connected = Promise.withResolvers<{ protocol: number }>();
  const replied = Promise.withResolvers<unknown>();
  let deviceToken: string | undefined;
  const client = new GatewayClient({
    url: gateway.url,
    token: gateway.token,
    minProtocol: 4,
    maxProtocol: 4,
    mode: "ui",
    role: "operator",
    scopes: ["operator.read", "operator.write"],
    deviceIdentity: identity,
    hostDeps: {
      signDevicePayload: (pem, payload) =>
        sign(null, Buffer.from(payload), createPrivateKey(pem)).toString("base64url"),
      publicKeyRawBase64UrlFromPem: () => identity.rawPublicKey,
      storeDeviceAuthToken: ({ token }) => {
        deviceToken = token;
      },
    },
    onHelloOk: (hello) => connected.resolve(hello),
    onConnectError: (error) => connected.reject(error),
    onEvent: (event) => {
      const payload = event.payload as { runId?: string; state?: string };
      if (event.event === "chat" && payload.runId === "openclaw-run" && payload.state === "final")
        replied.resolve(event.payload);
    },
  });
  try {
    client.start();
    expect((await connected.promise).protocol).toBe(4);
    expect(deviceToken).toBeString();
    expect(await client.request("health", {})).toMatchObject({ status: "healthy" });
    const sent = await client.request("chat.send", {
      sessionKey: "main",
      message: "what is 6*7?",
      idempotencyKey: "openclaw-run",
    });
    expect(sent).toMatchObject({ runId: "openclaw-run" });
    expect(JSON.stringify(await replied.promise)).toContain("42");
  } finally {
    client.stop();
  }
});
