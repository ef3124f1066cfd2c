import { expect, test } from "bun:test";
import type { MediaBlock } from "@carapace/protocol";
import { toCallOptions } from "./prompt.ts";

const picture: MediaBlock = {
  type: "media",
  mediaId: "m1",
  mime: "image/png",
  name: "cat.png",
  origin: { kind: "owner" },
};

function promptWith(media?: ReadonlyMap<string, Uint8Array>) {
  const messages = [{ role: "user" as const, blocks: [picture] }];
  const request = { model: "m", messages, tools: [], maxTokens: 1, ...(media && { media }) };
  return toCallOptions(request, { marksErrors: false }).prompt;
}

test("a picture goes to the vendor with its bytes, type and name", () => {
  const data = new Uint8Array([1, 2, 3]);
  expect(promptWith(new Map([["m1", data]]))).toEqual([
    {
      role: "user",
      content: [{ type: "file", mediaType: "image/png", data: { type: "data", data }, filename: "cat.png" }],
    },
  ]);
});

test("a picture whose bytes are gone is told of in words", () => {
  const content = [{ type: "text", text: "[cat.png, image/png] (not kept any more)" }];
  expect(promptWith()).toEqual([{ role: "user", content }] as never);
});
