import { expect, test } from "bun:test";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loginIn, tailscaleWhois } from "./tailscale.ts";

/** A program that answers as `tailscale whois --json` does, and repeats its arguments. */
async function fakeTailscale(script: string): Promise<AsyncDisposable & { path: string }> {
  const dir = await mkdtemp(join(tmpdir(), "carapace-tailscale-"));
  const path = join(dir, "tailscale");
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o700);
  return { path, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
}

test("asks the program with plain arguments and reads the login", async () => {
  await using program = await fakeTailscale('printf \'{"UserProfile":{"LoginName":"%s"}}\' "$*"');
  expect(await tailscaleWhois(program.path)("100.64.0.7")).toBe("whois --json 100.64.0.7");
});

test("the program sees nothing of our environment, and is found by its bare name", async () => {
  await using program = await fakeTailscale(
    'printf \'{"LoginName":"%s"}\' "$HOME$USER$CARAPACE_GATEWAY_TOKEN."',
  );
  expect(await tailscaleWhois(program.path)("100.64.0.7")).toBe(".");
  expect(await tailscaleWhois("echo")("100.64.0.7")).toBeUndefined();
});

test("an address that is none never becomes an argument", async () => {
  await using program = await fakeTailscale('printf \'{"LoginName":"ada"}\'');
  for (const address of ["--help", "100.64.0.7; id", "", "box.ts.net"]) {
    expect(await tailscaleWhois(program.path)(address)).toBeUndefined();
  }
});

test("a program that fails, is missing or babbles confirms nobody", async () => {
  await using failing = await fakeTailscale('printf \'{"LoginName":"ada"}\'; exit 1');
  await using babbling = await fakeTailscale("echo hello");
  for (const path of [failing.path, babbling.path, "/nowhere/tailscale"]) {
    expect(await tailscaleWhois(path)("100.64.0.7")).toBeUndefined();
  }
});

test("reads either place of the login, nothing else", () => {
  expect(loginIn('{"LoginName":"a"}')).toBe("a");
  expect(loginIn('{"UserProfile":{"LoginName":"b"}}')).toBe("b");
  for (const text of ["", "null", "[]", '{"LoginName":1}', '{"UserProfile":null}', '{"LoginName":" "}']) {
    expect(loginIn(text)).toBeUndefined();
  }
});
