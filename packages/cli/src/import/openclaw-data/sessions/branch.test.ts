import { expect, test } from "bun:test";
import { Branches } from "./branch.ts";

type Line = readonly [id: string | undefined, parentId: string | null | undefined, more?: object];

function activeOf(lines: readonly Line[]): number[] | "all" {
  const branches = new Branches();
  for (const [at, [id, parentId, more]] of lines.entries()) branches.add(at + 1, { id, parentId, ...more });
  const active = branches.active();
  return active === undefined ? "all" : [...active].sort((a, b) => a - b);
}

test.each<[string, readonly Line[], number[] | "all"]>([
  [
    "a line of parents is all of it",
    [
      ["a", null],
      ["b", "a"],
      ["c", "b"],
    ],
    "all",
  ],
  [
    "without ids each goes on from the one before",
    [
      [undefined, undefined],
      [undefined, undefined],
    ],
    "all",
  ],
  [
    "who goes back leaves a branch",
    [
      ["a", null],
      ["b", "a"],
      ["c", "b"],
      ["d", "a"],
    ],
    [1, 4],
  ],
  [
    "a parent nobody knows is the one before",
    [
      ["a", null],
      ["b", "gone"],
      ["c", "b"],
    ],
    "all",
  ],
  [
    "a second beginning goes on",
    [
      ["a", null],
      ["b", "a"],
      ["c", null],
    ],
    "all",
  ],
  [
    "an entry cannot be its own parent",
    [
      ["a", "a"],
      ["b", "b"],
    ],
    "all",
  ],
  [
    "nor one of a later one",
    [
      ["a", "b"],
      ["b", "a"],
    ],
    "all",
  ],
  [
    "a leaf leads back",
    [
      ["a", null],
      ["b", "a"],
      ["l", "b", { type: "leaf", targetId: "a" }],
      ["c", "l"],
    ],
    [1, 3, 4],
  ],
  [
    "of two with one id the first is meant",
    [
      ["a", null],
      ["b", "a"],
      ["a", "b"],
      ["c", "a"],
    ],
    [1, 4],
  ],
])("%s", (_name, lines, active) => {
  expect(activeOf(lines)).toEqual(active);
});
