import { expect, test } from "bun:test";
import { failingChecks } from "./failing-checks.ts";

const open = {
  isOpen: () => true,
  channelCounts: () => ({ total: 2, connected: 2 }),
  reached: () => ({ isReachable: true }),
};
const writable = async () => true;

test("nothing fails when the gateway is open, can write, and no channel is in error", async () => {
  expect(await failingChecks(open, writable)).toEqual([]);
});

test("each thing that keeps it from its work is named, with what to do or where to look", async () => {
  const found = await failingChecks(
    {
      isOpen: () => false,
      channelCounts: () => ({ total: 2, connected: 0, inError: ["telegram"] }),
      reached: () => ({ isReachable: false, say: "Ollama cannot be reached." }),
    },
    async () => false,
  );
  expect(found.map(({ name }) => name)).toEqual(["channel", "provider", "start", "storage"]);
  expect(found[0]?.say).toContain("telegram");
  expect(found[1]?.say).toEndWith(": Ollama cannot be reached.");
});
