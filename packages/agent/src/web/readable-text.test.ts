import { expect, test } from "bun:test";
import { decodeText, isText } from "./page-text.ts";
import { readableText } from "./readable-text.ts";

const read = (html: string) => readableText(html, "https://a.example/dir/page");

test.each([
  ["<title>T</title><h2>H</h2><p>one\n   two</p>", "T\n\n## H\n\none two"],
  ["<ul><li>a<li>b</ul>", "- a\n- b"],
  ['<a href="../x?y=1&amp;z=2">link</a>', "[link](https://a.example/x?y=1&z=2)"],
  ['<a href="javascript:alert(1)">x</a> <a href="#top">y</a>', "x y"],
  ["<table><tr><td>1<td>2</tr><tr><td>3<td>4</tr></table>", "1 | 2\n3 | 4"],
  ["a<br>b<hr>c", "a\nb\n\n---\n\nc"],
  ["&lt;b&gt; &#x41;&#66; &nosuch; &constructor; &#0;", "<b> AB &nosuch; &constructor; \ufffd"],
  ['<img alt="a cat" src=x>', "[a cat]"],
  ["<!doctype html><!-- note --><p>seen", "seen"],
  ["<script>no()</script><style>no{}</style><noscript>no</noscript><template>no</template>yes", "yes"],
  ['<p hidden>no</p><div style="color:red;display:none">no</div><b aria-hidden=true>no</b>yes', "yes"],
  ["<head><meta name=a content=b><title>T</title></head><body>B</body>", "T\n\nB"],
  ["<p>x</p><pre>a\nb</pre>", "x\n\na\nb"],
  ["", ""],
  ["just text < and > more", "just text < and > more"],
  ["<p>open <b>and <i>crossed</b></i> tags</div>", "open and crossed tags"],
])("%j reads as %j", (html, text) => expect(read(html)).toBe(text));

test("a script's end tag in its own text does not let it out", () =>
  expect(read("<script>'<b>no</b>'</script><p>yes")).toBe("yes"));

test("large scripts do not push the text of a page out of it", () => {
  const script = `<SCRIPT>${"x".repeat(500_000)}</Script >`;
  expect(read(`<head>${script}</head>${script}<p>text${"<svg/>x</svg>".repeat(2)}`)).toBe("text");
});

test("a page made to be slow is no slower than its size", () => {
  for (const piece of ["<td>", "<p>x", "<a href=x>", "</a", "&", "|", "<script>", "<svg></svg>", "<pre>\n"]) {
    const startedMs = performance.now();
    read(`${piece.repeat(2_000_000 / piece.length)}z`);
    expect(performance.now() - startedMs).toBeLessThan(5000);
  }
});

test("what nests deep, or never closes, still reads", () => {
  expect(read(`${"<div>".repeat(20_000)}deep`)).toBe("deep");
  expect(read(`${"<a href=x>".repeat(2000)}z`)).toContain("z");
  expect(read("<p>text<script>never closed")).toBe("text");
});

test.each([
  ["text/html", true],
  ["text/plain; charset=x", true],
  ["", true],
  ["application/json", true],
  ["application/ld+json", true],
  ["image/svg+xml", true],
  ["application/atom+xml; charset=utf-8", true],
  ["image/png", false],
  ["application/pdf", false],
  ["application/octet-stream", false],
  ["video/mp4", false],
])("%j is text: %p", (type, expected) => expect(isText(type)).toBe(expected));

test("bytes are read in the encoding they come in, and in UTF-8 where that is unknown", () => {
  expect(decodeText(Uint8Array.of(0xfc), "text/html; charset=ISO-8859-1")).toBe("\u00fc");
  expect(decodeText(Buffer.from("\u00fc"), "text/html; charset=nonsense")).toBe("\u00fc");
  expect(decodeText(Uint8Array.of(0xff, 0x41), "text/html")).toBe("\ufffdA");
});
