import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { faultySteps, systemError } from "@carapace/files/testing";
import { SessionKey } from "@carapace/protocol";
import { ownerSays } from "../../testing/messages.ts";
import { readArchive } from "../archive.ts";
import { openArchiveFile } from "../archive-file.ts";
import { type BackupOptions, createBackup } from "../create.ts";
import { restoreBackup } from "../restore/restore.ts";
import { scanArchive } from "../scan.ts";
import { type TestDirectory, testDirectory } from "../testing/directory.ts";

const passphrase = "correct horse battery";

async function filled(entries?: Map<string, string>): Promise<TestDirectory> {
  const at = testDirectory(entries);
  {
    await using state = await at.open();
    const { id } = await state.sessions.upsert(SessionKey.parse("main"), { name: "Main" }, 1);
    await state.sessions.append(id, [ownerSays("a grey heron", "m1")]);
    await state.devices.save({
      deviceId: "d1",
      publicKey: "k",
      roles: ["operator"],
      scopes: [],
      createdAtMs: 1,
      approvedAtMs: 2,
    });
  }
  const put = (name: string, text: string) => writeFileSync(join(at.dir, name), text, { mode: 0o600 });
  mkdirSync(join(at.dir, "plugins", "deep"), { recursive: true, mode: 0o700 });
  mkdirSync(join(at.dir, "conf.d"), { mode: 0o700 });
  put("carapace.json", '{ "$include": "conf.d/more.json5" }');
  put("conf.d/more.json5", "{ gateway: { port: 18790 } }");
  put("gateway-token", "the-token");
  put("plugins/deep/a.wasm", "wasm");
  put("daemon.pid", "123\n");
  put("x.lock", "");
  symlinkSync("/etc/passwd", join(at.dir, "plugins", "link"));
  return at;
}

const output = (at: TestDirectory) => join(at.root, "everything.carapace");

function asked(at: TestDirectory): BackupOptions {
  return {
    ...at.common,
    kind: "full",
    secret: passphrase,
    config: { main: at.configPath, included: [join(at.dir, "conf.d/more.json5")] },
    output: output(at),
    overwrite: false,
    password: undefined,
  };
}

async function backedUp(at: TestDirectory) {
  return await createBackup(asked(at));
}

async function restored(to: TestDirectory, archivePath: string, keep = true) {
  using file = openArchiveFile(archivePath);
  const archive = await readArchive(file, { passphrase: async () => passphrase });
  const facts = await scanArchive(archive);
  return await restoreBackup({
    ...to.common,
    configPath: to.configPath,
    archive,
    archivePath,
    facts,
    keep,
    password: undefined,
    hmacSecrets: async () => [],
  });
}

test("everything moves to another machine: database, key, configuration, files, credentials", async () => {
  using from = await filled(new Map([["device:cli:identity", "the identity"]]));
  const report = await backedUp(from);
  expect(report.leftOut).toEqual([`${join(from.dir, "plugins/link")} is a link or no plain file`]);
  expect(readFileSync(output(from)).subarray(0, 8).toString()).toBe("CRPC_ENC");
  const entries = new Map<string, string>();
  using to = testDirectory(entries);
  const done = await restored(to, output(from));
  expect(done).toMatchObject({ sessions: 1, problems: [] });
  expect(done.kept).toBeUndefined();
  expect(to.names()).toEqual([
    "before-restore",
    "carapace.json",
    "conf.d",
    "gateway-token",
    "plugins",
    "state.db",
    "state.key",
  ]);
  expect(readFileSync(join(to.dir, "plugins/deep/a.wasm"), "utf8")).toBe("wasm");
  expect(readFileSync(join(to.dir, "conf.d/more.json5"), "utf8")).toContain("18790");
  expect(to.mode("gateway-token")).toBe("600");
  expect(to.mode("plugins")).toBe("700");
  expect(entries.get("device:cli:identity")).toBe("the identity");
  // The key went into the credential store of the new machine: the file only leads there.
  expect(readFileSync(join(to.dir, "state.key"), "utf8")).toStartWith("store:v1:");
  await using state = await to.open();
  expect(await state.verify()).toEqual([]);
  const session = await state.sessions.find("main");
  expect((await state.sessions.history(session?.id ?? "", {}))[0]).toMatchObject({ id: "m1" });
  expect(await state.devices.find("d1")).toMatchObject({ deviceId: "d1" });
});

test("what a full restore replaces is kept in an archive that restores", async () => {
  using from = await filled();
  await backedUp(from);
  using to = testDirectory();
  {
    await using state = await to.open();
    await state.sessions.upsert(SessionKey.parse("old"), {}, 1);
  }
  writeFileSync(join(to.dir, "gateway-token"), "old-token", { mode: 0o600 });
  writeFileSync(join(to.dir, "pairing.json"), "old", { mode: 0o600 });
  const done = await restored(to, output(from));
  expect(existsSync(join(to.dir, "pairing.json"))).toBe(false);
  const [name = ""] = readdirSync(done.kept ?? "");
  const back = await restored(to, join(done.kept ?? "", name), false);
  expect(back.kept).toBeUndefined();
  expect(readFileSync(join(to.dir, "gateway-token"), "utf8")).toBe("old-token");
  expect(readFileSync(join(to.dir, "pairing.json"), "utf8")).toBe("old");
  await using state = await to.open();
  expect((await state.sessions.list({})).map(({ key }) => String(key))).toEqual(["old"]);
});

