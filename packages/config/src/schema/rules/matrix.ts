import { lstatSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "../../load/places.ts";
import { stateDirOf } from "../../paths.ts";
import { isRecord } from "../../record.ts";
import {
  allowedLengthFault,
  allowedServerFault,
  allowedUserFault,
  deviceFault,
  homeserverFault,
  userFault,
} from "./matrix-values.ts";
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
    ...allowed(section),
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
    .filter(([name, variable]) => isOther(section[name], lookup(variable)))
    .map(([name, variable]) => warn(["matrix", name], `${variable} is set too; the file wins`));
}

/** A file that says the same as the variable, or refers to it, takes nothing from it. */
function isOther(written: unknown, given: string | undefined): boolean {
  return isFilled(written) && isFilled(given) && written.trim() !== given.trim();
}

function identity(section: Record<string, unknown>, subject: Subject): Finding[] {
  const url = setting(section, "homeserverUrl", subject);
  const user = setting(section, "userId", subject);
  const device = setting(section, "deviceId", subject);
  const missing = (name: string) => error(["matrix", name], `is needed; set it, or ${variables[name]}`);
  return [
    ...(url === undefined ? [missing("homeserverUrl")] : told("homeserverUrl", homeserverFault(url))),
    ...(user === undefined ? [missing("userId")] : told("userId", userFault(user))),
    ...(device === undefined ? [] : told("deviceId", deviceFault(device))),
  ];
}

function told(name: string, fault: string | undefined): Finding[] {
  return fault === undefined ? [] : [error(["matrix", name], fault)];
}

/**
 * One of the two, of the file; if it has neither, of the environment. The environment's other one is no fault: a password is
 * still asked for by the server after the first sign-in stored its token (channels.md §15, X20).
 */
function signIn(section: Record<string, unknown>, subject: Subject): Finding[] {
  const own = ["accessToken", "password"].filter((name) => isFilled(section[name]));
  const ways =
    own.length > 0
      ? own
      : ["accessToken", "password"].filter((name) => setting(section, name, subject) !== undefined);
  if (ways.length !== 1) return [error(["matrix"], "needs exactly one of accessToken and password")];
  const isUnplaced = ways[0] === "accessToken" && setting(section, "deviceId", subject) === undefined;
  return isUnplaced ? [error(["matrix", "deviceId"], "is needed with accessToken")] : [];
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

const lists = { allowUsers: allowedUserFault, allowServerNames: allowedServerFault } as const;

function allowed(section: Record<string, unknown>): Finding[] {
  return Object.entries(lists).flatMap(([name, fault]) => {
    const list = at(section, "autoJoin", name);
    if (!Array.isArray(list)) return [];
    const path = ["matrix", "autoJoin", name];
    const texts = list.filter((entry) => typeof entry === "string");
    const long = texts.map(allowedLengthFault).find((say) => say !== undefined);
    const odd = texts.map((text) => fault(text.trim())).find((say) => say !== undefined);
    return [
      ...(long === undefined ? [] : [error(path, `an entry ${long}`)]),
      ...(odd === undefined ? [] : [warn(path, `an entry ${odd}`)]),
      ...(new Set(list).size === list.length ? [] : [warn(path, "names something twice")]),
    ];
  });
}
