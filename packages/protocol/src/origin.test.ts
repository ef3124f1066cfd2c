import { describe, expect, test } from "bun:test";
import { isTrusted, mixOrigins } from "./origin.ts";

describe("labels", () => {
  test("text is trusted only if nothing untrusted went into it", () => {
    expect(isTrusted({ kind: "owner" })).toBe(true);
    expect(isTrusted({ kind: "memory", from: ["owner", "model"] })).toBe(true);
    expect(isTrusted({ kind: "memory", from: ["owner", "web"] })).toBe(false);
    expect(isTrusted({ kind: "peer" })).toBe(false);
  });

  test("a mix names every kind that went into it, through earlier mixes too", () => {
    const page = mixOrigins("tool", [{ kind: "web", ref: "example.org" }], "fetch");
    expect(page).toEqual({ kind: "tool", ref: "fetch", from: ["web"] });
    const summary = mixOrigins("model", [{ kind: "owner" }, page]);
    expect(summary).toEqual({ kind: "model", from: ["owner", "tool", "web"] });
    expect(isTrusted(summary)).toBe(false);
  });

  test("a mix of its own kind alone needs no list", () => {
    expect(mixOrigins("owner", [{ kind: "owner" }])).toEqual({ kind: "owner" });
  });
});
