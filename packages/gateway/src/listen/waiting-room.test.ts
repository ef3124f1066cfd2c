import { expect, test } from "bun:test";
import { createWaitingRoom, type Newcomer } from "./waiting-room.ts";

const owner = { ip: "127.0.0.1", isLoopback: true, isLocalDirect: true };
const proxied = { ip: "127.0.0.1", isLoopback: true, isLocalDirect: false };
const far = { ip: "203.0.113.9", isLoopback: false, isLocalDirect: false };

/** A room, and the names of those it sent away. */
function room(maxNewcomers: number, maxNewcomersPerIp: number) {
  const sentAway: string[] = [];
  const waiting = createWaitingRoom({ maxNewcomers, maxNewcomersPerIp });
  const enter = (name: string, peer: Newcomer["peer"]): Newcomer => {
    const newcomer = { peer, dismiss: () => void sentAway.push(name) };
    waiting.enter(newcomer);
    return newcomer;
  };
  return { enter, leave: waiting.leave, sentAway };
}

test("the one who waits longest makes room, those who left do not count", () => {
  const { enter, leave, sentAway } = room(3, 8);
  const first = enter("a", owner);
  for (const name of ["b", "c"]) enter(name, owner);
  leave(first);
  enter("d", owner);
  expect(sentAway).toEqual([]);
  enter("e", owner);
  expect(sentAway).toEqual(["b"]);
});

test("an address has its own share of the places", () => {
  const { enter, sentAway } = room(64, 2);
  enter("neighbour", { ...far, ip: "203.0.113.10" });
  for (const name of ["a", "b", "c"]) enter(name, far);
  expect(sentAway).toEqual(["a"]);
});

test("strangers, those behind a proxy on this machine too, take no place of the owner's", () => {
  const { enter, sentAway } = room(2, 8);
  enter("owner", owner);
  for (const name of ["a", "b", "c", "d"]) enter(name, proxied);
  expect(sentAway).toEqual(["a", "b"]);
});
