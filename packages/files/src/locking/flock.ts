/** One attempt on a descriptor: got, held by somebody else, or the system's error number. */
export type Attempt = "locked" | "held" | { readonly errno: number };

/** `flock` of the C library: the kernel lets go when the last descriptor closes, however the process ends. */
export type TryLock = (fd: number) => Attempt;

const exclusive = 2;
const withoutWaiting = 4;
const interrupted = 4;
const wouldBlock: Readonly<Record<string, number>> = { linux: 11, darwin: 35 };
const libraries: Readonly<Record<string, readonly string[]>> = {
  linux: ["libc.so.6", `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`],
  darwin: ["libSystem.B.dylib"],
};

/** Binds to the C library, on Linux and macOS. @returns undefined where there is no such call */
export async function loadFlock(): Promise<TryLock | undefined> {
  const { dlopen, read } = await import("bun:ffi");
  const errnoName = process.platform === "darwin" ? "__error" : "__errno_location";
  const symbols = {
    flock: { args: ["i32", "i32"], returns: "i32" },
    [errnoName]: { args: [], returns: "ptr" },
  } as const;
  for (const name of libraries[process.platform] ?? []) {
    const library = unlessMissing(() => dlopen(name, symbols));
    const flock = library?.symbols.flock;
    const errnoAt = library?.symbols[errnoName];
    if (flock === undefined || errnoAt === undefined) continue;
    const errno = () => {
      const at = errnoAt();
      return typeof at === "number" ? read.i32(at) : 0;
    };
    return (fd) => attempt(() => Number(flock(fd, exclusive | withoutWaiting)), errno);
  }
  return undefined;
}

/** Asks again after a signal came in between. */
export function attempt(lock: () => number, errno: () => number): Attempt {
  for (;;) {
    if (lock() === 0) return "locked";
    const reason = errno();
    if (reason === interrupted) continue;
    return reason === wouldBlock[process.platform] ? "held" : { errno: reason };
  }
}

function unlessMissing<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch {
    return undefined;
  }
}
