import { expect, test } from "bun:test";
import { BlockList, isIPv4 } from "node:net";
import fc from "fast-check";
import { judgeAddress } from "../addresses/judge.ts";
import { blockedRanges } from "../addresses/ranges.ts";
import { checkUrl } from "./check-url.ts";

const seeded = { seed: 20261122, numRuns: 3000 };

/** The same ranges in the hands of the platform, which reads and compares addresses by its own code. */
function platformList(): BlockList {
  const list = new BlockList();
  for (const { range } of blockedRanges) {
    const [base = "", bits] = range.split("/");
    list.addSubnet(base, Number(bits), isIPv4(base) ? "ipv4" : "ipv6");
  }
  return list;
}

/** Near the edges of the ranges as often as anywhere else. */
const bytes = fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }),
  fc
    .tuple(
      fc.constantFrom(0, 10, 100, 127, 168, 169, 172, 192, 198, 203, 224, 255),
      fc.constantFrom(0, 16, 18, 19, 20, 31, 32, 51, 63, 64, 88, 127, 128, 167, 168, 169, 253, 254, 255),
      fc.constantFrom(0, 1, 2, 3, 98, 99, 100, 112, 113, 114, 129, 169, 255),
      fc.constantFrom(0, 1, 15, 16, 200, 254, 255),
    )
    .map((parts) => Uint8Array.from(parts)),
);
const dotted = (parts: Uint8Array) => parts.join(".");

test("every IPv4 address is judged as the platform compares it", () => {
  const list = platformList();
  fc.assert(
    fc.property(bytes, (parts) => judgeAddress(dotted(parts)).allowed !== list.check(dotted(parts), "ipv4")),
    seeded,
  );
});

test("no IPv6 address passes that the platform finds in a blocked range or outside of the public ones", () => {
  const list = platformList();
  const open = new BlockList();
  open.addSubnet("2000::", 3, "ipv6");
  const heads = [
    "::",
    "::ffff:",
    "64:ff9b::",
    "2001:",
    "2001:db8:",
    "2002:",
    "2606:",
    "fc00:",
    "fd12:",
    "fe80:",
    "fec0:",
    "ff02:",
  ];
  const word = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
  const address = fc
    .tuple(fc.constantFrom(...heads), fc.array(word, { minLength: 1, maxLength: 2 }))
    .map(
      ([head, words]) => `${head.endsWith("::") || head === "::ffff:" ? head : `${head}:`}${words.join(":")}`,
    );
  fc.assert(
    fc.property(address, (text) => {
      const isMapped = text.startsWith("::ffff:");
      if (!judgeAddress(text).allowed) return true;
      return isMapped || (open.check(text, "ipv6") && !list.check(text, "ipv6"));
    }),
    seeded,
  );
});

/** One part of an address, or its last parts as one number, in one of the bases that URLs know. */
const base = fc.constantFrom(
  (value: number) => String(value),
  (value: number) => `0x${value.toString(16)}`,
  (value: number) => `0X${value.toString(16).toUpperCase()}`,
  (value: number) => `0${value.toString(8)}`,
  (value: number) => `000${value.toString(8)}`,
  (value: number) => `0x000${value.toString(16)}`,
);
interface Spelling {
  readonly count: number;
  readonly bases: readonly ((value: number) => string)[];
  readonly dot: string;
  readonly hasEndDot: boolean;
}
const spelling: fc.Arbitrary<Spelling> = fc.record({
  count: fc.integer({ min: 1, max: 4 }),
  bases: fc.array(base, { minLength: 4, maxLength: 4 }),
  dot: fc.constantFrom(".", "%2e", "%2E", "\u3002", "\uFF0E", "\uFF61"),
  hasEndDot: fc.boolean(),
});

function spelt(parts: Uint8Array, { count, bases, dot, hasEndDot }: Spelling): string {
  const heads = [...parts.subarray(0, count - 1)];
  const last = [...parts.subarray(count - 1)].reduce((sum, part) => sum * 256 + part, 0);
  const numbers = [...heads, last].map((value, index) => bases[index]?.(value) ?? String(value));
  return numbers.join(dot) + (hasEndDot ? "." : "");
}
test("an IPv4 address is judged alike in every notation", () => {
  fc.assert(
    fc.property(bytes, spelling, (parts, how) => {
      const checked = checkUrl(`https://${spelt(parts, how)}/`);
      const isAllowed = judgeAddress(dotted(parts)).allowed;
      expect(checked).toMatchObject(
        isAllowed ? { ok: true, value: { host: dotted(parts) } } : { ok: false, reason: "blocked_address" },
      );
    }),
    seeded,
  );
});

test("whatever text is given as a URL is judged without a fault", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.webUrl(),
    fc.string().map((rest) => `https://${rest}`),
  );
  fc.assert(
    fc.property(text, (url) => typeof checkUrl(url).ok === "boolean"),
    seeded,
  );
});
