import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../support/gateway-process.ts";
import { problemsOf } from "./compare.ts";
import { type Fixture, type FixtureName, startFixture } from "./fixtures.ts";
import { sendRaw } from "./raw-http.ts";
import { type HttpScenario, namesOf, scenariosOf } from "./scenario.ts";
import { obsoleteFiles, verdicts } from "./verdicts.ts";

const golden = join(root, "..", "shared", "spec", "golden", "http");
const own = join(import.meta.dir, "traces");

const shared = new Map<FixtureName, Promise<Fixture>>();
afterAll(async () => {
  for (const fixture of shared.values()) await (await fixture)[Symbol.asyncDispose]();
});

if (!existsSync(golden))
  test.skip("the golden traces (missing: ../shared/spec/golden/http)", () => undefined);
else {
  const known = replayFolder(golden);
  test("every difference from the golden traces belongs to one of them", () => {
    expect(Object.keys(verdicts).filter((key) => !known.has(key))).toEqual([]);
    expect(known.size).toBe(101);
  });
}
replayFolder(own);

/** @returns `file#name` of each scenario. */
function replayFolder(folder: string): Set<string> {
  const keys = new Set<string>();
  for (const file of readdirSync(folder).sort()) {
    describe(`${folder === golden ? "golden" : "own"} ${file}`, () => {
      const trace: unknown = JSON.parse(readFileSync(join(folder, file), "utf8"));
      const reason = obsoleteFiles[file];
      for (const name of namesOf(trace)) {
        keys.add(`${file}#${name}`);
        if (reason !== undefined) test.skip(`${name}: ${reason}`, () => undefined);
      }
      if (reason !== undefined) return;
      for (const scenario of scenariosOf(trace))
        test(scenario.name, () => replay(`${file}#${scenario.name}`, scenario), 20_000);
    });
  }
  return keys;
}

async function replay(key: string, scenario: HttpScenario): Promise<void> {
  const { adapt, fixture = "base", onlyHead } = verdicts[key] ?? {};
  const { config, request, response } = adapt === undefined ? scenario : adapt(scenario);
  await using stack = new AsyncDisposableStack();
  const gateway =
    config === undefined ? await sharedFixture(fixture) : stack.use(await startFixture(fixture, config));
  const { method, path, body } = request;
  const text = request.body_raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const headers = {
    ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    ...filled(request.headers, gateway.values),
  };
  const answer = await sendRaw(gateway.port, {
    method,
    path,
    headers,
    ...(text === undefined ? {} : { body: text }),
  });
  expect(problemsOf(answer, response, onlyHead !== true)).toEqual([]);
}

function sharedFixture(name: FixtureName): Promise<Fixture> {
  const known = shared.get(name) ?? startFixture(name);
  shared.set(name, known);
  return known;
}

/** Placeholders stand in headers only: templates of hooks use the same braces. */
function filled(headers: Readonly<Record<string, string>>, values: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      value.replace(/\{\{(\w+)\}\}/g, (whole, key: string) => values[key] ?? whole),
    ]),
  );
}
