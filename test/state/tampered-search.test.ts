import { expect, test } from "bun:test";
import { ownerSays } from "@carapace/state/testing";
import { furnished, tampered } from "./support/tampering.ts";

test("a search never shows a text that does not verify", async () => {
  await using fixture = await furnished();
  const { state } = await tampered(fixture, (raw) =>
    raw.exec(
      "UPDATE messages SET content = replace(content, 'victim text 3', 'victim lies 3') WHERE id = 'a3'",
    ),
  );
  const fresh = await fixture.reopen();
  const hits = await fresh.sessions.search("victim text", { limit: 10 });
  expect(hits.every(({ snippet }) => !snippet.includes("lies"))).toBe(true);
  expect(fresh.damage()).toMatchObject([{ name: "victim" }]);
  await expect(state.sessions.count()).rejects.toMatchObject({ code: "closed" });
});

test("search indexes that were broken do not stand in the way and are made again", async () => {
  await using fixture = await furnished();
  const { state } = await tampered(fixture, (raw) =>
    raw.exec(
      "UPDATE message_index_data SET block = x'00ff00ff00ff'; UPDATE memory_index_data SET block = x'00ff00ff00ff'",
    ),
  );
  await state.sessions.append(fixture.bystanderId, [ownerSays("one more bystander", "b6")]);
  expect(await state.sessions.search("bystander", { limit: 10 })).toHaveLength(6);
  expect(await state.sessions.search("victim", { limit: 10 })).toHaveLength(5);
  expect(await state.memory.search("main", "account", 5)).toHaveLength(1);
  expect(await state.memory.forget("main", "bank")).toBe(true);
  expect(await state.memory.search("main", "account", 5)).toEqual([]);
});
