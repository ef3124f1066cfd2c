import { expect, test } from "bun:test";
import type { AuditEvent } from "@carapace/state";
import { createArrivals, type Refused } from "./arrivals.ts";

function bench() {
  const events: AuditEvent[] = [];
  const warnings: string[] = [];
  const audit = {
    record: (event: AuditEvent) => void events.push(event),
    append: async (event: AuditEvent) => void events.push(event),
  };
  const log = { warn: (message: string) => void warnings.push(message) };
  return { events, warnings, audit, log };
}

function refused(ip: string): Refused {
  const reason = "unauthorized: token mismatch";
  return { kind: "auth_failure", method: "token", clientId: "x", ip, reason, endpoint: "/ws" };
}

test("the first failure of an address is told at once, the others as one number", () => {
  const { audit, log, events } = bench();
  const arrivals = createArrivals({ audit, log });
  for (let n = 0; n < 1000; n++) arrivals.refused(refused("192.0.2.1"));
  expect(events).toHaveLength(1);
  arrivals[Symbol.dispose]();
  expect(events.map(({ data }) => data)).toMatchObject([{ remote_ip: "192.0.2.1" }, { count: 999 }]);
});

test("strangers with any number of addresses get a bounded number of records", () => {
  const { audit, log, events } = bench();
  const arrivals = createArrivals({ audit, log });
  for (let n = 0; n < 5000; n++) arrivals.refused(refused(`2001:db8::${n.toString(16)}`));
  arrivals[Symbol.dispose]();
  expect(events).toHaveLength(33);
  expect(events.at(-1)).toMatchObject({ data: { remote_ip: "others", count: 4968 } });
});

test("a window that is over begins anew", async () => {
  const { audit, log, events } = bench();
  const told = Promise.withResolvers<void>();
  const record = (event: AuditEvent) => {
    audit.record(event);
    if (events.length === 2) told.resolve();
  };
  using arrivals = createArrivals({ audit: { ...audit, record }, log, windowMs: 1 });
  arrivals.refused(refused("192.0.2.1"));
  arrivals.refused(refused("192.0.2.1"));
  await told.promise;
  arrivals.refused(refused("192.0.2.1"));
  expect(events).toHaveLength(3);
  expect(events[2]?.data).not.toHaveProperty("count");
});

test("what a stranger says of himself is cut", () => {
  const { audit, log, events } = bench();
  const long = { ...refused("192.0.2.1"), clientId: "a".repeat(9000), reason: "b".repeat(9000) };
  createArrivals({ audit, log }).refused(long);
  expect(JSON.stringify(events).length).toBeLessThan(500);
});

test("who is let in is let in although the log cannot be written", async () => {
  const { audit, log, warnings } = bench();
  const append = async () => {
    throw new Error("disk full");
  };
  const client = { id: "cli", mode: "cli", version: "1", platform: "x" };
  const view = { connId: "1", role: "operator" as const, scopes: [], client };
  await createArrivals({ audit: { ...audit, append }, log }).accepted({ view, method: "token" });
  expect(warnings).toHaveLength(1);
});
