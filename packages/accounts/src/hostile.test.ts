import { expect, test } from "bun:test";
import { Secret } from "@carapace/config";
import fc from "fast-check";
import { parseProfiles, profilesText } from "./profile-file/parse.ts";
import { readPaste, readReturn } from "./sign-in/answer.ts";
import { claimsOf, openaiWho, openidWho } from "./sign-in/claims.ts";

const state = "codex-cli-7d9b7e3c-0000-4000-8000-000000000000";
const settings = { seed: 20_261_122, numRuns: 500 };
const place = { path: "auth_profiles.json", isSealing: true };

test("nothing that a browser or a person brings is taken for an answer without the state, or breaks anything", () => {
  const part = fc.oneof(
    fc.constantFrom("code", "state", "error", "=", "&", "#", "?", "%", state),
    fc.string(),
  );
  const text = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, (pasted) => {
      const read = readPaste(pasted, state);
      if (read.ok && "code" in read.value) expect(read.value.code).toMatch(/^[\x21-\x7e]{1,4096}$/);
      if (URL.canParse(pasted) && !pasted.includes(state))
        expect(read.ok && "error" in read.value).toBe(false);
      const returned = readReturn(new URLSearchParams(pasted), state);
      if (!pasted.includes(state)) expect(returned.kind).toBe("foreign");
    }),
    settings,
  );
});

test("whatever stands in the file, it is refused or comes back as it was", () => {
  const profile = fc.record(
    {
      id: fc.string(),
      name: fc.string(),
      provider: fc.constantFrom("openai", "google", "x"),
      created_at_ms: fc.double(),
      tokens: fc.oneof(fc.jsonValue(), fc.record({ access_token: fc.string(), later: fc.jsonValue() })),
      token: fc.oneof(fc.constant(null), fc.string()),
    },
    { requiredKeys: [] },
  );
  const file = fc.oneof(
    fc.json(),
    fc
      .record({ version: fc.constantFrom(1, 2), profiles: fc.array(fc.oneof(profile, fc.jsonValue())) })
      .map((one) => JSON.stringify(one)),
  );
  fc.assert(
    fc.property(file, (text) => {
      const read = parseProfiles(Buffer.from(text), place);
      if (!read.ok) return;
      const written = JSON.parse(Buffer.from(profilesText(read.value)).toString());
      expect(written.profiles).toEqual(JSON.parse(text).profiles);
    }),
    settings,
  );
});

test("bytes that are no text, and tokens that are no JWT, break nothing; names are plain text", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.string(), fc.jsonValue(), (bytes, text, claims) => {
      parseProfiles(bytes, place);
      claimsOf(new Secret(text));
      const body = Buffer.from(JSON.stringify(claims)).toString("base64url");
      const who = openaiWho(new Secret(`x.${body}.y`), new Secret(text));
      const other = openidWho({ sub: claims, email: text, name: `\u202e${text}\x1b[2J` });
      for (const name of [who.email, who.displayName, other.email, other.displayName])
        expect(name ?? "").not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }),
    settings,
  );
});
