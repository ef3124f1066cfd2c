import { expect, test } from "bun:test";
import { certificateFor } from "../testing/index.ts";
import { type FetchOptions, guardedFetch } from "./index.ts";

const certificate = certificateFor("good.example");

/** A server that shows its certificate, on loopback, where the resolver of these tests takes every name. */
function secureServer() {
  const peers = new Set<number | undefined>();
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    tls: certificate,
    fetch(request, { requestIP }) {
      peers.add(requestIP.call(server, request)?.port);
      return new Response(request.headers.get("host"));
    },
  });
  return { port: server.port, peers, [Symbol.asyncDispose]: () => server.stop(true) };
}

const trusting: FetchOptions = {
  allowPrivate: true,
  resolve: async () => ["127.0.0.1"],
  certificateAuthorities: certificate.cert,
};

test("a server that proves its name is answered, over a connection of its own each time", async () => {
  await using server = secureServer();
  for (let n = 0; n < 3; n++) {
    const result = await guardedFetch(`https://good.example:${server.port}/`, trusting);
    if (!result.ok) throw new Error(result.say);
    expect(Buffer.from(result.value.bytes).toString()).toBe(`good.example:${server.port}`);
  }
  expect(server.peers.size).toBe(3);
});

test.each<[string, string, FetchOptions]>([
  ["another name", "bad.example", trusting],
  ["a name below its own", "www.good.example", trusting],
  ["an address", "127.0.0.1", trusting],
  [
    "nobody who is trusted",
    "good.example",
    { ...trusting, certificateAuthorities: certificateFor("good.example").cert },
  ],
])("a certificate of %s is refused before anything is sent", async (_what, host, options) => {
  await using server = secureServer();
  const result = await guardedFetch(`https://${host}:${server.port}/`, options);
  expect(result).toMatchObject({ ok: false, reason: "tls_failed", mayHaveArrived: false });
  expect(server.peers.size).toBe(0);
});

test("https that is none is refused", async () => {
  using plain = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("plain") });
  const result = await guardedFetch(`https://good.example:${plain.port}/`, trusting);
  expect(result).toMatchObject({ ok: false, mayHaveArrived: false });
});

test("what the environment says of proxies and certificates does not count", async () => {
  await using server = secureServer();
  using plain = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("direct") });
  let proxied = 0;
  using proxy = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => {
      proxied += 1;
      return new Response("proxied");
    },
  });
  const asked = { plain: plain.port, secure: server.port, cert: certificate.cert };
  const child = Bun.spawn({
    cmd: [
      process.execPath,
      new URL("../testing/fetch-with-environment.ts", import.meta.url).pathname,
      JSON.stringify(asked),
    ],
    env: {
      ...Object.fromEntries(
        ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"].map((name) => [
          name,
          `http://127.0.0.1:${proxy.port}`,
        ]),
      ),
      NODE_USE_ENV_PROXY: "1",
      NODE_TLS_REJECT_UNAUTHORIZED: "0",
    },
    stderr: "ignore",
  });
  expect(JSON.parse(await child.stdout.text())).toEqual({
    plain: "direct",
    secure: `good.example:${server.port}`,
    unproven: "tls_failed",
    bare: "proxied",
  });
  expect(proxied).toBe(1);
});
