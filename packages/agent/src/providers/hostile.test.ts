import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  anthropicEvents,
  callArguments,
  callStart,
  googleEvents,
  openaiEvents,
  type Reply,
} from "../../testing/index.ts";
import { collect, startVendor, type VendorId } from "../../testing/providers.ts";

const chat = openaiEvents({
  deltas: [
    { content: "Hi" },
    { tool_calls: [callStart(0, "t", "find")] },
    { tool_calls: [callArguments(0, "{}")] },
  ],
  finishReason: "tool_calls",
});
const blocks = [
  { type: "text", deltas: ["Hi"] },
  { type: "tool_use", id: "t", name: "find", json: ["{}"] },
] as const;
const wires: readonly (readonly [VendorId, string[][]])[] = [
  ["anthropic", anthropicEvents({ blocks, stopReason: "tool_use" })],
  ["openai", chat],
  ["ollama", chat],
  [
    "gemini",
    googleEvents({ parts: [{ text: "Hi" }, { functionCall: { id: "t", name: "find", args: {} } }] }),
  ],
];

/** Events left out, repeated, shuffled, with a value replaced by one of another type, or with bytes of no meaning between. */
function mangled(events: readonly string[][]) {
  const lines = events.map((event) => `${event.join("\n")}\n\n`);
  const replaced = fc
    .tuple(fc.constantFrom(...lines), fc.nat(), fc.constantFrom("null", "[]", "{}", "-1", '"x"', "true"))
    .map(([line, at, value]) => replaceValue(line, at, value));
  const noise = fc.oneof(
    fc.string(),
    fc.constant("data: {\n\n"),
    fc.json().map((json) => `data: ${json}\n\n`),
  );
  const piece = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...lines) },
    { weight: 3, arbitrary: replaced },
    noise,
  );
  return fc
    .array(piece, { maxLength: 14 })
    .map((pieces) => (pieces.length % 2 === 0 ? lines.slice(0, 2).join("") : "") + pieces.join(""));
}

function replaceValue(line: string, at: number, value: string): string {
  const places = [...line.matchAll(/:("[^"]*"|\d+|null|\[\]|\{\})/g)];
  const place = places[at % Math.max(1, places.length)];
  return place === undefined
    ? line
    : `${line.slice(0, place.index)}:${value}${line.slice(place.index + place[0].length)}`;
}

for (const [wire, events] of wires) {
  test(`${wire}: whatever a server streams, a call ends with exactly one event that says so`, async () => {
    await using vendor = await startVendor(wire);
    const property = fc.asyncProperty(mangled(events), async (body) => {
      const reply: Reply = { kind: "http", headers: { "content-type": "text/event-stream" }, body };
      vendor.server.otherwise(() => reply);
      const told = await collect(vendor.provider);
      expect(told.filter((event) => event.kind === "stop" || event.kind === "failed")).toHaveLength(1);
      expect(["stop", "failed"]).toContain(told.at(-1)?.kind ?? "");
      const calls = told.filter((event) => event.kind === "tool_use");
      expect(calls.every((call) => call.name !== "" && call.id !== "")).toBe(true);
    });
    await fc.assert(property, { numRuns: 250, seed: 20261122 });
  });
}
