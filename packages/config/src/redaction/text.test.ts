import { expect, test } from "bun:test";
import fc from "fast-check";
import { capLines, createRedactor, redactText } from "./text.ts";

const vendors: readonly string[] = [
  "sk-abcdefghijklmnopqrstuvwx",
  "sk-ant-api03-AbC_d-efghij1234",
  "sk-proj-abcdefghij12",
  "sk-proj-****************6789",
  "key-0123456789",
  "sk_live_abcdefghij0123456789",
  "xoxb-1234567890-abcdefghij",
  "xoxa-2-abcdefghij",
  "xapp-1-A0123456789-abcdef",
  "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
  "gho_abcdefghijklmnopqrstuvwxyz0123456789",
  "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz",
  "glpat-abcdefghij0123456789",
  "AIzaSyA1234567890abcdefghijklmnopqrstuv",
  "ya29.a0AfB_byC1234567890abcdef",
  "AKIAABCDEFGHIJKLMNOP",
  "ASIAABCDEFGHIJKLMNOP",
  "hf_abcdefghijklmnopqrstuvwx",
  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
  "123456789:AAabcdefghijklmnopqrstuvwxyz0123456",
  "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcdE.abcdefghijklmnopqrstuvwxyz0123456789",
  "EsTb c3dE fgHj KmNp QrSt UvWx Yz12 3456 789A BCDE FGHJ KLM",
  "-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----",
  "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk",
];

test.each(vendors)("the secret %j is found in prose, in JSON and in an assignment", (secret) => {
  expect(redactText(secret)).toBe("[REDACTED]");
  const wrapped = [`got "${secret}", gone`, `x=${secret}\n`, JSON.stringify({ note: secret })];
  for (const text of wrapped) expect(redactText(text)).not.toContain(secret.slice(4, 16));
});

test.each([
  ["Authorization: Bearer abc.def was refused", "Authorization: Bearer [REDACTED] was refused"],
  ['{"authorization":"Bearer abc"}', '{"authorization":"Bearer [REDACTED]"}'],
  ['{\\"authorization\\":\\"abc\\"}', '{\\"authorization\\":\\"[REDACTED]\\"}'],
  ["proxy-authorization: abc def, x", "proxy-authorization: [REDACTED], x"],
  ["got Bearer abcdefghijkl.mno", "got Bearer [REDACTED]"],
  ["got basic dXNlcjpwYXNz", "got basic [REDACTED]"],
  ["x-api-key: abc123 was refused", "x-api-key: [REDACTED] was refused"],
  ['{"x-goog-api-key": "abc"}', '{"x-goog-api-key": "[REDACTED]"}'],
  ["Cookie: session=abc; theme=dark", "Cookie: [REDACTED]"],
  [`token=${"a".repeat(32)} end`, "token=[REDACTED] end"],
  [`myKey=${"a".repeat(32)}&b=1`, "myKey=[REDACTED]&b=1"],
  ["the API key: abcdefghij012345 and", "the API key: [REDACTED] and"],
  ["client_secret: 0123456789abcdef", "client_secret: [REDACTED]"],
  ["DB_PASSWORD=hunter2 x", "DB_PASSWORD=[REDACTED] x"],
  [`{"botToken":"x'y","a":1}`, `{"botToken":"[REDACTED]","a":1}`],
  [`{'db.password': 'a b"c'}`, `{'db.password': '[REDACTED]'}`],
  ["https://user:pass@host/path", "https://[REDACTED]@host/path"],
  ["https://api.test/v1?a=1&key=abcdefgh#x", "https://api.test/v1?a=1&key=[REDACTED]#x"],
  ["https://matrix.org/_matrix/client/x?access_token=1 .", "[REDACTED-MATRIX-URL] ."],
  ["https://hooks.slack.com/services/T0/B0/abc", "https://hooks.slack.com/services/[REDACTED]"],
  [
    "https://api.telegram.org/bot123456:AAabcdefghijklmnopqrstuvwxyz01234/getMe",
    "https://api.telegram.org/bot[REDACTED]/getMe",
  ],
])("%j reads %j", (text, shown) => expect(redactText(text)).toBe(shown));

test.each([
  "the task-list of risk-free things, a key-value-pair and a keyboard",
  "send it as a bearer token, or with basic authentication",
  "unknown key: gateway.controlUi.allowInsecureAuth; sessionKey: agent:main:main",
  "telegram:123456789:550e8400-e29b-41d4-a716-446655440000",
  "run agent:main:main took 12:34:56 with 123456:short",
  "the password: was not accepted; the token is missing, set --token <token>",
  "see https://example.com/path?page=2 and user@example.com",
  "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----",
  '{"maxTokens":5,"tokenCount":"7"}',
])("harmless text stays: %j", (text) => expect(redactText(text)).toBe(text));

