import { expect, test } from "bun:test";
import { googleReply } from "../../testing/index.ts";
import { startVendor } from "../../testing/providers.ts";
import { turnBench } from "../../testing/turns.ts";

test("what Gemini signs of a call is stored, and goes back with it in this turn and the next one", async () => {
  await using bench = await turnBench();
  await using vendor = await startVendor("gemini");
  const call = { name: "math_eval", args: { expression: "6*7" } };
  vendor.server.reply(
    googleReply({ parts: [{ functionCall: call, thoughtSignature: "c2lnbmVk" }] }),
    googleReply({ parts: [{ text: "It is 42." }] }),
    googleReply({ parts: [{ text: "You are welcome." }] }),
  );
  expect((await bench.send("6*7?", { provider: vendor.provider })).outcome.response).toBe("It is 42.");
  await bench.send("Thanks", { provider: vendor.provider });
  const sent = vendor.server.requests.slice(1).map(({ body }) => JSON.parse(body).contents[1].parts[0]);
  expect(sent).toMatchObject(
    Array.from({ length: 2 }, () => ({ functionCall: call, thoughtSignature: "c2lnbmVk" })),
  );
  const blocks = (await bench.history()).flatMap((message) => message.blocks);
  expect(blocks.find((block) => block.type === "tool_use")).toMatchObject({
    metadata: { gemini: { thoughtSignature: "c2lnbmVk" } },
  });
});
