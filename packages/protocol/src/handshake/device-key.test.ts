import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeKeyBytes, deviceIdOf, encodeKeyBytes } from "./device-key.ts";

const text = "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w";

describe("device keys", () => {
  test("base64url without padding and standard base64 with padding decode to the same bytes", () => {
    const bytes = decodeKeyBytes(text, 32);
    expect(bytes).toHaveLength(32);
    expect(decodeKeyBytes(`${text}=`, 32)).toEqual(bytes);
  });

  test.each([
    ["nothing", ""],
    ["too few bytes", "iojj3XQJ"],
    ["padded base64url", `${text.replace("i", "_")}=`],
    ["unpadded standard base64", text.replace("i", "+")],
    ["white space", ` ${text}`],
    ["a line break at the end", `${text}\n`],
    ["bits behind the last byte", `${text.slice(0, -1)}x`],
    ["hex", "ab".repeat(32)],
    ["a very long text", "A".repeat(10_000)],
  ])("%s is no key", (_what, value) => {
    expect(decodeKeyBytes(value, 32)).toBeUndefined();
  });

  test("a key of 32 bytes is no signature", () => {
    expect(decodeKeyBytes(text, 64)).toBeUndefined();
  });

  test("whatever is encoded decodes to itself", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (bytes) => {
        expect(decodeKeyBytes(encodeKeyBytes(bytes), 64)).toEqual(new Uint8Array(bytes));
      }),
      { seed: 1 },
    );
  });

  test("a device's id is the hash of its key", () => {
    const id = "34750f98bd59fcfc946da45aaabe933be154a4b5094e1c4abf42866505f3c97e";
    expect(deviceIdOf(decodeKeyBytes(text, 32) ?? new Uint8Array())).toBe(id);
  });
});
