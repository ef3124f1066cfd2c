import { expect, test } from "bun:test";
import type { AgentEvent } from "@carapace/protocol";
import { createRunFeed, type RunNews } from "./feed.ts";

function step(runId: string, seq: number): RunNews {
  const payload: AgentEvent = { runId, seq, ts: 0, stream: "text", data: { delta: "a" } };
  return { event: "agent", payload };
}

test("a follower hears of its run alone, from then on until it has enough", () => {
  const feed = createRunFeed();
  const heard: number[] = [];
  const listen = ({ payload }: RunNews) => void heard.push(payload.seq);
  feed.publish(step("a", 0));
  const first = feed.follow("a", listen);
  const second = feed.follow("a", listen);
  feed.publish(step("a", 1));
  feed.publish(step("b", 2));
  expect(heard).toEqual([1, 1]);
  second[Symbol.dispose]();
  feed.publish(step("a", 3));
  first[Symbol.dispose]();
  feed.publish(step("a", 4));
  expect(heard).toEqual([1, 1, 3]);
});

test("who follows all hears of every run", () => {
  const feed = createRunFeed();
  const heard: string[] = [];
  const all = feed.followAll(({ payload }) => void heard.push(payload.runId));
  feed.publish(step("a", 0));
  feed.publish(step("b", 0));
  all[Symbol.dispose]();
  feed.publish(step("c", 0));
  expect(heard).toEqual(["a", "b"]);
});
