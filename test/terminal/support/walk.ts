import { expect } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isRecord } from "@carapace/protocol";
import { emptyHome, type Home, launcher, runCara } from "../../../packages/cli/testing/cara.ts";
import { freePort } from "../../../packages/cli/testing/port.ts";
import { openScreen, type Screen } from "../../../packages/cli/testing/terminal.ts";
import { openToOthers, searchFor } from "../../support/leaks.ts";
import { type Ground, secrets } from "./ground.ts";
import type { Path } from "./path.ts";

const search = searchFor(Object.entries(secrets).map(([label, core]) => ({ label, core })));
const configName = "carapace.json";

/** Walks a path in a home of its own, and looks at everything it left. */
export async function walk(path: Path, ground: Ground): Promise<void> {
  using home = emptyHome();
  const port = await freePort();
  const env = { ...home.env, PATH: "/usr/bin:/bin", LANG: "C.UTF-8", ...path.env };
  path.prepare?.(home);
  {
    await using screen = openSetup(path, { env, port, ground });
    const code = await talked(screen, path, port);
    expect({ code, screen: screen.all() }).toEqual({ code: path.exit ?? 0, screen: expect.anything() });
    checkScreen(screen, path);
    await path.after?.(home, screen);
    checkFiles(home, screen, path);
  }
  if (path.config !== undefined) expect(writtenConfig(home)).toMatchObject(path.config);
  if (!existsSync(join(home.stateDir, configName))) return;
  const valid = await runCara(["config", "validate"], { home, env });
  expect({ code: valid.code, says: valid.stdout + valid.stderr }).toEqual({
    code: 0,
    says: expect.anything(),
  });
  for (const outcome of path.proves ?? []) await startAndVerify(home, env, outcome);
  checkLeaks(home, path);
}

function openSetup(
  { words = [], asksPort, columns, signsInHere }: Path,
  { env, port, ground }: { env: Record<string, string>; port: number; ground: Ground },
): Screen {
  const size = columns === undefined ? {} : { columns };
  if (signsInHere) {
    const script = join(import.meta.dir, "setup-with.ts");
    const words = [JSON.stringify(ground.signIn.endpoints), String(port)];
    return openScreen(words, env, { ...size, command: [process.execPath, "--no-env-file", script] });
  }
  return openScreen(["setup", ...(asksPort ? [] : ["--port", String(port)]), ...words], env, size);
}

/** @returns the exit code */
async function talked(screen: Screen, { talk }: Path, port: number): Promise<number> {
  for (const [see, type] of talk) {
    await screen.until(see);
    const keys = typeof type === "string" ? type : await type(screen);
    screen.type(keys.replace("<port>", String(port)));
  }
  return await screen.exited;
}

function checkScreen(screen: Screen, { says = [], saysNot = [] }: Path): void {
  const all = screen.all();
  for (const text of says) expect(all).toContain(text);
  for (const text of saysNot) {
    if (typeof text === "string") expect(all).not.toContain(text);
    else expect(all).not.toMatch(text);
  }
  expect(search.in("screen", all)).toEqual([]);
  // The terminal is given back as it was: cursor shown, pasted text unmarked.
  const marks = [all.lastIndexOf("\x1b[?2004h"), all.lastIndexOf("\x1b[?2004l")];
  expect(marks[1]).toBeGreaterThanOrEqual(marks[0] ?? 0);
  expect(all.lastIndexOf("\x1b[?25h")).toBeGreaterThanOrEqual(all.lastIndexOf("\x1b[?25l"));
}

function checkFiles(home: Home, screen: Screen, { exit = 0, config, writesNothing }: Path): void {
  const isThere = existsSync(join(home.stateDir, configName));
  expect(isThere).toBe(!writesNothing && (exit === 0 || config !== undefined));
  if (existsSync(home.stateDir)) expect(openToOthers(home.stateDir)).toEqual([]);
  if (!isThere) return;
  const { gateway } = writtenConfig(home);
  const auth = isRecord(gateway) && isRecord(gateway["auth"]) ? gateway["auth"] : {};
  for (const made of [auth["token"], auth["password"]])
    if (typeof made === "string") expect(screen.all()).not.toContain(made);
}

function writtenConfig(home: Home): Record<string, unknown> {
  return JSON.parse(readFileSync(join(home.stateDir, configName), "utf8"));
}

/** Typed secrets stand in the configuration only; with a config password, sealed. */
function checkLeaks(home: Home, { env = {} }: Path): void {
  const isSealed = env["CARAPACE_CONFIG_PASSWORD"] !== undefined;
  const isOwners = (path: string) => !isSealed && path.startsWith(join(home.stateDir, configName));
  expect(search.under(home.folder, isOwners)).toEqual([]);
}

async function startAndVerify(home: Home, env: Record<string, string>, outcome: string): Promise<void> {
  const gateway = Bun.spawn([launcher, "start"], {
    env,
    cwd: home.folder,
    stdout: "ignore",
    stderr: "ignore",
  });
  try {
    const { gateway: settings } = writtenConfig(home);
    const port = isRecord(settings) ? Number(settings["port"]) : 0;
    await untilHealthy(port);
    const verified = await runCara(["verify", "--outcome", outcome], { home, env });
    expect({ code: verified.code, says: verified.stdout }).toEqual({ code: 0, says: expect.anything() });
    expect(verified.stdout).toContain(`127.0.0.1:${port}`);
  } finally {
    gateway.kill("SIGTERM");
    await gateway.exited;
  }
}

async function untilHealthy(port: number): Promise<void> {
  const deadline = AbortSignal.timeout(10_000);
  while (!deadline.aborted) {
    const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined);
    if (answer?.ok) return;
    await Bun.sleep(20);
  }
  throw new Error(`no gateway answered on port ${port}`);
}
