import { expect, test } from "bun:test";
import { createSeriesRedactor } from "./series.ts";
import { makeSecrets, seededRandom } from "./testing/secrets.ts";
import { createRedactor, createStrictRedactor, redactText } from "./text.ts";
import { redactTree } from "./tree.ts";

/** Ways in which text that holds something gets into a log. */
const wrappings: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `the vendor refused ${text} today`,
  (text) => JSON.stringify({ error: { message: `bad: ${text}` } }),
  (text) => JSON.stringify({ outer: JSON.stringify({ inner: text }) }),
  (text) => `{\n  note: '${text}',\n  port: 1\n}`,
  (text) => text.replace(/(?<=^.{6})/s, "\u200b"),
];

test("a secret of every kind is found however it is written, with ten seeds", () => {
  const missed: string[] = [];
  for (let seed = 1; seed <= 10; seed += 1) {
    for (const { kind, text, cores } of makeSecrets(seed)) {
      for (const [way, wrap] of wrappings.entries()) {
        const shown = redactText(wrap(text));
        for (const core of cores) {
          // Half of it is as good as all of it.
          const half = core.slice(0, Math.ceil(core.length / 2));
          if (shown.includes(half) || shown.includes(core.slice(-half.length)))
            missed.push(`${kind} (seed ${seed}, way ${way}): ${shown}`);
        }
      }
    }
  }
  expect(missed).toEqual([]);
});

test("of random text without any name 19 in 20 are found", () => {
  const random = seededRandom(11);
  const alphabets = {
    base62: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
    base36: "abcdefghijklmnopqrstuvwxyz0123456789",
    base64url: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
    base64: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
  };
  for (const [name, alphabet] of Object.entries(alphabets)) {
    const made = Array.from({ length: 1000 }, () =>
      Array.from({ length: 43 }, () => alphabet.charAt(Math.floor(random() * alphabet.length))).join(""),
    );
    const found = made.filter((text) => !redactText(`it was ${text} then`).includes(text.slice(10, 30)));
    expect(`${name} ${found.length >= 930}`).toBe(`${name} true`);
  }
});

test("what a model was asked for stays: random text without a name, but no vendor's key", () => {
  const password = "Zk3vQx7mB9pLw2RtY8sN4cJ6hF1gD5aE";
  const clean = createRedactor();
  expect(clean(`take ${password} or ghp_${password}0123`)).toBe(`take ${password} or [REDACTED]`);
});

const harmless: readonly string[] = [
  "550e8400-e29b-41d4-a716-446655440000 and 01890a5d-ac96-774b-bcce-b302099a8057",
  "sid_1d9d385a32811be47a5bc4aa8666d33d90c643d6517868cb053c89a9288f323a",
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "commit 9b4981f579d49f74e1937b052288614f913dd22b, or short 9b4981f",
  "md5 d41d8cd98f00b204e9800998ecf8427e, D41D8CD98F00B204E9800998ECF8427E",
  "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU no comment (ED25519)",
  "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
  "agent:main:telegram:group:-1001234567890 and telegram:123456789",
  "2026-11-22T15:18:09.123Z took 1234567890123456789 ns, 0x7ffd5e8a9c40",
  "/home/user/.config/carapace/carapace.json5 and C:\\Users\\Owner\\AppData\\Roaming\\carapace",
  "/usr/local/lib/node_modules/@carapace/cli/node_modules/libsql-linux-x64-gnu/index.node",
  "/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T/carapace-gateway-x7Kp2Q/state.db-wal",
  "packages/gateway/src/connection/createRedactorForTheLogOfTheGateway.test.ts:120:45",
  "XMLHttpRequestEventTargetEventMap, getElementsByClassNameAndAttribute, HTTP2ServerResponse",
  "ECONNREFUSED CARAPACE_DEVICE_IDENTITY_STRICT gateway.controlUi.dangerouslyDisableDeviceAuth",
  "claude-sonnet-4-5-20250929, gpt-4o-mini-2024-07-18, us.anthropic.claude-3-5-sonnet-20241022-v2:0",
  "gemini-2.5-flash-preview-05-20, meta-llama/Llama-3.3-70B-Instruct-Turbo, Qwen2.5-Coder-32B-Instruct",
  "req_011CSHoEeqs5C35K2UUqR7Fy and chatcmpl-9nKpQ2vX7mR4tW8yZ1aB3cD5eF6gH",
  "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
  "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch, Muvaffakiyetsizleştiricileştiriveremeyebileceklerimizdenmişsinizcesine",
  "Привет, это обычное предложение. 今日は天気がいいですね。 هذا نص عادي. नमस्ते दुनिया, 안녕하세요 세계",
  "lentokonesuihkuturbiinimoottoriapumekaanikkoaliupseerioppilas, Nebukadnezars Überraschungsei",
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==aGVsbG8gd29ybGQgdGhpcw==",
  "192.168.100.200:18789, fe80::1ff:fe23:4567:890a, 00:1A:2B:3C:4D:5E, [2001:db8:85a3::8a2e:370:7334]:443",
  "https://example.com/articles/2026/11/22/how-to-set-up-a-gateway-in-10-minutes?page=2&sort=asc#step-3",
  "https://github.com/puremachinery/carapace/blob/3511d159/src/gateway/ws.rs#L120-L140",
  "http://localhost:4873/@carapace/cli/-/cli-0.1.0.tgz and git@github.com:a/b.git",
  "x86_64-unknown-linux-gnu aarch64-apple-darwin armv7-unknown-linux-gnueabihf wasm32-wasip2",
  "AES-256-CBC, ChaCha20-Poly1305, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, ECDHE-RSA-AES256-GCM-SHA384",
  "IBAN DE89 3704 0044 0532 0130 00, ISBN 978-3-16-148410-0, +49 30 901820, order 4711-0815-2026",
  "-----BEGIN PUBLIC KEY-----",
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
  "the Secretary of State said that tokens of appreciation keyed the password-free sign-in",
];

