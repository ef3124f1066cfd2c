import { describe, expect, test } from "bun:test";
import { createPublicKey, verify } from "node:crypto";
import { ConnectParams, signedTextV2, signedTextV3 } from "@carapace/protocol";
import { connect } from "./connect.ts";
import { identityFromSeed } from "./identity/device-identity.ts";
import { challengeTs, hello, nonce, type PeerScript, startPeer } from "./testing/peer.ts";
import type { ConnectOptions } from "./types.ts";

const client = { id: "cli", mode: "cli", version: "0.1.0", platform: "Linux" } as const;
const identity = identityFromSeed(new Uint8Array(32).fill(1));
const options = { client, scopes: ["operator.read"], challengeTimeoutMs: 2000 };

/** Connects to a scripted gateway and gives the refusal. */
async function refusal(script: PeerScript, more: Partial<ConnectOptions> = {}) {
  await using peer = startPeer(script);
  const result = await connect({ ...options, url: peer.url, ...more });
  if (!result.ok) return result;
  await result.value[Symbol.asyncDispose]();
  throw new Error("it connected");
}

const refusing = (error: Record<string, unknown>, close = 1008): PeerScript => ({
  onConnect: (request, socket) => {
    socket.refuse(request, error);
    socket.close(close, String(error["message"]));
  },
});

describe("connecting", () => {
  test("a good gateway's hello is handed over", async () => {
    await using peer = startPeer();
    const result = await connect({ ...options, url: peer.url });
    if (!result.ok) throw new Error(result.say);
    await using connection = result.value;
    expect(connection.hello.server.connId).toBe("c");
    expect(connection.hello.auth?.scopes).toEqual(["operator.read"]);
  });

  test("what is sent says who connects, and is signed for the challenge, with version 2", async () => {
    await using peer = startPeer();
    const result = await connect({ ...options, url: peer.url, auth: { token: "t" }, identity });
    if (!result.ok) throw new Error(result.say);
    await result.value[Symbol.asyncDispose]();
    const params = ConnectParams.parse(peer.connects[0]);
    expect(params).toMatchObject({ minProtocol: 3, maxProtocol: 3, client, role: "operator" });
    expect(params.device).toMatchObject({ id: identity.deviceId, nonce, signedAt: challengeTs });
    expect(isSigned(params, signedTextV2(signedFields(params), nonce))).toBe(true);
  });

  test("a client of protocol 4 alone signs version 3", async () => {
    await using peer = startPeer();
    const protocol = { min: 4, max: 4 };
    const result = await connect({ ...options, url: peer.url, identity, protocol });
    if (!result.ok) throw new Error(result.say);
    await result.value[Symbol.asyncDispose]();
    const params = ConnectParams.parse(peer.connects[0]);
    expect(isSigned(params, signedTextV3(signedFields(params), nonce, { platform: "linux" }))).toBe(true);
  });

  test("a password goes along but is not signed", async () => {
    await using peer = startPeer();
    const result = await connect({ ...options, url: peer.url, auth: { password: "p" }, identity });
    if (!result.ok) throw new Error(result.say);
    await result.value[Symbol.asyncDispose]();
    const params = ConnectParams.parse(peer.connects[0]);
    expect(params.auth?.password).toBe("p");
    expect(isSigned(params, signedTextV2(signedFields(params), nonce))).toBe(true);
  });
});

describe("a refused connection", () => {
  test("bad credentials are unauthorized, with advice", async () => {
    const refused = await refusal(
      refusing({
        code: "invalid_request",
        message: "unauthorized: gateway token mismatch",
        retryable: false,
      }),
    );
    expect(refused.code).toBe("unauthorized");
    expect(refused.say).toContain("gateway token mismatch");
    expect(refused.say).toContain("CARAPACE_GATEWAY_TOKEN");
  });

  test.each([
    ["flat", { requestId: "req-1" }],
    ["nested", { details: { requestId: "req-1" } }],
    ["both", { requestId: "req-1", details: { requestId: "req-1" } }],
  ])("a device that is not paired learns its request from %s details", async (_form, details) => {
    const refused = await refusal(refusing({ code: "not_paired", message: "pairing required", details }));
    expect(refused).toMatchObject({ code: "not_paired", details: { requestId: "req-1" } });
    expect(refused.say).toContain("req-1");
  });

  test.each(["\u001b]0;x\u0007", "--yes", "-", "a b", "$(id)", "x".repeat(129)])(
    "a request id that could play tricks, with a terminal or in the command it stands in, is not shown: %j",
    async (requestId) => {
      const error = { code: "not_paired", message: "pairing required", details: { requestId } };
      const refused = await refusal(refusing(error));
      expect(refused.details).toBeUndefined();
      expect(refused.say).toContain("run: cara devices approve. Then");
    },
  );

  test("a missing device identity is told apart from a missing pairing", async () => {
    const refused = await refusal(refusing({ code: "not_paired", message: "device identity required" }));
    expect(refused.code).toBe("not_paired");
    expect(refused.say).toContain("gateway.auth.token");
  });

  test("other refusals keep the gateway's words", async () => {
    const refused = await refusal(refusing({ code: "invalid_request", message: "protocol mismatch" }, 1002));
    expect(refused).toMatchObject({ code: "invalid_request" });
    expect(refused.say).toContain("protocol mismatch");
  });

  test("a gateway's sentence keeps its one full stop", async () => {
    const refused = await refusal(refusing({ code: "invalid_request", message: "Not now." }));
    expect(refused.say).toBe("The gateway refused the connection: Not now.");
  });

  test("codes of other families are understood", async () => {
    expect((await refusal(refusing({ code: "UNAVAILABLE", message: "starting" }))).code).toBe("unavailable");
    expect((await refusal(refusing({ code: "WEIRD", message: "x", retryable: true }))).code).toBe(
      "unavailable",
    );
    expect((await refusal(refusing({ code: "WEIRD", message: "x" }))).code).toBe("invalid_request");
  });
});

