import { expect, test } from "bun:test";
import { SessionKey } from "@carapace/protocol";
import { rawDatabase, temporaryState } from "../testing/index.ts";

const key = (text: string) => SessionKey.parse(text);

test("a session whose row goes while ids are being asked for is known by its id, one that was deleted is not", async () => {
  await using fixture = await temporaryState();
  const { sessions } = fixture.state;
  const first = await sessions.upsert(key("first"), {}, 1);
  // From here on the ids of the register are held.
  expect(await sessions.findById("nobody")).toBeUndefined();
  const later = await sessions.upsert(key("later"), {}, 2);
  const gone = await sessions.upsert(key("gone"), {}, 3);
  await sessions.delete(gone.id);
  const raw = await rawDatabase(fixture.dir, fixture.keys);
  raw.exec("DELETE FROM sessions");
  raw.close();
  for (const { id, key: name } of [first, later]) {
    expect((await sessions.findById(id))?.damage).toMatchObject({ scope: "session", name: String(name) });
  }
  expect(await sessions.findById(gone.id)).toBeUndefined();
});

test("a key that a new session took over is not damage of the one that had it", async () => {
  await using fixture = await temporaryState();
  const { sessions } = fixture.state;
  const old = await sessions.upsert(key("main"), {}, 1);
  expect(await sessions.findById("nobody")).toBeUndefined();
  await sessions.delete(old.id);
  await sessions.upsert(key("main"), {}, 2);
  expect(await sessions.findById(old.id)).toBeUndefined();
  expect(await fixture.state.verify()).toEqual([]);
});
