import { expect, test } from "bun:test";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Crash, faultySteps, systemError } from "@carapace/files/testing";
import { createSealer } from "@carapace/secrets/envelope";
import { keyLocation } from "../keys/location.ts";
import { openState } from "../open.ts";
import { finishPendingChange } from "../pending.ts";
import { memoryCredentials } from "../testing/credentials.ts";
import { memoryKeyStore } from "../testing/temporary.ts";
import { type RekeyOptions, type RekeyProgress, rekeyState } from "./rekey.ts";
import { contentOf, fullState, namesIn } from "./testing/full-state.ts";

type Home = Awaited<ReturnType<typeof fullState>>;

const nowMs = () => 1_764_000_500_000;

async function rekey(at: Home, more: Partial<RekeyOptions> = {}) {
  return await rekeyState({ dir: at.dir, keys: at.keys(), passwords: undefined, nowMs, ...more });
}

async function read(at: Home, password?: string) {
  await using state = await at.open(password);
  expect(await state.verify()).toEqual([]);
  return await contentOf(state);
}

test("everything is there under the new key, verified, and nothing is left over", async () => {
  using at = await fullState();
  const before = await read(at);
  const names = namesIn(at.dir);
  const old = await at.keys().load();
  const report = await rekey(at);
  expect(report).toEqual({ place: "file", profileValues: 0, damage: [] });
  expect(namesIn(at.dir)).toEqual(names);
  expect(statSync(join(at.dir, "state.db")).mode & 0o777).toBe(0o600);
  expect(await at.keys().load()).not.toEqual(old);
  expect(await read(at)).toEqual(before);
});

test("the old key opens nothing any more", async () => {
  using at = await fullState();
  const old = await at.keys().load();
  await rekey(at);
  const opened = openState({ dir: at.dir, keys: memoryKeyStore(old), newId: () => crypto.randomUUID() });
  await expect(opened).rejects.toMatchObject({ code: "wrong_key" });
});

test("the state can be written after a rotation, and rotated again", async () => {
  using at = await fullState();
  await rekey(at);
  {
    await using state = await at.open();
    const found = await state.sessions.find("one");
    const said = { id: crypto.randomUUID(), role: "user", blocks: [], createdAtMs: 1 } as const;
    await state.sessions.append(found?.id ?? "", [said]);
    await state.runs.accept({
      ...(await import("../testing/messages.ts")).runOf("run-new", "two", "and more"),
    });
    expect(await state.verify()).toEqual([]);
  }
  const before = await read(at);
  await rekey(at);
  expect(await read(at)).toEqual(before);
});

test("the audit log tells of a rotation that took place", async () => {
  using at = await fullState();
  await rekey(at);
  await using state = await at.open();
  const { records } = await state.audit.tail({ limit: 100 });
  expect(records.filter(({ event }) => event === "state_rekeyed")).toHaveLength(1);
  expect((await state.audit.verify()).findings).toEqual([]);
});

test("a plain key moves into the best place there is, and back out of none", async () => {
  using at = await fullState();
  const sealed = await rekey(at, { passwords: { old: undefined, next: "the password" } });
  expect(sealed.place).toBe("password");
  expect(keyLocation(at.dir)).toEqual({ place: "password" });
  await expect(at.open()).rejects.toMatchObject({ code: "key_locked" });
  await read(at, "the password");
});

test("with a credential store the old account goes and the new one stays", async () => {
  const store = memoryCredentials();
  using at = await fullState({ store });
  const [before] = store.held.keys();
  expect((await rekey(at)).place).toBe("credential-store");
  expect(store.held.size).toBe(1);
  expect(store.held.has(before ?? "")).toBe(false);
  expect(namesIn(at.dir)).not.toContain("state.key.accounts");
  await read(at);
});

