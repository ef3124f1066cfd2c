import { describe, expect, test } from "bun:test";
import { Secret } from "@carapace/config";
import { cleanSentence } from "./clean-sentence.ts";
import { judgeAnswer, type Said } from "./judge-answer.ts";

const token = new Secret("123456:AAsecret-secret-secret");
const judging = { label: "Vendor", token, nowMs: Date.UTC(2026, 10, 22, 12, 0, 0) };
const vendors: Said = { isVendors: true, isDone: false, sentence: "No." };
const others: Said = { isVendors: false, isDone: false };

const answer = (status: number, headers: Readonly<Record<string, string>> = {}) =>
  ({ kind: "answer", status, headers: new Headers(headers), bytes: new Uint8Array() }) as const;

const judge = (status: number, said: Said, headers: Readonly<Record<string, string>> = {}) =>
  judgeAnswer(answer(status, headers), said, judging);

describe("an answer", () => {
  test("of success, with what was asked for, is none", () => {
    expect(judge(200, { isVendors: true, isDone: true })).toBeUndefined();
  });

  test.each<[number, Said, string, boolean]>([
    [200, others, "transient", true],
    [200, vendors, "transient", true],
    [302, others, "terminal", false],
    [400, vendors, "terminal", false],
    [401, vendors, "terminal", false],
    [403, vendors, "terminal", false],
    [404, others, "terminal", false],
    [409, vendors, "terminal", false],
    [413, others, "terminal", false],
    [429, vendors, "transient", false],
    [429, others, "transient", false],
    [500, vendors, "transient", false],
    [500, others, "transient", true],
    [502, vendors, "transient", true],
    [503, others, "transient", false],
    [504, others, "transient", true],
  ])("%i with %j is %s; it may have arrived: %p", (status, said, kind, mayHaveArrived) => {
    const failure = judge(status, said);
    expect(failure).toMatchObject({ ok: false, status, retryability: { kind } });
    expect(failure?.mayHaveArrived ?? false).toBe(mayHaveArrived);
    expect(failure?.error).toContain(`HTTP ${status}`);
  });

  test.each<[Readonly<Record<string, string>>, number | undefined, number | undefined]>([
    [{}, undefined, undefined],
    [{ "retry-after": "7" }, undefined, 7000],
    [{ "retry-after": "0.25" }, undefined, 250],
    [{ "retry-after": "Sun, 22 Nov 2026 12:00:30 GMT" }, undefined, 30_000],
    [{ "retry-after": "soon" }, undefined, undefined],
    [{}, 3, 3000],
    [{}, 0.0641, 65],
    [{}, -1, 0],
    [{}, 1e9, 3_600_000],
    [{ "retry-after": "2" }, 1.5, 2000],
    [{ "retry-after": "1" }, 1.5, 1500],
  ])("that asks for a pause in %j and %p gets one of %p ms", (headers, retryAfterSeconds, waitMs) => {
    for (const status of [429, 503]) {
      const failure = judge(status, { ...vendors, retryAfterSeconds }, headers);
      expect(failure?.retryability).toEqual(
        waitMs === undefined ? { kind: "transient" } : { kind: "transient", retryAfterMs: waitMs },
      );
    }
  });
});

test.each([
  ["Bad Request: chat not found", "Bad Request: chat not found"],
  ["  two\nlines\u0007 \u202eback ", "two lines back"],
  [`see https://api.example/bot${token.reveal()}/x?y`, "see [address]"],
  [`the token ${token.reveal()} is wrong`, "the token [token] is wrong"],
  ["the token 987654:BBBBBBBBBBBBBBBBBBBBBBBB is wrong", "the token [token] is wrong"],
  ["", ""],
])("what a vendor says is shown without addresses, tokens and control characters: %j", (text, expected) => {
  expect(cleanSentence(text, token)).toBe(expected);
});

test("a token is not shown in another spelling, nor the half of it that is the secret", () => {
  const half = "AAplantedTOKENplantedTOKENplanted01";
  const whole = `123456789:${half}`;
  const spellings = [encodeURIComponent(whole), btoa(whole), [...whole].join("\u200b"), half, `x${half}y`];
  for (const text of spellings) {
    const shown = cleanSentence(`no bot ${text} here`, new Secret(whole));
    expect(shown).toMatch(/^no bot \S+ here$/);
    expect(shown).not.toMatch(/planted|MTIzNDU2/);
  }
});

test("what a vendor says at length is cut", () => {
  const shown = cleanSentence("😀".repeat(1000), token);
  expect(shown.length).toBeLessThanOrEqual(200);
  expect(shown.isWellFormed()).toBe(true);
});
