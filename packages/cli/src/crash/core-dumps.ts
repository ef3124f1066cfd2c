/** `PR_SET_DUMPABLE` and `RLIMIT_CORE` of Linux. */
const setDumpable = 4;
const coreSize = 4;
const libraries: readonly string[] = [
  "libc.so.6",
  `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`,
];

/**
 * Linux: from now on a crash leaves no image of this process on disk, and no other program of the owner may read its
 * memory or environment; keys and credentials lie there in clear. Elsewhere, and where the system refuses, nothing
 * happens (decision 0010).
 * @returns whether it is so
 */
export async function forbidCoreDumps(platform: NodeJS.Platform): Promise<boolean> {
  if (platform !== "linux") return false;
  const { dlopen, ptr } = await import("bun:ffi");
  for (const name of libraries) {
    try {
      const { symbols } = dlopen(name, {
        prctl: { args: ["i32", "u64", "u64", "u64", "u64"], returns: "i32" },
        setrlimit: { args: ["i32", "ptr"], returns: "i32" },
      });
      const none = new BigUint64Array(2);
      const isLimited = symbols.setrlimit(coreSize, ptr(none)) === 0;
      return symbols.prctl(setDumpable, 0n, 0n, 0n, 0n) === 0 && isLimited;
    } catch {
      // Another C library.
    }
  }
  return false;
}
