import { expect, test } from "bun:test";
import { chooseForm, type LineForms, type LineReader } from "./look.ts";

const forms: LineForms = { json: () => "json", line: () => "line", pretty: () => "pretty" };
const entry = { seq: 1, timestamp: 0, level: "info", target: "t", message: "m" } as const;
const pipe: LineReader = { isTerminal: false, hasColours: true, isDevelopment: false };
const terminal: LineReader = { ...pipe, isTerminal: true };
const consoleStyle = "pretty";

test.each([
  ["a pipe", "json", pipe, { consoleStyle }],
  ["a pipe, as text", "line", pipe, { format: "text", consoleStyle }],
  ["a pipe, whatever the console looks like", "json", pipe, { consoleStyle: "compact" }],
  ["a pipe of a developer", "line", { ...pipe, isDevelopment: true }, { format: "json", consoleStyle }],
  ["a terminal", "pretty", terminal, { consoleStyle }],
  ["a terminal without colours", "line", { ...terminal, hasColours: false }, { consoleStyle }],
  ["a terminal, compact", "line", terminal, { consoleStyle: "compact" }],
  ["a terminal, its style json", "json", terminal, { consoleStyle: "json" }],
  ["a terminal, as JSON", "json", terminal, { format: "json", consoleStyle }],
] as const)("%s gets lines of the form %s", (_, form, reader, look) => {
  expect(chooseForm(forms, reader, look)(entry)).toBe(form);
});
