import type { FFIFunction } from "bun:ffi";

/** One system call by number. @returns its value, or the error's number */
export type SystemCall = (
  name: "add_key" | "keyctl",
  ...args: readonly (number | Uint8Array)[]
) => { readonly value: number } | { readonly errno: number };

const numbers: Readonly<Record<string, Readonly<Record<"add_key" | "keyctl", number>>>> = {
  x64: { add_key: 248, keyctl: 250 },
  arm64: { add_key: 217, keyctl: 219 },
};
const libraries = ["libc.so.6", `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`];
const maxArgs = 5;

/** Binds the C library's `syscall`: it has no functions of its own for keys. @returns undefined where that is not Linux */
export async function loadSystemCalls(): Promise<SystemCall | undefined> {
  const of = numbers[process.arch];
  if (process.platform !== "linux" || of === undefined) return undefined;
  const { dlopen, ptr, read } = await import("bun:ffi");
  const symbols = {
    syscall: {
      args: ["i64", "i64", "i64", "i64", "i64", "i64"],
      returns: "i64",
    },
    __errno_location: { args: [], returns: "ptr" },
  } as const satisfies Record<string, FFIFunction>;
  for (const name of libraries) {
    const library = unlessMissing(() => dlopen(name, symbols));
    if (library === undefined) continue;
    const { syscall, __errno_location: errnoAt } = library.symbols;
    return (call, ...args) => {
      const [a = 0, b = 0, c = 0, d = 0, e = 0] = args.slice(0, maxArgs).map((arg) =>
        // There is no address of nothing.
        typeof arg === "number" ? arg : arg.length === 0 ? 0 : Number(ptr(arg)),
      );
      const value = Number(syscall(of[call], a, b, c, d, e));
      if (value !== -1) return { value };
      const at = errnoAt();
      return { errno: at === null ? 0 : read.i32(at) };
    };
  }
  return undefined;
}

function unlessMissing<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch {
    return undefined;
  }
}
