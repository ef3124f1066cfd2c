import { closeSync, readSync } from "node:fs";
import { join } from "node:path";
import type { FileResult } from "@carapace/files";
import { readPrivate } from "@carapace/files/read";
import { type Refusal, type Result, refuse } from "@carapace/protocol/failures";
import type { Environment } from "../types.ts";

const variable = "CARAPACE_CONFIG_PASSWORD";
const fileVariable = "CARAPACE_CONFIG_PASSWORD_FILE";
const descriptorVariable = "CARAPACE_CONFIG_PASSWORD_FD";
/** The folder of a service's credentials, as systemd names it. */
const credentialsVariable = "CREDENTIALS_DIRECTORY";
const credential = "carapace-config-password";
const maxBytes = 4096;

/** What came of looking for the password. */
interface GivenPassword {
  /** The environment with the password in its variable, and without the names that said where it is. */
  readonly env: Environment;
  /** It was to come from somewhere it cannot be had: going on without would write secrets in clear. */
  readonly refusal?: Refusal;
}

/**
 * Takes the owner's password from where it was given (config.md §11.2 *Better*): the variable itself, else an open
 * descriptor, else an owner-only file, else a systemd credential. The process's own environment is not changed, so that
 * no child inherits what was in a file.
 */
export function withGivenPassword(env: Environment): GivenPassword {
  const { [fileVariable]: path, [descriptorVariable]: descriptor, ...others } = env;
  if (env[variable]) return { env: others };
  const read = givenBy(path, descriptor, env[credentialsVariable]);
  if (!read.ok) return { env: others, refusal: read };
  return { env: read.value === undefined ? others : { ...others, [variable]: read.value } };
}

function givenBy(
  path: string | undefined,
  descriptor: string | undefined,
  folder: string | undefined,
): Result<string | undefined> {
  if (descriptor) return fromDescriptor(descriptor);
  if (path) {
    const read = readPrivate(path, { maxBytes, mode: "refuse" });
    return read.ok && read.value === undefined ? missing(path) : passwordOf(read, path);
  }
  return folder ? fromCredentials(join(folder, credential)) : { ok: true, value: undefined };
}

/** A credential of a service that runs as somebody else than root may stay root's, opened to it by an access list. */
function fromCredentials(path: string): Result<string | undefined> {
  const own = readPrivate(path, { maxBytes, mode: "refuse" });
  const isOwners = own.ok || own.problem !== "owner";
  return passwordOf(isOwners ? own : readPrivate(path, { maxBytes, mode: "any" }), path);
}

function fromDescriptor(text: string): Result<string> {
  const fd = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (fd < 3)
    return refuse("invalid_request", `${descriptorVariable} must be the number of an open file, 3 or above.`);
  const where = `file descriptor ${fd}`;
  try {
    const bytes = readToEnd(fd);
    return bytes === undefined ? tooLarge(where) : textOf(bytes, where);
  } catch {
    return refuse("unavailable", `${descriptorVariable} says ${fd}, but that file is not open for reading.`);
  }
}

/** Reads to the end and closes, so that nothing reads it twice. @returns undefined if there is too much */
function readToEnd(fd: number): Uint8Array | undefined {
  const bytes = Buffer.alloc(maxBytes + 1);
  let length = 0;
  try {
    while (length < bytes.length) {
      const read = readSync(fd, bytes, length, bytes.length - length, null);
      if (read === 0) return bytes.subarray(0, length);
      length += read;
    }
    return undefined;
  } finally {
    closeSync(fd);
  }
}

function passwordOf(read: FileResult<Uint8Array | undefined>, path: string): Result<string | undefined> {
  if (!read.ok) return read;
  return read.value === undefined ? { ok: true, value: undefined } : textOf(read.value, path);
}

/** The text without the line end that editors and `echo` put behind it. */
function textOf(bytes: Uint8Array, where: string): Result<string> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes).replace(/\r?\n$/, "");
  } catch {
    return refuse("unavailable", `${where} holds no text in UTF-8: put the password into it.`);
  }
  if (text === "") return refuse("unavailable", `${where} is empty: put the password into it.`);
  if (/[\0\r\n]/.test(text))
    return refuse("unavailable", `${where} holds more than one line: only the password may stand in it.`);
  return { ok: true, value: text };
}

function tooLarge(where: string): Refusal {
  return refuse(
    "unavailable",
    `${where} holds more than ${maxBytes} bytes: only the password may stand in it.`,
  );
}

function missing(path: string): Refusal {
  return refuse("unavailable", `${fileVariable} names ${path}, which is not there.`);
}
