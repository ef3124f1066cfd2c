import { expect, test } from "bun:test";
import {
  anthropicReply,
  callArguments,
  callStart,
  googleReply,
  openaiReply,
  type Reply,
  type StreamStyle,
} from "../../testing/index.ts";
import { collect, startVendor, textOfEvents, type VendorId } from "../../testing/providers.ts";

const text = "Ü👋";
const json = '{"q":"é✓"}';

const wires: Readonly<Partial<Record<VendorId, (style: StreamStyle) => Reply>>> = {
  anthropic: (style) =>
    anthropicReply({
      ...style,
      blocks: [
        { type: "text", deltas: [text] },
        { type: "tool_use", id: "t", name: "find", json: [json.slice(0, 7), json.slice(7)] },
      ],
      stopReason: "tool_use",
    }),
  openai: chatCompletion,
  ollama: chatCompletion,
  gemini: (style) =>
    googleReply({
      ...style,
      parts: [{ text }, { functionCall: { id: "t", name: "find", args: { q: "é✓" } } }],
    }),
};

function chatCompletion(style: StreamStyle): Reply {
  return openaiReply({
    ...style,
    deltas: [
      { content: text },
      { tool_calls: [callStart(0, "t", "find")] },
      { tool_calls: [callArguments(0, json.slice(0, 7))] },
      { tool_calls: [callArguments(0, json.slice(7))] },
    ],
    finishReason: "tool_calls",
  });
}

for (const [wire, reply] of Object.entries(wires) as [VendorId, (style: StreamStyle) => Reply][]) {
  test(`${wire}: a reply means the same wherever the network cuts it in two`, async () => {
    await using vendor = await startVendor(wire);
    vendor.server.reply(reply({}));
    const expected = await collect(vendor.provider);
    expect(textOfEvents(expected)).toBe(text);
    expect(expected).toContainEqual({ kind: "tool_use", id: "t", name: "find", input: { q: "é✓" } });
    // Ollama's replies are OpenAI's, read by another SDK: it need not see each byte of them.
    const step = wire === "ollama" ? 5 : 1;
    const cuts = [...bodyOf(reply({})).keys()].filter((at) => at > 0 && at % step === 0);
    await eachAtOnce(cuts, async (at) => {
      vendor.server.reply(reply({ splitAt: [at] }));
      expect(await collect(vendor.provider)).toEqual(expected);
    });
  });

  test(`${wire}: a cut before, in or after a CR LF changes nothing`, async () => {
    await using vendor = await startVendor(wire);
    vendor.server.reply(reply({}));
    const expected = await collect(vendor.provider);
    const body = bodyOf(reply({ lineEnd: "\r\n" }));
    const cuts = [...body.keys()].filter((at) => at > 0 && body.subarray(at - 1, at + 1).includes(13));
    await eachAtOnce(cuts, async (at) => {
      vendor.server.reply(reply({ lineEnd: "\r\n", splitAt: [at] }));
      expect(await collect(vendor.provider)).toEqual(expected);
    });
  });

  test(`${wire}: text and arguments may come byte by byte`, async () => {
    await using vendor = await startVendor(wire);
    const body = bodyOf(reply({}));
    const cuts = [text, "é", "✓"].flatMap((part) => around(body.indexOf(part), Buffer.byteLength(part)));
    const splitAt = [...new Set(cuts)].sort((a, b) => a - b);
    vendor.server.reply(reply({}), reply({ splitAt }));
    const expected = await collect(vendor.provider);
    expect(await collect(vendor.provider)).toEqual(expected);
  });

  test(`${wire}: a reply cut off for good before its end never looks complete`, async () => {
    await using vendor = await startVendor(wire);
    const body = bodyOf(reply({}));
    for (let at = 1; at < indexOfEnd(body); at += 31) {
      const cut: Reply = { kind: "http", headers: sse, body: body.subarray(0, at), ending: "destroy" };
      vendor.server.reply(cut, cut, cut);
      const told = await collect(vendor.provider);
      expect(told.at(-1)).toMatchObject({ kind: "failed", failure: { code: "network" } });
      expect(told.some((event) => event.kind === "tool_use")).toBe(false);
    }
  });
}

/** Four at a time: most of each run is waiting for the network to take a piece. */
async function eachAtOnce(cuts: readonly number[], run: (at: number) => Promise<void>): Promise<void> {
  const left = cuts.values();
  const worker = async () => {
    for (const at of left) await run(at);
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
}

function around(start: number, length: number): number[] {
  return Array.from({ length: length + 12 }, (_, index) => start - 6 + index);
}

const sse = { "content-type": "text/event-stream" };

function bodyOf(reply: Reply): Buffer {
  return reply.kind === "http" ? Buffer.from(reply.body) : Buffer.alloc(0);
}

/** Where the part begins that says why the model stopped. */
function indexOfEnd(body: Buffer): number {
  const ends = ['"stop_reason":"tool_use"', '"finish_reason":"tool_calls"', '"finishReason":"STOP"'];
  return Math.max(...ends.map((end) => body.indexOf(end)));
}
