import { describe, expect, test } from "bun:test";
import { checkUrl, maxUrlBytes } from "./check-url.ts";

describe("a URL", () => {
  test.each([
    ["https://example.com/", "example.com", 443, false],
    ["https://EXAMPLE.com:8443/a?b#c", "example.com", 8443, false],
    ["https://b\u00FCcher.example/", "xn--bcher-kva.example", 443, false],
    ["https://fa\u00DF.de/", "xn--fa-hia.de", 443, false],
    ["https://a_b.example/", "a_b.example", 443, false],
    ["https://8.8.8.8/", "8.8.8.8", 443, true],
    ["https://134744072/", "8.8.8.8", 443, true],
    ["https://[2606:4700::1111]/", "2606:4700::1111", 443, true],
    ["https://notlocalhost/", "notlocalhost", 443, false],
    ["https://localhost.example/", "localhost.example", 443, false],
    ["https://metadata.example/", "metadata.example", 443, false],
    ["https://internal.example/", "internal.example", 443, false],
  ])("%s may be asked for", (url, host, port, isAddress) => {
    expect(checkUrl(url)).toMatchObject({ ok: true, value: { host, port, isAddress, isSecure: true } });
  });

  test("is https unless a caller says otherwise", () => {
    expect(checkUrl("http://example.com/")).toMatchObject({ ok: false, reason: "protocol_not_allowed" });
    expect(checkUrl("http://example.com/", { schemes: ["http", "https"] })).toMatchObject({
      ok: true,
      value: { port: 80, isSecure: false },
    });
    expect(checkUrl("https://example.com/", { schemes: ["http"] })).toMatchObject({ ok: false });
  });

  test("has at most 2048 bytes", () => {
    const url = (bytes: number) => "https://example.com/".padEnd(bytes, "a");
    expect(checkUrl(url(maxUrlBytes)).ok).toBe(true);
    expect(checkUrl(url(maxUrlBytes + 1))).toMatchObject({ ok: false, reason: "url_too_long" });
    expect(checkUrl(`https://example.com/${"\u00FC".repeat(1020)}`)).toMatchObject({
      reason: "url_too_long",
    });
  });

  test("of a name longer than DNS has is refused", () =>
    expect(checkUrl(`https://${"a.".repeat(130)}example/`).ok).toBe(false));

  test("of the owner's own may lead to this machine, but not to metadata", () => {
    const own = { schemes: ["http"], allowPrivate: true } as const;
    for (const url of ["http://localhost:11434/", "http://127.0.0.1/", "http://[::1]/", "http://nas.local/"])
      expect(checkUrl(url, own).ok).toBe(true);
    for (const url of ["http://metadata.google.internal/", "http://169.254.169.254/", "http://localhost./"])
      expect(checkUrl(url, own)).toMatchObject({ ok: false, reason: "blocked_address" });
  });
});
