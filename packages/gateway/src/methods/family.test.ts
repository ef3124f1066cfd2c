import { expect, test } from "bun:test";
import { ok } from "@carapace/protocol";
import type { MethodCall, MethodHandlers } from "../types.ts";
import { family } from "./family.ts";

const connection = {
  connId: "c",
  role: "operator",
  scopes: [],
  client: { id: "t", mode: "cli", version: "1", platform: "p" },
} as const;
const signal = new AbortController().signal;
const call: MethodCall<"models.list"> = { params: {}, connection, signal };

test("a family is loaded with its first call, once", async () => {
  let loads = 0;
  const handlers: Pick<MethodHandlers, "models.list"> = family("models", async () => {
    loads += 1;
    return { "models.list": () => ok({ models: [] }) };
  });
  expect([Object.keys(handlers), loads]).toEqual([["models.list"], 0]);
  const answers = await Promise.all([handlers["models.list"](call), handlers["models.list"](call)]);
  expect([answers, loads]).toEqual([[ok({ models: [] }), ok({ models: [] })], 1]);
});

test("a family is all that begins with its name and a dot", () => {
  const names = Object.keys(family("cron", () => Promise.reject(new Error("nobody calls"))));
  expect(names.sort()).toContain("cron.list");
  expect(names.every((name) => name.startsWith("cron."))).toBe(true);
});
