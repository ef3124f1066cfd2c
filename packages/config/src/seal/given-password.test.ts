import { expect, test } from "bun:test";
import { chmodSync, closeSync, mkdirSync, openSync, symlinkSync, writeFileSync } from "node:fs";
import { testFolder } from "../testing/folder.ts";
import { withGivenPassword } from "./given-password.ts";

const name = "CARAPACE_CONFIG_PASSWORD";

function written(path: string, content: string | Uint8Array, mode = 0o600): string {
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

function sayOf(env: Record<string, string>): string {
  const given = withGivenPassword(env);
  return given.refusal?.say ?? `taken: ${given.env[name]}`;
}

test("nothing given is nothing set, and other variables stay", () => {
  expect(withGivenPassword({ A: "1", [`${name}_FILE`]: "", CREDENTIALS_DIRECTORY: "/nonexistent" })).toEqual({
    env: { A: "1", CREDENTIALS_DIRECTORY: "/nonexistent" },
  });
});

test("an owner-only file gives it without its line end, and its name is not passed on", () => {
  using folder = testFolder();
  const file = written(folder.file("password"), " two words \r\n", 0o400);
  const env = { A: "1", [`${name}_FILE`]: file };
  expect(withGivenPassword(env)).toEqual({ env: { A: "1", [name]: " two words " } });
  expect(env).toEqual({ A: "1", [`${name}_FILE`]: file });
});

test("the variable itself comes first, then a descriptor, then a file, then a credential of the service", () => {
  using folder = testFolder();
  const file = written(folder.file("password"), "of the file");
  mkdirSync(folder.file("credentials"), { mode: 0o700 });
  written(folder.file("credentials/carapace-config-password"), "of the service\n", 0o400);
  const service = { CREDENTIALS_DIRECTORY: folder.file("credentials") };
  const filed = { ...service, [`${name}_FILE`]: file };
  expect(sayOf(service)).toBe("taken: of the service");
  expect(sayOf(filed)).toBe("taken: of the file");
  const fd = openSync(written(folder.file("other"), "of the descriptor"), "r");
  expect(sayOf({ ...filed, [`${name}_FD`]: String(fd) })).toBe("taken: of the descriptor");
  expect(() => closeSync(fd)).toThrow("EBADF");
  expect(sayOf({ ...filed, [`${name}_FD`]: String(fd), [name]: "itself" })).toBe("taken: itself");
});

test("a file that others may open, a link, a folder and one that is missing are refused, not passed over", () => {
  using folder = testFolder();
  const open = written(folder.file("open"), "secret", 0o640);
  symlinkSync(written(folder.file("own"), "secret"), folder.file("link"));
  const file = (path: string) => sayOf({ [`${name}_FILE`]: path });
  expect(file(open)).toContain(`run chmod 600 ${open}`);
  expect(file(folder.file("link"))).toContain("is a symbolic link");
  expect(file(folder.path)).toContain("is not a regular file");
  expect(file(folder.file("none"))).toBe(`${name}_FILE names ${folder.file("none")}, which is not there.`);
});

test("a credential of the service that others may open is refused", () => {
  using folder = testFolder();
  written(folder.file("carapace-config-password"), "secret", 0o644);
  expect(sayOf({ CREDENTIALS_DIRECTORY: folder.path })).toContain("can be opened by other users");
});

test.each<[string, string | Uint8Array, string]>([
  ["nothing", "", "is empty"],
  ["a line end", "\n", "is empty"],
  ["two lines", "secret\nsecret\n", "more than one line"],
  ["a NUL", "sec\0ret", "more than one line"],
  ["no text", Uint8Array.of(0xff, 0xfe), "no text in UTF-8"],
  ["too much", "x".repeat(4097), "larger than 4096 bytes"],
])("a file with %s in it is refused without showing what is in it", (_what, content, why) => {
  using folder = testFolder();
  const say = sayOf({ [`${name}_FILE`]: written(folder.file("password"), content) });
  expect(say).toContain(why);
  expect(say).not.toMatch(/secret|xxxx/);
});

test("a descriptor that is none, not open, or holds too much is refused", () => {
  using folder = testFolder();
  for (const text of ["0", "2", "-1", "3x", "99999999"])
    expect(sayOf({ [`${name}_FD`]: text })).toContain("3 or above");
  expect(sayOf({ [`${name}_FD`]: "999999" })).toContain("not open");
  const fd = openSync(written(folder.file("long"), "x".repeat(4097)), "r");
  expect(sayOf({ [`${name}_FD`]: String(fd) })).toContain("more than 4096 bytes");
});
