import { describe, expect, test } from "bun:test";
import { certificateFor } from "../../testing/index.ts";
import { type FetchOptions, guardedFetch } from "../index.ts";
import { follow, type Hop } from "./redirect.ts";

const body = Buffer.from("b");
const hop = (method: Hop["method"], rest: Partial<Hop> = {}): Hop => ({
  url: "https://a.example/x/y?q",
  method,
  headers: {
    authorization: "Bearer t",
    "x-api-key": "k",
    cookie: "c",
    accept: "*/*",
    "content-type": "text/plain",
  },
  ...rest,
});

describe("a redirect", () => {
  test.each([
    [301, "POST", "GET"],
    [302, "POST", "GET"],
    [303, "POST", "GET"],
    [303, "PUT", "GET"],
    [303, "HEAD", "HEAD"],
    [302, "HEAD", "HEAD"],
    [301, "DELETE", "DELETE"],
    [307, "POST", "POST"],
    [308, "PUT", "PUT"],
  ] as const)("%d makes %s %s, with a body only where it stays what it was", (status, method, becomes) => {
    const withBody = method === "HEAD" ? {} : { body };
    const next = follow(hop(method, withBody), status, "/z");
    expect(next).toMatchObject({ ok: true, value: { method: becomes, url: "https://a.example/z" } });
    if (!next.ok) return;
    expect(next.value.body !== undefined).toBe(method !== "HEAD" && method === becomes);
    if (method !== becomes) expect(next.value.headers).not.toHaveProperty("content-type");
    expect(next.value.headers).toHaveProperty("authorization");
  });

  test.each([
    "https://b.example/",
    "//b.example/",
    "https://a.example:8443/",
    "https://a.example.evil.example/",
  ])("to another server (%s) takes no credential along, whatever it is called", (location) => {
    const next = follow(hop("GET"), 302, location);
    expect(next).toMatchObject({
      ok: true,
      value: { headers: { accept: "*/*", "content-type": "text/plain" } },
    });
    if (next.ok) expect(Object.keys(next.value.headers).sort()).toEqual(["accept", "content-type"]);
  });

  test("to another server does not take a body along", () => {
    expect(follow(hop("POST", { body }), 307, "https://b.example/")).toMatchObject({
      reason: "redirect_refused",
    });
    expect(follow(hop("POST", { body }), 302, "https://b.example/")).toMatchObject({ ok: true });
  });

  test.each(["http://a.example/", "http://b.example/", "ftp://a.example/", "javascript:1", "https://[::1"])(
    "from https to %s is refused",
    (location) => expect(follow(hop("GET"), 302, location)).toMatchObject({ reason: "redirect_refused" }),
  );
});

describe("over the wire", () => {
  const certificate = certificateFor("a.example");
  const options: FetchOptions = {
    allowPrivate: true,
    resolve: async () => ["127.0.0.1"],
    certificateAuthorities: certificate.cert,
    headers: { authorization: "Bearer t" },
  };

  /** Redirects `/3` to `/2` and so on; `/0` tells who asked. */
  function chain() {
    return Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      tls: certificate,
      fetch(request) {
        const left = Number(new URL(request.url).pathname.slice(1));
        return left > 0
          ? new Response("moved", { status: 302, headers: { location: `/${left - 1}` } })
          : new Response(request.headers.get("authorization"));
      },
    });
  }

  test("as many are followed as the caller says, and no more", async () => {
    using server = chain();
    const url = (left: number) => `https://a.example:${server.port}/${left}`;
    expect(await guardedFetch(url(1), options)).toMatchObject({
      ok: true,
      value: { status: 302, url: url(1) },
    });
    const three = await guardedFetch(url(3), { ...options, redirects: 3 });
    expect(three).toMatchObject({ ok: true, value: { status: 200, url: url(0) } });
    if (three.ok) expect(Buffer.from(three.value.bytes).toString()).toBe("Bearer t");
    const four = await guardedFetch(url(4), { ...options, redirects: 3 });
    expect(four).toMatchObject({ ok: false, reason: "too_many_redirects" });
  });

  test("one without a place to go is the answer itself", async () => {
    using server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      tls: certificate,
      fetch: () => new Response("x", { status: 302 }),
    });
    const result = await guardedFetch(`https://a.example:${server.port}/`, { ...options, redirects: 3 });
    expect(result).toMatchObject({ ok: true, value: { status: 302 } });
  });
});
