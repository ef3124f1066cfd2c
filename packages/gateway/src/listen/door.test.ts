import { expect, test } from "bun:test";
import { Secret } from "@carapace/config";
import { createAdmission } from "./admission.ts";
import { denyHost } from "./doorman.ts";
import { denyExposure } from "./exposure.ts";
import { isOriginAllowed } from "./origin.ts";
import { describePeer } from "./peer.ts";

const origins: readonly [string | null, string | null, boolean][] = [
  [null, "localhost:18789", true],
  ["http://localhost:18789", "localhost:18789", true],
  ["https://box.ts.net", "box.ts.net", true],
  ["https://box.ts.net:443", "box.ts.net", true],
  ["https://panel.example", "localhost:18789", false],
  ["http://localhost:3000", "localhost:18789", false],
  ["http://127.0.0.1:18789", "localhost:18789", false],
  ["https://evil.example", "localhost:18789", false],
  ["null", "localhost:18789", false],
  ["", "localhost:18789", false],
  ["http://localhost:18789/", "localhost:18789", false],
  ["http://user@localhost:18789", "localhost:18789", false],
  ["file://localhost:18789", "localhost:18789", false],
  ["http://localhost:18789", null, false],
];

for (const [origin, host, expected] of origins) {
  test(`origin ${origin} at ${host} → ${expected}`, () => {
    expect(isOriginAllowed(origin, host)).toBe(expected);
  });
}

const secret = new Secret("s");
const exposures: readonly [string, Parameters<typeof denyExposure>[0]["credentials"], boolean][] = [
  ["127.0.0.1", { mode: "none", allowTailscale: false }, true],
  ["::1", { mode: "token", allowTailscale: false }, true],
  ["localhost", { mode: "none", allowTailscale: false }, true],
  ["0.0.0.0", { mode: "token", secret, allowTailscale: false }, true],
  ["0.0.0.0", { mode: "none", allowTailscale: false }, false],
  ["0.0.0.0", { mode: "none", secret, allowTailscale: true }, false],
  ["::", { mode: "password", allowTailscale: false }, false],
  ["192.168.1.5", { mode: "token", allowTailscale: true }, false],
  ["box.example", { mode: "none", allowTailscale: false }, false],
  ["127.0.0.1.evil.example", { mode: "none", allowTailscale: false }, false],
];

for (const [hostname, credentials, expected] of exposures) {
  const what = `${credentials.mode} ${credentials.secret === undefined ? "without" : "with"} a secret`;
  test(`listening on ${hostname}, ${what} → ${expected}`, () => {
    expect(denyExposure({ hostname, credentials }) === undefined).toBe(expected);
  });
}

test("an address has 32 places, loopback as many as the total", () => {
  const admission = createAdmission({ maxConnections: 40, maxPerIp: 32 });
  const remote = { ip: "203.0.113.9", isLoopback: false };
  const local = { ip: "127.0.0.1", isLoopback: true };
  for (let count = 0; count < 32; count += 1) expect(admission.enter(remote)).toBe(true);
  expect(admission.enter(remote)).toBe(false);
  for (let count = 0; count < 8; count += 1) expect(admission.enter(local)).toBe(true);
  expect(admission.enter(local)).toBe(false);
  admission.leave(remote);
  expect(admission.enter(remote)).toBe(true);
  expect(admission.count).toBe(40);
});

test.each([
  ["localhost", false, undefined],
  ["box.tail1.ts.net", false, 421],
  ["box.tail1.ts.net", true, undefined],
  ["evil.example", true, 421],
] as const)(
  "without a credential, host %s with Tailscale serving %p → %p",
  (host, isTailnetServed, status) => {
    const peer = describePeer("127.0.0.1", new Headers({ host }));
    const rules = { isLoopbackBind: true, hasCredential: false, isTailnetServed };
    expect(denyHost(peer, rules)?.status).toBe(status);
  },
);
