import { describe, expect, test } from "bun:test";
import type { JsonObject } from "@carapace/protocol";
import { matrixAccount } from "./matrix.ts";
import {
  allowedServerFault,
  allowedUserFault,
  deviceFault,
  homeserverFault,
  userFault,
} from "./matrix-values.ts";

type Variables = Readonly<Record<string, string>>;

const account = { homeserverUrl: "https://m.org", userId: "@a:m.org", encrypted: false };

function told(matrix: JsonObject, env: Variables = {}): string[] {
  const found = matrixAccount({ tree: { matrix }, env, lookup: (name) => env[name] });
  return found.map(({ severity, path }) => `${severity} ${path.join(".")}`);
}

describe("a home server", () => {
  test.each([
    "https://m.org",
    "https://m.org/",
    "https://m.org:8448",
    "https://xn--bcher-kva.example",
    "http://localhost:8008",
    "http://127.0.0.1",
    "http://127.3.2.1:1/",
    "http://[::1]:8008",
    "https://192.168.1.5",
  ])("%s can be used", (url) => {
    expect(homeserverFault(url)).toBeUndefined();
  });

  test.each([
    "",
    "m.org",
    "http://m.org",
    "http://192.168.1.5",
    "http://localhost.evil.org",
    "https://m.org/path",
    "https://m.org?",
    "https://m.org#",
    "https://user@m.org",
    "https://user:pass@m.org",
    "ftp://m.org",
    "https://bücher.example",
    "https://m.org ",
    `https://${"a".repeat(2048)}.org`,
  ])("%p cannot", (url) => {
    expect(homeserverFault(url)).toContain("must be");
  });
});

test.each<[string, boolean]>([
  ["@a:m.org", true],
  ["@a:m.org:8448", true],
  [`@${"a".repeat(249)}:m.org`, true],
  [`@${"a".repeat(250)}:m.org`, false],
  [`@${"ä".repeat(126)}:m.org`, false],
  ["a:m.org", false],
  ["@a", false],
  ["@:m.org", false],
  ["@a b:m.org", false],
  ["@a:m.org\u0007", false],
])("the account %p is one: %p", (user, isOne) => {
  expect(userFault(user) === undefined).toBe(isOne);
});

test("a device has at most 255 bytes", () => {
  expect(deviceFault("x".repeat(255))).toBeUndefined();
  expect(deviceFault("ä".repeat(128))).toContain("255 bytes");
});

describe("the sign-in", () => {
  const token = { accessToken: "t", deviceId: "D" };
  test.each<[string, JsonObject, Variables, string[]]>([
    ["a token with its device", token, {}, []],
    ["a token without one", { accessToken: "t" }, {}, ["error matrix.deviceId"]],
    ["a token and the environment's device", { accessToken: "t" }, { MATRIX_DEVICE_ID: "D" }, []],
    ["a password", { password: "p" }, {}, []],
    ["neither", {}, {}, ["error matrix"]],
    ["blank ones", { accessToken: " ", password: "" }, {}, ["error matrix"]],
    ["both", { ...token, password: "p" }, {}, ["error matrix"]],
    ["the environment's password", {}, { MATRIX_PASSWORD: "p" }, []],
    ["the environment's both", {}, { MATRIX_PASSWORD: "p", MATRIX_ACCESS_TOKEN: "t" }, ["error matrix"]],
    ["a stored token beside the environment's password", token, { MATRIX_PASSWORD: "p" }, []],
    ["a password beside the environment's token", { password: "p" }, { MATRIX_ACCESS_TOKEN: "t" }, []],
  ])("of %s", (_, more, env, expected) => {
    expect(told({ ...account, ...more }, env)).toEqual(expected);
  });
});

describe("who may invite", () => {
  const invited = (autoJoin: JsonObject) => told({ ...account, password: "p", autoJoin });

  test("accounts and servers as they are compared are fine", () => {
    const allowServerNames = ["m.org", "example", "[2001:db8::1]", "10.0.0.1"];
    expect(invited({ allowUsers: ["@a:m.org"], allowServerNames })).toEqual([]);
    for (const name of allowServerNames) expect(allowedServerFault(name)).toBeUndefined();
  });

  test.each(["m.org:8448", "https://m.org", "*.m.org", "", "m org", ".m.org"])(
    "a server %p would match nobody, and is told",
    (name) => {
      expect(invited({ allowServerNames: [name] })).toEqual(["warning matrix.autoJoin.allowServerNames"]);
    },
  );

  test.each(["a", "@a", "m.org", "@*:m.org b"])("an account %p would match nobody, and is told", (user) => {
    expect(allowedUserFault(user)).toContain("@name:server");
    expect(invited({ allowUsers: [user] })).toEqual(["warning matrix.autoJoin.allowUsers"]);
  });

  test("what is too long in bytes is an error, what is there twice a warning", () => {
    const path = "matrix.autoJoin.allowUsers";
    expect(invited({ allowUsers: [`@${"ä".repeat(126)}:m.org`] })).toEqual([`error ${path}`]);
    expect(invited({ allowUsers: ["@a:m.org", "@a:m.org"] })).toEqual([`warning ${path}`]);
  });
});

test("what is no list and no text does not make the rule throw", () => {
  for (const autoJoin of [null, 1, "x", { allowUsers: 1, allowServerNames: [1, null, {}] }])
    expect(() => told({ ...account, autoJoin, homeserverUrl: 1, userId: [], password: {} })).not.toThrow();
});

test("a variable beside the file's own value is told if it says something else", () => {
  const signedIn = { ...account, password: "p" };
  expect(told(signedIn, { MATRIX_USER_ID: "@a:m.org", MATRIX_PASSWORD: "p" })).toEqual([]);
  expect(told(signedIn, { MATRIX_USER_ID: "@b:m.org" })).toEqual(["warning matrix.userId"]);
});
