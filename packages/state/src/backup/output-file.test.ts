import { expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Crash, faultySteps, systemError } from "@carapace/files/testing";
import { StateError } from "../errors.ts";
import { writeOutput } from "./output-file.ts";
import { given } from "./testing/tar.ts";

function folder() {
  const path = mkdtempSync(join(tmpdir(), "carapace-output-"));
  return {
    path,
    file: (name: string) => join(path, name),
    [Symbol.dispose]: () => rmSync(path, { recursive: true }),
  };
}

const content = Buffer.alloc(3000, "archive");
const write = (path: string, overwrite = false) => writeOutput(given(content, 1000), { path, overwrite });

test("an archive appears whole and for its owner only, also in place of another", async () => {
  using at = folder();
  expect(await write(at.file("a"))).toBe(3000);
  expect(statSync(at.file("a")).mode & 0o777).toBe(0o600);
  writeFileSync(at.file("b"), "old", { mode: 0o644 });
  await write(at.file("b"), true);
  expect(readFileSync(at.file("b")).equals(content)).toBe(true);
  expect(statSync(at.file("b")).mode & 0o777).toBe(0o600);
  expect(readdirSync(at.path).sort()).toEqual(["a", "b"]);
});

test("what is there is refused before anything is read; links and folders are, with --force too", async () => {
  using at = folder();
  writeFileSync(at.file("old"), "old");
  symlinkSync(at.file("old"), at.file("link"));
  symlinkSync(at.file("none"), at.file("dangling"));
  mkdirSync(at.file("folder"));
  const unread = async function* (): AsyncGenerator<Uint8Array> {
    yield* [];
    throw new Error("it was read");
  };
  const refused = (name: string, overwrite: boolean) =>
    writeOutput(unread(), { path: at.file(name), overwrite });
  await expect(refused("old", false)).rejects.toThrow("--force");
  for (const name of ["link", "dangling", "folder"]) {
    for (const overwrite of [true, false]) {
      await expect(refused(name, overwrite)).rejects.toMatchObject({ code: "unsafe_path" });
    }
  }
  expect(readFileSync(at.file("old"), "utf8")).toBe("old");
  expect(existsSync(at.file("none"))).toBe(false);
});

test("a name that is taken meanwhile is not overwritten", async () => {
  using at = folder();
  const late = async function* (): AsyncGenerator<Uint8Array> {
    yield content;
    writeFileSync(at.file("a"), "theirs");
  };
  await expect(writeOutput(late(), { path: at.file("a"), overwrite: false })).rejects.toMatchObject({
    code: "already_exists",
  });
  expect(readFileSync(at.file("a"), "utf8")).toBe("theirs");
  expect(readdirSync(at.path)).toEqual(["a"]);
});

test("a source that fails leaves nothing, and what was there stays", async () => {
  using at = folder();
  writeFileSync(at.file("a"), "old");
  const failing = async function* (): AsyncGenerator<Uint8Array> {
    yield content;
    throw new Error("the database is gone");
  };
  for (const [path, overwrite] of [
    ["a", true],
    ["b", false],
  ] as const) {
    await expect(writeOutput(failing(), { path: at.file(path), overwrite })).rejects.toThrow(
      "database is gone",
    );
  }
  expect(readdirSync(at.path)).toEqual(["a"]);
  expect(readFileSync(at.file("a"), "utf8")).toBe("old");
});

const steps = ["create", "write", "write", "write", "sync", "link", "remove", "syncFolder"];

test.each(
  steps.flatMap((name, at) => ["ENOSPC", "EIO", "EACCES", "crash"].map((code) => [name, code, at] as const)),
)("%s that ends with %s leaves a whole archive or none under the name", async (_name, code, step) => {
  using at = folder();
  const failing = faultySteps(step, () => {
    throw code === "crash" ? new Crash() : systemError(code);
  });
  const path = at.file("a");
  const failed = await writeOutput(given(content, 1000), { path, overwrite: false, steps: failing }).catch(
    (error) => error,
  );
  expect(failed).toBeInstanceOf(Error);
  if (existsSync(path)) expect(readFileSync(path).equals(content)).toBe(true);
  if (code !== "crash") {
    expect(failed).toMatchObject({ code: code === "ENOSPC" ? "disk_full" : "io" });
    if (step < steps.indexOf("link")) expect(readdirSync(at.path)).toEqual([]);
  }
});

test("a file system without links gets its archive too", async () => {
  using at = folder();
  const fat = faultySteps(steps.indexOf("link"), () => {
    throw systemError("EPERM");
  });
  await writeOutput(given(content, 1000), { path: at.file("a"), overwrite: false, steps: fat });
  expect(readdirSync(at.path)).toEqual(["a"]);
});

const overwriting = ["create", "write", "write", "write", "sync", "rename", "syncFolder"];

test.each(
  overwriting.flatMap((name, at) =>
    ["ENOSPC", "EIO", "EACCES", "crash"].map((code) => [name, code, at] as const),
  ),
)("%s that ends with %s leaves the archive of before or the new one, whole", async (name, code, step) => {
  using at = folder();
  writeFileSync(at.file("a"), "old");
  const failing = faultySteps(step, () => {
    throw code === "crash" ? new Crash() : systemError(code);
  });
  const options = { path: at.file("a"), overwrite: true, steps: failing };
  const failed = await writeOutput(given(content, 1000), options).catch((error) => error);
  expect(failed).toBeInstanceOf(Error);
  expect(readFileSync(at.file("a")).equals(content)).toBe(name === "syncFolder");
  if (name !== "syncFolder") expect(readFileSync(at.file("a"), "utf8")).toBe("old");
  if (code !== "crash") expect(readdirSync(at.path)).toEqual(["a"]);
  // What a process that died left is not in the way of the next one.
  await write(at.file("a"), true);
  expect(readFileSync(at.file("a")).equals(content)).toBe(true);
});

test("a link that takes the archive's place while it is written is not followed, with --force neither", async () => {
  for (const overwrite of [true, false]) {
    using at = folder();
    writeFileSync(at.file("victim"), "theirs");
    const swapping = async function* (): AsyncGenerator<Uint8Array> {
      yield content;
      symlinkSync(at.file("victim"), at.file("a"));
    };
    const refused = await writeOutput(swapping(), { path: at.file("a"), overwrite }).catch((error) => error);
    expect(refused).toMatchObject({ code: overwrite ? "unsafe_path" : "already_exists" });
    expect(readFileSync(at.file("victim"), "utf8")).toBe("theirs");
    expect(readdirSync(at.path).sort()).toEqual(["a", "victim"]);
  }
});

test("a folder that is replaced while the archive is written is told, and the new one stays as it is", async () => {
  using at = folder();
  mkdirSync(at.file("out"));
  const replacing = async function* (): AsyncGenerator<Uint8Array> {
    yield content;
    renameSync(at.file("out"), at.file("aside"));
    mkdirSync(at.file("out"));
    writeFileSync(at.file("out/a"), "theirs");
  };
  const path = at.file("out/a");
  for (const overwrite of [true, false]) {
    const refused = await writeOutput(replacing(), { path, overwrite }).catch((error) => error);
    expect(refused).toBeInstanceOf(StateError);
    expect(readFileSync(path, "utf8")).toBe("theirs");
    rmSync(at.file("aside"), { recursive: true });
    rmSync(path);
  }
});
