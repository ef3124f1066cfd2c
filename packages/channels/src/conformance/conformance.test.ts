import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { DeliveryResult, OutboundContext } from "../adapter.ts";
import { type Rig, rigs, type Trouble } from "./rigs.ts";

const docs = join(import.meta.dir, "..", "..", "..", "..", "docs");
const { signal } = new AbortController();
const words = (rig: Rig, more: Partial<OutboundContext> = {}): OutboundContext => ({
  to: rig.to,
  text: "grüß dich 👋",
  idempotencyKey: "00000000-0000-4000-8000-000000000001",
  ...more,
});

/** No sentence tells where a message went, or with what. */
function expectQuiet(result: DeliveryResult, { secrets }: Rig): void {
  const said = JSON.stringify(result);
  for (const secret of secrets) expect(said).not.toContain(secret);
  expect(said).not.toMatch(/https?:|\bat .*\.ts/);
}

describe.each(Object.entries(rigs))("the channel %s", (name, open) => {
  test("says what it is, and what to read about it", async () => {
    await using rig = await open();
    const { info, capabilities } = rig.channel;
    expect(info.id).toBe(name);
    expect([info.label, info.selectionLabel, info.blurb].every((text) => text !== "")).toBe(true);
    expect(existsSync(join(docs, info.docsPath))).toBe(true);
    expect(capabilities.chatTypes.length).toBeGreaterThan(0);
  });

  test("sends a text once; media without an address is a text", async () => {
    await using rig = await open();
    expect(await rig.channel.sendText(words(rig), signal)).toMatchObject({ ok: true });
    expect(await rig.channel.sendMedia(words(rig), signal)).toMatchObject({ ok: true });
    if (rig.wire === undefined) return;
    const received = rig.wire.received();
    expect(received).toHaveLength(2);
    for (const text of received) expect(text).toContain("grüß dich 👋");
  });

  test("is connected once it has started, if all is well", async () => {
    await using rig = await open();
    const said: unknown[] = [];
    await rig.channel.start?.((status) => void said.push(status));
    expect(said).toEqual(rig.channel.start === undefined ? [] : ["connected"]);
  });

  test("takes a text of the length it names, and refuses a longer one itself", async () => {
    await using rig = await open();
    const { maxTextChars = 10_000 } = rig.channel;
    const longest = words(rig, { text: "x".repeat(maxTextChars) });
    expect(await rig.channel.sendText(longest, signal)).toMatchObject({ ok: true });
    if (rig.channel.maxTextChars === undefined) return;
    const longer = words(rig, { text: "x".repeat(maxTextChars + 1) });
    const refused = await rig.channel.sendText(longer, signal);
    expect(refused).toMatchObject({ ok: false, retryability: { kind: "terminal" } });
    expect(rig.wire?.received()).toHaveLength(1);
  });

  test("tells its receiver that a message is a repetition, or says that it cannot", async () => {
    await using rig = await open();
    const before = rig.wire?.received() ?? [];
    await rig.channel.sendText(words(rig, { text: "again" }), signal);
    await rig.channel.sendText(words(rig, { text: "again" }), signal);
    await rig.channel.sendText(words(rig, { text: "again", idempotencyKey: "other" }), signal);
    const [one, two, other] = (rig.wire?.received() ?? []).slice(before.length);
    if (rig.wire === undefined) return expect(rig.channel.dedupes).toBe(false);
    expect(one).toBe(two ?? "");
    expect(one !== other).toBe(rig.channel.dedupes);
  });

  test("sends no more once it was logged out, and says so", async () => {
    await using rig = await open();
    if (rig.channel.logout === undefined) return expect(rig.wire).toBeUndefined();
    await rig.channel.logout();
    const result = await rig.channel.sendText(words(rig), signal);
    expect(result).toMatchObject({ ok: false, retryability: { kind: "terminal" } });
    expect(rig.wire?.received()).toEqual([]);
  });
});

const remote = Object.entries(rigs).filter(([name]) => name !== "console");

describe.each(remote)("the channel %s, when the other end has trouble,", (_name, open) => {
  const cases: readonly (readonly [Trouble, Readonly<Record<string, unknown>>])[] = [
    ["refused", { retryability: { kind: "terminal" } }],
    ["limited for 7 s", { retryability: { kind: "transient", retryAfterMs: 7000 } }],
    ["server error", { retryability: { kind: "transient" } }],
    ["hangs up", { retryability: { kind: "transient" }, mayHaveArrived: true }],
  ];
  test.each(cases)("says of a call that is %s what it means for the message", async (trouble, expected) => {
    await using rig = await open();
    rig.wire?.next(trouble);
    const result = await rig.channel.sendText(words(rig), signal);
    expect(result).toMatchObject({ ok: false, ...expected });
    if (trouble !== "hangs up") expect(result).not.toHaveProperty("mayHaveArrived");
    expectQuiet(result, rig);
  });

  test("says of nobody that the message may go later, and did not arrive", async () => {
    await using rig = await open();
    await rig.wire?.close();
    const result = await rig.channel.sendText(words(rig), signal);
    expect(result).toMatchObject({ ok: false, retryability: { kind: "transient" } });
    expect(result).not.toHaveProperty("mayHaveArrived");
    expectQuiet(result, rig);
  });

  test("ends with its signal, and throws nothing", async () => {
    await using rig = await open();
    const ended = AbortSignal.abort();
    const result = await rig.channel.sendText(words(rig), ended);
    expect(result).toMatchObject({ ok: false, retryability: { kind: "transient" } });
    expectQuiet(result, rig);
  });
});
