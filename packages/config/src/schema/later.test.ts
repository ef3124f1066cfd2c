import { expect, test } from "bun:test";
import type { JsonObject } from "@carapace/protocol";
import { referenceRows } from "./reference.ts";
import { validate } from "./validate.ts";

const later = (tree: JsonObject) =>
  validate({ tree, env: {}, lookup: () => undefined }).findings.map(
    ({ severity, path }) => `${severity} ${path.join(".")}`,
  );

test("what belongs to a later version is said to have no effect, once for its section", () => {
  expect(later({ slack: { botToken: "t", signingSecret: "s" } })).toEqual(["warning slack"]);
  expect(later({ gateway: { nodes: { allowCommands: ["x"] } } })).toEqual(["warning gateway.nodes"]);
  expect(later({ agents: { list: [{ id: "a", sandbox: { network_access: true } }] } })).toEqual([
    "warning agents.list.0.sandbox",
  ]);
});

test("a bot that can send, and not receive yet, is told what of its section waits", () => {
  expect(later({ telegram: { botToken: "1:t" }, discord: { botToken: "t", gatewayEnabled: false } })).toEqual(
    [],
  );
  expect(later({ telegram: { botToken: "1:t", webhookSecret: "s" } })).toEqual([
    "warning telegram.webhookSecret",
  ]);
  expect(later({ discord: { gatewayEnabled: true, gatewayIntents: 1, gatewayUrl: "wss://x" } })).toEqual([
    "warning discord.gatewayEnabled",
    "warning discord.gatewayIntents",
    "warning discord.gatewayUrl",
  ]);
});

test("where fetching may lead is in force, though plugins are not; a range that cannot be read is told", () => {
  const sandbox = (settings: JsonObject) => later({ plugins: { sandbox: settings } });
  expect(
    sandbox({ allow_tailscale: true, blocked_cidrs: ["203.0.113.0/24", "2001:db8::/32", "8.8.8.8"] }),
  ).toEqual([]);
  for (const wrong of [
    "10.0.0.0/33",
    "10.0.0/8",
    "::/129",
    "fe80::1%eth0",
    "example.com",
    "10.0.0.0/8/8",
    "/8",
  ])
    expect(sandbox({ blocked_cidrs: [wrong] }).join()).toContain("error plugins.sandbox.blocked_cidrs");
});

test("switched off, empty, or absent it is no news", () => {
  const off = { enabled: false };
  const gateway = { controlUi: off, hooks: off, tls: off, mtls: off };
  expect(
    later({ gateway, discovery: { mode: "off" }, filesystem: { ...off, roots: [] }, slack: {} }),
  ).toEqual([]);
});

test("encryption that is asked for and not there forbids the start", () => {
  expect(later({ gateway: { tls: { enabled: true } } })).toContain("error gateway.tls.enabled");
  expect(later({ gateway: { mtls: { enabled: true } } })).toContain("error gateway.mtls.enabled");
});

test("the reference page tells later keys from those in force", () => {
  const effects = new Map(referenceRows().map((row) => [row.path, row.effect]));
  expect(effects.get("gateway.port")).toBe("restart");
  expect(effects.get("gateway.tls.enabled")).toBe("later");
  expect(effects.get("agents.list[].sandbox.enabled")).toBe("later");
  expect(effects.get("channels.<name>.features.typing.enabled")).toBe("later");
});
