import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Crash, faultySteps, systemError } from "@carapace/files/testing";
import { type MemoryStore, memoryStore } from "@carapace/secrets/testing";
import { keptIdentity } from "./device-identity.ts";
import { type IdentityPlaces, openDeviceIdentity } from "./open-identity.ts";

const folder = mkdtempSync(join(tmpdir(), "identity-"));
afterAll(() => rmSync(folder, { recursive: true }));

const account = "device:cli:identity";
const stored = keptIdentity(new Uint8Array(32).fill(1)).stored;
const other = keptIdentity(new Uint8Array(32).fill(2)).stored;
let count = 0;
let path = "";
let warnings: string[] = [];
let store: MemoryStore;
beforeEach(() => {
  count += 1;
  path = join(folder, String(count), "device-identity.json");
  warnings = [];
  store = memoryStore();
});

function open(more: Partial<IdentityPlaces> = {}): ReturnType<typeof openDeviceIdentity> {
  return openDeviceIdentity({ path, store, isStrict: false, warn: (line) => warnings.push(line), ...more });
}

async function opened(more?: Partial<IdentityPlaces>): Promise<string> {
  const result = await open(more);
  if (!result.ok) throw new Error(result.say);
  return result.value.deviceId;
}

function inFile(text: string = JSON.stringify(stored), mode = 0o600): void {
  execFileSync("mkdir", ["-p", "-m", "700", dirname(path)]);
  writeFileSync(path, text, { mode });
  chmodSync(path, mode);
}

const fileId = (): unknown => JSON.parse(readFileSync(path, "utf8")).device_id;
const storeId = (): unknown => JSON.parse(store.held.get(account) ?? "{}").device_id;

describe("with a durable store", () => {
  test("a new identity is kept in the store alone, as compact JSON with the reference's keys", async () => {
    const id = await opened();
    const text = store.held.get(account) ?? "";
    expect(text).toBe(JSON.stringify(JSON.parse(text)));
    expect(Object.keys(JSON.parse(text))).toEqual(["device_id", "public_key", "secret_key"]);
    expect(existsSync(path)).toBe(false);
    expect(await opened()).toBe(id);
    expect(warnings).toEqual([]);
  });

  test("the identity of a file moves into the store, and the file goes", async () => {
    inFile();
    expect(await opened()).toBe(stored.device_id);
    expect(storeId()).toBe(stored.device_id);
    expect(existsSync(path)).toBe(false);
  });

  test("the identity of the store counts, and a leftover file with the same one goes", async () => {
    store.held.set(account, JSON.stringify(stored));
    inFile();
    expect(await opened()).toBe(stored.device_id);
    expect(existsSync(path)).toBe(false);
  });

  test("a file with another identity, which may be used where no store is to be had, stays", async () => {
    store.held.set(account, JSON.stringify(stored));
    inFile(JSON.stringify(other));
    expect(await opened()).toBe(stored.device_id);
    expect(fileId()).toBe(other.device_id);
  });

  test.each([
    ["is no JSON", "{"],
    ["has another's id", JSON.stringify({ ...stored, device_id: other.device_id })],
  ])("what the store holds and %s is refused and left alone", async (_what, text) => {
    store.held.set(account, text);
    const refused = await open();
    expect(refused).toMatchObject({ ok: false, code: "invalid_request" });
    expect(refused.ok ? "" : refused.say).toContain("cara secrets rm device:cli:identity");
    expect(JSON.stringify(refused)).not.toContain(stored.secret_key);
    expect(store.held.get(account)).toBe(text);
  });

  test("many at once agree on one identity", async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => opened()));
    expect(new Set(all).size).toBe(1);
    expect(storeId()).toBe(all[0]);
  });

  test.each(["store_locked", "store_denied", "store_timeout", "store_failed"] as const)(
    "one that answers %s leaves the key in the file, with a warning",
    async (failure) => {
      store.failure = failure;
      const id = await opened();
      expect(fileId()).toBe(id);
      expect(warnings.join()).toContain(path);
      expect(await opened()).toBe(id);
      store.failure = undefined;
      expect(await opened()).toBe(id);
      expect(existsSync(path)).toBe(false);
    },
  );

  test("one that takes nothing leaves the file as it is", async () => {
    inFile();
    store.before = (call) => {
      store.failure = call === "set" ? "store_full" : undefined;
    };
    expect(await opened()).toBe(stored.device_id);
    expect(fileId()).toBe(stored.device_id);
    expect(warnings).toHaveLength(1);
  });

  test("one that gives back something else than it took leaves the file", async () => {
    inFile();
    const forgets = { ...store, set: async () => undefined };
    expect(await opened({ store: forgets })).toBe(stored.device_id);
    expect(fileId()).toBe(stored.device_id);
  });
});

