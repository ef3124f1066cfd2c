import { expect, test } from "bun:test";
import { isIP } from "node:net";
import fc from "fast-check";
import { isIp } from "./is-ip.ts";

test.each([
  ["127.0.0.1", 4],
  ["255.255.255.255", 4],
  ["::", 6],
  ["::1", 6],
  ["fe80::1", 6],
  ["::ffff:127.0.0.1", 6],
  ["2001:DB8::8a2e:370:7334", 6],
  ["1::2:3:4:5.6.7.8", 6],
  ["1.2.3", 0],
  ["1.2.3.256", 0],
  ["01.2.3.4", 0],
  ["127.1", 0],
  ["0x7f000001", 0],
  ["1.2.3.4 ", 0],
  ["::1]", 0],
  [":::", 0],
  ["1:2:3:4:5:6:7:8:9", 0],
  ["fe80::1%eth0", 0],
  ["", 0],
])("%j is an address of version %d", (text, version) => expect<number>(isIp(text)).toBe(version));

test("it agrees with the system's reading of addresses and of what looks like them", () => {
  const near = fc.string({ unit: fc.constantFrom(..."0123456789abcdef:.::"), maxLength: 40 });
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), near), (text) => expect<number>(isIp(text)).toBe(isIP(text))),
    { numRuns: 2000, seed: 7 },
  );
});
