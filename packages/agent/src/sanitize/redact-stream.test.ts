import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createStreamRedactor } from "./redact-stream.ts";

const known = [
  ...["horses are b4tteries", "correct horse battery", "s3cr3t-of-the-owner", 'quoted"secret\\here'],
  ...['quoted"secret my key', "päss the wörd"],
];

const secrets: readonly (readonly [text: string, secret: string])[] = [
  ["the key is sk-ant-api03-abcdefghijklmnop, keep it", "abcdefghijklmnop"],
  ["use sk-proj-Abc123def456ghi789 for that", "Abc123def456ghi789"],
  ["Authorization: Bearer abcdefghijklmnopqrstu and more", "abcdefghijklmnopqrstu"],
  ["Cookie: session=abc def ghi; theme=dark rest\nnext line", "def ghi"],
  ['{"password": "several words in it", "a": 1}', "several words"],
  ["at https://owner:passw0rdLong@example.org/x it is", "passw0rdLong"],
  ["token: abcdefghijklmnopqrst done", "abcdefghijklmnopqrst"],
  ["a JWT eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dBjftJeZ4CVP end", "eyJzdWIiOiIxMjM0NTY3"],
  ["key EsTj 3yST y93F SLpB jJsz eAHa yPnb Kx2u 7VwQ mN4r Tt6y Zk9p ok", "jJsz eAHa"],
  ["-----BEGIN RSA PRIVATE KEY-----\nMIIEabc def\nghi jkl\n-----END RSA PRIVATE KEY-----\nafter", "ghi jkl"],
  ["say correct horse battery twice", "horse battery"],
  ["say horses are b4tteries: twice", "re b4tter"],
  ["say s3cr3t-of-the-owner twice", "of-the-owner"],
  ['say {"a":"quoted\\"secret\\\\here"} twice', "secret\\\\here"],
  ["say correct%20horse%20battery twice", "horse%20battery"],
  ['say {\\"a\\":\\"quoted\\\\\\"secret my key\\"} twice', "secret my"],
  ["say \\u0070\\u00e4ss p\\u00e4ss the w\\u00f6rd twice", "u00e4ss the w"],
  [`say ${Buffer.from("correct horse battery").toString("base64")} twice`, "JlY3QgaG9yc2Ug"],
  [`say ${Buffer.from("correct horse battery").toString("hex")} twice`, "6563742068"],
  ["say s3cr3t-\u200bof-the\u200b-owner twice", "of-the\u200b-owner"],
  ["say correct\u00a0horse bat\u200btery twice", "horse bat"],
  ["密码是sk-proj-Abc123def456ghi789，别说", "Abc123def456ghi789"],
];

function streamed(pieces: readonly string[]): string {
  const redactor = createStreamRedactor(known);
  return pieces.map((piece) => redactor.take(piece)).join("") + redactor.flush();
}

describe("a secret never goes out, whatever the pieces it comes in:", () => {
  test.each(secrets)("%s", (text, secret) => {
    const whole = streamed([text]);
    expect(whole).toContain("[REDACTED]");
    expect(whole).not.toContain(secret);
    for (let at = 1; at < text.length; at += 1) {
      const cut = streamed([text.slice(0, at), text.slice(at)]);
      expect(cut).toContain("[REDACTED]");
      expect(cut).not.toContain(secret.slice(4, 12));
    }
    const single = streamed([...text]);
    expect(single).toContain("[REDACTED]");
    expect(single).not.toContain(secret.slice(4, 12));
    expect(single.endsWith(whole.slice(-5))).toBe(true);
  });

  test("in prose of any length around it", () => {
    for (const before of [0, 1010, 1500]) {
      for (const [text, secret] of secrets) {
        const long = `${"some words go first. ".repeat(150).slice(0, before)} ${text} ${"and more. ".repeat(150)}`;
        const pieces = long.match(/[\s\S]{1,7}/g) ?? [];
        const shown = streamed(pieces);
        expect(shown).not.toContain(secret.slice(4, 12));
        expect(shown.endsWith("and more. ")).toBe(true);
      }
    }
  });
});

