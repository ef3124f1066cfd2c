import { describe, expect, test } from "bun:test";
import { fetchMedia, fileNameOf } from "./media.ts";

const { signal } = new AbortController();
const here = { maxBytes: 1024, addresses: { allowPrivate: true }, signal };

function serve(answer: (path: string) => Response) {
  return Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: ({ url }) => answer(new URL(url).pathname) });
}

describe("media", () => {
  test("comes with its name and type", async () => {
    using server = serve(
      () => new Response("FILE", { headers: { "content-type": "Text/Plain; charset=x" } }),
    );
    const media = await fetchMedia(`http://127.0.0.1:${server.port}/a/b%20c.txt?d=e`, here);
    if (!media.ok) throw new Error(media.error);
    expect(media.value).toMatchObject({ fileName: "b_c.txt", mimeType: "text/plain" });
    expect(Buffer.from(media.value.bytes).toString()).toBe("FILE");
  });

  test("is not fetched from this machine unless the owner's settings say so", async () => {
    let hits = 0;
    using server = serve(() => {
      hits++;
      return new Response("x");
    });
    const refused = await fetchMedia(`http://127.0.0.1:${server.port}/`, { maxBytes: 1024, signal });
    expect(refused).toMatchObject({ ok: false, retryability: { kind: "terminal" } });
    expect(hits).toBe(0);
  });

  test.each([
    ["x".repeat(1025), "terminal"],
    ["x".repeat(1024), undefined],
  ])("is refused if it is larger than what may be sent (%#)", async (body, kind) => {
    using server = serve(() => new Response(body));
    const media = await fetchMedia(`http://127.0.0.1:${server.port}/`, here);
    expect(media.ok ? undefined : media.retryability.kind).toBe(kind as "terminal");
    if (!media.ok) expect(media.error).toContain("larger than");
  });

  test.each([
    [404, "terminal"],
    [403, "terminal"],
    [429, "transient"],
    [500, "transient"],
    [503, "transient"],
  ])("that its server answers %i for is a %s failure", async (status, kind) => {
    using server = serve(() => new Response("no", { status }));
    const media = await fetchMedia(`http://127.0.0.1:${server.port}/`, here);
    expect(media.ok ? undefined : media.retryability.kind).toBe(kind as "terminal");
    if (!media.ok) expect(media.error).not.toContain("127.0.0.1");
  });

  test.each(["media:abc", "file:///etc/passwd", "/etc/passwd", "data:text/plain,x", ""])(
    "of %p is not fetched",
    async (url) => {
      const refused = await fetchMedia(url, here);
      expect(refused).toMatchObject({ ok: false, retryability: { kind: "terminal" } });
    },
  );
});

test.each([
  ["https://e.org/a/photo.png", "photo.png"],
  ["https://e.org/a/", "attachment"],
  ["https://e.org", "attachment"],
  ["https://e.org/%22%0d%0aX: y.png", "X_y.png"],
  ["https://e.org/..%2f..%2fetc%2fpasswd", "etc_passwd"],
  ["https://e.org/.htaccess", "htaccess"],
  ["https://e.org/%E4%BD%A0.png", "png"],
  ["https://e.org/%zz.png", "zz.png"],
  [`https://e.org/${"a".repeat(300)}.png`, `${"a".repeat(96)}.png`],
  ["no url", "attachment"],
])("the file of %s is called %s", (url, name) => {
  expect(fileNameOf(url)).toBe(name);
});
