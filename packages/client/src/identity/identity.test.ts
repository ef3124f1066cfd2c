import { afterAll, describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { chmod, link, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { identityFromSeed, storedIdentity } from "./device-identity.ts";
import { loadDeviceIdentity, openDeviceIdentity } from "./identity-file.ts";

const folder = await mkdtemp(join(tmpdir(), "identity-"));
afterAll(() => rm(folder, { recursive: true }));

let count = 0;
const freshPath = (): string => join(folder, String(++count), "device-identity.json");
const seed = new Uint8Array(32).fill(1);
const stored = storedIdentity(seed);

async function written(text: string, mode = 0o600): Promise<string> {
  count += 1;
  const path = join(folder, `file-${count}.json`);
  await writeFile(path, text, { mode });
  await chmod(path, mode);
  return path;
}

describe("a device identity", () => {
  test("follows from its seed as the contract's vector does", async () => {
    const identity = identityFromSeed(seed);
    expect(identity.publicKey).toBe("iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w");
    expect(identity.deviceId).toBe("34750f98bd59fcfc946da45aaabe933be154a4b5094e1c4abf42866505f3c97e");
    const nonce = "550e8400-e29b-41d4-a716-446655440000";
    const text = `v2|${identity.deviceId}|cli|cli|operator|operator.read,operator.write|1700000000000|secret-token|${nonce}`;
    expect(await identity.sign(text)).toBe(
      "7dam5ZLJgoLmbHL20r-hQDPJ3kiqoD67y_WKtPG5EZowkErmTGKbI6aXOGpYaTolyNt_6QAZaOHlZxYGIPOtDg",
    );
  });

  test("does not show its secret", () => {
    expect(Bun.inspect(identityFromSeed(seed))).not.toContain(stored.secret_key);
    expect(JSON.stringify(identityFromSeed(seed))).not.toContain(stored.secret_key);
  });

  test("a seed of another length is a fault", () => {
    expect(() => identityFromSeed(new Uint8Array(31))).toThrow(RangeError);
  });
});

describe("the identity file", () => {
  test("is made once, owner-only, and read again", async () => {
    const path = freshPath();
    const first = await openDeviceIdentity(path);
    const second = await openDeviceIdentity(path);
    if (!first.ok || !second.ok) throw new Error("refused");
    expect(second.value.deviceId).toBe(first.value.deviceId);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(path, ".."))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(path, ".."))).toEqual(["device-identity.json"]);
  });

  test("has the reference's keys", async () => {
    const path = freshPath();
    await openDeviceIdentity(path);
    const value = JSON.parse(await readFile(path, "utf8"));
    expect(Object.keys(value)).toEqual(["device_id", "public_key", "secret_key"]);
  });

  test("many at once agree on one identity", async () => {
    const path = freshPath();
    const all = await Promise.all(Array.from({ length: 8 }, () => openDeviceIdentity(path)));
    expect(new Set(all.map((one) => one.ok && one.value.deviceId)).size).toBe(1);
    expect(await readdir(join(path, ".."))).toHaveLength(1);
  });

  test("a file that is not there is no identity, and loading makes none", async () => {
    const path = freshPath();
    expect(await loadDeviceIdentity(path)).toEqual({ ok: true, value: undefined });
  });

  test("keys in standard base64 are read", async () => {
    const secret_key = Buffer.from(seed).toString("base64");
    const public_key = Buffer.from(stored.public_key, "base64url").toString("base64");
    const path = await written(JSON.stringify({ ...stored, secret_key, public_key }));
    expect(await loadDeviceIdentity(path)).toMatchObject({ ok: true, value: { deviceId: stored.device_id } });
  });

  test.each([
    ["is empty", ""],
    ["is not JSON", "{"],
    ["lacks a key", JSON.stringify({ ...stored, secret_key: undefined })],
    ["has a short secret", JSON.stringify({ ...stored, secret_key: "AQEB" })],
    ["has another's id", JSON.stringify({ ...stored, device_id: "0".repeat(64) })],
    ["has another's public key", JSON.stringify({ ...stored, public_key: stored.secret_key })],
    ["is too large", JSON.stringify({ ...stored, padding: "x".repeat(70_000) })],
  ])("a file that %s is refused and stays as it is", async (_what, text) => {
    const path = await written(text);
    const result = await openDeviceIdentity(path);
    expect(result).toMatchObject({ ok: false, code: "invalid_request" });
    expect(JSON.stringify(result)).not.toContain(stored.secret_key);
    expect(await readFile(path, "utf8")).toBe(text);
  });

  test("a file others may read is refused", async () => {
    const result = await openDeviceIdentity(await written(JSON.stringify(stored), 0o644));
    expect(result).toMatchObject({ ok: false, code: "invalid_request" });
    if (!result.ok) expect(result.say).toContain("run chmod 600 ");
  });

  test("a symbolic link is not followed", async () => {
    const target = await written(JSON.stringify(stored));
    const path = `${target}.link`;
    await symlink(target, path);
    expect(await openDeviceIdentity(path)).toMatchObject({ ok: false, code: "invalid_request" });
  });

  test("a second name, which somebody else may read it by, is refused", async () => {
    const path = await written(JSON.stringify(stored));
    await link(path, `${path}.twin`);
    expect(await openDeviceIdentity(path)).toMatchObject({ ok: false, code: "invalid_request" });
  });

  test("a pipe is refused, not waited for", async () => {
    const path = join(folder, "pipe");
    execFileSync("mkfifo", [path]);
    await chmod(path, 0o600);
    expect(await openDeviceIdentity(path)).toMatchObject({ ok: false, code: "invalid_request" });
  });

  test("a folder that cannot be made is said with its path", async () => {
    const path = join(await written("a file"), "below", "device-identity.json");
    const result = await openDeviceIdentity(path);
    expect(result).toMatchObject({ ok: false, code: "unavailable" });
    if (!result.ok) expect(result.say).toContain(path);
  });
});
