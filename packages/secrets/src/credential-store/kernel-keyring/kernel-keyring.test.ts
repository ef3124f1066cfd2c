import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { openKernelKeyring } from "./kernel-keyring.ts";

const opened = await openKernelKeyring();
const suffix = "why" in opened ? ` (missing: ${opened.why})` : "";
const account = `test:${process.pid}:${crypto.randomUUID().slice(0, 8)}`;

describe.skipIf("why" in opened)(`the kernel's keyring${suffix}`, () => {
  const keyring = "calls" in opened ? opened.calls : undefined;
  if (keyring === undefined) return;
  afterAll(() => keyring.delete(account));

  test("keeps a value under the reference's description until it is deleted", async () => {
    expect(await keyring.get(account)).toBeUndefined();
    for (const value of ["one", "two with ümlauts 🦀", "x".repeat(5000), "short again"]) {
      await keyring.set(account, value);
      expect(await keyring.get(account)).toBe(value);
    }
    if (existsSync("/proc/keys"))
      expect(readFileSync("/proc/keys", "utf8")).toContain(`keyring-rs:${account}@carapace`);
    expect(await keyring.delete(account)).toBe(true);
    expect(await keyring.delete(account)).toBe(false);
    expect(await keyring.get(account)).toBeUndefined();
  });

  test("is found by another opening of it", async () => {
    await keyring.set(account, "shared");
    const again = await openKernelKeyring();
    expect("calls" in again && (await again.calls.get(account))).toBe("shared");
  });

  test("refuses what the kernel does not take, and keeps what was there", async () => {
    await keyring.set(account, "kept");
    await expect(keyring.set(account, "x".repeat(32_768))).rejects.toMatchObject({ code: "invalid_entry" });
    expect(await keyring.get(account)).toBe("kept");
  });
});
