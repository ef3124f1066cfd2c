import { existsSync } from "node:fs";
import type { Check, Finding } from "../finding.ts";

/** What this system can confine child processes with; without it, tools that run programs are refused. */
export const checkSandbox: Check = async ({ platform }) => {
  if (platform === "linux") return [await linux()];
  const isThere = platform === "darwin" && existsSync("/usr/bin/sandbox-exec");
  if (isThere) return [{ check: "sandbox", status: "ok", say: "sandbox-exec is there" }];
  const say = "this system has no sandbox that is supported: tools that start programs will be refused";
  return [{ check: "sandbox", status: "warning", say }];
};

/** Landlock's version 4 brought rules for the network. */
const leastAbi = 4;

async function linux(): Promise<Finding> {
  const abi = await landlockAbi();
  const seccomp = existsSync("/proc/sys/kernel/seccomp/actions_avail") ? "seccomp" : "no seccomp";
  if (abi >= leastAbi) {
    return { check: "sandbox", status: "ok", say: `Landlock (version ${abi}), ${seccomp}` };
  }
  const say =
    abi <= 0
      ? "the kernel offers no Landlock: tools that start programs will be refused"
      : `the kernel's Landlock (version ${abi}) cannot confine the network: tools that start programs will be refused`;
  return { check: "sandbox", status: "warning", say, command: "uname -r" };
}

/** Asks the kernel for its Landlock version (landlock_create_ruleset(2), number 444 everywhere); 0 or less: none. */
async function landlockAbi(): Promise<number> {
  const { dlopen } = await import("bun:ffi");
  const library = openLibrary(dlopen);
  if (library === undefined) return 0;
  const askVersion = 1;
  const abi = Number(library.symbols.syscall(444, null, 0n, askVersion));
  library.close();
  return abi;
}

function openLibrary(dlopen: typeof import("bun:ffi").dlopen) {
  const symbols = { syscall: { args: ["i64", "ptr", "u64", "u32"], returns: "i64" } } as const;
  // glibc, musl.
  for (const name of ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"]) {
    try {
      return dlopen(name, symbols);
    } catch {}
  }
  return undefined;
}
