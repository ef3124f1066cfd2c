import { expect, test } from "bun:test";
import type { JsonObject } from "@carapace/protocol";
import { hookMappings } from "./hooks.ts";

function told(hooks: JsonObject): string[] {
  const found = hookMappings({ tree: { gateway: { hooks } }, env: {}, lookup: () => undefined });
  return found.map(({ severity, path, message }) => `${severity} ${path.slice(2).join(".")}: ${message}`);
}

const ofMapping = (mapping: JsonObject) => told({ mappings: [mapping] });

test("a mapping as people write it has nothing wrong with it", () => {
  const auth = { kind: "hmac", secret: "s", header: "X-Sig", timestampHeader: "X-Time" };
  expect(
    told({
      presets: ["gmail"],
      mappings: [
        { id: "a", match: { path: "github" }, action: "agent", messageTemplate: "{{action}}" },
        { id: "b", match: { path: "slack" }, auth: { ...auth, signed: "v0:{timestamp}:{body}" } },
        { preset: "github", auth: { kind: "github", secret: "s" } },
      ],
    }),
  ).toEqual([]);
});

const wrong: readonly (readonly [JsonObject, string])[] = [
  [{ messageTemplat: "x" }, 'error mappings.0.messageTemplat: a mapping has no field "messageTemplat": did'],
  [{ match: { method: "GET" } }, "error mappings.0.match.method: a mapping has no field"],
  [{ auth: { kind: "token", sekret: "x" } }, "error mappings.0.auth.sekret: a mapping has no field"],
  [{ transform: { module: "a.js", url: "x" } }, "error mappings.0.transform.url: a mapping has no field"],
  [{ preset: "constructor" }, 'error mappings.0.preset: there is no preset "constructor"'],
  [{ auth: {} }, "error mappings.0.auth: needs kind"],
  [{ auth: { kind: "github" } }, "warning mappings.0.auth.secret: is not set: every call is refused"],
  [{ auth: { kind: "hmac", secret: "s" } }, "error mappings.0.auth.header: kind hmac needs"],
  [
    { auth: { kind: "hmac", secret: "s", header: "h", signed: "{timestamp}" } },
    "error mappings.0.auth.signed: must have {body} in it, once",
  ],
  [
    { auth: { kind: "hmac", secret: "s", header: "h", timestampHeader: "t", signed: "{body}" } },
    "error mappings.0.auth.signed: must have {timestamp} in it, once",
  ],
  [
    { auth: { kind: "hmac", secret: "s", header: "h", signed: "{timestamp}.{body}" } },
    "error mappings.0.auth.signed: has {timestamp} in it",
  ],
  [{ transform: {} }, "error mappings.0.transform: needs module"],
  [{ transform: { module: "../x.js" } }, "error mappings.0.transform.module: must name a file inside"],
  [{ transform: { module: "/etc/x.js" } }, "error mappings.0.transform.module: must name a file inside"],
  [{ transform: { module: "data:text/js,1" } }, "error mappings.0.transform.module: must name a file"],
  [{ model: "a:b", route: "c" }, "error mappings.0.route: model is set too"],
  [{ match: { path: "/wake/" } }, "warning mappings.0.match.path: this path is the gateway's own"],
  [{ match: { path: "a/../b" } }, "warning mappings.0.match.path: no call gets here: callers resolve"],
];

for (const [mapping, say] of wrong) {
  test(`of ${JSON.stringify(mapping)} it is told what is wrong`, () => {
    expect(ofMapping(mapping).filter((line) => line.startsWith(say))).toHaveLength(1);
  });
}

test("two mappings cannot share an id, and a preset must exist", () => {
  expect(told({ mappings: [{ id: "a" }, { id: "a" }] })).toEqual([
    'error mappings.1.id: "a" is the id of two mappings',
  ]);
  expect(told({ presets: ["nope"] })[0]).toStartWith('error presets.0: there is no preset "nope"');
});

test("nothing that is no list of objects makes the rule throw", () => {
  for (const mappings of [null, 1, "x", {}, [1, null, "x", []], [{ match: 1, auth: 2, transform: [] }]])
    expect(() => told({ mappings })).not.toThrow();
});

test("a mapping that is never asked is told, with the one that takes its calls", () => {
  const path = (name: string, more: JsonObject = {}) => ({ match: { path: name, ...more } });
  const auth = { kind: "github", secret: "s" };
  const hidden = (...mappings: JsonObject[]) => told({ mappings }).map((line) => line.split(" takes")[0]);
  expect(hidden(path("ci"), path("/ci/"))).toEqual(["warning mappings.1: mappings[0]"]);
  expect(hidden(path("x"), {}, path("ci"))).toEqual(["warning mappings.2: mappings[1]"]);
  expect(hidden(path("ci", { source: "a" }), path("ci"), path("ci", { source: "b" }))).toEqual([
    "warning mappings.2: mappings[1]",
  ]);
  expect(hidden(path("ci", { source: "a" }), path("ci", { source: "b" }), path("cd"))).toEqual([]);
  expect(hidden({ ...path("ci"), auth }, path("ci"))).toEqual([]);
});
