import { describe, expect, test } from "bun:test";
import { denyMethod, type KnownMethod, methodAccess, satisfiesScope } from "./access.ts";

const operator = (...scopes: string[]) => ({ role: "operator", scopes }) as const;
const node = { role: "node", scopes: [] } as const;
const everyScope = ["read", "write", "pairing", "approvals", "admin"].map((name) => `operator.${name}`);
const known = Object.keys(methodAccess) as KnownMethod[];

describe("the access table", () => {
  test("knows the contract's 123 methods in their six classes, one of OpenClaw's, and ours", () => {
    const ours = ["audit.note", "audit.tail", "audit.verify", "hooks.log", "hooks.test"].concat([
      "outbox.drop",
      "outbox.list",
      "outbox.retry",
    ]);
    const counts: Record<string, number> = {};
    for (const [name, access] of Object.entries(methodAccess))
      if (!ours.includes(name)) counts[access] = (counts[access] ?? 0) + 1;
    expect(counts).toEqual({ read: 38, write: 27, admin: 43, pairing: 10, approvals: 4, node: 2 });
    expect(known).toEqual(expect.arrayContaining(ours));
  });

  test("denies every method to an operator without scopes", () => {
    for (const method of known) expect(denyMethod(method, operator())?.code).toBe("forbidden");
  });

  test("denies every method but those for nodes to a node, whatever its scopes", () => {
    for (const method of known) {
      const denied = denyMethod(method, { role: "node", scopes: everyScope });
      expect(denied === undefined).toBe(methodAccess[method] === "node");
    }
  });

  test("each scope opens its own class, write also read, admin all", () => {
    for (const method of known) {
      const access: string = methodAccess[method];
      if (access === "node") continue;
      for (const scope of everyScope) {
        const opens = scope === `operator.${access}` || scope === "operator.admin";
        const readByWrite = scope === "operator.write" && access === "read";
        expect(denyMethod(method, operator(scope)) === undefined).toBe(opens || readByWrite);
      }
    }
  });
});

describe("scopes", () => {
  test.each([
    [["operator.*"], "operator.pairing", true],
    [["operator.admin"], "operator.approvals", true],
    [["operator.write"], "operator.read", true],
    [["operator.read"], "operator.write", false],
    [["operator.pairing"], "operator.read", false],
    [["operator.admin"], "node.exec", false],
    [["node.exec"], "node.exec", true],
    [["OPERATOR.ADMIN"], "operator.read", false],
    [["operator.admin "], "operator.read", false],
    [["*"], "operator.read", false],
    [[], "operator.read", false],
  ])("%p for %s: %p", (granted, needed, satisfied) => {
    expect(satisfiesScope(granted, needed)).toBe(satisfied);
  });
});

describe("denials", () => {
  test("a missing scope is named with what the connection has", () => {
    expect(denyMethod("chat.send", operator("operator.read"))).toMatchObject({
      say: "method 'chat.send' requires 'operator.write' scope",
      details: {
        method: "chat.send",
        required_scope: "operator.write",
        connection_scopes: ["operator.read"],
      },
    });
  });

  test("pairing and approvals say that admin would do", () => {
    expect(denyMethod("device.pair.approve", operator())?.say).toBe(
      "method 'device.pair.approve' requires 'operator.pairing' or 'operator.admin' scope",
    );
    expect(denyMethod("exec.approval.resolve", operator())?.say).toBe(
      "method 'exec.approval.resolve' requires 'operator.approvals' or 'operator.admin' scope",
    );
  });

  test("an operator is told which methods are for nodes", () => {
    expect(denyMethod("node.event", operator("operator.admin"))).toMatchObject({
      say: "method 'node.event' is only allowed for node role",
      details: { method: "node.event", connection_role: "operator", required_role: "node" },
    });
  });

  test("a node is told what it may call", () => {
    expect(denyMethod("health", node)).toMatchObject({
      say: `method 'health' not allowed for node role (allowed: ["node.invoke.result", "node.event"])`,
      details: {
        method: "health",
        connection_role: "node",
        allowed_methods: ["node.invoke.result", "node.event"],
      },
    });
  });
});