test("a new password seals the key, and every sealed value of a login profile with it", async () => {
  using at = await fullState({ password: "old" });
  using old = createSealer("old");
  const profile = {
    id: "sealed",
    provider: "x",
    tokens: { access_token: await old.seal("token"), other: [1] },
  };
  {
    await using state = await at.open();
    await state.profiles.save(profile);
  }
  const report = await rekey(at, { passwords: { old: "old", next: "new" } });
  expect(report).toMatchObject({ place: "password", profileValues: 1 });
  await expect(at.open("old")).rejects.toMatchObject({ code: "key_locked" });
  await using state = await at.open("new");
  const stored = await state.profiles.find("sealed");
  const text = JSON.stringify(stored);
  expect(text).not.toContain(profile.tokens.access_token);
  using fresh = createSealer("new");
  const envelope = /enc:v2:[^"]+/.exec(text)?.[0] ?? "";
  expect(await fresh.open(envelope)).toEqual({ ok: true, value: "token" });
  expect(stored).toMatchObject({ tokens: { other: [1] } });
});

test("a sealed value that does not open refuses the whole rotation", async () => {
  using at = await fullState({ password: "old" });
  using other = createSealer("another");
  {
    await using state = await at.open();
    await state.profiles.save({ id: "foreign", token: await other.seal("token") });
  }
  const key = readFileSync(join(at.dir, "state.key"), "utf8");
  const refused = rekey(at, { passwords: { old: "old", next: "new" } });
  await expect(refused).rejects.toMatchObject({ code: "key_locked" });
  await expect(refused).rejects.toThrow("foreign");
  expect(readFileSync(join(at.dir, "state.key"), "utf8")).toBe(key);
  expect(existsSync(join(at.dir, "pending-change"))).toBe(false);
  await read(at);
});

test("the configuration changes with it, inside of the directory or outside", async () => {
  for (const name of ["carapace.json", "../carapace-outside.json"]) {
    using at = await fullState();
    const path = join(at.dir, name);
    writeFileSync(path, "old", { mode: 0o600 });
    await rekey(at, { file: { path, bytes: Buffer.from("new") } });
    expect(readFileSync(path, "utf8")).toBe("new");
    await read(at);
    await Bun.file(path).delete();
  }
});

test("a directory without a database has no key to change, and gets none", async () => {
  using at = await fullState();
  const empty = join(at.dir, "empty");
  const keys = memoryKeyStore();
  const none = { ...at.keys(), load: keys.load };
  const refused = rekeyState({ dir: empty, keys: none, passwords: undefined, nowMs });
  await expect(refused).rejects.toMatchObject({ code: "not_found" });
  expect(existsSync(join(empty, "state.db"))).toBe(false);
});

test("a database whose key is missing is not taken for none", async () => {
  using at = await fullState();
  rmSync(join(at.dir, "state.key"));
  await expect(rekey(at)).rejects.toMatchObject({ code: "key_missing" });
});

test("progress counts every row once", async () => {
  using at = await fullState();
  const told: RekeyProgress[] = [];
  await rekey(at, { onProgress: (progress) => told.push(progress) });
  const last = told.findLast(({ phase }) => phase === "seal");
  expect(last?.done).toBe(last?.total);
  expect(last?.total).toBeGreaterThan(10);
  expect([...new Set(told.map(({ phase }) => phase))]).toEqual([
    "copy",
    "check",
    "encrypt",
    "seal",
    "check again",
    "swap",
  ]);
});

async function stepsOf(): Promise<string[]> {
  using at = await fullState();
  const recorded = faultySteps(-1, () => {});
  await rekey(at, { steps: recorded });
  return recorded.taken;
}

const steps = await stepsOf();

test.each(steps.map((name, n) => [name, n] as const))(
  "a process that dies at %s (step %i) leaves exactly the old or the new, and it can be run again",
  async (_name, step) => {
    const store = memoryCredentials();
    using at = await fullState({ store });
    const before = await read(at);
    const dying = faultySteps(step, () => {
      throw new Crash();
    });
    await expect(rekey(at, { steps: dying })).rejects.toBeInstanceOf(Crash);
    finishPendingChange(at.dir);
    expect(await read(at)).toEqual(before);
    expect(store.held.size).toBe(1);
    await rekey(at);
    expect(await read(at)).toEqual(before);
    expect(namesIn(at.dir)).toEqual(["state.db", "state.key"]);
  },
);

test.each(steps.flatMap((name, n) => ["ENOSPC", "EIO", "EACCES"].map((code) => [name, n, code] as const)))(
  "%s (step %i) that fails with %s leaves exactly the old or the new",
  async (_name, step, code) => {
    const store = memoryCredentials();
    using at = await fullState({ store });
    const failing = faultySteps(step, () => {
      throw systemError(code);
    });
    await rekey(at, { steps: failing }).catch((error: unknown) => {
      expect(error).toMatchObject({ code: code === "ENOSPC" ? "disk_full" : "io" });
    });
    finishPendingChange(at.dir);
    await read(at);
    expect(store.held.size).toBe(1);
    expect(namesIn(at.dir)).toEqual(["state.db", "state.key"]);
  },
);

test.each(steps.map((name, n) => [name, n] as const))(
  "a link that is put in the key's place, or in that of what is prepared, at %s (step %i) harms nothing behind it",
  async (_name, step) => {
    for (const name of ["state.key", "pending-change"]) {
      using at = await fullState();
      const before = await read(at);
      const [target, aside] = [join(at.dir, name), join(at.dir, "aside")];
      const victim = join(at.dir, "victim");
      mkdirSync(victim, { mode: 0o700 });
      writeFileSync(join(victim, "mine"), "mine", { mode: 0o600 });
      const swapped = faultySteps(step, () => {
        if (!existsSync(target)) return;
        renameSync(target, aside);
        symlinkSync(victim, target);
      });
      await rekey(at, { steps: swapped }).catch(() => undefined);
      // Between the look at a folder and the step in it nothing can be done; then only the owner can open what went there.
      for (const found of readdirSync(victim)) expect(statSync(join(victim, found)).mode & 0o077).toBe(0);
      expect(readFileSync(join(victim, "mine"), "utf8")).toBe("mine");
      // Whoever put the link there takes it away again; what they moved goes back.
      if (lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
        rmSync(target);
        renameSync(aside, target);
      }
      finishPendingChange(at.dir);
      expect(await read(at)).toEqual(before);
    }
  },
);

test.each(steps.map((name, n) => [name, n] as const))(
  "a state directory that is put aside at %s (step %i), another in its place, is the old or the new",
  async (_name, step) => {
    using at = await fullState();
    const before = await read(at);
    const aside = `${at.dir}-aside`;
    const swapped = faultySteps(step, () => {
      renameSync(at.dir, aside);
      mkdirSync(at.dir, { mode: 0o700 });
    });
    await rekey(at, { steps: swapped }).catch(() => undefined);
    rmSync(at.dir, { recursive: true });
    renameSync(aside, at.dir);
    finishPendingChange(at.dir);
    expect(await read(at)).toEqual(before);
  },
);
