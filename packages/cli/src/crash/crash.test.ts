import { expect, test } from "bun:test";
import { redactText } from "@carapace/config/redaction";
import { forbidCoreDumps } from "./core-dumps.ts";
import { crashReport } from "./report.ts";

const site = { version: "1.2.3", platform: "linux", arch: "x64", runtime: "1.4.5", clean: redactText };

test("a report has the code, the first line, our own places and what to do, and nothing else", () => {
  const fault = Object.assign(new Error("it broke\nsecond line"), { apiKey: "hunter2hunter2" });
  fault.stack = [
    "Error: it broke",
    "    at save (/home/somebody/carapace/packages/state/src/open.ts:12:3)",
    "    at other (/home/somebody/node_modules/zod/index.js:1:1)",
    "    at run (/home/somebody/carapace/packages/cli/src/cli.ts:40:9)",
  ].join("\n");
  expect(crashReport(fault, site).split("\n")).toEqual([
    "Error: cara crashed (internal_fault): Error: it broke",
    "  at packages/state/src/open.ts:12",
    "  at packages/cli/src/cli.ts:40",
    "  cara 1.2.3, bun 1.4.5, linux x64",
    expect.stringContaining("cara support"),
  ]);
});

test("a secret is taken out before a long message is cut", () => {
  const secret = `sk-ant-api03-${"Ab1".repeat(30)}`;
  const report = crashReport(new Error(`${"x ".repeat(140)}${secret}`), site);
  expect(report).toContain("[REDACTED]");
  expect(report).not.toContain("sk-ant");
});

test.each([[{ token: "hunter2hunter2" }], [undefined], [42], [Symbol("hunter2hunter2")]])(
  "what is thrown but is no error is not quoted: %#",
  (fault) => {
    const report = crashReport(fault, site);
    expect(report).toContain("internal_fault");
    expect(report).not.toContain("hunter2");
  },
);

test("where there is no such thing nothing is done", async () => {
  expect(await forbidCoreDumps("darwin")).toBe(false);
});
