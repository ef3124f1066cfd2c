/** `AF_UNIX` and `SOCK_DGRAM | SOCK_CLOEXEC` of Linux. */
const unixFamily = 1;
const datagram = 2 | 0o2000000;
/** `MSG_DONTWAIT | MSG_NOSIGNAL`: a manager that does not listen holds nothing up. */
const withoutWaiting = 0x40 | 0x4000;
/** `sun_path`, with the NUL at its end. */
const maxPath = 108;
const libraries: readonly string[] = [
  "libc.so.6",
  `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`,
];

/**
 * Tells the service manager that started this process how it stands (sd_notify(3)): over the datagram socket that it
 * named in `NOTIFY_SOCKET`, which neither Bun nor Node can speak to. Linux only. Contract: never throws.
 * @param state `READY=1` or `STOPPING=1`
 * @returns whether somebody was told; false without a manager
 */
export async function tellSystemd(socket: string | undefined, state: string): Promise<boolean> {
  const address = process.platform === "linux" ? addressOf(socket ?? "") : undefined;
  if (address === undefined) return false;
  const { dlopen, ptr } = await import("bun:ffi");
  const message = new TextEncoder().encode(state);
  for (const name of libraries) {
    try {
      const { symbols } = dlopen(name, {
        socket: { args: ["i32", "i32", "i32"], returns: "i32" },
        sendto: { args: ["i32", "ptr", "u64", "i32", "ptr", "u32"], returns: "i64" },
        close: { args: ["i32"], returns: "i32" },
      });
      const fd = symbols.socket(unixFamily, datagram, 0);
      if (fd < 0) return false;
      const size = BigInt(message.length);
      const sent = symbols.sendto(fd, ptr(message), size, withoutWaiting, ptr(address), address.length);
      symbols.close(fd);
      return sent === size;
    } catch {
      // Another C library.
    }
  }
  return false;
}

/** `sockaddr_un`: a path, or behind `@` an abstract name. */
function addressOf(socket: string): Uint8Array | undefined {
  if (!/^[/@]./.test(socket)) return undefined;
  const path = new TextEncoder().encode(socket.replace(/^@/, "\0"));
  if (path.length >= maxPath) return undefined;
  const family = new Uint8Array(new Uint16Array([unixFamily]).buffer);
  return Uint8Array.from([...family, ...path]);
}
