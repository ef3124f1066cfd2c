import { expect, test } from "bun:test";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Crash, faultySteps, systemError } from "@carapace/files/testing";
import { SessionKey } from "@carapace/protocol";
import { openState } from "../open.ts";
import { type TemporaryState, temporaryState } from "../testing/index.ts";

const hourMs = 3_600_000;
const picture = { mime: "image/png", ttlMs: hourMs, nowMs: 1000 };

async function* once(...parts: (string | Uint8Array)[]) {
  for (const part of parts) yield typeof part === "string" ? Buffer.from(part) : part;
}

async function contentOf({ state }: TemporaryState, id: string): Promise<Buffer | undefined> {
  const opened = await state.media.open(id, 1000);
  return opened && Buffer.concat(await Array.fromAsync(opened.bytes));
}

const folder = (at: TemporaryState) => join(at.dir, "media");

test.each([0, 1, 65_535, 65_536, 65_537, 131_072, 300_000])("a file of %d bytes comes back", async (size) => {
  await using at = await temporaryState();
  const bytes = Buffer.alloc(size, "carapace");
  const media = await at.state.media.put(once(bytes.subarray(0, 7), bytes.subarray(7)), picture);
  expect(media).toMatchObject({ mime: "image/png", sizeBytes: size, expiresAtMs: 1000 + hourMs });
  await at.reopen();
  expect((await contentOf(at, media.id))?.equals(bytes)).toBe(true);
});

test("on disk it is nobody else's to open, and nothing of it can be read", async () => {
  await using at = await temporaryState();
  const { id } = await at.state.media.put(once("a picture of my house"), picture);
  const path = join(folder(at), id);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(folder(at)).mode & 0o777).toBe(0o700);
  expect(readFileSync(path, "latin1")).not.toContain("house");
});

test("the same bytes of the same session are kept once, as long as either would be", async () => {
  await using at = await temporaryState();
  const first = await at.state.media.put(once("same"), picture);
  const second = await at.state.media.put(once("sa", "me"), { ...picture, nowMs: 5000 });
  expect(second).toEqual({ ...first, expiresAtMs: 5000 + hourMs });
  expect(readdirSync(folder(at))).toEqual([first.id]);
});

test("what is over is not given out, and the sweep takes it away", async () => {
  await using at = await temporaryState();
  const { id } = await at.state.media.put(once("old"), picture);
  const young = await at.state.media.put(once("young"), { ...picture, ttlMs: 2 * hourMs });
  expect(await at.state.media.open(id, 1000 + hourMs)).toBeUndefined();
  expect(await at.state.media.sweep(1000 + hourMs)).toBe(1);
  expect(await at.state.media.list()).toMatchObject([{ id: young.id }]);
  expect(readdirSync(folder(at))).toEqual([young.id]);
});

test("a session takes its files along, and a file nobody knows is swept", async () => {
  await using at = await temporaryState();
  const session = await at.state.sessions.upsert(SessionKey.parse("a"), {}, 1);
  const { id } = await at.state.media.put(once("of a"), { ...picture, sessionId: session.id });
  writeFileSync(join(folder(at), "orphan"), "left by a crash");
  expect(await at.state.media.sweep(1000)).toBe(1);
  expect(await contentOf(at, id)).toBeDefined();
  await at.state.sessions.delete(session.id);
  expect(await at.state.media.sweep(1000)).toBe(1);
  expect(readdirSync(folder(at))).toEqual([]);
});

test.each([
  ["flipped", (bytes: Buffer) => bytes.fill(bytes.readUInt8(70_000) ^ 1, 70_000, 70_001)],
  ["cut off after a whole piece", (bytes: Buffer) => bytes.subarray(0, 65_552)],
  ["empty", () => Buffer.alloc(0)],
  ["shorter than a tag", (bytes: Buffer) => bytes.subarray(0, 9)],
])("a file that was %s is refused when its bytes are read", async (_how, damage) => {
  await using at = await temporaryState();
  const { id } = await at.state.media.put(once(Buffer.alloc(200_000, "x")), picture);
  const path = join(folder(at), id);
  writeFileSync(path, damage(readFileSync(path)));
  await expect(contentOf(at, id)).rejects.toMatchObject({ code: "corrupt" });
});

test("a link in the place of a file is refused, and a file that is gone is just gone", async () => {
  await using at = await temporaryState();
  const { id } = await at.state.media.put(once("x"), picture);
  unlinkSync(join(folder(at), id));
  expect(await contentOf(at, id)).toBeUndefined();
  symlinkSync("/etc/passwd", join(folder(at), id));
  await expect(contentOf(at, id)).rejects.toMatchObject({ code: "unsafe_path" });
});