test.each(harmless)("what is no secret stays readable: %s", (text) => {
  expect(redactText(text)).toBe(text);
  expect(redactText(JSON.stringify({ note: text }))).toBe(JSON.stringify({ note: text }));
});

test("what is public and random stays under its name, and is hidden elsewhere", () => {
  const key = "MCowBQYDK2VwAyEAkp3Qx7vW2mZt9Rb4Yc8Nf1Lg5Hs6Jd0PqTuXwEaVnM";
  const tree = { publicKey: key, trustedKeys: [key], note: key, [key]: 1 };
  expect(redactTree(tree, [])).toEqual({
    publicKey: key,
    trustedKeys: [key],
    note: "[REDACTED]",
    "[REDACTED]": 1,
  });
});

test("a known secret is found in every form other programs write it in", () => {
  const secret = 'Zq7"\\/+ü €n&x=p';
  const clean = createRedactor([secret]);
  const bytes = Buffer.from(secret);
  const forms: Readonly<Record<string, string>> = {
    plain: secret,
    json: JSON.stringify(secret).slice(1, -1),
    "json twice": JSON.stringify(JSON.stringify(secret)).slice(3, -3),
    "json in ascii": JSON.stringify(secret)
      .slice(1, -1)
      .replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
    address: encodeURIComponent(secret),
    "address in small letters": encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase()),
    form: new URLSearchParams({ a: secret }).toString().slice(2),
    hex: bytes.toString("hex"),
    HEX: bytes.toString("hex").toUpperCase(),
  };
  for (const [name, form] of Object.entries(forms))
    expect(`${name}: ${clean(`<${form}>`)}`).toBe(`${name}: <[REDACTED]>`);
  for (const before of ["", "a", "ab", "abc", "user:"]) {
    for (const encoding of ["base64", "base64url"] as const) {
      const shown = clean(Buffer.concat([Buffer.from(before), bytes, Buffer.from("!!")]).toString(encoding));
      expect(shown).toContain("[REDACTED]");
      expect(Buffer.from(shown.replaceAll("[REDACTED]", "")).length).toBeLessThan(before.length * 2 + 8);
    }
  }
});

test("a private key told line by line is hidden from its first line to its last, others speak on", () => {
  const key = makeSecrets(3).find(({ kind }) => kind === "rsa key");
  const say = createSeriesRedactor(createStrictRedactor());
  const lines = ["before", ...(key?.text.split("\n") ?? []), "after abc"];
  expect(lines.map(say)).toEqual(["before", ...Array(5).fill("[REDACTED]"), "after abc"]);
  expect(["-----BEGIN PRIVATE KEY-----", "somebody else speaks.", "abcd"].map(say)).toEqual([
    "[REDACTED]",
    "somebody else speaks.",
    "abcd",
  ]);
});

test("who only claims to begin a key hides neither sentences nor words for ever", () => {
  const say = createSeriesRedactor(createStrictRedactor());
  say("-----BEGIN PRIVATE KEY-----");
  expect(say("connection refused")).toBe("connection refused");
  expect(say("connected")).toBe("connected");
  say("-----BEGIN PRIVATE KEY-----");
  const words = Array.from({ length: 151 }, () => say("connected"));
  expect([words[0], words[149], words[150]]).toEqual(["[REDACTED]", "[REDACTED]", "connected"]);
});

test("64 KiB are redacted in some milliseconds, whatever they are, with fifty known secrets", () => {
  const clean = createStrictRedactor(makeSecrets(5).flatMap(({ cores }) => cores));
  const random = seededRandom(7);
  const parts = [...makeSecrets(6).map(({ text }) => text), ...harmless];
  const texts = Array.from({ length: 20 }, () => {
    let text = "";
    while (text.length < 65_536) text += ` ${parts[Math.floor(random() * parts.length)]}`;
    return text;
  });
  clean(texts[0] ?? "");
  const startedMs = performance.now();
  for (const text of texts) clean(text);
  expect((performance.now() - startedMs) / texts.length).toBeLessThan(60);
});
