import { lstatSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "../../load/places.ts";
import { stateDirOf } from "../../paths.ts";
import { isRecord } from "../../record.ts";
import { at, error, isFilled, type Rule, type Subject, warn } from "./rule.ts";

const variables: Readonly<Record<string, string>> = {
  homeserverUrl: "MATRIX_HOMESERVER_URL",
  userId: "MATRIX_USER_ID",
  accessToken: "MATRIX_ACCESS_TOKEN",
  password: "MATRIX_PASSWORD",
  deviceId: "MATRIX_DEVICE_ID",
  storePassphrase: "MATRIX_STORE_PASSPHRASE",
};

const maxPassphraseBytes = 64 * 1024;

/** The Matrix account as a whole (config.md §8, second table). Only when the section is there and switched on. */
export const matrixAccount: Rule = (subject) => {
  const section = at(subject.tree, "matrix");
  if (!isRecord(section) || section["enabled"] === false) return [];
  return [
    ...shadowed(section, subject),
    ...identity(section, subject),
    ...signIn(section, subject),
    ...store(section, subject),
    ...doubles(section),
  ];
};

/** Configuration first, then the environment (config.md §12). */
function setting(section: Record<string, unknown>, name: string, { lookup }: Subject): string | undefined {
  const own = section[name];
  if (isFilled(own)) return own.trim();
  const variable = lookup(variables[name] ?? "");
  return isFilled(variable) ? variable.trim() : undefined;
}

function shadowed(section: Record<string, unknown>, { lookup }: Subject): Finding[] {
  return Object.entries(variables)
    .filter(([name, variable]) => isFilled(section[name]) && isFilled(lookup(variable)))
    .map(([name, variable]) => warn(["matrix", name], `${variable} is set too; the file wins`));
}

function identity(section: Record<string, unknown>, subject: Subject): Finding[] {
  const url = setting(section, "homeserverUrl", subject);
  const user = setting(section, "userId", subject);
  const device = setting(section, "deviceId", subject);
  const missing = (name: string) => error(["matrix", name], `is needed; set it, or ${variables[name]}`);
  const badUser = user !== undefined && (!/^@[^:\s]+:[^\s]+$/.test(user) || Buffer.byteLength(user) > 256);
  return [
    ...(url === undefined ? [missing("homeserverUrl")] : homeserver(url)),
    ...(user === undefined ? [missing("userId")] : []),
    ...(badUser ? [error(["matrix", "userId"], "must look like @name:server, at most 256 bytes")] : []),
    ...(device !== undefined && Buffer.byteLength(device) > 255
      ? [error(["matrix", "deviceId"], "must be at most 255 bytes")]
      : []),
  ];
}

function homeserver(text: string): Finding[] {
  const say =
    "must be an http or https address of a host without path, query or sign-in; http only to this machine";
  const bad = [error(["matrix", "homeserverUrl"], say)];
  if (!/^[\x21-\x7e]{1,2048}$/.test(text) || !URL.canParse(text) || /[?#@]/.test(text)) return bad;
  const url = new URL(text);
  const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  const fits = url.protocol === "https:" || (url.protocol === "http:" && loopback);
  return fits && url.pathname === "/" && url.hostname !== "" ? [] : bad;
}

function signIn(section: Record<string, unknown>, subject: Subject): Finding[] {
  const token = setting(section, "accessToken", subject);
  const password = setting(section, "password", subject);
  if ((token === undefined) === (password === undefined)) {
    return [error(["matrix"], "needs exactly one of accessToken and password")];
  }
  const device = setting(section, "deviceId", subject);
  return token !== undefined && device === undefined
    ? [error(["matrix", "deviceId"], "is needed with accessToken")]
    : [];
}

function store(section: Record<string, unknown>, subject: Subject): Finding[] {
  const passphrase = setting(section, "storePassphrase", subject);
  if (section["encrypted"] === false) {
    const say = "has no effect with encrypted: false";
    return passphrase === undefined ? [] : [warn(["matrix", "storePassphrase"], say)];
  }
  // The password is the process's own only; the env section cannot set it.
  if (passphrase !== undefined || isFilled(subject.env["CARAPACE_CONFIG_PASSWORD"])) return [];
  if (hasPassphraseFile(join(stateDirOf(subject.env), "matrix", "store_passphrase"))) return [];
  const say =
    "encryption needs matrix.storePassphrase, MATRIX_STORE_PASSPHRASE or CARAPACE_CONFIG_PASSWORD; set one";
  return [error(["matrix", "storePassphrase"], say)];
}

function hasPassphraseFile(file: string): boolean {
  if (!lstatSync(file, { throwIfNoEntry: false })) return false;
  const facts = statSync(file, { throwIfNoEntry: false });
  return facts?.isFile() === true && facts.size > 0 && facts.size <= maxPassphraseBytes;
}

function doubles(section: Record<string, unknown>): Finding[] {
  return ["allowUsers", "allowServerNames"].flatMap((name) => {
    const list = at(section, "autoJoin", name);
    if (!Array.isArray(list) || new Set(list).size === list.length) return [];
    return [warn(["matrix", "autoJoin", name], "names something twice")];
  });
}
