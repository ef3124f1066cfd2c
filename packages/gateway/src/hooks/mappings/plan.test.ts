import { expect, test } from "bun:test";
import type { HookMappingConfig } from "@carapace/config";
import type { Json } from "@carapace/protocol";
import type { TransformResult } from "../transforms/result.ts";
import type { HookContext } from "./context.ts";
import { planFor } from "./plan.ts";
import { fitsSource, forPath, type HookSettings, mappingsOf } from "./resolve.ts";

function settings(mappings: readonly HookMappingConfig[], presets: readonly string[] = []): HookSettings {
  return {
    ...{ enabled: true, path: "/hooks", maxBodyBytes: 1, allowUnsafeExternalContent: false },
    ...{ presets: [...presets], mappings: [...mappings], gmail: { allowUnsafeExternalContent: false } },
  } as HookSettings;
}

function planned(mapping: HookMappingConfig, payload: Json, said?: TransformResult) {
  const [first] = mappingsOf(settings([mapping]));
  if (first === undefined) throw new Error("no mapping");
  const context: HookContext = { path: "p", nowMs: 0, headers: new Map(), query: "", payload };
  return planFor(first, { context, said, channels: new Set(), id: "call-1" });
}

const say = (plan: ReturnType<typeof planned>) =>
  plan.kind === "refused" ? plan.answer.body?.["error"] : plan;

test("the first mapping that fits takes a call; presets come behind one's own, and lend what is not said", () => {
  const own = { id: "mine", match: { path: " /gmail/ " }, messageTemplate: "own" };
  const all = mappingsOf(settings([own, { preset: "github", name: "Mine" }], ["gmail", "stripe"]));
  expect(all.map(({ id, source }) => `${id} ${source}`)).toEqual([
    "mine config",
    "github config",
    "gmail preset",
    "stripe preset",
  ]);
  expect(forPath(all, "gmail").map(({ id }) => id)).toEqual(["mine", "gmail"]);
  expect(all[1]).toMatchObject({
    name: "Mine",
    match: { path: "github" },
    sessionKey: "hook:github:{{repository.full_name}}",
  });
  expect(forPath(mappingsOf(settings([{ messageTemplate: "any" }])), "whatever")).toHaveLength(1);
});

test("a source is compared without regard to case; without one asked for, all fit", () => {
  const mapping = { id: "a", source: "config", match: { source: "Stripe" } } as const;
  expect(fitsSource(mapping, "sTRIPE")).toBe(true);
  expect([fitsSource(mapping, "other"), fitsSource(mapping, undefined)]).toEqual([false, false]);
  expect(fitsSource({ id: "b", source: "config" }, undefined)).toBe(true);
});

test("an agent mapping fills its templates; its conversation is its own unless named", () => {
  const mapping = {
    ...{ messageTemplate: "{{m}}", name: "N {{n}}", to: "{{to}}", model: "{{model}}", thinking: "{{none}}" },
    timeoutSeconds: 2.9,
  };
  expect(planned(mapping, { m: " hello ", n: 1, to: "me", model: "a:b" })).toEqual({
    kind: "agent",
    isTrusted: false,
    turn: {
      ...{ message: "hello", channel: "last", name: "N 1", to: "me", model: "a:b", deliver: true },
      ...{
        wakeMode: "now",
        sessionKey: "hook:p:call-1",
        timeoutSeconds: 2,
        allowUnsafeExternalContent: false,
      },
    },
  });
});

test("a wake mapping tells its text, else the whole payload", () => {
  expect(planned({ action: "wake" }, { a: [1] })).toMatchObject({ wake: { text: '{"a":[1]}', mode: "now" } });
  const later = { action: "wake", wakeMode: "next-heartbeat", textTemplate: "t {{a[0]}}" } as const;
  expect(planned(later, { a: [1] })).toMatchObject({ wake: { text: "t 1", mode: "next-heartbeat" } });
});

test("what cannot be done is refused in the contract's words", () => {
  expect(say(planned({ action: "wake", textTemplate: "{{none}}" }, {}))).toBe("hook mapping requires text");
  expect(say(planned({}, {}))).toBe("hook mapping requires message");
  expect(say(planned({ messageTemplate: "{{none}} " }, {}))).toBe("hook mapping requires message");
  expect(say(planned({ messageTemplate: "x {{a..b}}" }, {}))).toContain("cannot be read: {{a..b}}");
  expect(say(planned({ messageTemplate: "x", channel: "sms" }, {}))).toContain("channel must be one of");
  expect(say(planned({ messageTemplate: "x", model: "{{m}}", route: "r" }, { m: "a:b" }))).toContain(
    "exclude",
  );
});

test("a transform's words win, are not filled in, and can take trust away but not give it", () => {
  const trusting = { messageTemplate: "m", allowUnsafeExternalContent: true };
  const said = { message: "say {{a}}", sessionKey: "s", deliver: false, channel: "tg" };
  expect(planned(trusting, { a: 1 }, said)).toMatchObject({
    isTrusted: true,
    turn: { message: "say {{a}}", sessionKey: "s", deliver: false, channel: "telegram" },
  });
  expect(planned(trusting, {}, { allowUnsafeExternalContent: false })).toMatchObject({ isTrusted: false });
  expect(planned({ messageTemplate: "m" }, {}, { allowUnsafeExternalContent: true })).toMatchObject({
    isTrusted: false,
  });
  expect(
    planned({ messageTemplate: "m" }, {}, { kind: "wake", text: "t", mode: "next-heartbeat" }),
  ).toMatchObject({
    wake: { text: "t", mode: "next-heartbeat" },
  });
  expect(say(planned({ messageTemplate: "m" }, {}, { message: " " }))).toBe("hook mapping requires message");
});

test("the lines of a built-in template that a call has nothing for are left out", () => {
  const plan = planned(
    { preset: "github" },
    { action: "opened", issue: { title: "It is slow", html_url: "http://i" } },
  );
  expect(plan).toMatchObject({ turn: { message: "GitHub  opened in  by\n\nIt is slow http://i" } });
});
