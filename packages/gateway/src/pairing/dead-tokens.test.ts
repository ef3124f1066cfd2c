import { expect, test } from "bun:test";
import type { DeviceToken } from "@carapace/state";
import { deadTokens } from "./dead-tokens.ts";

function token(tokenHash: string, changes: Partial<DeviceToken> = {}): DeviceToken {
  return {
    tokenHash,
    deviceId: "d",
    role: "operator",
    scopes: [],
    issuedAtMs: 1,
    expiresAtMs: 100,
    revoked: false,
    ...changes,
  };
}

test("revoked and expired tokens are dead, live ones are not", () => {
  const tokens = [token("live"), token("revoked", { revoked: true }), token("expired", { expiresAtMs: 50 })];
  expect(deadTokens(tokens, 49)).toEqual(["revoked"]);
  expect(deadTokens(tokens, 50)).toEqual(["revoked", "expired"]);
});

test("the 201st live token takes the place of the oldest", () => {
  const tokens = Array.from({ length: 201 }, (_, index) => token(`t${index}`, { issuedAtMs: 1000 - index }));
  expect(deadTokens(tokens.slice(0, 199), 0)).toEqual([]);
  expect(deadTokens(tokens, 0)).toEqual(["t200", "t199"]);
});
