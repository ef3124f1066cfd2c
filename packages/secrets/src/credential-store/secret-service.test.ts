import { describe, expect, test } from "bun:test";
import { openChildStore } from "../testing/child-store.ts";
import { missingForSecretService, startSecretService } from "../testing/secret-service.ts";
import { CredentialIndex, storedAccounts } from "./index-file.ts";
import { loadSecretLibrary } from "./secret-service/library.ts";

const lacking = [
  missingForSecretService(),
  (await loadSecretLibrary()) === undefined ? "libsecret-1.so.0" : "",
]
  .filter((one) => one !== "")
  .join(", ");
const suffix = lacking === "" ? "" : ` (missing: ${lacking})`;
const account = "gateway:token:default";

describe.skipIf(lacking !== "")(`a real Secret Service${suffix}`, () => {
  test("keeps what it is given, beyond its own restart, and the index tells of it", async () => {
    await using service = await startSecretService();
    await using store = await openChildStore(service.env, service.stateDir);
    expect(store.opened).toEqual({ kind: "secret-service", isDurable: true });
    expect(await store.get(account)).toEqual({ value: null });
    const large = "ü".repeat(32_768);
    for (const value of ["one", "two with ümlauts 🦀\n", large]) {
      expect(await store.set(account, value)).toEqual({ value: null });
      expect(await store.get(account)).toEqual({ value });
    }
    expect(Object.keys(storedAccounts(service.stateDir))).toEqual([account]);
    await service.kill();
    await service.start("unlocked");
    expect(await store.get(account)).toEqual({ value: large });
    expect(await store.delete(account)).toEqual({ value: true });
    expect(await store.delete(account)).toEqual({ value: false });
    expect(storedAccounts(service.stateDir)).toEqual({});
    await new CredentialIndex(service.stateDir, Date.now).add("test:removed:elsewhere");
    expect(await store.delete("test:removed:elsewhere")).toEqual({ value: false });
    expect(storedAccounts(service.stateDir)).toEqual({});
  });

  test("locked, says so instead of looking empty, and works again once unlocked", async () => {
    await using service = await startSecretService();
    await using store = await openChildStore(service.env, service.stateDir);
    await store.set(account, "kept");
    await service.kill();
    await service.start("locked");
    await using late = await openChildStore(service.env, service.stateDir);
    expect(late.opened).toEqual({ kind: "secret-service", isDurable: true });
    for (const one of [store, late]) {
      expect(await one.get(account)).toMatchObject({ code: "store_locked" });
      expect(await one.set(account, "other")).toMatchObject({ code: "store_locked" });
      expect(await one.delete(account)).toMatchObject({ code: "store_locked" });
    }
    await service.kill();
    await service.start("unlocked");
    for (const one of [store, late]) expect(await one.get(account)).toEqual({ value: "kept" });
  });

  test("dying in the middle, is a failure and no empty store", async () => {
    await using service = await startSecretService();
    await using store = await openChildStore(service.env, service.stateDir);
    await store.set(account, "kept");
    await service.kill();
    expect(await store.get(account)).toMatchObject({ code: "store_failed" });
    expect(await store.delete(account)).toMatchObject({ code: "store_failed" });
    await service.start("unlocked");
    expect(await store.get(account)).toEqual({ value: "kept" });
  });
});
