import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServicePlan } from "../plan.ts";
import { managerOf } from "./index.ts";
import type { ServiceManager } from "./manager.ts";

let folder: string;
let plan: ServicePlan;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carapace-managers-"));
  plan = { program: "/opt/cara", args: ["start"], environment: { PATH: "/bin" }, stateDir: folder };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Puts a program in the place of one of the system: it writes down how it was called, then does what `answers` says. */
function stands(name: string, answers: string): void {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\necho "$*" >> "${folder}/calls"\n${answers}\n`);
  chmodSync(path, 0o700);
}

const calls = (): string[] => readFileSync(join(folder, "calls"), "utf8").trim().split("\n");

function manager(platform: NodeJS.Platform): ServiceManager {
  const env = { PATH: `${folder}:/usr/bin:/bin`, HOME: folder, USERDOMAIN: "PC", USERNAME: "Jane" };
  const found = managerOf(platform, { env, stateDir: folder, uid: 501 });
  if (!found.ok) throw new Error(found.say);
  return found.value;
}

test("launchd gets an owner-only property list, loaded anew, with the variables that were kept", async () => {
  stands(
    "launchctl",
    'case $1 in bootout) exit 3;; print) echo "	state = running"; echo "	pid = 77";; esac',
  );
  const launchd = manager("darwin");
  expect(await launchd.install({ plan, secrets: { KEY: "hidden" } })).toEqual({ ok: true, value: [] });
  expect(calls()).toEqual([
    "bootout gui/501/com.carapace.gateway",
    "enable gui/501/com.carapace.gateway",
    `bootstrap gui/501 ${launchd.unitPath}`,
  ]);
  expect(statSync(launchd.unitPath).mode & 0o777).toBe(0o600);
  expect(readFileSync(launchd.unitPath, "utf8")).toContain("<string>hidden</string>");
  expect(launchd.render(plan)).not.toContain("hidden");
  expect(await launchd.status()).toMatchObject({ value: { isInstalled: true, isRunning: true, pid: 77 } });
  await launchd.uninstall();
  expect(() => statSync(launchd.unitPath)).toThrow("ENOENT");
});

test("the Task Scheduler gets a task in UTF-16 and is told to run it", async () => {
  stands("schtasks", '[ "$1" = /Query ] && echo \'"\\Carapace","N/A","Running"\'; exit 0');
  const windows = manager("win32");
  expect(await windows.install({ plan, secrets: {} })).toEqual({ ok: true, value: [] });
  expect(calls()).toEqual([`/Create /F /TN Carapace /XML ${windows.unitPath}`, "/Run /TN Carapace"]);
  const xml = readFileSync(windows.unitPath, "utf16le");
  expect([xml.charCodeAt(0), xml.includes("<UserId>PC\\Jane</UserId>")]).toEqual([0xfeff, true]);
  expect(await windows.status()).toMatchObject({ value: { isInstalled: true, isRunning: true } });
});

test.each([
  ["darwin", "launchctl", "Bootstrap failed: 5: Input/output error"],
  ["win32", "schtasks", "ERROR: Access is denied."],
  ["linux", "systemctl", "Failed to enable unit"],
] as const)("on %s what %s refuses is told in its own words", async (platform, name, words) => {
  stands(name, `echo "${words}" >&2; exit 1`);
  const refused = await manager(platform).install({ plan, secrets: {} });
  expect(refused).toMatchObject({ ok: false, say: words });
});

test("a manager gets nothing of the environment but where it is", async () => {
  stands("systemctl", `env > "${folder}/seen"; echo Version=252`);
  const env = { PATH: `${folder}:/usr/bin:/bin`, HOME: folder, ANTHROPIC_API_KEY: "hidden", LANG: "de_DE" };
  const found = managerOf("linux", { env, stateDir: folder, uid: 1 });
  expect(found.ok && (await found.value.check())).toMatchObject({ ok: true });
  const seen = readFileSync(join(folder, "seen"), "utf8");
  expect([seen.includes("hidden"), seen.includes("LC_ALL=C")]).toEqual([false, true]);
});

test("a platform without a known manager is told what to do", () => {
  expect(managerOf("freebsd", { env: {}, stateDir: folder, uid: 1 })).toMatchObject({
    ok: false,
    say: expect.stringContaining("cara start"),
  });
});
