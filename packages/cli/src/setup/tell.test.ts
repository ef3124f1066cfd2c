import { expect, test } from "bun:test";
import { statusOf } from "./assess.ts";
import type { SetupCheck } from "./report.ts";
import { nextLines, summaryLines } from "./tell.ts";

const check = (status: SetupCheck["status"], kind: SetupCheck["kind"], remediation?: string): SetupCheck => ({
  ...{ name: "one", status, kind, detail: "so it is", ...(remediation !== undefined && { remediation }) },
});

test.each([
  [[check("pass", "requirement"), check("pass", "validation")], "ready"],
  [[check("pass", "requirement"), check("skip", "validation")], "partial"],
  [[check("skip", "requirement"), check("skip", "validation")], "partial"],
  [[check("fail", "requirement"), check("pass", "validation")], "invalid"],
  [[check("pass", "requirement"), check("fail", "validation")], "invalid"],
  [[], "partial"],
] as const)("the checks of %# are %s", (checks, status) => {
  expect(statusOf(checks)).toBe(status);
});

const report = {
  path: "/c.json",
  provider: "OpenAI",
  authMode: "apiKey",
  model: "openai:m",
  port: 1,
  outcome: "local-chat",
  warnings: [],
  next: [],
} as const;

test("the summary tells each check, its next step where it did not pass, and what to do first", () => {
  const checks = [
    check("pass", "requirement", "not told"),
    check("fail", "validation", "mend it"),
    check("skip", "validation", "look"),
  ];
  const profile = { id: "openai-1", name: "Ada", email: "ada@example.org" };
  expect(summaryLines({ ...report, status: "invalid", checks, profile, backupPath: "/c.json.bak" })).toEqual([
    "Configuration: /c.json",
    "Old configuration: /c.json.bak",
    "Provider: OpenAI (openai:m)",
    "Auth mode: apiKey",
    "Profile: Ada (ada@example.org)",
    "Status: invalid",
    "[PASS] one: so it is",
    "[FAIL] one: so it is",
    "  next step: mend it",
    "[SKIP] one: so it is",
    "  next step: look",
    "Do first: mend it",
  ]);
});

test("what comes next stands in columns", () => {
  const next = [
    { command: "cara chat", says: "talk" },
    { command: "cara verify", says: "prove" },
  ];
  expect(nextLines({ next })).toEqual(["Next:", "  cara chat    talk", "  cara verify  prove"]);
});
