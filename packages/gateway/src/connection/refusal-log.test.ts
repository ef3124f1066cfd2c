import { expect, test } from "bun:test";
import { createRefusalLog } from "./refusal-log.ts";

function linesInto() {
  const lines: string[] = [];
  const { promise: counted, resolve } = Promise.withResolvers<void>();
  const info = (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
    lines.push(`${message} ${fields["ip"]} ${fields["times"] ?? fields["reason"]}`);
    if (message.startsWith("more")) resolve();
  };
  return { lines, log: { info }, counted };
}

test("a thousand refusals of an address make a line at once, and one with their number later", async () => {
  const { lines, log, counted } = linesInto();
  using refusals = createRefusalLog(log, 5);
  for (let count = 0; count < 1000; count += 1) refusals.refused("203.0.113.9", "unauthorized");
  expect(lines).toEqual(["connection refused 203.0.113.9 unauthorized"]);
  await counted;
  expect(lines[1]).toBe("more connections refused 203.0.113.9 999");
});

test("a thousand addresses make no more lines than there is room for", () => {
  const { lines, log } = linesInto();
  using refusals = createRefusalLog(log);
  for (let count = 0; count < 1000; count += 1) refusals.refused(`10.0.0.${count}`, "unauthorized");
  expect(lines.length).toBe(65);
});
