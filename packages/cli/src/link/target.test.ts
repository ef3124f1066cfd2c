import { expect, test } from "bun:test";
import { readTarget } from "./target.ts";

const read = (host: string | undefined, tls = false) => readTarget({ port: 18789, host, tls, trust: false });
const targetOf = (host: string | undefined, tls = false) => {
  const target = read(host, tls);
  if (!target.ok) throw new Error(target.say);
  return target.value;
};

test("without a host it is this machine", () => {
  expect(targetOf(undefined)).toMatchObject({
    address: "127.0.0.1:18789",
    httpUrl: "http://127.0.0.1:18789",
    wsUrl: "ws://127.0.0.1:18789/ws",
    isLoopback: true,
  });
});

test("IPv6 addresses get their brackets, with or without having been given them", () => {
  expect(targetOf("::1").httpUrl).toBe("http://[::1]:18789");
  expect(targetOf("[::1]", true).wsUrl).toBe("wss://[::1]:18789/ws");
});

test("only localhost and literal loopback addresses are this machine", () => {
  for (const host of [
    "localhost",
    "LOCALHOST",
    "127.0.0.1",
    "127.8.8.8",
    "::1",
    "::ffff:127.0.0.1",
    "127.1",
  ]) {
    expect(targetOf(host).isLoopback).toBe(true);
  }
  for (const host of [
    "10.0.0.1",
    "0.0.0.0",
    "::",
    "localhost.evil.example",
    "127.0.0.1.nip.io",
    "box",
    "::ffff:10.0.0.1",
  ]) {
    expect(targetOf(host).isLoopback).toBe(false);
  }
});

test("what is no host is refused without being repeated", () => {
  for (const host of [
    "",
    " ",
    "a/b",
    "user:secret@host",
    "host:1",
    "http://host",
    "a b",
    "-x",
    "a\u0000b",
    "127.999.0.1",
    "::1%eth0",
    "x".repeat(300),
  ]) {
    const target = read(host);
    expect(target.ok).toBe(false);
    if (!target.ok) expect(target.say).not.toContain("secret");
  }
});