describe("what is no gateway", () => {
  test("a port nobody listens on is unavailable, and the sentence names host and port only", async () => {
    await using gone = startPeer();
    await gone[Symbol.asyncDispose]();
    const result = await connect({ ...options, url: `${gone.url}?token=hidden` });
    expect(result).toMatchObject({ ok: false, code: "unavailable" });
    if (!result.ok) expect(result.say).toContain(new URL(gone.url).host);
    if (!result.ok) expect(result.say).not.toContain("hidden");
  });

  test("a full gateway that refuses the upgrade is unavailable", async () => {
    const refuseUpgrade = () => Response.json({ error: "connection limit reached" }, { status: 503 });
    const refused = await refusal({ refuseUpgrade });
    expect(refused.code).toBe("unavailable");
    expect(refused.say).toContain("no more connections");
  });

  test("a web server is told apart from a gateway", async () => {
    const refused = await refusal({ refuseUpgrade: () => new Response("hello") });
    expect(refused.say).toContain("no gateway (HTTP 200)");
  });

  test("a peer without TLS is told apart from one that is not there", async () => {
    await using peer = startPeer();
    const result = await connect({ ...options, url: peer.url.replace("ws:", "wss:") });
    expect(result).toMatchObject({ ok: false, code: "unavailable" });
    if (!result.ok) expect(result.say).toContain("TLS");
  });

  test("a peer that never speaks is given up", async () => {
    const refused = await refusal({ challenge: null }, { challengeTimeoutMs: 20 });
    expect(refused.code).toBe("unavailable");
    expect(refused.say).toContain("0.02 s");
  });

  test("a peer that does not answer connect is given up", async () => {
    const refused = await refusal({ onConnect: () => undefined }, { challengeTimeoutMs: 20 });
    expect(refused.code).toBe("unavailable");
  });

  test("a challenge without a nonce is none", async () => {
    const refused = await refusal({ challenge: { ts: 1 } }, { challengeTimeoutMs: 20 });
    expect(refused.code).toBe("unavailable");
  });

  test("a peer that closes instead of answering is unavailable, with its reason", async () => {
    const refused = await refusal({ onConnect: (_request, socket) => socket.close(1008, "go away") });
    expect(refused.code).toBe("unavailable");
    expect(refused.say).toContain("go away");
  });

  test("a hello of another shape is no hello", async () => {
    for (const answer of [null, 1, {}, { ...hello, policy: undefined }, { ...hello, type: "hi" }]) {
      const refused = await refusal({ onConnect: (request, socket) => socket.answer(request, answer) });
      expect(refused.code).toBe("unavailable");
    }
  });

  test.each(["http://127.0.0.1/ws", "not a url", "ws://user:pass@127.0.0.1/ws", "ws://127.0.0.1/ws#top"])(
    "%s is no address",
    async (url) => {
      const result = await connect({ ...options, url });
      expect(result).toMatchObject({ ok: false, code: "invalid_request" });
      expect(JSON.stringify(result)).not.toContain("pass@");
    },
  );

  test("an abort ends the handshake", async () => {
    const abort = new AbortController();
    const aborted = refusal({ onConnect: () => abort.abort() }, { signal: abort.signal });
    expect((await aborted).say).toContain("cancelled");
    const before = await refusal({}, { signal: AbortSignal.abort() });
    expect(before.code).toBe("unavailable");
  });
});

function signedFields(params: ConnectParams) {
  return {
    deviceId: identity.deviceId,
    clientId: params.client.id,
    clientMode: params.client.mode,
    role: "operator",
    scopes: params.scopes ?? [],
    signedAtMs: challengeTs,
    token: params.auth?.token,
  };
}

function isSigned(params: ConnectParams, text: string): boolean {
  const key = createPublicKey({
    key: { kty: "OKP", crv: "Ed25519", x: params.device?.publicKey ?? "" },
    format: "jwk",
  });
  return verify(null, Buffer.from(text), key, Buffer.from(params.device?.signature ?? "", "base64url"));
}
