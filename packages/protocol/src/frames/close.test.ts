import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { closeReason, closes, policyClose, tooDeep } from "./close.ts";

describe("close reasons", () => {
  test("a short reason stays as it is", () => {
    expect(closeReason("unauthorized")).toBe("unauthorized");
  });

  test("a long reason is cut to 123 bytes", () => {
    expect(closeReason("x".repeat(500))).toBe("x".repeat(123));
  });

  test("a character that does not fit whole is left out", () => {
    expect(closeReason(`${"x".repeat(121)}€`)).toBe("x".repeat(121));
    expect(closeReason("🦀".repeat(40))).toBe("🦀".repeat(30));
  });

  test("any text gives a prefix of it in at most 123 bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        const reason = closeReason(text);
        expect(text.startsWith(reason)).toBe(true);
        expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
      }),
      { seed: 1 },
    );
  });

  test("the close for deep nesting names the limit", () => {
    expect(tooDeep(32)).toEqual({
      code: 1008,
      reason: "JSON nesting depth exceeds maximum allowed depth of 32",
    });
  });

  test("only a protocol mismatch closes with 1002, only an oversize message with 1009", () => {
    expect(closes.protocolMismatch.code).toBe(1002);
    expect(closes.oversizeMessage.code).toBe(1009);
    expect(closes.handshakeTimeout).toEqual({ code: 1000, reason: "" });
    expect(policyClose("invalid role").code).toBe(1008);
  });
});
