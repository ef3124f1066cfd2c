import { expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { type ConfigStore, Secret } from "@carapace/config";
import { temporaryState } from "@carapace/state/testing";
import { createSenderKey, senderId } from "./sender.ts";

test("a sender's id is the HMAC of its address below the contract's tag; nobody's is unknown", () => {
  const hex = createHmac("sha256", "key").update("hooks-sender-scope-v1203.0.113.9").digest("hex");
  expect(senderId("key", "203.0.113.9")).toBe(`sender_${hex}`);
  expect(senderId("key", "203.0.113.9")).toHaveLength(71);
  expect(senderId("key", " ")).toBe("unknown");
});

interface Given {
  readonly env?: Record<string, string>;
  readonly auth?: { readonly token?: Secret; readonly password?: Secret };
  readonly token?: Secret;
}

function configOf({ env = {}, auth = {}, token }: Given) {
  const current = () => ({
    config: { gateway: { auth, hooks: { token } } },
    lookup: (name: string) => env[name],
  });
  // The only parts of a configuration that are looked at.
  return { current } as unknown as Pick<ConfigStore, "current">;
}

test("the key is the server's secret, else a token or password of the gateway, else the hooks token", async () => {
  await using temporary = await temporaryState();
  const keyOf = async (given: Given) => {
    const world = { env: given.env ?? {}, newId: () => "never" };
    return await createSenderKey({ config: configOf(given), settings: temporary.state.settings, world })();
  };
  const all = { auth: { token: new Secret("t"), password: new Secret("p") }, token: new Secret("h") };
  expect(await keyOf({ ...all, env: { CARAPACE_SERVER_SECRET: "s" } })).toBe("s");
  expect(await keyOf({ ...all, env: { CARAPACE_GATEWAY_TOKEN: "e" } })).toBe("e");
  expect(await keyOf(all)).toBe("t");
  expect(await keyOf({ ...all, auth: { password: new Secret("p") } })).toBe("p");
  expect(await keyOf({ token: new Secret("h") })).toBe("h");
});

test("without any of them this installation makes a random key once, and keeps it", async () => {
  await using temporary = await temporaryState();
  const { settings } = temporary.state;
  let made = 0;
  const world = { env: {}, newId: () => `id-${++made}` };
  const open = () => createSenderKey({ config: configOf({}), settings, world });
  const first = open();
  expect(await Promise.all([first(), first()])).toEqual(["id-1id-2", "id-1id-2"]);
  expect(await open()()).toBe("id-1id-2");
});
