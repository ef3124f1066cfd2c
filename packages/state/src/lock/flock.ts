import { StateError } from "../errors.ts";

/** `flock` of the C library: the kernel lets go when the process ends, however it ends. */
export interface Flock {
  /** @returns false if somebody else holds it. @throws StateError `io` if the file cannot be locked at all */
  tryExclusive(fd: number): boolean;
}

const lockExclusive = 2;
const lockNonBlocking = 4;
const interrupted = 4;
const wouldBlock: Readonly<Record<string, number>> = { linux: 11, darwin: 35 };
const libraries: Readonly<Record<string, readonly string[]>> = {
  linux: ["libc.so.6", `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`],
  darwin: ["libSystem.B.dylib"],
};

/** Binds to the C library, on Linux and macOS. @throws StateError `io` elsewhere */
export async function loadFlock(): Promise<Flock> {
  const { dlopen, read } = await import("bun:ffi");
  const errnoName = process.platform === "darwin" ? "__error" : "__errno_location";
  const symbols = {
    flock: { args: ["i32", "i32"], returns: "i32" },
    [errnoName]: { args: [], returns: "ptr" },
  } as const;
  for (const name of libraries[process.platform] ?? []) {
    const library = tryOpen(() => dlopen(name, symbols));
    if (library === undefined) continue;
    const { flock } = library.symbols;
    const errnoAt = library.symbols[errnoName];
    const errno = () => {
      const at = errnoAt?.();
      return typeof at === "number" ? read.i32(at) : 0;
    };
    return {
      tryExclusive: (fd) =>
        attempt(() => (flock === undefined ? -1 : Number(flock(fd, lockExclusive | lockNonBlocking))), errno),
    };
  }
  throw new StateError("io", `Files cannot be locked on this system (${process.platform}).`);
}

function attempt(lock: () => number, errno: () => number): boolean {
  for (;;) {
    if (lock() === 0) return true;
    const reason = errno();
    if (reason === interrupted) continue;
    if (reason === wouldBlock[process.platform]) return false;
    throw new StateError(
      "io",
      `The lock file cannot be locked (error ${reason}): the file system may not support it.`,
    );
  }
}

function tryOpen<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch {
    return undefined;
  }
}
