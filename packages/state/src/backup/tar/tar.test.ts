import { expect, test } from "bun:test";
import { collected, given, listed, type RawEntry, rawTar } from "../testing/tar.ts";
import { readTar } from "./reader.ts";
import { type TarFile, writeTar } from "./writer.ts";

const limits = { mostEntries: 1000, mostBytes: 1_000_000 };
const read = (bytes: Uint8Array) => listed(readTar(given(bytes, 700), limits));
const file = (name: string, text = "x"): RawEntry => ({ name, body: Buffer.from(text) });

async function* files(all: readonly TarFile[]): AsyncGenerator<TarFile> {
  yield* all;
}

test("what is written is read: short, long and non-ASCII names, empty and large bodies", async () => {
  const long = `sessions/${"é".repeat(60)}/${"x".repeat(200)}`;
  const large = Buffer.alloc(100_000, "large");
  const written = await collected(
    writeTar(
      files([
        { name: "a", size: 0, body: new Uint8Array(), modifiedMs: 0 },
        { name: long, size: 3, body: Buffer.from("abc"), modifiedMs: 1000 },
        { name: "b/c", size: large.length, body: given(large, 999), modifiedMs: 0 },
      ]),
    ),
  );
  expect(written.length % 512).toBe(0);
  expect(await read(written)).toEqual([
    ["a", ""],
    [long, "abc"],
    ["b/c", large.toString()],
  ]);
});

test("the system's own tar reads what is written", async () => {
  const tar = Bun.which("tar");
  if (tar === null) return;
  const name = `memory/${"n".repeat(150)}.json`;
  const written = await collected(
    writeTar(files([{ name, size: 2, body: Buffer.from("{}"), modifiedMs: 0 }])),
  );
  const child = Bun.spawn([tar, "-tf", "-"], { stdin: new Blob([written]), stdout: "pipe" });
  expect((await child.stdout.text()).trim()).toBe(name);
});

test("a body that is not as long as it said is a mistake of the caller", async () => {
  const wrong = collected(writeTar(files([{ name: "a", size: 5, body: Buffer.from("abc"), modifiedMs: 0 }])));
  await expect(wrong).rejects.toThrow("a has 3 bytes, not 5");
});

test("an entry nobody reads is skipped; folders, ustar prefixes and pax names are understood", async () => {
  const pax = Buffer.from("20 mtime=1700000000\n17 path=from/pax\n");
  const bytes = rawTar([
    { name: "d/", type: "5" },
    { name: "tail", prefix: "head/of", magic: "ustar\u000000", body: Buffer.from("1") },
    { name: "pax", type: "x", body: pax },
    file("short", "2"),
    file("last", "3"),
  ]);
  const names: string[] = [];
  for await (const entry of readTar(given(bytes, 512), limits)) names.push(`${entry.kind} ${entry.name}`);
  expect(names).toEqual(["folder d", "file head/of/tail", "file from/pax", "file last"]);
});

test("sizes beyond eight gigabytes are read in GNU's binary form", async () => {
  const bytes = rawTar([{ name: "huge", size: 9 * 2 ** 30 }]);
  const entries = readTar(given(bytes, 512), { mostEntries: 10, mostBytes: 2 ** 40 });
  expect((await entries.next()).value?.size).toBe(9 * 2 ** 30);
  await entries.return(undefined);
});

