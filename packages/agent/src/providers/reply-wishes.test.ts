import { expect, test } from "bun:test";
import { anthropicReply, openaiReply } from "../../testing/index.ts";
import { collect, request, startVendor, type VendorId } from "../../testing/providers.ts";
import type { ModelRequest } from "../types.ts";

const picture = {
  type: "media",
  mediaId: "m1",
  mime: "image/png",
  origin: { kind: "owner" },
} as const;
const pdf = { ...picture, mediaId: "m2", mime: "application/pdf", name: "a.pdf" } as const;
const bytes = new Uint8Array([1, 2, 3]);

const asked = request({
  messages: [
    {
      role: "user",
      blocks: [{ type: "text", text: "What is it?", origin: { kind: "owner" } }, picture, pdf],
    },
  ],
  media: new Map([
    ["m1", bytes],
    ["m2", bytes],
  ]),
  tools: [{ name: "look", description: "Looks.", inputSchema: { type: "object", properties: {} } }],
  reply: {
    ...{ topP: 0.5, stop: ["END"], seed: 7, toolChoice: { name: "look" } },
    json: { name: "answer", schema: { type: "object", properties: {}, additionalProperties: false } },
  },
});

async function sent(id: VendorId, asked: ModelRequest): Promise<unknown> {
  await using vendor = await startVendor(id);
  vendor.server.reply(id === "anthropic" ? anthropicReply({ blocks: [] }) : openaiReply({ deltas: [] }));
  await collect(vendor.provider, asked);
  return JSON.parse(vendor.server.requests[0]?.body ?? "null");
}

test("OpenAI gets pictures, documents and what is asked of the reply in its own words", async () => {
  expect(await sent("openai", asked)).toMatchObject({
    ...{ top_p: 0.5, stop: ["END"], seed: 7 },
    tool_choice: { type: "function", function: { name: "look" } },
    response_format: { type: "json_schema", json_schema: { name: "answer" } },
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "What is it?" },
          { type: "image_url", image_url: { url: "data:image/png;base64,AQID" } },
          { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,AQID" } },
        ],
      },
    ],
  });
});

test("Ollama's endpoint gets pictures, too", async () => {
  const { media, ...rest } = asked;
  const messages = rest.messages.map(({ role, blocks }) => ({
    role,
    blocks: blocks.filter((b) => b !== pdf),
  }));
  expect(await sent("ollama", { ...rest, ...(media && { media }), messages })).toMatchObject({
    ...{ top_p: 0.5, stop: ["END"], seed: 7 },
    messages: [
      {
        content: [{ type: "text" }, { type: "image_url", image_url: { url: "data:image/png;base64,AQID" } }],
      },
    ],
  });
});

test("Anthropic gets pictures and documents as it knows them", async () => {
  expect(await sent("anthropic", asked)).toMatchObject({
    stop_sequences: ["END"],
    messages: [
      {
        content: [
          { type: "text", text: "What is it?" },
          { type: "image", source: { type: "base64", media_type: "image/png", data: "AQID" } },
          { type: "document", source: { type: "base64", media_type: "application/pdf", data: "AQID" } },
        ],
      },
    ],
  });
});
