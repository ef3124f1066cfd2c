import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { assertOwner, ioError, prepareDirectory, syncDirectory } from "../directory.ts";
import { StateError, systemCode } from "../errors.ts";
import type { KeyStore } from "../types.ts";

const keyLine = /^([0-9a-f]{64})\n$/;

/**
 * Keeps the key in `<dir>/state.key`: 64 hex characters and a newline, readable by its owner only.
 * @param warn Told, in a sentence, when the file could be read by others; its mode is then tightened.
 */
export function fileKeyStore(dir: string, warn: (say: string) => void = () => {}): KeyStore {
  const path = join(dir, "state.key");
  return { load: () => load(path, warn), create: (key) => create(path, key) };
}

async function load(path: string, warn: (say: string) => void): Promise<Uint8Array | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error) => {
      if (systemCode(error) === "ENOENT") return undefined;
      throw unreadable(
        path,
        systemCode(error) === "ELOOP" ? "it is a symbolic link" : `${systemCode(error)}`,
      );
    },
  );
  if (file === undefined) return undefined;
  try {
    const found = await file.stat();
    if (!found.isFile()) throw unreadable(path, "it is not a regular file");
    assertOwner(path, found.uid);
    if (found.nlink > 1) throw unreadable(path, "it has a second name (a hard link)");
    if ((found.mode & 0o077) !== 0) {
      await file.chmod(0o600);
      warn(
        `${path} could be read by other users of this machine; it cannot any more. Renew the key if others use this machine.`,
      );
    }
    if (found.size !== 65) throw unreadable(path, "it does not hold a key");
    const hex = keyLine.exec(await file.readFile("latin1"))?.[1];
    if (hex === undefined) throw unreadable(path, "it does not hold a key");
    return new Uint8Array(Buffer.from(hex, "hex"));
  } finally {
    await file.close();
  }
}

async function create(path: string, key: Uint8Array): Promise<void> {
  if (key.length !== 32) throw new StateError("invalid", "The database key must have 32 bytes.");
  await prepareDirectory(dirname(path));
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const file = await open(path, flags, 0o600).catch((error) => {
    if (systemCode(error) !== "EEXIST") throw ioError(path, error);
    throw new StateError("key_exists", `${path} is there already: it is never overwritten.`);
  });
  try {
    await file.writeFile(`${Buffer.from(key).toString("hex")}\n`);
    await file.sync();
  } catch (error) {
    throw ioError(path, error);
  } finally {
    await file.close();
  }
  await syncDirectory(dirname(path));
}

function unreadable(path: string, why: string): StateError {
  return new StateError(
    "key_unreadable",
    `The key file ${path} cannot be used: ${why}. Put the right file back, or restore a backup.`,
  );
}