test.each<[string, readonly RawEntry[]]>([
  ["leads out of it", [file("../x")]],
  ["leads out of it", [file("a/../../x")]],
  ["leads out of it", [file("a/..")]],
  ["an absolute path", [file("/etc/passwd")]],
  ["a path with a drive", [file("C:/x")]],
  ["a path with a drive", [file("c:x")]],
  ["a path with a drive", [file("a/d:x")]],
  ["a backslash", [file("a\\..\\x")]],
  ["control characters", [file("a\u001b[2Jx")]],
  ["control characters", [file("a\nx")]],
  ["control characters", [file("a\u202ex")]],
  ["an empty part", [file("a//x")]],
  ["an empty part", [file("./x")]],
  ["without a name", [file("")]],
  ["no UTF-8", [{ name: Buffer.from([0xff, 0x61]) }]],
  ["too deep", [file("a/".repeat(40).concat("x"))]],
  ["a link", [{ name: "x", type: "2", link: "/etc/passwd" }]],
  ["a link", [{ name: "x", type: "1", link: "y" }]],
  ["a link", [{ name: "x", type: "K", body: Buffer.from("/etc/passwd\0") }, file("x")]],
  ["a link", [{ name: "p", type: "x", body: Buffer.from("14 linkpath=/\n") }, file("x")]],
  ["a device", [{ name: "x", type: "3" }]],
  ["a device", [{ name: "x", type: "4" }]],
  ["a pipe", [{ name: "x", type: "6" }]],
  ["a sparse file", [{ name: "x", type: "S" }]],
  ["a sparse file", [{ name: "p", type: "x", body: Buffer.from("22 GNU.sparse.major=1\n") }, file("x")]],
  ["something unknown", [{ name: "x", type: "V" }]],
  ["something unknown", [{ name: "x", type: "7" }]],
  ["a folder that is none", [file("x/")]],
  ["a folder that is none", [{ name: "x/", type: "5", body: Buffer.from("1") }]],
  ["a name twice", [file("a"), file("a")]],
  ["a name twice", [file("a"), file("A")]],
  ["a name twice", [file("é"), file("e\u0301")]],
  ["a name twice", [file("a"), file("a.")]],
  ["a name twice", [file("a"), file("a/b")]],
  ["a name twice", [file("a/b"), file("a")]],
  [
    "a name twice",
    [
      { name: "a/", type: "5" },
      { name: "a/", type: "5" },
    ],
  ],
  ["cannot be read", [{ name: "p", type: "x", body: Buffer.from("99 path=x\n") }, file("x")]],
  ["cannot be read", [{ name: "p", type: "x", body: Buffer.from("path=x\n") }, file("x")]],
  ["cannot be read", [{ name: "p", type: "g", body: Buffer.from("9 path=x\n") }, file("x")]],
  ["too long", [{ name: "p", type: "L", body: Buffer.alloc(100_000, "a") }, file("x")]],
  ["larger than 1000000 bytes", [{ name: "x", size: 2 ** 40 }]],
  ["is cut short", [{ name: "x", size: 5000 }]],
  ["more than 1000 entries", Array.from({ length: 1001 }, (_, at) => file(`f${at}`))],
])("an archive that holds such a thing is refused: %s", async (why, entries) => {
  const refused = read(rawTar(entries));
  await expect(refused).rejects.toMatchObject({ code: "bad_archive" });
  await expect(refused).rejects.toThrow(why);
});

test("a name in a refusal cannot disturb a terminal", async () => {
  const refused = await read(rawTar([file(`\u001b]0;x\u0007${"y".repeat(90)}`)])).catch((error) => error);
  expect(refused.message).not.toMatch(/[\u0000-\u001f]/);
});

test("a changed header, a missing end and something behind the end are refused", async () => {
  const whole = rawTar([file("a", "text"), file("b")]);
  for (const at of [0, 124, 148, 1024]) {
    const changed = Buffer.from(whole);
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
    await expect(read(changed)).rejects.toMatchObject({ code: "bad_archive" });
  }
  for (const cut of [0, 100, 512, 1024, 1500, whole.length - 1024, whole.length - 512]) {
    await expect(read(whole.subarray(0, cut))).rejects.toMatchObject({ code: "bad_archive" });
  }
  await expect(read(Buffer.concat([whole, Buffer.from("tail")]))).rejects.toThrow("after its end");
  await expect(read(Buffer.concat([whole, Buffer.alloc(2_000_000)]))).rejects.toThrow("after its end");
  expect(await read(Buffer.concat([whole, Buffer.alloc(8192)]))).toHaveLength(2);
});
