import { expect, test } from "bun:test";
import { startTestListener } from "../listen/testing/listener.ts";
import { exchange, request } from "./testing/raw-http.ts";
import { testRoute } from "./testing/routes.ts";

const routes = [
  testRoute({ path: "/things" }),
  testRoute({ path: "/things/:id" }),
  testRoute({ path: "/things/:id/parts/*" }),
  testRoute({ path: "/all/*", method: "ANY" }),
];

/** Request line without version → status, and the parameters where it got through. */
const table: readonly [string, number, unknown?][] = [
  ["GET /things", 200, {}],
  ["GET /things?x=%zz#y", 200, {}],
  ["GET /things/a%20b", 200, { id: "a b" }],
  ["GET /things/%C3%A9", 200, { id: "é" }],
  ["GET /things/a%2Fb", 200, { id: "a/b" }],
  ["GET /things/a/parts/b/c%20d", 200, { id: "a", "*": "b/c d" }],
  ["PATCH /all/x", 200, { "*": "x" }],
  ["GET /all/", 200, { "*": "" }],
  ["GET /THINGS", 404],
  ["GET /things/", 404],
  ["GET /things/a/", 404],
  ["GET //things", 404],
  ["GET /all/x/../things", 200, { "*": "things" }],
  ["GET /all/..", 404],
  ["GET /all/../things", 404],
  ["GET /all/%2e%2e/things", 404],
  ["GET /things/%2e%2e", 404],
  ["GET /%74hings", 404],
  ["GET /constructor", 404],
  ["GET /things/%00", 400],
  ["GET /things/%0d%0aSet-Cookie:x", 400],
  ["GET /things/%zz", 400],
  ["GET /things/%ff", 400],
  ["GET /all/%c0%ae", 400],
  ["GET http://evil.example/things", 200, {}],
  ["DELETE /things", 405],
  ["OPTIONS /things", 405],
  ["TRACE /things", 405],
];

test("a path leads to its route, or nowhere", async () => {
  await using gateway = await startTestListener({ routes });
  for (const [line, status, params] of table) {
    const answer = await exchange(gateway.listener.port, request(line));
    expect([line, answer.status]).toEqual([line, status]);
    if (params !== undefined) expect([line, JSON.parse(answer.body).params]).toEqual([line, params]);
    if (status === 404) expect(answer.body).toBe("Not Found");
    if (status === 405) {
      expect([answer.body, answer.headers.get("allow")]).toEqual(["Method Not Allowed", "GET,HEAD"]);
    }
  }
});

test("a Host that cannot be read leads to the same paths; two are refused", async () => {
  await using gateway = await startTestListener({ routes });
  for (const host of ["[::1", "a b", "u:p@x:99999", ""]) {
    const answer = await exchange(gateway.listener.port, request("GET /things/a", [`Host: ${host}`]));
    expect([host, answer.status]).toEqual([host, 200]);
  }
  const two = await exchange(gateway.listener.port, request("GET /things", ["Host: a", "Host: b"]));
  expect(two.status).toBe(400);
});

/** What Bun refuses before anything of ours is asked. */
const refused: readonly [string, string, number][] = [
  ["a length and chunks", "Content-Length: 3\r\nTransfer-Encoding: chunked", 400],
  ["two lengths", "Content-Length: 3\r\nContent-Length: 4", 400],
  ["chunks inside something", "Transfer-Encoding: chunked, gzip", 400],
  ["a length that is no number", "Content-Length: abc", 400],
  ["a negative length", "Content-Length: -1", 400],
  ["a length with a sign", "Content-Length: +4", 400],
  ["a length in a list", "Content-Length: 4, 4", 400],
  ["a blank before the colon", "Content-Length : 4", 400],
  ["a folded header", "X-A: b\r\n Content-Length: 4", 400],
  ["chunks by another name", "Transfer-Encoding: \u000bchunked", 400],
  ["a header without a name", ": x", 400],
  ["too many headers", `${"X-A: b\r\n".repeat(300)}X-B: c`, 431],
];

test("what two readers could read in two ways is refused", async () => {
  await using gateway = await startTestListener({ routes });
  for (const [name, header, status] of refused) {
    const answer = await exchange(gateway.listener.port, request("POST /all/x", [header], "abcd"));
    expect([name, answer.status]).toEqual([name, status]);
  }
  const long = await exchange(gateway.listener.port, request(`GET /all/${"a".repeat(20_000)}`));
  expect(long.status).toBe(431);
  expect((await fetch(`${gateway.http}/health`)).status).toBe(200);
});