test("no piece of a known secret goes out, with any text around it, any cuts, and hidden characters in it", () => {
  const prose = fc.constantFrom(
    "word ",
    "Hi, ",
    "a=1 ",
    "你好",
    "\n",
    "❤️ ",
    "the horse ",
    '"x": "y", ',
    "sk ",
    "12:30 ",
  );
  const hiding = fc.constantFrom("", "", "", "", "\u200b", "\u00ad", "\u0001", "\ufe0f");
  const spelt = fc.constantFrom(...known).chain((secret) =>
    fc.array(hiding, { minLength: secret.length, maxLength: secret.length }).map((hidden) => ({
      secret,
      text: [...secret].map((character, index) => character + (hidden[index] ?? "")).join(""),
    })),
  );
  const around = fc.array(prose, { maxLength: 200 }).map((words) => words.join(""));
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });
  const holds = (
    before: string,
    { secret, text }: { secret: string; text: string },
    after: string,
    cuts: number[],
  ) => {
    const shown = streamed(pieces(`${before} ${text} ${after}`, cuts)).replace(
      /\u200b|\u00ad|\u0001|\ufe0f/g,
      "",
    );
    return (
      !shown.includes(secret.slice(-10)) &&
      !shown.includes(secret.slice(0, 8)) &&
      shown.includes("[REDACTED]")
    );
  };
  fc.assert(fc.property(around, spelt, around, sizes, holds), { seed: 20_261_122, numRuns: 300 });
});

function pieces(text: string, sizes: readonly number[]): string[] {
  const cut: string[] = [];
  for (let at = 0, turn = 0; at < text.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    cut.push(text.slice(at, at + size));
    at += size;
  }
  return cut;
}

test("a value that goes on for thousands of characters stays hidden to its end, and what follows is shown", () => {
  const value = "many words of a value ".repeat(900);
  const pieces = `He said {"password": "${value}"} and left.`.match(/[\s\S]{1,97}/g) ?? [];
  expect(streamed(pieces)).toBe('He said {"password": "[REDACTED]"} and left.');
});

describe("text without a secret", () => {
  const texts = [
    "Hello there! I'm fine; it's 12:30 — see https://example.org/a?b=c for more.\n\n- one\n- two\n```ts\nconst a = 1;\n```",
    "你好！这是没有空格的中文句子，它不应该等到最后才出现。",
    "می‌خواهم 👨‍👩‍👧 ❤️ naïve façade",
    "that this with time have been like more than word they know",
  ];
  test.each(texts)("comes out as it is: %s", (text) => {
    for (let at = 0; at < text.length; at += 1)
      expect(streamed([text.slice(0, at), text.slice(at)])).toBe(text);
    expect(streamed([...text])).toBe(text);
  });

  test("is shown at once, but for a word at most", () => {
    const redactor = createStreamRedactor(known);
    expect(redactor.take("Hel")).toBe("Hel");
    expect(redactor.take("lo")).toBe("lo");
    expect(redactor.take(" there, you")).toBe(" there, you");
    expect(redactor.take("'re")).toBe("");
    expect(redactor.take(" right")).toBe("'re right");
    expect(redactor.take("你好，这是中文")).toBe("你好，这是中文");
  });

  test("a beginning of a secret that turns out to be none is shown", () => {
    const redactor = createStreamRedactor(known);
    expect(redactor.take("it is correct hor")).toBe("it is ");
    expect(redactor.take("ror that")).toBe("correct horror that");
  });
});

test("a word without an end does not cost more and more for each of its characters", () => {
  const redactor = createStreamRedactor(known);
  let looks = 0;
  let shown = 0;
  for (let count = 0; count < 20_000; count += 1) {
    const text = redactor.take("a");
    if (text !== "") looks += 1;
    shown += text.length;
  }
  expect(looks).toBeLessThan(200);
  expect(shown + redactor.flush().length).toBe(20_000);
});
