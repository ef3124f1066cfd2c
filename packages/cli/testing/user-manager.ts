import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const systemd = ["/usr/lib/systemd/systemd", "/lib/systemd/systemd"].find(existsSync);

/** Why no user manager of systemd can be had here; empty if one can. */
export function lacksUserManager(): string {
  if (process.platform !== "linux") return "Linux";
  if (systemd === undefined) return "systemd";
  const spaces = Bun.spawnSync([
    "unshare",
    "--mount",
    "--pid",
    "--fork",
    "--mount-proc",
    "--cgroup",
    "--net",
    "true",
  ]);
  return spaces.success ? "" : "namespaces of its own";
}

/**
 * Runs a shell script beside a real user manager of systemd, in namespaces of their own: its own processes, network,
 * control groups and `/run`. The script's HOME is empty and removed at the end.
 * @returns what the script printed, both streams together
 */
export async function underUserManager(script: string): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), "carapace-service-"));
  try {
    const child = Bun.spawn(
      [
        ...["timeout", "60", "unshare", "--mount", "--pid", "--fork", "--kill-child"],
        ...["--mount-proc", "--cgroup", "--net", "sh", "-c", `${around}\n(${script}) 2>&1`],
      ],
      {
        env: { PATH: process.env["PATH"] ?? "", HOME: home, USER: "owner", CARAPACE_CREDENTIAL_STORE: "off" },
        stdout: "pipe",
        stderr: "pipe",
      },
    );
    const [said, trouble] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    return said === "" ? trouble : said;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** What a machine started by systemd has: the one hierarchy of control groups, `/run/systemd/system`, a runtime folder. */
const around = `
umount -R /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs tmpfs /run; mkdir -p /run/systemd/system /run/user; chmod 700 /run/user
export XDG_RUNTIME_DIR=/run/user
ip link set lo up
${systemd} --user >/dev/null 2>&1 &
for try in $(seq 100); do systemctl --user show --property Version >/dev/null 2>&1 && break; sleep 0.1; done
`;