test("the key of what was replaced leaves the credential store, and only that", async () => {
  using from = await filled();
  await backedUp(from);
  const entries = new Map([["gateway:token:default", "stays"]]);
  using to = testDirectory(entries);
  await (await to.open())[Symbol.asyncDispose]();
  const keysIn = () => [...entries.keys()].filter((account) => account.startsWith("state:key:"));
  const [old = ""] = keysIn();
  await restored(to, output(from), false);
  expect(keysIn()).toHaveLength(1);
  expect(keysIn()).not.toContain(old);
  expect(entries.get("gateway:token:default")).toBe("stays");
  await using state = await to.open();
  expect(await state.sessions.count()).toBe(1);
});

test("without a credential store the restored credentials wait in a private file, and nothing is lost", async () => {
  using from = await filled(new Map([["device:cli:identity", "the identity"]]));
  await backedUp(from);
  using to = testDirectory();
  const done = await restored(to, output(from));
  expect(done.problems.join("\n")).toContain("device:cli:identity is not in the credential store");
  expect(done.problems.join("\n")).not.toContain("the identity");
  expect(to.mode("restored-credentials.json")).toBe("600");
  expect(readFileSync(join(to.dir, "state.key"), "utf8")).toMatch(/^[0-9a-f]{64}\n$/);
});

test("a restore onto a database that does not open keeps its files as they were", async () => {
  using from = await filled();
  await backedUp(from);
  using to = testDirectory();
  await (await to.open())[Symbol.asyncDispose]();
  writeFileSync(join(to.dir, "state.db"), Buffer.alloc(8192, 1));
  const done = await restored(to, output(from));
  expect(readdirSync(done.kept ?? "")).toContain("state.db");
  expect(readdirSync(done.kept ?? "")).toContain("state.key");
  await using state = await to.open();
  expect(await state.sessions.count()).toBe(1);
});

test("a full archive is refused without encryption, when it is made and when it is read", async () => {
  using from = await filled();
  const rest = {
    ...from.common,
    kind: "full" as const,
    config: { main: from.configPath, included: [] },
    output: output(from),
    overwrite: false,
    password: undefined,
  };
  await expect(createBackup(rest)).rejects.toMatchObject({ code: "invalid" });
  expect(existsSync(output(from))).toBe(false);
});

test("a wrong passphrase is refused before anything is written", async () => {
  using from = await filled();
  await backedUp(from);
  using file = openArchiveFile(output(from));
  await expect(readArchive(file, { passphrase: async () => "wrong" })).rejects.toMatchObject({
    code: "archive_locked",
  });
  await expect(readArchive(file, { passphrase: async () => undefined })).rejects.toThrow(
    "give its passphrase",
  );
});

test.each(["EROFS", "ENOSPC"])(
  "a state directory that cannot be written (%s) can be saved elsewhere",
  async (code) => {
    using from = await filled();
    const steps = faultySteps(0, () => {
      throw systemError(code);
    });
    const elsewhere = join(from.root, "elsewhere");
    mkdirSync(elsewhere);
    const path = join(elsewhere, "everything.carapace");
    await createBackup({ ...asked(from), output: path, steps });
    expect(steps.taken.slice(0, 2)).toEqual(["makeFolder", "makeFolder"]);
    expect(readdirSync(elsewhere)).toEqual(["everything.carapace"]);
    using to = testDirectory();
    expect(await restored(to, path)).toMatchObject({ sessions: 1 });
  },
);

test("what was on its way out when the copy was made is held back: it may have gone out since", async () => {
  const [from, to] = [await filled(), testDirectory()];
  {
    await using state = await from.open();
    for (const id of ["a", "b"]) {
      const message = { channel: "webhook", to: id, parts: [{ type: "text" as const, text: "hi" }] };
      await state.outbox.add({ ...message, source: { kind: "send" } }, { id, nowMs: 3 });
    }
    await state.outbox.change("b", (message) => ({ ...message, status: "sending", attempts: 1 }));
  }
  await backedUp(from);
  const report = await restored(to, output(from));
  expect(report.problems).toContainEqual(expect.stringContaining("2 messages were on the way out"));
  await using state = await to.open();
  expect(await state.outbox.pending()).toBe(0);
  expect(await state.outbox.list({})).toMatchObject([
    { id: "b", status: "failed", mayHaveGoneOut: true },
    { id: "a", status: "failed", lastError: expect.stringContaining("cara outbox retry a") },
  ]);
});