test("more than 50 MiB, or a source that fails, leaves nothing", async () => {
  await using at = await temporaryState();
  async function* endless() {
    for (;;) yield new Uint8Array(4 * 1024 * 1024);
  }
  await expect(at.state.media.put(endless(), picture)).rejects.toMatchObject({ code: "invalid" });
  async function* broken() {
    yield new Uint8Array(70_000);
    throw new Error("the line went dead");
  }
  await expect(at.state.media.put(broken(), picture)).rejects.toThrow("the line went dead");
  expect(await at.state.media.list()).toEqual([]);
  expect(readdirSync(folder(at))).toEqual([]);
});

const refusals = { ENOSPC: "disk_full", EIO: "io", EACCES: "io" } as const;

test.each(Object.entries(refusals))(
  "whatever step the disk refuses with %s, nothing is known of the file and nothing is left",
  async (system, code) => {
    for (let step = 0; ; step += 1) {
      await using at = await temporaryState();
      await at.close();
      const disk = faultySteps(step, () => {
        throw systemError(system);
      });
      await using state = await openState({
        dir: at.dir,
        keys: at.keys,
        newId: () => crypto.randomUUID(),
        disk,
      });
      const stored = await state.media.put(once("x"), picture).catch((error: unknown) => error);
      if (!(stored instanceof Error)) {
        expect(step).toBe(4);
        break;
      }
      expect(stored).toMatchObject({ code });
      expect(await state.media.list()).toEqual([]);
      expect(readdirSync(folder(at))).toEqual([]);
    }
  },
);

test("a process that dies at any step leaves a file nobody knows, or a whole one, and the sweep takes the rest", async () => {
  for (let step = 0; ; step += 1) {
    await using at = await temporaryState();
    await at.close();
    const disk = faultySteps(step, () => {
      throw new Crash();
    });
    {
      await using state = await openState({ ...at, newId: () => crypto.randomUUID(), disk });
      const stored = await state.media
        .put(once("x".repeat(70_000)), picture)
        .catch((error: unknown) => error);
      if (!(stored instanceof Error)) break;
      expect(stored).toBeInstanceOf(Crash);
    }
    await using state = await openState({ ...at, newId: () => crypto.randomUUID() });
    await state.media.sweep(1000);
    const known = (await state.media.list()).map(({ id }) => id);
    expect(readdirSync(folder(at))).toEqual(known);
    for (const id of known) expect((await contentOf({ ...at, state }, id))?.length).toBe(70_000);
  }
});

test.each(["../state.db", "../kept", "..", ".", "", "a/../../kept", "\0", "x".repeat(5000)])(
  "an id that is no name of a stored file, as %j, reaches nothing",
  async (id) => {
    await using at = await temporaryState();
    await at.state.media.put(once("x"), picture);
    writeFileSync(join(at.dir, "kept"), "mine");
    expect(await at.state.media.open(id, 1000)).toBeUndefined();
    expect(await at.state.media.remove(id)).toBe(false);
    expect(readdirSync(at.dir)).toContain("kept");
    expect(readdirSync(at.dir)).toContain("state.db");
    expect(await at.state.media.list()).toHaveLength(1);
  },
);

test.each([
  ["gone", (path: string) => unlinkSync(path)],
  ["changed", (path: string) => writeFileSync(path, "other bytes")],
])(
  "a file that is %s is whole again, under its id, once the same bytes are sent again",
  async (_how, damage) => {
    await using at = await temporaryState();
    const { id } = await at.state.media.put(once("same"), picture);
    damage(join(folder(at), id));
    const again = await at.state.media.put(once("same"), picture);
    expect(again.id).toBe(id);
    expect(String(await contentOf(at, id))).toBe("same");
    expect(readdirSync(folder(at))).toEqual([id]);
  },
);

test("a folder among the files does not keep the sweep from the others, and is told of", async () => {
  await using at = await temporaryState();
  await at.state.media.put(once("old"), picture);
  for (const name of ["0", "zz"]) mkdirSync(join(folder(at), name));
  writeFileSync(join(folder(at), "stray"), "x");
  await expect(at.state.media.sweep(1000 + hourMs)).rejects.toMatchObject({ code: "io" });
  expect(readdirSync(folder(at)).sort()).toEqual(["0", "zz"]);
  expect(await at.state.media.list()).toEqual([]);
});