describe("with a store that forgets, or none", () => {
  test("the key is kept in the file, with one warning", async () => {
    store = memoryStore({ isDurable: false, why: "it forgets" });
    const id = await opened();
    expect(fileId()).toBe(id);
    expect(store.held.size).toBe(0);
    expect(await opened()).toBe(id);
    expect(warnings).toEqual([
      `Warning: the device key is kept in the file ${path}, not in a credential store: it forgets.`,
    ]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    expect(readFileSync(path, "utf8").split("\n")).toHaveLength(6);
  });

  test("a store its owner turned off is no reason to warn", async () => {
    await opened({ store: { ...memoryStore({ isDurable: false }), isTurnedOff: true } });
    expect(existsSync(path)).toBe(true);
    expect(warnings).toEqual([]);
  });

  test("what it remembers is written to the file: it must not hold the only copy", async () => {
    store = memoryStore({ isDurable: false });
    store.held.set(account, JSON.stringify(stored));
    expect(await opened()).toBe(stored.device_id);
    expect(fileId()).toBe(stored.device_id);
  });

  test("many at once agree on one identity", async () => {
    store = memoryStore({ isDurable: false });
    expect(new Set(await Promise.all(Array.from({ length: 8 }, () => opened()))).size).toBe(1);
    expect(readdirSync(dirname(path)).sort()).toEqual(["device-identity.json", "device-identity.json.lock"]);
  });
});

describe("strict", () => {
  test("keeps the key in the store", async () => {
    expect(await opened({ isStrict: true })).toBe(String(storeId()));
    expect(existsSync(path)).toBe(false);
  });

  test("takes a store that forgets rather than a file", async () => {
    store = memoryStore({ isDurable: false });
    const id = await opened({ isStrict: true });
    expect(await opened({ isStrict: true })).toBe(id);
    expect(existsSync(path)).toBe(false);
  });

  test.each(["store_unavailable", "store_locked"] as const)("refuses what is %s", async (failure) => {
    store.before = (call) => {
      // What is not there reads as empty.
      store.failure = failure === "store_locked" || call === "set" ? failure : undefined;
    };
    const refused = await open({ isStrict: true });
    expect(refused).toMatchObject({ ok: false, code: "forbidden" });
    // Nobody is told to remove what is not there.
    expect(refused).toMatchObject({ say: expect.not.stringContaining(path) });
    expect(existsSync(path)).toBe(false);
  });

  test("refuses a file that is there, and another one beside the store's", async () => {
    inFile();
    const refused = await open({ isStrict: true });
    expect(refused).toMatchObject({
      ok: false,
      code: "forbidden",
      say: expect.stringContaining(`remove ${path}`),
    });
    expect(store.held.size).toBe(0);
    store.held.set(account, JSON.stringify(other));
    expect(await open({ isStrict: true })).toMatchObject({ ok: false, code: "forbidden" });
    expect(fileId()).toBe(stored.device_id);
  });
});

describe("a file", () => {
  test.each([
    ["is empty", ""],
    ["is not JSON", "{"],
    ["lacks a key", JSON.stringify({ ...stored, secret_key: undefined })],
    ["has a short secret", JSON.stringify({ ...stored, secret_key: "AQEB" })],
    ["has another's id", JSON.stringify({ ...stored, device_id: "0".repeat(64) })],
    ["has another's public key", JSON.stringify({ ...stored, public_key: stored.secret_key })],
    ["is too large", JSON.stringify({ ...stored, padding: "x".repeat(70_000) })],
  ])("that %s is refused and stays as it is", async (_what, text) => {
    inFile(text);
    for (const isDurable of [true, false]) {
      const result = await open({ store: memoryStore({ isDurable }) });
      expect(result).toMatchObject({ ok: false, code: "invalid_request" });
      expect(JSON.stringify(result)).not.toContain(stored.secret_key);
      expect(readFileSync(path, "utf8")).toBe(text);
    }
  });

  test("that others may read is refused", async () => {
    inFile(JSON.stringify(stored), 0o644);
    const result = await open();
    expect(result).toMatchObject({ ok: false, code: "invalid_request" });
    if (!result.ok) expect(result.say).toContain("run chmod 600 ");
  });

  test("that is a link, has a second name or is a pipe is refused", async () => {
    inFile();
    linkSync(path, `${path}.twin`);
    expect(await open()).toMatchObject({ ok: false, code: "invalid_request" });
    rmSync(path);
    symlinkSync(`${path}.twin`, path);
    expect(await open()).toMatchObject({ ok: false, code: "invalid_request" });
    rmSync(path);
    execFileSync("mkfifo", ["-m", "600", path]);
    expect(await open()).toMatchObject({ ok: false, code: "invalid_request" });
  });

  test("in a folder that cannot be made is said with its path", async () => {
    inFile();
    const below = join(path, "below", "device-identity.json");
    const result = await open({ path: below });
    expect(result).toMatchObject({ ok: false, code: "unavailable" });
    if (!result.ok) expect(result.say).toContain(path);
  });
});

/** Tries with a fault at each step in turn, until one try had no fault left to meet. */
async function atEachStep(
  strike: () => void,
  attempt: (more: Partial<IdentityPlaces>) => Promise<void>,
): Promise<number> {
  for (let at = 0; ; at += 1) {
    let struck = false;
    const hit = (): void => {
      struck = true;
      strike();
    };
    const steps = faultySteps(at, hit);
    await attempt({ steps });
    if (!struck) return at;
  }
}

describe("dying or failing at any step", () => {
  test("of a move from the file to the store loses no key", async () => {
    const refusals = ["EIO", "ENOSPC", "EACCES"].map((code) => () => systemError(code));
    for (const fault of [() => new Crash("died"), ...refusals]) {
      const steps = await atEachStep(
        () => {
          throw fault();
        },
        async (more) => {
          store.held.clear();
          inFile();
          await open(more).catch((error) => expect(error).toBeInstanceOf(Crash));
          expect([storeId(), existsSync(path) && fileId()]).toContain(stored.device_id);
          expect(await opened()).toBe(stored.device_id);
        },
      );
      expect(steps).toBeGreaterThan(1);
    }
  });

  test.each(["get", "set"] as const)("of the store (%s) loses no key", async (call) => {
    inFile();
    for (let at = 0; at < 3; at += 1) {
      let seen = 0;
      store.before = (now) => {
        if (now !== call) return;
        if (seen === at) throw new Crash("died");
        seen += 1;
      };
      await open().catch((error) => expect(error).toBeInstanceOf(Crash));
      expect([storeId(), existsSync(path) && fileId()]).toContain(stored.device_id);
    }
    store.before = () => undefined;
    expect(await opened()).toBe(stored.device_id);
  });

  test("of the making of a file leaves a whole one or none", async () => {
    store = memoryStore({ isDurable: false });
    for (const code of ["crash", "ENOSPC", "EIO", "EACCES"]) {
      const steps = await atEachStep(
        () => {
          throw code === "crash" ? new Crash("died") : systemError(code);
        },
        async (more) => {
          rmSync(path, { force: true });
          const result = await open(more).catch(() => undefined);
          if (result !== undefined && !result.ok) expect(result).toMatchObject({ code: "unavailable" });
          const left = existsSync(path) ? fileId() : undefined;
          const next = await opened();
          if (left !== undefined) expect(next).toBe(String(left));
        },
      );
      expect(steps).toBeGreaterThan(3);
    }
  });
});
