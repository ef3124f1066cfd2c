import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  type BlockedUrl,
  blockedAnswers,
  blockedIPv4,
  blockedIPv6,
  blockedNames,
  loopbackSpellings,
  refusedUrls,
} from "../testing/blocked-urls.ts";
import { type Canary, canary, dnsServer } from "../testing/index.ts";
import { type FetchOptions, guardedFetch } from "./index.ts";

let bird: Canary;
beforeAll(async () => {
  bird = await canary();
});
afterAll(() => bird[Symbol.asyncDispose]());

const literals = [...loopbackSpellings, ...blockedIPv4, ...blockedIPv6];
const at = (url: string) => url.replaceAll("PORT", String(bird.port));

/** Knows every name of the table as one of this machine: only the guard keeps a request from the canary. */
const everywhereHere: FetchOptions["resolve"] = async () => ["127.0.0.1", "::1"];

async function tryAt(url: string, options: FetchOptions = {}) {
  const before = bird.hits();
  const result = await guardedFetch(at(url), { schemes: ["http", "https"], timeoutMs: 3000, ...options });
  return { result, hits: bird.hits() - before };
}

/** What a refusal says must not repeat the URL: it may hold a secret, and it comes from somebody else. */
function expectSilent(refusal: object, url: string) {
  const host = /\/\/([^/]{4,})/.exec(at(url))?.[1];
  if (host !== undefined) expect(JSON.stringify(refusal)).not.toContain(host);
}

test("the table holds more than 220 URLs and answers, each once", () => {
  const urls = [...blockedNames, ...literals, ...refusedUrls].map(([url]) => url);
  expect(new Set(urls).size).toBe(urls.length);
  expect(urls.length + blockedAnswers.length).toBeGreaterThan(220);
});

describe("a blocked address is not reached", () => {
  test.each([...blockedNames, ...literals])("%j: %s", async (url) => {
    const { result, hits } = await tryAt(url, { resolve: everywhereHere });
    expect(result).toMatchObject({ ok: false, code: "forbidden", reason: "blocked_address" });
    expect(hits).toBe(0);
    expectSilent(result, url);
  });

  test.each(blockedAnswers)("a name that leads to %j: %s", async (addresses) => {
    const { result, hits } = await tryAt("http://name.example:PORT/", { resolve: async () => addresses });
    expect(result).toMatchObject({ ok: false, reason: "blocked_address", mayHaveArrived: false });
    expect(hits).toBe(0);
  });

  test.each(refusedUrls)("%j is told as %s: %s", async (url, reason) => {
    const { result, hits } = await tryAt(url, { resolve: everywhereHere });
    expect(result).toMatchObject({ ok: false, reason });
    expect(hits).toBe(0);
    expectSilent(result, url);
  });
});

/** The first server is one of the owner's own on this machine: a redirect from it to another one is no word of theirs. */
const ownServer: FetchOptions = { allowPrivate: true, redirects: 3 };

describe("a redirect does not lead to a blocked address", () => {
  // What URLs drop cannot stand in a header.
  const locations = [...blockedNames, ...literals]
    .map(([url, why]): BlockedUrl => [URL.parse(url.replaceAll("PORT", "8080"))?.href ?? url, why])
    .filter(([url], index, all) => all.findIndex((row) => row[0] === url) === index)
    .map(([url, why]): BlockedUrl => [url.replace(":8080/", ":PORT/"), why]);

  test.each(locations)("%s: %s", async (location) => {
    using first = Bun.serve({
      port: 0,
      hostname: "::1",
      fetch: () => new Response(null, { status: 302, headers: { location: at(location) } }),
    });
    const { result, hits } = await tryAt(`http://[::1]:${first.port}/`, {
      ...ownServer,
      resolve: everywhereHere,
    });
    expect(result).toMatchObject({ ok: false, reason: "blocked_address", mayHaveArrived: true });
    expect(hits).toBe(0);
  });

  test.each([
    "file:///etc/passwd",
    "gopher://127.0.0.1/",
    "http://user@127.0.0.1:PORT/",
    "//user:pass@[::1]:PORT/",
    "http://example.com:25/",
    "http://[::1",
    "data:text/plain,x",
  ])("nor to %s", async (location) => {
    using first = Bun.serve({
      port: 0,
      hostname: "::1",
      fetch: () => new Response(null, { status: 307, headers: { location: at(location) } }),
    });
    const { result, hits } = await tryAt(`http://[::1]:${first.port}/`, ownServer);
    expect(result).toMatchObject({ ok: false, reason: "redirect_refused", mayHaveArrived: true });
    expect(hits).toBe(0);
  });
});

