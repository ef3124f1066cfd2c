import { afterAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Crash, faultySteps, systemError } from "@carapace/files/testing";
import { CredentialStoreError } from "./error.ts";
import { CredentialIndex, storedAccounts } from "./index-file.ts";
import { openCredentialStore } from "./open.ts";
import { inTime, retried } from "./patience.ts";
import { Rest } from "./rest.ts";

const folder = mkdtempSync(join(tmpdir(), "carapace-store-"));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;
const freshDir = (): string => join(folder, String(++count));
const nowMs = (): number => 1_700_000_000_999;

describe("no store", () => {
  test.each([
    ["turned off", { CARAPACE_CREDENTIAL_STORE: "off" }, "linux" as const],
    ["turned off", { CARAPACE_CREDENTIAL_STORE: "off" }, "darwin" as const],
    ["asked for by a word nobody knows", { CARAPACE_CREDENTIAL_STORE: "vault" }, "darwin" as const],
    ["of an unknown system", {}, "sunos" as const],
  ])("%s (%p) reads as empty and takes nothing", async (_why, env, platform) => {
    const stateDir = freshDir();
    const store = await openCredentialStore({ env, platform, stateDir, nowMs });
    expect(store).toMatchObject({ kind: "none", isDurable: false });
    expect(store.why).toBeString();
    expect(await store.get("gateway:token:default")).toBeUndefined();
    expect(await store.delete("gateway:token:default")).toBe(false);
    await expect(store.set("gateway:token:default", "x")).rejects.toMatchObject({
      code: "store_unavailable",
    });
    expect(existsSync(stateDir)).toBe(false);
  });

  test("only a store its owner turned off says so", async () => {
    const open = (choice: string) =>
      openCredentialStore({ env: { CARAPACE_CREDENTIAL_STORE: choice }, stateDir: freshDir(), nowMs });
    expect((await open("off")).isTurnedOff).toBe(true);
    expect((await open("vault")).isTurnedOff).toBeUndefined();
  });
});

test.each([
  ["an account without its parts", "token", "x"],
  ["an account of 65 bytes", `a:b:${"c".repeat(61)}`, "x"],
  ["an account with other characters", "a:b:c/d", "x"],
  ["an empty value", "a:b:c", ""],
  ["a value with a NUL", "a:b:c", "x\0y"],
  ["a value of 65,537 bytes", "a:b:c", `${"ü".repeat(32_768)}x`],
])("%s is refused before any store is asked", async (_what, account, value) => {
  const env = { CARAPACE_CREDENTIAL_STORE: "off" };
  const store = await openCredentialStore({ env, stateDir: freshDir(), nowMs });
  const refusal = await store.set(account, value).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: "invalid_entry" });
  expect(String(refusal)).not.toContain(value || "nothing");
});

test.skipIf(process.platform !== "linux")(
  "a bus that hangs holds nobody for long, and nobody twice",
  async () => {
    mkdirSync(join(folder, "run"));
    const server = Bun.listen({ unix: join(folder, "run", "bus"), socket: { data: () => undefined } });
    try {
      const env = { XDG_RUNTIME_DIR: join(folder, "run") };
      const startedAt = performance.now();
      const store = await openCredentialStore({ env, stateDir: freshDir(), nowMs });
      // Where the library is missing, nobody can use the service, hanging or not.
      if (store.kind !== "secret-service") return;
      for (let index = 0; index < 5; index += 1)
        await expect(store.get("a:b:c")).rejects.toMatchObject({ code: "store_timeout" });
      expect(performance.now() - startedAt).toBeLessThan(3500);
    } finally {
      server.stop(true);
    }
  },
);

describe("patience", () => {
  const failing = (code: "store_failed" | "store_locked" | "store_timeout") => {
    const tries: number[] = [];
    const run = async (): Promise<never> => {
      tries.push(1);
      throw new CredentialStoreError(code, "no");
    };
    return { tries, run };
  };

  test("asks again after a failure that may pass, and not after any other", async () => {
    for (const [code, times] of [
      ["store_failed", 2],
      ["store_locked", 1],
      ["store_timeout", 1],
    ] as const) {
      const one = failing(code);
      await expect(retried({ attempts: 2, timeoutMs: 1 }, one.run)).rejects.toMatchObject({ code });
      expect(one.tries).toHaveLength(times);
    }
  });

  test("ends at its time, and what comes later bothers nobody", async () => {
    const late = Promise.withResolvers<string>();
    expect(await inTime(late.promise, 5)).toBe("late");
    late.reject(new Error("too late"));
    expect(await inTime(Promise.resolve("x"), 1000)).toEqual({ value: "x" });
  });

  test("a store that did not answer rests", () => {
    const rest = new Rest("it");
    rest.check();
    rest.start();
    expect(() => rest.check()).toThrow("it did not answer in time");
  });
});

