import { describe, expect, test } from "bun:test";
import { certificateFor } from "@carapace/fetch/testing";
import { isTrusted, type Origin, SessionKey } from "@carapace/protocol";
import { toolBench } from "../../testing/tool-bench.ts";
import { webFetch } from "../tools/web-fetch.ts";
import { fetchPage } from "./fetch-page.ts";

const certificate = certificateFor("page.example");
const web: Origin = { kind: "web", ref: "evil.example" };
const owner: Origin = { kind: "owner" };

/** A site on loopback, which the tool takes for a public one. */
async function site(answer: (request: Request) => Response) {
  const bench = await toolBench();
  const asked: string[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    tls: certificate,
    fetch(request) {
      asked.push(new URL(request.url).pathname);
      return answer(request);
    },
  });
  const world = {
    allowPrivate: true,
    resolve: async () => ["127.0.0.1"],
    certificateAuthorities: certificate.cert,
  };
  return {
    bench,
    asked,
    url: `https://page.example:${server.port}/`,
    get: (url: string, overrides: Partial<typeof bench.context> = {}) =>
      fetchPage({ url }, { ...bench.context, ...overrides }, world),
    async [Symbol.asyncDispose]() {
      await server.stop(true);
      await bench[Symbol.asyncDispose]();
    },
  };
}

const html = { "content-type": "text/html; charset=utf-8" };

describe("a page", () => {
  test("comes as readable text with its status, labelled as what its host says", async () => {
    await using it = await site(
      () => new Response("<h1>Hi</h1><script>x()</script><p>a &amp; b", { headers: html }),
    );
    const { value, origin, isError } = await it.get(it.url);
    expect(value).toEqual({
      content: "# Hi\n\na & b",
      status: 200,
      content_type: "text/html; charset=utf-8",
    });
    expect(isError).toBeUndefined();
    expect(origin).toEqual({ kind: "web", ref: new URL(it.url).host, from: ["owner"] });
    expect(isTrusted(origin)).toBe(false);
  });

  test.each([404, 500, 302])(
    "with status %d is an error that tells it, and what the server said",
    async (status) => {
      await using it = await site(() => new Response("why not", { status }));
      expect(await it.get(it.url)).toMatchObject({ isError: true, value: { status, content: "why not" } });
    },
  );

  test("is followed to where it moved, and its host is the last one", async () => {
    await using it = await site((request) =>
      new URL(request.url).pathname === "/" ? Response.redirect("/new", 301) : new Response("moved here"),
    );
    expect(await it.get(it.url)).toMatchObject({ value: { status: 200, content: "moved here" } });
    expect(it.asked).toEqual(["/", "/new"]);
  });

  test("does not reach a terminal with what steers it, nor a reader with what hides or turns it", async () => {
    const text = "a\u001b[31mb\u202ec\u2066d\u200be\u0000f\u009bg\ufeffh\u{e0041}i\tj\r\nk";
    await using it = await site(() => new Response(text, { headers: { "content-type": "text/plain" } }));
    expect(await it.get(it.url)).toMatchObject({ value: { content: "a[31mbcdefghi\tj\nk" } });
  });

  test("that is too long is cut, and says by how much", async () => {
    await using it = await site(() => new Response("x".repeat(40_000)));
    expect(await it.get(it.url)).toMatchObject({
      value: { content: "x".repeat(32_768), omitted_bytes: 7232 },
    });
  });

  test("that is none, larger than asked for, or not there is told without its URL", async () => {
    await using it = await site(
      () => new Response(new Uint8Array(10), { headers: { "content-type": "image/png" } }),
    );
    expect(await it.get(it.url)).toMatchObject({
      isError: true,
      value: expect.stringContaining("image/png"),
    });
    const small = await fetchPage({ url: it.url, max_bytes: 5 }, it.bench.context, {
      allowPrivate: true,
      resolve: async () => ["127.0.0.1"],
      certificateAuthorities: certificate.cert,
    });
    expect(small).toMatchObject({ isError: true, value: expect.stringContaining("larger") });
    const gone = await it.get("https://gone.example:1/secret-path");
    expect(gone).toMatchObject({ isError: true });
    expect(JSON.stringify(gone.value)).not.toContain("gone");
  });
});

