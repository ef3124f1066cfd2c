import { expect, test } from "bun:test";
import { temporaryState } from "@carapace/state/testing";
import { createMediaInbox, type MediaInboxDeps } from "./inbox.ts";
import { pictureKind } from "./picture-kind.ts";

const png = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(100)]);
const jpeg = Buffer.concat([Buffer.from("\xff\xd8\xff\xe0", "latin1"), Buffer.alloc(100)]);
const gif = Buffer.from("GIF89a and more bytes");
const webp = Buffer.from("RIFF\x10\x00\x00\x00WEBPVP8 ");
const page = Buffer.from("<html><script>alert(1)</script></html>");

async function bench(overrides: Partial<MediaInboxDeps> = {}) {
  const at = await temporaryState();
  const inbox = createMediaInbox({
    media: at.state.media,
    nowMs: () => 1000,
    freeBytes: async () => 1e12,
    addresses: () => ({}),
    ...overrides,
  });
  return { at, inbox, [Symbol.asyncDispose]: () => at[Symbol.asyncDispose]() };
}

test.each<[string | undefined, Uint8Array]>([
  ["image/png", png],
  ["image/jpeg", jpeg],
  ["image/gif", gif],
  ["image/webp", webp],
  [undefined, page],
  [undefined, Buffer.from("RIFF\x10\x00\x00\x00WAVEfmt ")],
  [undefined, Buffer.from("GIF88a")],
  [undefined, Buffer.alloc(0)],
])("a file is %p by its first bytes alone", (mime, bytes) =>
  expect<string | undefined>(pictureKind(bytes)).toBe(mime),
);

test("a picture is kept for an hour, as what it is and not as what it is called", async () => {
  await using it = await bench();
  const kept = await it.inbox.keep(png, { accept: "picture", mime: "image/gif", name: "a.gif" });
  expect(kept).toMatchObject({
    ok: true,
    value: { mime: "image/png", name: "a.gif", sizeBytes: png.length, expiresAtMs: 3_601_000 },
  });
});

test("what calls itself a picture and is none is refused, and nothing is stored", async () => {
  await using it = await bench();
  const refused = await it.inbox.keep(page, { accept: "picture", mime: "image/png" });
  expect(refused).toMatchObject({ ok: false, code: "invalid_request", say: expect.stringContaining("PNG") });
  expect(await it.at.state.media.list()).toEqual([]);
});

test("another file keeps its type, but never one of a picture", async () => {
  await using it = await bench();
  const kept = await it.inbox.keep(page, { accept: "any", mime: "Text/HTML; charset=utf-8" });
  expect(kept).toMatchObject({ ok: true, value: { mime: "text/html" } });
  const other = await it.inbox.keep(Buffer.from("x"), { accept: "any", mime: "image/svg+xml" });
  expect(other).toMatchObject({ ok: true, value: { mime: "application/octet-stream" } });
  expect(await it.inbox.keep(Buffer.from("y"), { accept: "any", mime: "rubbish" })).toMatchObject({
    value: { mime: "application/octet-stream" },
  });
});

test("a file that is too large is refused in its middle, and nothing is stored", async () => {
  await using it = await bench();
  async function* endless() {
    yield png;
    for (;;) yield Buffer.alloc(1000);
  }
  const refused = await it.inbox.keep(endless(), { accept: "any", maxBytes: 10_000 });
  expect(refused).toMatchObject({ ok: false, code: "invalid_request" });
  expect(await it.at.state.media.list()).toEqual([]);
});

test("with less than 100 MiB free nothing is taken, and nothing is asked for", async () => {
  await using it = await bench({ freeBytes: async () => 100 * 1024 * 1024 - 1 });
  const full = { ok: false, code: "unavailable", say: expect.stringContaining("100 MiB") };
  expect(await it.inbox.keep(png, { accept: "picture" })).toMatchObject(full);
  expect(await it.inbox.fetch("https://example.com/a.png", { accept: "picture" })).toMatchObject(full);
});

test("a URL that leads into a private network is refused", async () => {
  await using it = await bench({ world: { resolve: async () => ["10.0.0.1"] } });
  for (const url of [
    "https://pictures.example/a.png",
    "https://127.0.0.1/a.png",
    "http://example.com/a.png",
  ]) {
    const refused = await it.inbox.fetch(url, { accept: "picture" });
    expect(refused).toMatchObject({ ok: false });
    expect(JSON.stringify(refused)).not.toContain("a.png");
  }
});