test.each([
  ["sk-ant-\u200bapi03-abcdefghijkl", "[REDACTED]"],
  ["sk-ant-api03-abcdefghijkl\u00a0mnopqrstuv", "[REDACTED]"],
  ["the\u200bsk-proj-abcdefghij12\u202e", "the[REDACTED]"],
  ["a\u{e0041}\u3000AKIAABCD\u{e0041}EFGHIJKLMNOP b", "a [REDACTED] b"],
  ["pass\u00adword=hun\u200bter2", "password=[REDACTED]"],
])("a hidden character neither splits a secret nor hides its beginning: %#", (text, shown) => {
  expect(redactText(text)).toBe(shown);
});

test("known secrets are masked wherever they occur, whatever they look like", () => {
  const known = ["correct horse", 'p"w/ö-12345', "odd\u00a0one\u200b!", "correct horse battery"];
  expect(redactText("a correct horse battery, a correct horse!", { known })).toBe(
    "a [REDACTED], a [REDACTED]!",
  );
  expect(redactText(JSON.stringify({ x: 'p"w/ö-12345' }), { known })).toBe('{"x":"[REDACTED]"}');
  expect(redactText(`?x=${encodeURIComponent('p"w/ö-12345')}&`, { known })).toBe("?x=[REDACTED]&");
  expect(redactText("an odd\u00a0one\u200b! here, a cor\u200brect horse", { known })).toBe(
    "an [REDACTED] here, a [REDACTED]",
  );
});

test("a short known secret counts as a word only, a very short one not at all", () => {
  const redactor = createRedactor(["hunter2", "abc", " "]);
  expect(redactor("hunter2! hunter23 xhunter2 hunter2")).toBe("[REDACTED]! hunter23 xhunter2 [REDACTED]");
  expect(redactor("abc")).toBe("abc");
});

test("redacting twice changes nothing, and what comes out is clean", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      ...vendors,
      "authorization: ",
      "Bearer ",
      "cookie: a=",
      "token=",
      '"secret": "',
      "://",
      "@",
    ),
    fc.string({ unit: "binary", maxLength: 12 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const once = redactText(pieces.join(" "));
      expect(redactText(once)).toBe(once);
      expect(once).not.toMatch(/[\u0000-\u0008\u200b-\u200f\u202a-\u202e]/);
    }),
    { seed: 7, numRuns: 500 },
  );
});

test("a line of over 8192 bytes is replaced, the others stay", () => {
  expect(capLines(`a\n${"ö".repeat(4097)}\n${"b".repeat(8192)}`)).toBe(
    `a\n[REDACTED_LOG_LINE_TOO_LONG]\n${"b".repeat(8192)}`,
  );
});

const hostile: readonly string[] = [
  "key=a",
  "x-x-api-key",
  "123456:aaaaaaaa-aaaa-",
  "sk-",
  "-eyJaaaaaaaa",
  "eyJ.",
  "http://",
  "://a",
  "authorization: ",
  'authorization"',
  "-----BEGIN PRIVATE KEY",
  "-----BEGIN PRIVATE KEY-----",
  "-----END ",
  "cookie:",
  "abcd ",
  "1234567890:",
  '"token',
  "'password'",
  "bearer\t",
  "basic a",
  "a.",
  "aaaaaaaaaaaaaaaaaaaaaaaa.bbbbbb.",
  "xox",
  "key-",
  "password=",
  "0",
  " ",
  '\\"',
  "\u200b",
  "a\u00a0",
  "aws",
  "aws key",
  "aws_secret=",
  "://a:b",
  "accountkey=",
  "&sig=",
  "Ab1/",
  "aB3dE5gH7jK9",
  "SK0123456789abcdef",
  "1//0",
];

test.each(hostile)("a line of 1 MB made of %j is redacted in no time", (part) => {
  const text = part.repeat(Math.ceil(1_000_000 / part.length));
  const startedMs = performance.now();
  redactText(text, { known: ["aaaaaaaab", "::::::::;"] });
  expect(performance.now() - startedMs).toBeLessThan(2000);
});

test("no two of them together are slow either", () => {
  for (const first of hostile) {
    for (const second of hostile) {
      const text = (first + second).repeat(Math.ceil(20_000 / (first.length + second.length)));
      const startedMs = performance.now();
      redactText(text);
      const tookMs = performance.now() - startedMs;
      if (tookMs > 500) throw new Error(`${JSON.stringify([first, second])} took ${tookMs} ms`);
    }
  }
});