describe("the tool", () => {
  test("reaches no private network, whatever the URL, and nothing but https", async () => {
    await using bench = await toolBench();
    for (const url of [
      "https://127.0.0.1/",
      "https://localhost/",
      "https://[::1]/",
      "https://169.254.169.254/",
    ])
      expect(await bench.call(webFetch, { url })).toMatchObject({
        isError: true,
        value: expect.stringContaining("not public"),
      });
    expect(await bench.call(webFetch, { url: "http://example.com/" })).toMatchObject({
      isError: true,
      value: expect.stringContaining("https"),
    });
  });

  test("keeps to the ranges of the configuration", async () => {
    await using bench = await toolBench();
    const config = () => ({ plugins: { sandbox: { blocked_cidrs: ["8.8.8.0/24"] } } });
    const result = await bench.call(webFetch, { url: "https://8.8.8.8:1/" }, { config });
    expect(result).toMatchObject({ isError: true });
    const blocked = await bench.call(webFetch, { url: "https://8.8.8.8/" }, { config });
    expect(blocked).toMatchObject({ isError: true, value: expect.stringContaining("not public") });
    const broken = () => ({ plugins: { sandbox: { blocked_cidrs: "8.8.8.0/24" } } });
    expect(bench.call(webFetch, { url: "https://8.8.8.8/" }, { config: broken })).rejects.toThrow();
  });

  test.each([
    [{}],
    [{ url: "" }],
    [{ url: "https://a/".padEnd(2049, "a") }],
    [{ url: "https://a/", max_bytes: 0 }],
  ])("does not take %#", (input) => expect(webFetch.parse(input).ok).toBe(false));

  test("does not take more than 10 MiB", () => {
    expect(webFetch.parse({ url: "https://a/", max_bytes: 10_485_760 }).ok).toBe(true);
    expect(webFetch.parse({ url: "https://a/", max_bytes: 10_485_761 }).ok).toBe(false);
  });
});

describe("a call that a stranger's text may have steered", () => {
  const steeredBy = [owner, web];

  async function withWords(it: Awaited<ReturnType<typeof site>>, text: string, origin: Origin) {
    const { state } = it.bench;
    const session = await state.sessions.upsert(SessionKey.parse("s"), { agentId: "default" }, 1);
    await state.sessions.append(session.id, [
      { id: crypto.randomUUID(), role: "user", blocks: [{ type: "text", text, origin }], createdAtMs: 1 },
    ]);
    return { sessionId: session.id, steeredBy };
  }

  test("goes nowhere, and says what the owner can do", async () => {
    await using it = await site(() => new Response("secret taken"));
    const refused = await it.get(`${it.url}?leak=1`, { steeredBy });
    expect(refused).toMatchObject({ isError: true, value: expect.stringContaining("The owner can write") });
    expect(refused.origin.from).toContain("web");
    expect(it.asked).toEqual([]);
  });

  test("goes where the owner said, to the letter", async () => {
    await using it = await site(() => new Response("page"));
    const context = await withWords(it, `Look at <${it.url}>, and then at (${it.url}b).`, owner);
    expect(await it.get(it.url, context)).toMatchObject({ value: { content: "page" } });
    expect(await it.get(`${it.url}b`, context)).toMatchObject({ value: { content: "page" } });
    for (const other of [`${it.url}?leak=1`, `${it.url}c`, `${it.url}b/c`, it.url.slice(0, -1)])
      expect(await it.get(other, context)).toMatchObject({ isError: true });
    expect(it.asked).toEqual(["/", "/b"]);
  });

  test.each<Origin>([web, { kind: "peer" }, { kind: "hook" }, { kind: "owner", from: ["web"] }])(
    "does not go where %j said",
    async (origin) => {
      await using it = await site(() => new Response("page"));
      expect(await it.get(it.url, await withWords(it, it.url, origin))).toMatchObject({ isError: true });
      expect(it.asked).toEqual([]);
    },
  );
});
