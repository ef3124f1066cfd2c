import { statSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/**
 * Where a program is started: it may read settings, instructions and even code from its folder and from all above it, so
 * that nobody else may write there. In a shared `/tmp` anybody could.
 * @param env Of the program.
 * @returns a folder that is there; the home folder if none is safe
 */
export async function quietFolder(env: Readonly<Record<string, string>>): Promise<string> {
  const { HOME: home, XDG_RUNTIME_DIR: runtime } = env;
  const places = [runtime, tmpdir(), ...(home ? [join(home, ".cache"), home] : [])];
  for (const place of places) {
    const real = place ? await realpath(place).catch(() => undefined) : undefined;
    if (real !== undefined && isOnlyOurs(real)) return real;
  }
  return home || tmpdir();
}

const othersWrite = 0o022;

/** Whether only the owner and the system can write to a folder and to those above it. */
function isOnlyOurs(path: string): boolean {
  const own = process.getuid?.();
  // Without such rights, as on Windows, the folder for temporary files is each person's own.
  if (own === undefined) return true;
  const facts = statSync(path, { throwIfNoEntry: false });
  const isOurs = facts?.isDirectory() === true && (facts.uid === own || facts.uid === 0);
  if (!isOurs || (facts.mode & othersWrite) !== 0) return false;
  const above = dirname(path);
  return above === path || isOnlyOurs(above);
}
