import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { emptyHome, type Home } from "../../../testing/cara.ts";
import { configure, lines, prove } from "../../../testing/prove.ts";
import { adviceForKind } from "./error-kinds.ts";

const account = {
  homeserverUrl: "https://matrix.example.org",
  userId: "@me:example.org",
  accessToken: "syt_test_token_0123456789",
  deviceId: "DEVICE",
};

async function verifyMatrix(home: Home, matrix: unknown, env: Record<string, string> = {}) {
  configure(home, matrix === undefined ? {} : { matrix });
  return await prove({ home, env, outcome: "matrix" });
}

test("a sound account is checked, and then it is said that this version does not run the channel", async () => {
  using home = emptyHome();
  const report = await verifyMatrix(home, account, { CARAPACE_CONFIG_PASSWORD: "p" });
  expect(report.ok).toBe(false);
  expect(lines(report)).toEqual([
    "PASS Matrix configuration",
    "PASS Matrix encrypted store",
    "PASS Gateway reachability",
    "FAIL Matrix runtime registration",
  ]);
  expect(report.checks[1]?.detail).toBe("its key comes from CARAPACE_CONFIG_PASSWORD");
  expect(report.checks[3]?.detail).toContain("not in this version");
  expect(JSON.stringify(report)).not.toContain(account.accessToken);
});

describe("what is wrong with the account ends it there", () => {
  test.each([
    ["no account", undefined, "there is no matrix section", "cara setup --merge --outcome matrix"],
    ["switched off", { ...account, enabled: false }, "matrix.enabled is false", "matrix.enabled true"],
    ["no server", { ...account, homeserverUrl: undefined }, "homeserverUrl", "cara config validate"],
    ["a bad name", { ...account, userId: "me" }, "must look like @name:server", "cara config validate"],
    ["no sign-in", { ...account, accessToken: undefined }, "exactly one of", "cara config validate"],
    ["no device", { ...account, deviceId: undefined }, "needed with accessToken", "cara config validate"],
  ])("%s", async (_name, matrix, detail, nextStep) => {
    using home = emptyHome();
    const report = await verifyMatrix(home, matrix, { CARAPACE_CONFIG_PASSWORD: "p" });
    expect(lines(report)).toEqual(["FAIL Matrix configuration"]);
    expect(report.checks[0]?.detail).toContain(detail);
    expect(report.checks[0]?.nextStep).toContain(nextStep);
  });
});

describe("the encrypted store", () => {
  test("without a secret", async () => {
    using home = emptyHome();
    const report = await verifyMatrix(home, account);
    expect(lines(report)).toEqual(["PASS Matrix configuration", "FAIL Matrix encrypted store"]);
    expect(report.checks[1]?.nextStep).toContain("CARAPACE_CONFIG_PASSWORD, or set matrix.storePassphrase");
  });

  test("that is switched off is no trouble", async () => {
    using home = emptyHome();
    const report = await verifyMatrix(home, { ...account, encrypted: false });
    expect(report.checks[1]).toMatchObject({ status: "PASS", detail: "encryption is off: there is none" });
  });

  test.each([".pending", ".rekeying"])("whose change was interrupted (%s)", async (suffix) => {
    using home = emptyHome();
    const folder = join(home.stateDir, "matrix");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, `store_passphrase${suffix}`), "x", { mode: 0o600 });
    const report = await verifyMatrix(home, { ...account, storePassphrase: "p" });
    expect(report.checks[1]?.detail).toContain(`store_passphrase${suffix}`);
    expect(report.checks[1]?.nextStep).toContain("cara matrix rekey-store --new");
  });
});

