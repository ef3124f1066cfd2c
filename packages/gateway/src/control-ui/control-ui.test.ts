import { expect, test } from "bun:test";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { startTestGateway } from "../testing/index.ts";
import { fillPage } from "./index-page.ts";

const index = `<html><head><meta name="b" content="__CARAPACE_CONTROL_UI_BASE_PATH__">
<meta name="n" content="__CARAPACE_ASSISTANT_NAME__"><meta name="c" content="__CARAPACE_CSRF_COOKIE__"></head></html>`;

async function served(config: Readonly<Record<string, unknown>> = {}) {
  const gateway = await startTestGateway({
    config: { gateway: { controlUi: { enabled: true, path: "page", ...config } } },
    async prepare(dir) {
      await mkdir(join(dir, "page", "assets"), { recursive: true });
      await mkdir(join(dir, "agents", "main"), { recursive: true });
      const write = (path: string, content: string | Uint8Array) => writeFile(join(dir, path), content);
      await write("page/index.html", index);
      await write("page/assets/main-3fa9c1d2.js", "export {};");
      await write("page/assets/plain.js", "1;");
      await write("page/assets/plain.js.br", brotliCompressSync("1;"));
      await write("secret.txt", "a secret");
      await symlink(join(dir, "secret.txt"), join(dir, "page", "assets", "link.txt"));
      await symlink("plain.js", join(dir, "page", "assets", "inner.js"));
      await symlink(join(dir, "secret.txt"), join(dir, "agents", "main", "avatar.png"));
    },
  });
  const base = `http://127.0.0.1:${gateway.gateway.port}`;
  const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
    fetch(base + path, { headers, redirect: "manual", decompress: false });
  return { gateway, get };
}

test("the page has a strict policy, its cookies, and a base that relative paths begin at", async () => {
  const { gateway, get } = await served({ basePath: "/control/" });
  await using _gateway = gateway;
  expect((await get("/control")).headers.get("location")).toBe("/control/");
  const answer = await get("/control/a/deep/path");
  const html = await answer.text();
  expect(html).toContain('<base href="/control/">');
  expect(html).toContain('name="b" content="/control"');
  expect(html).toContain('name="c" content="csrf"');
  const policy = answer.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toContain("unsafe");
  const cookies = answer.headers.getSetCookie();
  expect(cookies).toHaveLength(2);
  expect(cookies.every((cookie) => cookie.includes("SameSite=Strict"))).toBe(true);
});

test("a file is sent once: its tag is known, and one named by its hash is kept", async () => {
  const { gateway, get } = await served();
  await using _gateway = gateway;
  const first = await get("/ui/assets/plain.js");
  expect(first.headers.get("cache-control")).toBe("no-cache");
  const etag = first.headers.get("etag") ?? "";
  expect((await get("/ui/assets/plain.js", { "If-None-Match": etag })).status).toBe(304);
  const hashed = await get("/ui/assets/main-3fa9c1d2.js");
  expect(hashed.headers.get("cache-control")).toContain("immutable");
});

test("who takes brotli gets the compressed file that lies beside it", async () => {
  const { gateway, get } = await served();
  await using _gateway = gateway;
  const answer = await get("/ui/assets/plain.js", { "Accept-Encoding": "gzip, br" });
  expect(answer.headers.get("content-encoding")).toBe("br");
  expect(answer.headers.get("content-type")).toBe("application/javascript; charset=utf-8");
  expect(
    (await get("/ui/assets/plain.js", { "Accept-Encoding": "identity" })).headers.has("content-encoding"),
  ).toBe(false);
});

test.each([
  "/ui/assets/gone.js",
  "/ui/assets/link.txt",
  "/ui/..%2fsecret.txt",
  "/ui/assets/..%2f..%2f..%2fsecret.txt",
  "/ui/__carapace_avatar__/main",
  "/ui/__carapace_avatar__/..%2fmain",
])("%s is not there, and tells no secret", async (path) => {
  const { gateway, get } = await served();
  await using _gateway = gateway;
  const answer = await get(path);
  expect(answer.status).toBe(404);
  expect(await answer.text()).not.toContain("a secret");
});

test("a link inside of the page's folder is followed", async () => {
  const { gateway, get } = await served();
  await using _gateway = gateway;
  expect(await (await get("/ui/assets/inner.js")).text()).toBe("1;");
});

test("what stands in for a placeholder is escaped, and is not looked at again", () => {
  const filled = fillPage('<head><meta content="__CARAPACE_ASSISTANT_NAME__"></head>', {
    basePath: "/ui",
    assistantName: '"><script>__CARAPACE_CSRF_COOKIE__',
    assistantAvatar: "",
    csrfCookie: "csrf",
    csrfHeader: "x-csrf-token",
  });
  expect(filled).toContain("&quot;&gt;&lt;script&gt;__CARAPACE_CSRF_COOKIE__");
});
