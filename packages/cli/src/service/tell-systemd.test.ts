import { dlopen, ptr } from "bun:ffi";
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tellSystemd } from "./tell-systemd.ts";

const unixFamily = 1;
const datagram = 2;
const dontWait = 0x40;

/** What a service manager has: a datagram socket, at a path or by an abstract name. */
function manager(name: string): Disposable & { received(): string } {
  const { symbols } = dlopen("libc.so.6", {
    socket: { args: ["i32", "i32", "i32"], returns: "i32" },
    bind: { args: ["i32", "ptr", "u32"], returns: "i32" },
    recv: { args: ["i32", "ptr", "u64", "i32"], returns: "i64" },
    close: { args: ["i32"], returns: "i32" },
  });
  const fd = symbols.socket(unixFamily, datagram, 0);
  const address = Uint8Array.from([unixFamily, 0, ...new TextEncoder().encode(name)]);
  expect(symbols.bind(fd, ptr(address), address.length)).toBe(0);
  return {
    received() {
      const buffer = new Uint8Array(100);
      const count = Number(symbols.recv(fd, ptr(buffer), 100n, dontWait));
      return new TextDecoder().decode(buffer.subarray(0, Math.max(0, count)));
    },
    [Symbol.dispose]: () => void symbols.close(fd),
  };
}

const onLinux = test.skipIf(process.platform !== "linux");

onLinux("a manager that listens at a path is told", async () => {
  const dir = mkdtempSync(join(tmpdir(), "carapace-notify-"));
  try {
    const path = join(dir, "notify");
    using systemd = manager(path);
    expect(await tellSystemd(path, "READY=1")).toBe(true);
    expect(systemd.received()).toBe("READY=1");
  } finally {
    rmSync(dir, { recursive: true });
  }
});

onLinux("a manager with an abstract name is told", async () => {
  const name = `carapace-notify-${crypto.randomUUID()}`;
  using systemd = manager(`\0${name}`);
  expect(await tellSystemd(`@${name}`, "STOPPING=1")).toBe(true);
  expect(systemd.received()).toBe("STOPPING=1");
});

test.each([undefined, "", "/", "relative", "vsock:2:1234", "/nobody/listens/here", `/${"x".repeat(200)}`])(
  "with NOTIFY_SOCKET %p nobody is told, and nothing fails",
  async (socket) => {
    expect(await tellSystemd(socket, "READY=1")).toBe(false);
  },
);
