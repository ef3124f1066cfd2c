import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServicePlan } from "../plan.ts";
import { launchdPlist } from "./launchd.ts";
import { environmentFile, systemdUnit } from "./systemd.ts";
import { windowsTaskXml } from "./windows.ts";

const readPlist = "import plistlib,json,sys; print(json.dumps(plistlib.load(open(sys.argv[1],'rb'))))";
const readTask = `
import json, sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
space = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
print(json.dumps({name: root.find(f".//{space}{name}").text for name in ["Command", "Arguments", "UserId", "RunLevel"]}))
`;

const hostile = `a "b" \\ 100% $HOME <c> & 'd'`;
const plan: ServicePlan = {
  program: "/bin/true",
  args: ["start", hostile],
  environment: { PATH: "/usr/bin:/bin", CARAPACE_STATE_DIR: `/tmp/${hostile}` },
  environmentFile: "/tmp/100% mine/service.env",
  stateDir: "/tmp/state",
};

/** Writes a text to a file of its own for a program that checks it. @returns what the program said, and its exit code */
async function checked(name: string, text: string | Buffer, command: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "carapace-unit-"));
  try {
    const file = join(folder, name);
    writeFileSync(file, text);
    const env = { PATH: process.env["PATH"] ?? "", HOME: folder, XDG_RUNTIME_DIR: folder };
    const child = Bun.spawn([...command, file], { env, stdout: "pipe", stderr: "pipe" });
    const [stdout, stderr, code] = await Promise.all([
      child.stdout.text(),
      child.stderr.text(),
      child.exited,
    ]);
    return { code, stdout, stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const lacks = (program: string) => (Bun.which(program) === null ? ` (missing: ${program})` : "");

test.skipIf(lacks("systemd-analyze") !== "")(
  `systemd reads its unit without a word${lacks("systemd-analyze")}`,
  async () => {
    const unit = systemdUnit(plan);
    const ran = await checked("carapace.service", unit, ["systemd-analyze", "--user", "verify"]);
    expect([ran.stderr, ran.code]).toEqual(["", 0]);
  },
);

test("a unit keeps what it is given: quotes, backslashes, per cent and dollar signs", () => {
  const unit = systemdUnit(plan);
  expect(unit).toContain(String.raw`ExecStart="/bin/true" "start" "a \"b\" \\ 100%% $$HOME <c> & 'd'"`);
  expect(unit).toContain(String.raw`Environment="CARAPACE_STATE_DIR=/tmp/a \"b\" \\ 100%% $HOME <c> & 'd'"`);
  expect(unit).toContain("EnvironmentFile=/tmp/100%% mine/service.env\n");
});

test("a unit is hardened", () => {
  const lines = systemdUnit(plan).split("\n");
  for (const line of ["NoNewPrivileges=yes", "UMask=0077", "LimitCORE=0", "SystemCallArchitectures=native"])
    expect(lines).toContain(line);
});

test("a text cannot bring a line of its own into a unit", () => {
  const unit = systemdUnit({ ...plan, environment: { EVIL: "x\nExecStartPre=/bin/evil" } });
  expect(unit.split("\n").filter((line) => line.startsWith("ExecStartPre"))).toEqual([]);
});

const plists = Bun.which("plutil") ? ["plutil", "-lint"] : ["python3", "-c", readPlist];
const readPlistWith = lacks(plists[0] ?? "");

test.skipIf(readPlistWith !== "")(`a property list says what it was given${readPlistWith}`, async () => {
  const text = launchdPlist(plan, { KEY: `k<&>"${hostile}` });
  const ran = await checked("carapace.plist", text, plists);
  expect([ran.code, ran.stderr]).toEqual([0, ""]);
  if (plists[0] === "plutil") return;
  expect(JSON.parse(ran.stdout)).toMatchObject({
    Label: "com.carapace.gateway",
    ProgramArguments: [plan.program, ...plan.args],
    EnvironmentVariables: { ...plan.environment, KEY: `k<&>"${hostile}` },
    RunAtLoad: true,
    KeepAlive: { SuccessfulExit: false },
    Umask: 0o77,
  });
});

const readTaskWith = lacks("python3");

test.skipIf(readTaskWith !== "")(`a task says what it was given${readTaskWith}`, async () => {
  const xml = windowsTaskXml({ ...plan, program: "C:\\Program Files\\b\\bun.exe" }, "PC\\Jane & Co");
  const ran = await checked("task.xml", Buffer.from(`\ufeff${xml}`, "utf16le"), ["python3", "-c", readTask]);
  expect([ran.code, ran.stderr]).toEqual([0, ""]);
  expect(JSON.parse(ran.stdout)).toEqual({
    Command: "C:\\Program Files\\b\\bun.exe",
    Arguments: String.raw`start "a \"b\" \ 100% $HOME <c> & 'd'"`,
    UserId: "PC\\Jane & Co",
    RunLevel: "LeastPrivilege",
  });
});

test("a file of variables quotes what systemd would read otherwise", () => {
  expect(environmentFile({ A: 'x"y\\z$q`', B: "two\nlines" })).toBe(
    'A="x\\"y\\\\z\\$q\\`"\nB="two\nlines"\n',
  );
});
