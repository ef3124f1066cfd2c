import { expect, test } from "bun:test";
import { temporaryState } from "../testing/index.ts";

test("a setting is any JSON value, by name", async () => {
  await using fixture = await temporaryState();
  await fixture.state.settings.set("heartbeat", { everyMs: 5, on: [true, null] });
  await fixture.state.settings.set("cursor", 7);
  await fixture.state.settings.set("cursor", null);
  const { settings } = await fixture.reopen();
  expect(await settings.get("heartbeat")).toEqual({ everyMs: 5, on: [true, null] });
  expect(await settings.get("cursor")).toBeNull();
  expect(await settings.get("none")).toBeUndefined();
});
