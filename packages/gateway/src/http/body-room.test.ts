import { expect, test } from "bun:test";
import { startTestListener } from "../listen/testing/listener.ts";
import { openRaw } from "../listen/testing/raw.ts";
import { createBodyRoom } from "./body-room.ts";
import { readAnswer } from "./testing/raw-http.ts";
import { testRoute } from "./testing/routes.ts";

test("whoever holds bytes for longest goes when there are too many, and one who holds none stays", () => {
  const room = createBodyRoom({ maxBytes: 100, maxBodies: 4 });
  const cut: string[] = [];
  const enter = (name: string) => room.enter(() => cut.push(name));
  const [idle, slow, quick, last] = [enter("idle"), enter("slow"), enter("quick"), enter("last")];
  slow.grew(60);
  quick.grew(40);
  expect(cut).toEqual([]);
  quick.leave();
  last.grew(41);
  expect(cut).toEqual(["slow"]);
  // It is gone: nothing of it counts any more.
  slow.grew(1000);
  slow.leave();
  last.grew(59);
  idle.grew(1);
  expect(cut).toEqual(["slow", "idle"]);
});

test("one more than there are places for takes that of whoever waits longest", () => {
  const room = createBodyRoom({ maxBytes: 100, maxBodies: 2 });
  const cut: string[] = [];
  for (const name of ["a", "b", "c"]) room.enter(() => cut.push(name));
  expect(cut).toEqual(["a"]);
});

test("one body alone that is larger than all may be is cut", () => {
  let cuts = 0;
  const place = createBodyRoom({ maxBytes: 10, maxBodies: 4 }).enter(() => (cuts += 1));
  place.grew(11);
  place.grew(11);
  expect(cuts).toBe(1);
});

test("unfinished bodies of strangers share a bounded memory, and a short one is still heard", async () => {
  const size = 4 * 1024 * 1024;
  const route = testRoute({ path: "/hook", family: "webhook", method: "POST", maxBodyBytes: size });
  await using gateway = await startTestListener({ routes: [route] });
  const head = `POST /hook HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${size}\r\n\r\n`;
  const half = async () => {
    const raw = await openRaw(gateway.listener.port);
    raw.write(head + "x".repeat(size - 1));
    return raw;
  };
  using first = await half();
  const rest = await Promise.all(Array.from({ length: 4 }, half));
  await first.ended;
  expect(readAnswer(first.received()).status).toBe(408);
  const heard = await fetch(`${gateway.http}/hook`, { method: "POST", body: "short" });
  expect(await heard.json()).toMatchObject({ body: "short" });
  for (const raw of rest) raw[Symbol.dispose]();
});
