import { describe, expect, test } from "bun:test";
import { type AddressPolicy, judgeAddress } from "./judge.ts";
import { isInRange, parseAddress, parseRange } from "./parse.ts";
import { blockedRanges } from "./ranges.ts";

const isAllowed = (address: string, policy?: AddressPolicy) => judgeAddress(address, policy).allowed;

/** The first and the last address of a range, as text. */
function edges(range: string): string[] {
  const parsed = parseRange(range);
  if (parsed === undefined) throw new Error(range);
  const last = parsed.base.map((byte, index) => {
    const fixed = Math.min(8, Math.max(0, parsed.bits - index * 8));
    return byte | (0xff >> fixed);
  });
  return [spelt(parsed.base), spelt(last)];
}

function spelt(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  return Array.from({ length: 8 }, (_, n) =>
    (((bytes[n * 2] ?? 0) << 8) | (bytes[n * 2 + 1] ?? 0)).toString(16),
  ).join(":");
}

describe("an address", () => {
  test.each(
    blockedRanges.flatMap(({ range, what }) => edges(range).map((edge) => [edge, range, what] as const)),
  )("%s of %s is blocked: %s", (address) => expect(isAllowed(address)).toBe(false));

  test.each([
    ...[
      "1.1.1.1",
      "8.8.8.8",
      "9.255.255.255",
      "11.0.0.0",
      "100.63.255.255",
      "100.128.0.0",
      "126.255.255.255",
    ],
    ...["128.0.0.0", "168.63.129.15", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0"],
    ...["191.255.255.255", "192.0.1.0", "192.0.3.0", "192.167.255.255", "192.169.0.0", "198.17.255.255"],
    ...["198.20.0.0", "203.0.112.255", "203.0.114.0", "223.255.255.255", "192.88.98.255"],
    ...[
      "2000::1",
      "2001:1::1",
      "2001:200::1",
      "2001:4860:4860::8888",
      "2003::1",
      "2606:4700::1111",
      "3ffe::1",
    ],
    ...["::ffff:8.8.8.8", "::ffff:808:808", "2600::5efe:8.8.8.8"],
  ])("%s is public", (address) => expect(isAllowed(address)).toBe(true));

  test.each([
    ...[
      "",
      "localhost",
      "127.1",
      "1.2.3",
      "1.2.3.4.5",
      "256.1.1.1",
      "01.2.3.4",
      "1.2.3.4 ",
      "0x1.2.3.4",
      "1.2.3.-4",
    ],
    ...[
      "::1%lo",
      "[::1]",
      ":",
      ":::",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "::12345",
      "::g",
      "::1.2.3.256",
      "1::2::3",
    ],
  ])("that %j is none is blocked", (text) => expect(isAllowed(text)).toBe(false));

  test("of another notation is the same one", () => {
    const same = ["::ffff:1.2.3.4", "::ffff:102:304", "0:0:0:0:0:ffff:102:304", "0000::FFFF:0102:0304"];
    expect(new Set(same.map((text) => parseAddress(text)?.toString())).size).toBe(1);
  });
});

describe("the owner", () => {
  test("lets requests of their own into private networks, but not to metadata and the link", () => {
    const policy = { allowPrivate: true };
    for (const address of [
      "127.0.0.1",
      "10.0.0.1",
      "172.16.0.1",
      "192.168.1.1",
      "100.64.0.1",
      "::1",
      "fd00::1",
    ])
      expect(isAllowed(address, policy)).toBe(true);
    for (const address of ["169.254.169.254", "fd00:ec2::254", "fe80::1", "0.0.0.0", "::", "100.100.100.200"])
      expect(isAllowed(address, policy)).toBe(false);
    for (const address of ["::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2600::5efe:10.0.0.1"])
      expect(isAllowed(address, policy)).toBe(false);
  });

  test("lets the assistant into the tailnet and nowhere else", () => {
    const policy = { allowTailscale: true };
    for (const address of ["100.64.0.1", "100.127.255.255", "fd7a:115c:a1e0::1"])
      expect(isAllowed(address, policy)).toBe(true);
    for (const address of ["100.100.100.200", "10.0.0.1", "fd00::1", "::ffff:100.64.0.1"])
      expect(isAllowed(address, policy)).toBe(false);
  });

  test("blocks more, whatever else is allowed, in every way to write it", () => {
    const policy = {
      allowPrivate: true,
      blockedCidrs: ["8.8.8.0/24", "10.1.0.0/16", "2606:4700::/32", "9.9.9.9"],
    };
    for (const address of ["8.8.8.8", "10.1.2.3", "2606:4700::1111", "9.9.9.9", "::ffff:8.8.8.8"])
      expect(isAllowed(address, policy)).toBe(false);
    for (const address of ["8.8.4.4", "10.2.0.1", "2606:4701::1", "9.9.9.10"])
      expect(isAllowed(address, policy)).toBe(true);
  });

  test.each(["10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/8/8", "x", "", "10.0.0.0/"])(
    "who blocks %j, which is no range, blocks everything",
    (range) => expect(isAllowed("8.8.8.8", { blockedCidrs: [range] })).toBe(false),
  );
});

test("a range ends where its bits say", () => {
  const range = parseRange("192.0.2.128/25");
  const address = (text: string) => parseAddress(text) ?? new Uint8Array();
  if (range === undefined) throw new Error("no range");
  expect(isInRange(address("192.0.2.128"), range)).toBe(true);
  expect(isInRange(address("192.0.2.127"), range)).toBe(false);
  expect(isInRange(address("::192.0.2.128"), range)).toBe(false);
});
