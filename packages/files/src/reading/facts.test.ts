import { expect, test } from "bun:test";
import { type Facts, judge, type ModeRule } from "./facts.ts";

const own: Facts = { isFile: () => true, uid: 1000, nlink: 1, mode: 0o100600 };
const notRegular: Facts = { ...own, isFile: () => false };

test.each<[string, Facts, ModeRule, string | undefined]>([
  ["an own file", own, "refuse", undefined],
  ["an own file open to the group, a secret", { ...own, mode: 0o100640 }, "refuse", "mode"],
  ["an own file open to the world, a secret", { ...own, mode: 0o100604 }, "refuse", "mode"],
  ["an own file open to others, to be tightened", { ...own, mode: 0o100666 }, "tighten", undefined],
  ["an own file open to others, shared", { ...own, mode: 0o100644 }, "any", undefined],
  ["a pipe", notRegular, "any", "kind"],
  ["another user's file, a secret", { ...own, uid: 1001 }, "refuse", "owner"],
  ["another user's file, to be tightened", { ...own, uid: 1001 }, "tighten", "owner"],
  ["another user's file, shared", { ...own, uid: 1001 }, "any", "owner"],
  ["the administrator's file, a secret", { ...own, uid: 0 }, "refuse", "owner"],
  ["the administrator's file, shared", { ...own, uid: 0, mode: 0o100444, nlink: 3 }, "any", undefined],
  ["the administrator's pipe", { ...notRegular, uid: 0 }, "any", "kind"],
  ["a hard link to a secret", { ...own, nlink: 2 }, "refuse", "names"],
  ["a hard link, to be tightened", { ...own, nlink: 2 }, "tighten", "names"],
  ["a hard link, shared", { ...own, nlink: 2 }, "any", "names"],
])("%s is judged", (_what, facts, rule, problem) => {
  expect(judge(facts, rule, 1000)?.problem).toBe(problem as never);
});

test("where files have no owners and modes, their kind is still judged", () => {
  expect(judge({ ...own, uid: 0, nlink: 2, mode: 0o100666 }, "refuse", undefined)).toBeUndefined();
  expect(judge(notRegular, "refuse", undefined)?.problem).toBe("kind");
});