describe("the tests above can fail", () => {
  test.each(loopbackSpellings)("where the owner lets it through, %j reaches the server: %s", async (url) => {
    const { result, hits } = await tryAt(url, { allowPrivate: true });
    expect(result).toMatchObject({ ok: true, value: { status: 200 } });
    expect(hits).toBe(1);
  });

  test.each([
    "http://[::1]:PORT/",
    "http://localhost:PORT/",
    "http://name.example:PORT/",
    "http://db.internal:PORT/",
  ])("and so does %s", async (url) => {
    const { result, hits } = await tryAt(url, { allowPrivate: true, resolve: everywhereHere });
    expect(result).toMatchObject({ ok: true });
    expect(hits).toBe(1);
  });

  test("and a redirect within the server that the owner let through", async () => {
    const asked: string[] = [];
    using first = Bun.serve({
      port: 0,
      hostname: "::1",
      fetch(request) {
        const { pathname } = new URL(request.url);
        asked.push(pathname);
        return pathname === "/x"
          ? new Response("there")
          : new Response(null, { status: 302, headers: { location: "/x" } });
      },
    });
    const { result } = await tryAt(`http://[::1]:${first.port}/`, ownServer);
    expect(result).toMatchObject({ ok: true, value: { status: 200 } });
    expect(asked).toEqual(["/", "/x"]);
  });
});

describe("a name server that changes its mind", () => {
  /** 127.0.0.1 stands for a public address here, 127.0.0.2 for one that is not. */
  const policy: FetchOptions = { schemes: ["http"], allowPrivate: true, blockedCidrs: ["127.0.0.2/32"] };
  const good = { addresses: ["127.0.0.1"] };
  const bad = { addresses: ["127.0.0.2"] };

  test("is asked once for a request: what was checked is what is connected to", async () => {
    await using dns = await dnsServer({ "rebind.example": [good, bad] });
    await using hidden = await canary("127.0.0.2");
    using open = Bun.serve({ port: hidden.port, hostname: "127.0.0.1", fetch: () => new Response("public") });
    const url = `http://rebind.example:${open.port}/`;
    const first = await guardedFetch(url, { ...policy, resolve: dns.resolve });
    expect(first).toMatchObject({
      ok: true,
      value: { status: 200, bytes: new Uint8Array(Buffer.from("public")) },
    });
    expect(dns.lookups("rebind.example")).toBe(1);
    const second = await guardedFetch(url, { ...policy, resolve: dns.resolve });
    expect(second).toMatchObject({ ok: false, reason: "blocked_address" });
    expect(hidden.hits()).toBe(0);
    const control = await guardedFetch(url, { ...policy, blockedCidrs: [], resolve: dns.resolve });
    expect(control).toMatchObject({ ok: true });
    expect(hidden.hits()).toBe(1);
  });

  test("is asked again for a redirect to the same name, and judged again", async () => {
    await using dns = await dnsServer({ "rebind.example": [good, bad] });
    await using hidden = await canary("127.0.0.2");
    using open = Bun.serve({
      port: hidden.port,
      hostname: "127.0.0.1",
      fetch: () => new Response(null, { status: 302, headers: { location: "/again" } }),
    });
    const result = await guardedFetch(`http://rebind.example:${open.port}/`, {
      ...policy,
      redirects: 3,
      resolve: dns.resolve,
    });
    expect(result).toMatchObject({ ok: false, reason: "blocked_address" });
    expect(dns.lookups("rebind.example")).toBe(2);
    expect(hidden.hits()).toBe(0);
  });

  test("gains nothing by a blocked address among others, behind another name, or of the other family", async () => {
    await using dns = await dnsServer({
      "both.example": [{ addresses: ["127.0.0.1", "127.0.0.2"] }],
      "alias.example": [{ cname: "db.internal", addresses: ["10.0.0.5"] }],
      "six.example": [{ addresses: ["93.184.216.34", "::1"] }],
      "mapped.example": [{ addresses: ["::ffff:7f00:1"] }],
    });
    await using hidden = await canary();
    const reach = (name: string, options: FetchOptions) =>
      guardedFetch(`http://${name}:${hidden.port}/`, { ...options, resolve: dns.resolve });
    const blocked = { ok: false, reason: "blocked_address" };
    expect(await reach("both.example", policy)).toMatchObject(blocked);
    for (const name of ["alias.example", "six.example", "mapped.example"])
      expect(await reach(name, { schemes: ["http"] })).toMatchObject(blocked);
    expect(hidden.hits()).toBe(0);
    expect(dns.lookups("alias.example")).toBe(1);
  });

  test("or knows nothing is told as such", async () => {
    await using dns = await dnsServer({ "empty.example": [{ addresses: [] }] });
    for (const name of ["empty.example", "nobody.example"]) {
      const result = await guardedFetch(`https://${name}/`, { resolve: dns.resolve });
      expect(result).toMatchObject({ ok: false, reason: "dns_failed", isTransient: true });
    }
  });
});

test("after all of that nobody has reached the server but those who may", () => {
  const controls = loopbackSpellings.length + 4;
  expect(bird.hits()).toBe(controls);
});
