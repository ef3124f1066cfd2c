import { expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { Secret } from "@carapace/config";
import fc from "fast-check";
import { isMac, macOf } from "./mac.ts";
import { type MappingAuth, verifySignature } from "./verify.ts";

const nowMs = 1_700_000_000_000;
const now = nowMs / 1000;

interface Sent {
  readonly auth: Partial<Omit<MappingAuth, "secret">> & { readonly kind: MappingAuth["kind"] };
  readonly secret?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly atMs?: number;
}

function verdict({ auth, secret, headers, body, atMs = nowMs }: Sent): string {
  const whole = { ...auth, ...(secret === undefined ? {} : { secret: new Secret(secret) }) };
  const call = { headers: new Headers(headers), bytes: Buffer.from(body), nowMs: atMs };
  const judged = verifySignature(whole as MappingAuth, call);
  return judged.ok ? "ok" : judged.reason;
}

const wrong = "the signature does not fit the secret and the body";

// docs.github.com, "Validating webhook deliveries": its test values.
const github: Sent = {
  auth: { kind: "github" },
  secret: "It's a Secret to Everybody",
  headers: {
    "X-Hub-Signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
  },
  body: "Hello, World!",
};

test("GitHub's own example is right, and nothing near it", () => {
  expect(verdict(github)).toBe("ok");
  expect(verdict({ ...github, body: "Hello, World" })).toBe(wrong);
  expect(verdict({ ...github, secret: "it's a Secret to Everybody" })).toBe(wrong);
  expect(verdict({ ...github, headers: {} })).toContain("is missing");
  const [, hex = ""] = (github.headers["X-Hub-Signature-256"] ?? "").split("=");
  for (const header of [
    hex,
    `sha1=${hex}`,
    `sha256=${hex}00`,
    `sha256=${hex.slice(2)}`,
    "sha256=",
    `sha256= ${hex}`,
  ])
    expect(verdict({ ...github, headers: { "X-Hub-Signature-256": header } })).toBe(wrong);
});

test("a mapping without a secret hears nobody", () => {
  const { secret: _secret, ...without } = github;
  expect(verdict(without)).toBe("its mapping has no secret yet");
  expect(verdict({ ...github, auth: { kind: undefined } })).toBe("its mapping does not say how it is signed");
});

function stripe(fields: string, body = '{"id":"evt_1"}', atMs = nowMs): Sent {
  const headers = { "Stripe-Signature": fields };
  return { auth: { kind: "stripe" }, secret: "whsec_test_secret", headers, body, atMs };
}
const stripeMac = (time: number, body = '{"id":"evt_1"}') =>
  createHmac("sha256", "whsec_test_secret").update(`${time}.${body}`).digest("hex");

test("Stripe's signature is over time and body; any of several will do while a secret is rolled", () => {
  // Made with: printf '1700000000.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_test_secret
  expect(stripeMac(now)).toBe("248a374f50f943a28b0f6ab50faf9a7e7e29b710fa26df9fb1618b9bf8ea9c9a");
  expect(verdict(stripe(`t=${now},v1=${stripeMac(now)}`))).toBe("ok");
  expect(verdict(stripe(`t=${now}, v1=${"0".repeat(64)}, v1=${stripeMac(now)}, v0=abc`))).toBe("ok");
  expect(verdict(stripe(`t=${now},v0=${stripeMac(now)}`))).toBe(wrong);
  expect(verdict(stripe(`t=${now},v1=${stripeMac(now)}`, '{"id":"evt_2"}'))).toBe(wrong);
  expect(verdict(stripe(`t=${now - 1},v1=${stripeMac(now)}`))).toBe(wrong);
  expect(verdict(stripe(`t=${now},t=${now},v1=${stripeMac(now)}`))).toContain("no time");
  expect(verdict(stripe(`v1=${stripeMac(now)}`))).toContain("no time");
});

test("one that was signed too long ago, or in the future, is refused", () => {
  const fields = `t=${now},v1=${stripeMac(now)}`;
  expect(verdict(stripe(fields, undefined, nowMs + 300_000))).toBe("ok");
  expect(verdict(stripe(fields, undefined, nowMs + 301_000))).toContain("300 seconds");
  expect(verdict(stripe(fields, undefined, nowMs - 301_000))).toContain("300 seconds");
  const patient = {
    ...stripe(fields, undefined, nowMs + 900_000),
    auth: { kind: "stripe", toleranceSeconds: 1000 },
  } as const;
  expect(verdict(patient)).toBe("ok");
});

// api.slack.com, "Verifying requests from Slack": its example.
const slack: Sent = {
  auth: {
    ...{ kind: "hmac", header: "X-Slack-Signature", prefix: "v0=" },
    ...{ timestampHeader: "X-Slack-Request-Timestamp", signed: "v0:{timestamp}:{body}" },
  },
  secret: "8f742231b10e8888abcd99yyyzzz85a5",
  headers: {
    "X-Slack-Signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
    "X-Slack-Request-Timestamp": "1531420618",
  },
  body:
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar" +
    "&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com" +
    "%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
  atMs: 1_531_420_618_000,
};

test("Slack's own example is right with the generic scheme, and its time counts", () => {
  expect(verdict(slack)).toBe("ok");
  expect(verdict({ ...slack, atMs: nowMs })).toContain("300 seconds");
  expect(
    verdict({ ...slack, headers: { ...slack.headers, "X-Slack-Request-Timestamp": "1531420619" } }),
  ).toBe(wrong);
  expect(
    verdict({ ...slack, headers: { "X-Slack-Signature": slack.headers["X-Slack-Signature"] ?? "" } }),
  ).toContain("no time");
});

test("RFC 4231, case 2: the MAC itself, in hex and base64", () => {
  const mac = macOf("Jefe", ["what do ya want ", "for nothing?"]);
  expect(mac.toString("hex")).toBe("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  expect(isMac(mac.toString("base64"), mac, "base64")).toBe(true);
  expect(isMac(mac.toString("base64").replace("=", ""), mac, "base64")).toBe(true);
  expect(isMac(`${mac.toString("base64")} `, mac, "base64")).toBe(false);
});

test("a scheme that leaves the body or the time out proves nothing", () => {
  const hmac = { ...slack.auth, kind: "hmac" } as const;
  const say = "what is signed is not configured rightly";
  for (const signed of ["v0:{timestamp}", "{body}", "{body}{timestamp}{body}"])
    expect(verdict({ ...slack, auth: { ...hmac, signed } })).toBe(say);
  expect(verdict({ ...slack, auth: { ...hmac, header: "no header name\n" } })).toContain("is missing");
});

test("whatever a stranger sends, only the one MAC is right and nothing throws", () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ unit: "binary" }), (header, body) => {
      const printable = header.replace(/[^\x20-\x7e]/g, "?");
      for (const kind of ["github", "stripe"] as const) {
        const headers = { "X-Hub-Signature-256": printable, "Stripe-Signature": printable };
        expect(verdict({ auth: { kind }, secret: "s", headers, body })).not.toBe("ok");
      }
    }),
    { seed: 4, numRuns: 300 },
  );
});