/** A gateway that has the Matrix channel, as the reference's documentation describes its control API. */
function startMatrixGateway(channel: Record<string, unknown>, delivery: Record<string, unknown> = {}) {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/health") return Response.json({ status: "ok", version: "0.8.0", uptimeSeconds: 1 });
      if (request.headers.get("authorization") !== "Bearer the-token")
        return Response.json({ ok: false, error: "Unauthorized" }, { status: 401 });
      if (pathname === "/control/channels")
        return Response.json({
          total: 1,
          connected: 1,
          channels: [{ id: "matrix", name: "Matrix", ...channel }],
        });
      if (pathname === "/control/matrix/verifications") return Response.json({ ok: true, verifications: [] });
      if (pathname === "/control/matrix/send-test")
        return Response.json({ ok: delivery["outcome"] === "sent", delivery });
      return new Response("", { status: 404 });
    },
  });
  return { port: server.port ?? 0, [Symbol.asyncDispose]: () => server.stop(true) };
}

describe("a gateway elsewhere that has the channel", () => {
  const remote = { host: "127.0.0.1", tls: false, trust: false, allowPlaintext: false };
  const env = { CARAPACE_GATEWAY_TOKEN: "the-token" };
  const sent = { outcome: "sent", messageId: "$event" };

  test("is verified to its end", async () => {
    await using gateway = startMatrixGateway({ status: "connected" }, sent);
    using home = emptyHome();
    const to = { matrix: "!room:example.org" };
    const report = await prove({ home, env, remote, to, outcome: "matrix", port: gateway.port });
    expect(report.ok).toBe(true);
    expect(lines(report)).toEqual([
      "SKIP Matrix configuration",
      "PASS Gateway reachability",
      "PASS Matrix runtime registration",
      "PASS Matrix verification API",
      "PASS Matrix send path",
    ]);
    const without = await prove({ home, env, remote, outcome: "matrix", port: gateway.port });
    expect(without.checks.at(-1)).toMatchObject({ status: "SKIP", name: "Matrix send path" });
  });

  test("and in error fails at once, with advice by the kind of the error", async () => {
    const channel = { status: "error", lastError: "bad", extra: { lastErrorKind: "auth-token-revoked" } };
    await using gateway = startMatrixGateway(channel);
    using home = emptyHome();
    const report = await prove({ home, env, remote, outcome: "matrix", port: gateway.port });
    expect(report.checks.at(-1)?.detail).toBe("the channel is in error: bad");
    expect(report.checks.at(-1)?.nextStep).toBe(adviceForKind("auth-token-revoked"));
  });

  test("cannot write on the terminal what it likes", async () => {
    const long = { outcome: "sent", messageId: `\u001b[2J${"x".repeat(5000)}` };
    await using gateway = startMatrixGateway({ status: "connected" }, long);
    using home = emptyHome();
    const to = { matrix: "!room:example.org" };
    const report = await prove({ home, env, remote, to, outcome: "matrix", port: gateway.port });
    expect(report.checks.at(-1)?.detail).toHaveLength(700);
    await using other = startMatrixGateway({ status: "error", lastError: "bad\u001b[2J\u202e" });
    const wrong = await prove({ home, env, remote, outcome: "matrix", port: other.port });
    expect(wrong.checks.at(-1)?.detail).toBe("the channel is in error: bad[2J");
  });

  test("whose message is refused says why", async () => {
    const delivery = { outcome: "failed", error: "not joined", kind: "send-failed" };
    await using gateway = startMatrixGateway({ status: "connected" }, delivery);
    using home = emptyHome();
    const to = { matrix: "!room:example.org" };
    const report = await prove({ home, env, remote, to, outcome: "matrix", port: gateway.port });
    expect(report.checks.at(-1)).toMatchObject({ status: "FAIL", detail: "not joined" });
  });

  test("with another token is said to need its own", async () => {
    await using gateway = startMatrixGateway({ status: "connected" });
    using home = emptyHome();
    const wrong = { CARAPACE_GATEWAY_TOKEN: "another" };
    const report = await prove({ home, env: wrong, remote, outcome: "matrix", port: gateway.port });
    expect(report.checks.at(-1)?.nextStep).toStartWith("set CARAPACE_GATEWAY_TOKEN");
  });
});

test("a kind that nobody knows, or that is none, has advice too", () => {
  for (const kind of ["", "toString", "new-kind"]) expect(adviceForKind(kind)).toContain("cara logs");
});
