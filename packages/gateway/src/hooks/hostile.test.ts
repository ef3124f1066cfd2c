import { expect, test } from "bun:test";
import { startHookGateway } from "./testing/hook-gateway.ts";

test("any text in any field is taken or refused, and never a fault", async () => {
  await using hooks = await startHookGateway({
    hooks: {
      mappings: [
        { match: { path: "m" }, messageTemplate: "{{a}}", sessionKey: "s:{{a}}", name: "{{a}}", to: "{{a}}" },
      ],
    },
  });
  const texts = [
    "\ud800 half",
    "nul \u0000 here",
    "\u202e\u200b right to left",
    "😀".repeat(4000),
    "x".repeat(200_000),
    "{{a}}",
  ];
  const seen: string[] = [];
  for (const text of texts) {
    for (const field of ["message", "name", "sessionKey", "to", "thinking", "channel", "model", "route"]) {
      const body = { message: "m", deliver: false, [field]: text };
      const { status } = await hooks.post("/hooks/agent", { body });
      if (status >= 500) seen.push(`${field} ${JSON.stringify(text.slice(0, 10))} ${status}`);
    }
    for (const path of ["/hooks/wake", "/hooks/m"]) {
      const { status } = await hooks.post(path, { body: { text, mode: "next-heartbeat", a: text } });
      if (status >= 500) seen.push(`${path} ${JSON.stringify(text.slice(0, 10))} ${status}`);
    }
    const headers = {
      Authorization: "Bearer hooks-token-of-a-test",
      "Idempotency-Key": encodeURIComponent(text.toWellFormed()).slice(0, 400),
    };
    const { status } = await hooks.post("/hooks/wake", {
      headers,
      body: { text: "t", mode: "next-heartbeat" },
    });
    if (status >= 500) seen.push(`key ${status}`);
  }
  expect(seen).toEqual([]);
});

test("senders who cannot prove themselves fill neither the log of calls nor the audit log", async () => {
  const mapping = { preset: "github", auth: { kind: "github", secret: "s" } };
  await using hooks = await startHookGateway({ hooks: { mappings: [mapping] } });
  for (let call = 0; call < 20; call += 1) {
    const headers = { "X-Hub-Signature-256": `sha256=${"0".repeat(64)}` };
    expect((await hooks.post("/hooks/github", { headers, body: `{"n":${call}}` })).status).toBe(401);
  }
  using link = await hooks.gateway.connect();
  const { calls } = (await link.call("hooks.log", {})).payload;
  expect(calls).toMatchObject([{ mapping: "github", status: 401, outcome: "refused" }]);
  const { records } = (await link.call("audit.tail", { event: "auth_failure" })).payload;
  expect(records).toMatchObject([
    { data: { method: "github", reason: expect.stringContaining("signature") } },
  ]);
});

test("paths that are odd, and an own name of an object, find no mapping", async () => {
  await using hooks = await startHookGateway({
    hooks: { mappings: [{ match: { path: "a" }, messageTemplate: "m" }] },
  });
  for (const path of [
    "/hooks/",
    "/hooks/constructor",
    "/hooks/__proto__",
    "/hooks/A",
    "/hooks/a%2Fb",
    "/hooks/b/a",
  ])
    expect([path, (await hooks.post(path)).status]).toEqual([path, 404]);
  expect((await hooks.post("/hooks/a/")).status).toBe(202);
  expect((await hooks.post("/hooks/%61")).status).toBe(202);
});
