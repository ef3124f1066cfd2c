import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryStore } from "@carapace/secrets/testing";
import { startTestGateway } from "../testing/index.ts";
import { storeRestored } from "./restored-credentials.ts";

/** A state directory whose restore died before it stored the credentials. */
function restored(content = '{"gateway:token:default":"the-restored-token"}') {
  const stateDir = mkdtempSync(join(tmpdir(), "carapace-restored-"));
  const file = join(stateDir, "restored-credentials.json");
  writeFileSync(file, content, { mode: 0o600 });
  const warnings: string[] = [];
  const warn = (message: string): void => void warnings.push(message);
  return {
    ...{ stateDir, file, warnings, warn },
    [Symbol.dispose]: () => rmSync(stateDir, { recursive: true }),
  };
}

test("what a restore left goes into the credential store, once", async () => {
  using at = restored();
  const store = memoryStore();
  let opened = 0;
  const openStore = async () => {
    opened += 1;
    return store;
  };
  for (let start = 0; start < 2; start += 1) await storeRestored({ ...at, openStore });
  expect(store.held.get("gateway:token:default")).toBe("the-restored-token");
  expect(existsSync(at.file)).toBe(false);
  expect(opened).toBe(1);
  expect(at.warnings).toEqual([]);
});

test.each(["store_locked", "store_unavailable"] as const)(
  "a store that refuses with %s gets it at a later start, and no secret is told",
  async (failure) => {
    using at = restored();
    const store = memoryStore();
    store.failure = failure;
    await storeRestored({ ...at, openStore: async () => store });
    expect(at.warnings.join()).toContain("gateway:token:default is not in the credential store");
    expect(at.warnings.join()).not.toContain("the-restored-token");
    store.failure = undefined;
    await storeRestored({ ...at, openStore: async () => store });
    expect(store.held.get("gateway:token:default")).toBe("the-restored-token");
  },
);

test("what cannot be read is told, and stays", async () => {
  using at = restored("not json");
  await storeRestored({ ...at, openStore: async () => memoryStore() });
  expect(at.warnings.join()).toContain("restored-credentials.json");
  expect(readFileSync(at.file, "utf8")).toBe("not json");
});

test("a gateway starts where nothing can be stored, and leaves it for the next start", async () => {
  using at = restored();
  await using _gateway = await startTestGateway({ stateDir: at.stateDir });
  expect(readFileSync(at.file, "utf8")).toContain("the-restored-token");
});
