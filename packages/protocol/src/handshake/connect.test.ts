import { describe, expect, test } from "bun:test";
import { ConnectParams, negotiateProtocol, requestedScopes } from "./connect.ts";

const client = { id: "cli", mode: "cli", version: "1.0.0", platform: "linux" };
const params = { minProtocol: 3, maxProtocol: 3, client };
const accepts = (value: unknown) => ConnectParams.safeParse(value).success;

describe("connect params", () => {
  test("unknown fields pass at every level", () => {
    const newer = { ...params, computerUse: {}, client: { ...client, buildId: "x", timeZone: "UTC" } };
    expect(accepts(newer)).toBe(true);
  });

  test("null counts as absent for every optional field", () => {
    const nulls = { role: null, scopes: null, device: null, auth: null, caps: null, permissions: null };
    const read = ConnectParams.parse({ ...params, ...nulls, client: { ...client, displayName: null } });
    expect(read.role).toBeUndefined();
    expect(read.device).toBeUndefined();
    expect(read.client.displayName).toBeUndefined();
    expect(ConnectParams.parse({ ...params, auth: { token: null } }).auth?.token).toBeUndefined();
  });

  test.each([
    ["params that are not an object", null],
    ["a missing protocol", { client }],
    ["protocol 0", { ...params, minProtocol: 0 }],
    ["a protocol above 32 bits", { ...params, maxProtocol: 2 ** 32 }],
    ["a fractional protocol", { ...params, maxProtocol: 3.5 }],
    ["an unknown client", { ...params, client: { ...client, id: "curl" } }],
    ["an unknown mode", { ...params, client: { ...client, mode: "tv" } }],
    ["a blank version", { ...params, client: { ...client, version: " " } }],
    ["a missing platform", { ...params, client: { ...client, platform: undefined } }],
    ["null for a required field", { ...params, client: { ...client, platform: null } }],
    ["a numeric role", { ...params, role: 1 }],
    ["scopes that are not text", { ...params, scopes: [1] }],
    ["a device without a signature", { ...params, device: { id: "a", publicKey: "b", signedAt: 1 } }],
    ["permissions that are not flags", { ...params, permissions: { camera: "yes" } }],
    ["more than 256 scopes", { ...params, scopes: Array(257).fill("a") }],
    ["a scope of more than 256 characters", { ...params, scopes: ["a".repeat(257)] }],
    ["more than 256 capabilities", { ...params, caps: Array(257).fill("a") }],
    ["more than 256 commands", { ...params, commands: Array(257).fill("a") }],
    [
      "more than 256 permissions",
      { ...params, permissions: Object.fromEntries([...Array(257).keys()].map((key) => [key, true])) },
    ],
    ["a token that is not text", { ...params, auth: { token: 5 } }],
  ])("%s is refused", (_what, value) => {
    expect(accepts(value)).toBe(false);
  });

  test.each(["carapace-macos", "openclaw-macos", "openclaw-tui", "gateway-client", "node-host"])(
    "%s may connect",
    (id) => {
      expect(accepts({ ...params, client: { ...client, id } })).toBe(true);
    },
  );
});

describe("what a connection asks for", () => {
  test("an operator without scopes asks for admin, a node for none", () => {
    expect(requestedScopes("operator", undefined)).toEqual(["operator.admin"]);
    expect(requestedScopes("operator", [])).toEqual(["operator.admin"]);
    expect(requestedScopes("node", [])).toEqual([]);
    expect(requestedScopes("operator", ["operator.read"])).toEqual(["operator.read"]);
  });

  test.each([
    [3, 3, 3],
    [4, 4, 4],
    [3, 4, 4],
    [1, 99, 4],
    [5, 9, undefined],
    [1, 2, undefined],
    [4, 3, undefined],
  ])("a client of %p to %p speaks %p", (minProtocol, maxProtocol, spoken) => {
    expect(negotiateProtocol({ minProtocol, maxProtocol })).toBe(spoken);
  });
});