describe("the index", () => {
  const fileOf = (dir: string): string => join(dir, "credentials", "index.json");

  test("has the reference's form, counts plugins' entries, and is the owner's alone", async () => {
    const dir = freshDir();
    const index = new CredentialIndex(dir, nowMs);
    await index.add("gateway:token:default");
    await index.add("plugin:mail:oauth:main");
    await index.add("plugin:mail:oauth:other");
    expect(JSON.parse(readFileSync(fileOf(dir), "utf8"))).toEqual({
      version: 1,
      entries: {
        "gateway:token:default": {
          key: { kind: "gateway", agent_id: "token", id: "default" },
          last_updated: 1_700_000_000,
        },
        "plugin:mail:oauth:main": {
          key: { kind: "plugin", agent_id: "mail", id: "oauth:main" },
          last_updated: 1_700_000_000,
        },
        "plugin:mail:oauth:other": {
          key: { kind: "plugin", agent_id: "mail", id: "oauth:other" },
          last_updated: 1_700_000_000,
        },
      },
      plugins: { "plugin:mail": { count: 2 } },
    });
    expect(statSync(fileOf(dir)).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, "credentials")).mode & 0o777).toBe(0o700);
    await index.remove("plugin:mail:oauth:main");
    expect(Object.keys(storedAccounts(dir))).toEqual(["gateway:token:default", "plugin:mail:oauth:other"]);
  });

  test("is not written to remove what is not in it", async () => {
    const dir = freshDir();
    await new CredentialIndex(dir, nowMs).remove("a:b:c");
    expect(existsSync(dir)).toBe(false);
  });

  test("keeps in its .bak what it held before", async () => {
    const dir = freshDir();
    const index = new CredentialIndex(dir, nowMs);
    await index.add("a:b:one");
    const before = readFileSync(fileOf(dir), "utf8");
    await index.add("a:b:two");
    expect(readFileSync(`${fileOf(dir)}.bak`, "utf8")).toBe(before);
  });

  test.each([["{"], ['{"version":2,"entries":{}}'], ['{"version":1,"entries":{"a:b:c":{}}}'], ["\xff"]])(
    "that is %p is put aside, and begun anew",
    async (text) => {
      const dir = freshDir();
      mkdirSync(join(dir, "credentials"), { recursive: true, mode: 0o700 });
      writeFileSync(fileOf(dir), text, { mode: 0o600 });
      expect(storedAccounts(dir)).toEqual({});
      await new CredentialIndex(dir, nowMs).add("a:b:c");
      expect(Object.keys(storedAccounts(dir))).toEqual(["a:b:c"]);
      expect(readFileSync(join(dir, "credentials", `index.corrupt.${nowMs()}`), "utf8")).toBe(text);
    },
  );

  test("many writers lose nothing", async () => {
    const dir = freshDir();
    const accounts = Array.from({ length: 12 }, (_, number) => `a:b:${number}`);
    await Promise.all(accounts.map((account) => new CredentialIndex(dir, nowMs).add(account)));
    expect(Object.keys(storedAccounts(dir)).sort()).toEqual(accounts.sort());
    expect(readdirSync(join(dir, "credentials")).sort()).toEqual([
      "index.json",
      "index.json.bak",
      "index.json.lock",
    ]);
  });

  test("is the old or the new one, whatever step of its writing fails or is the last", async () => {
    for (const code of ["crash", "ENOSPC", "EIO", "EACCES"]) {
      for (let at = 0, struck = true; struck; at += 1) {
        struck = false;
        const dir = freshDir();
        await new CredentialIndex(dir, nowMs).add("a:b:old");
        const steps = faultySteps(at, () => {
          struck = true;
          throw code === "crash" ? new Crash("died") : systemError(code);
        });
        const ended = await new CredentialIndex(dir, nowMs, steps).add("a:b:new").catch((error) => error);
        if (struck && code !== "crash") expect(ended).toBeInstanceOf(CredentialStoreError);
        const left = Object.keys(storedAccounts(dir));
        expect([["a:b:old"], ["a:b:old", "a:b:new"]]).toContainEqual(left);
        await new CredentialIndex(dir, nowMs).add("a:b:new");
        expect(Object.keys(storedAccounts(dir))).toEqual(["a:b:old", "a:b:new"]);
        for (const name of readdirSync(join(dir, "credentials")))
          expect(statSync(join(dir, "credentials", name)).mode & 0o077).toBe(0);
      }
    }
  });

  test("in place of which a link lies is refused, and what the link leads to stays", async () => {
    const dir = freshDir();
    mkdirSync(join(dir, "credentials"), { recursive: true, mode: 0o700 });
    const target = join(dir, "target");
    writeFileSync(target, "mine", { mode: 0o600 });
    chmodSync(target, 0o600);
    symlinkSync(target, fileOf(dir));
    const refusal = await new CredentialIndex(dir, nowMs).add("a:b:c").catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "store_failed" });
    expect(readFileSync(target, "utf8")).toBe("mine");
  });
});
