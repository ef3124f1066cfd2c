import { expect, test } from "bun:test";
import { Secret } from "@carapace/config";
import { ok, refuse } from "@carapace/protocol";
import { anthropicError, anthropicReply, startVendorServer } from "../../testing/index.ts";
import { callDepsOf, collect, quickDeps, settingsOf, textOfEvents } from "../../testing/providers.ts";
import { createAnthropicProvider } from "./anthropic-provider.ts";
import type { FreshToken } from "./credential.ts";
import { createProviders } from "./index.ts";

const planted = `sk-ant-oat01-${"p".repeat(80)}`;

async function startAnthropic(
  token: FreshToken = async () => ok({ profileId: "anthropic:default", accessToken: new Secret(planted) }),
) {
  const server = await startVendorServer();
  const names = { id: "anthropic", label: "Anthropic", keyName: "the sign-in", urlName: "x" } as const;
  const vendor = { ...names, isLocal: true, secrets: [] };
  const settings = { vendor, baseUrl: server.origin, credential: { kind: "token", token } } as const;
  const provider = createAnthropicProvider(settings, callDepsOf(quickDeps()));
  const proofs = () =>
    server.requests.map(({ headers }) =>
      [
        headers["authorization"] === `Bearer ${planted}` ? "bearer" : "",
        headers["x-api-key"] === planted ? "key" : "",
        headers["anthropic-beta"]?.includes("oauth-2025-04-20") ? "beta" : "",
      ].join(""),
    );
  return { server, provider, proofs, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const hello = anthropicReply({ blocks: [{ type: "text", deltas: ["hello"] }] });
const refusal = anthropicError(401, {
  type: "authentication_error",
  message: "OAuth authentication is currently not supported.",
});

test("a setup token goes out as a bearer with the OAuth beta, and never as a key beside it", async () => {
  await using anthropic = await startAnthropic();
  anthropic.server.reply(hello);
  expect(textOfEvents(await collect(anthropic.provider))).toBe("hello");
  expect(anthropic.proofs()).toEqual(["bearerbeta"]);
});

test("one that is refused so goes out as a key, once, and what worked is remembered", async () => {
  await using anthropic = await startAnthropic();
  anthropic.server.reply(refusal, hello, hello);
  expect(textOfEvents(await collect(anthropic.provider))).toBe("hello");
  expect(textOfEvents(await collect(anthropic.provider))).toBe("hello");
  expect(anthropic.proofs()).toEqual(["bearerbeta", "key", "key"]);
});

test("one that is refused both ways is told once, without the token, and the first way stays", async () => {
  await using anthropic = await startAnthropic();
  anthropic.server.reply(
    refusal,
    anthropicError(401, { type: "authentication_error", message: `bad ${planted}` }),
    refusal,
    refusal,
  );
  const events = await collect(anthropic.provider);
  expect(events).toMatchObject([{ kind: "failed", failure: { code: "auth" } }]);
  expect(JSON.stringify(events)).not.toContain(planted);
  await collect(anthropic.provider);
  expect(anthropic.proofs()).toEqual(["bearerbeta", "key", "bearerbeta", "key"]);
});

test("another failure than 401 is no reason to send it the other way", async () => {
  await using anthropic = await startAnthropic();
  anthropic.server.reply(anthropicError(400, { type: "invalid_request_error", message: "Error" }));
  expect(await collect(anthropic.provider)).toMatchObject([{ kind: "failed" }]);
  expect(anthropic.proofs()).toEqual(["bearerbeta"]);
});

test("without a token the call says what to do", async () => {
  await using anthropic = await startAnthropic(async () => refuse("unauthorized", "Sign in anew."));
  expect(await collect(anthropic.provider)).toEqual([
    { kind: "failed", failure: { code: "auth", say: "Sign in anew." } },
  ]);
  expect(anthropic.server.requests).toHaveLength(0);
});

test.each(["anthropic", "google"])(
  "with a key and a sign-in of %s the key is used, and that is told",
  (section) => {
    const config = { [section]: { apiKey: "sk-ant-api03-x", authProfile: "one" } };
    const set = createProviders(settingsOf({ config, env: { CARAPACE_CONFIG_PASSWORD: "x" } }), quickDeps());
    expect(set.ok && set.value.warnings).toEqual([expect.stringContaining("the API key of")]);
  },
);
