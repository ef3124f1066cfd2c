import { expect, test } from "bun:test";
import { canary } from "../../testing/index.ts";
import { guardedFetch } from "../index.ts";
import { checkUrl, type Target } from "../url/check-url.ts";
import { allowedAddresses, type Resolve, systemResolve } from "./resolve.ts";

function target(url: string): Target {
  const checked = checkUrl(url, { allowPrivate: true });
  if (!checked.ok) throw new Error(checked.say);
  return checked.value;
}

const ask = (resolve: Resolve, signal = new AbortController().signal) =>
  allowedAddresses(target("https://name.example/"), { policy: {}, resolve, signal });

test("the system's resolver knows this machine, which is reached only where that is allowed", async () => {
  for (const address of await systemResolve("localhost")) expect(["127.0.0.1", "::1"]).toContain(address);
  await using here = await canary();
  const url = `http://localhost:${here.port}/`;
  const options = { schemes: ["http"] } as const;
  expect(await guardedFetch(url, options)).toMatchObject({ ok: false, reason: "blocked_address" });
  expect(here.hits()).toBe(0);
  expect(await guardedFetch(url, { ...options, allowPrivate: true })).toMatchObject({ ok: true });
  expect(here.hits()).toBe(1);
});

test("an address is not looked up", async () => {
  const signal = new AbortController().signal;
  const resolve = () => Promise.reject(new Error("asked"));
  const found = await allowedAddresses(target("https://8.8.8.8/"), { policy: {}, resolve, signal });
  expect(found).toEqual({ ok: true, value: ["8.8.8.8"] });
});

test("addresses stay in the order of the resolver", async () => {
  const found = await ask(async () => ["2606:4700::1111", "1.1.1.1"]);
  expect(found).toMatchObject({ ok: true, value: ["2606:4700::1111", "1.1.1.1"] });
});

test.each<[string, Resolve]>([
  ["fails", () => Promise.reject(new Error("ENOTFOUND name.example"))],
  ["finds nothing", async () => []],
  ["finds more than a name has", async () => Array<string>(65).fill("1.1.1.1")],
])("a resolver that %s is a failed look-up, told without the name", async (_what, resolve) => {
  const refused = await ask(resolve);
  expect(refused).toMatchObject({ ok: false, reason: "dns_failed", isTransient: true });
  expect(JSON.stringify(refused)).not.toContain("name.example");
});

test("a look-up is not waited for once the request is called off", async () => {
  const caller = new AbortController();
  const asking = ask(() => new Promise(() => {}), caller.signal);
  caller.abort();
  expect(await asking).toMatchObject({ ok: false });
});
