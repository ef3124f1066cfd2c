import { afterAll, beforeAll, expect, test } from "bun:test";
import { startTestGateway, type TestGateway } from "@carapace/gateway/testing";
import { emptyHome, type Home, runCara } from "../../../testing/cara.ts";
import { type FrontProxy, proxyTo } from "../../../testing/proxy.ts";
import { openScreen } from "../../../testing/terminal.ts";

let gateway: TestGateway;
let proxy: FrontProxy;
beforeAll(async () => {
  gateway = await startTestGateway({ config: { gateway: { trustedProxies: ["127.0.0.1"] } } });
  proxy = proxyTo(gateway.gateway.port, "203.0.113.9");
});
afterAll(async () => {
  proxy[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});

/** The owner at the gateway's own machine. */
function owner(): Home {
  const home = emptyHome();
  Object.assign(home.env, { CARAPACE_STATE_DIR: gateway.stateDir });
  return home;
}

/** Somebody elsewhere who was given the gateway's token. */
function elsewhere(): Home {
  const home = emptyHome();
  Object.assign(home.env, { CARAPACE_GATEWAY_TOKEN: gateway.token });
  return home;
}

const atGateway = () => ["-p", String(gateway.gateway.port)];
const fromElsewhere = () => ["-p", String(proxy.port)];

/** Connects from elsewhere, in vain. @returns the command it was told */
async function knock(home: Home): Promise<string[]> {
  const refused = await runCara(["logs", ...fromElsewhere()], { home });
  expect([refused.code, refused.stdout]).toEqual([1, ""]);
  const told = /On the gateway's own machine run: cara (devices approve [\w-]+)\./.exec(refused.stderr)?.[1];
  return (told ?? refused.stderr).split(" ");
}

test("a fresh local setup never meets pairing: the first command of a new device works at once", async () => {
  using home = owner();
  const ran = await runCara(["devices", "list", ...atGateway()], { home });
  expect([ran.code, ran.stderr]).toEqual([0, expect.not.stringContaining("pair")]);
});

test("a device from elsewhere is told the one command that lets it in, and comes in after it", async () => {
  using far = elsewhere();
  using home = owner();
  const command = await knock(far);
  const listed = await runCara(["devices", "list", ...atGateway()], { home });
  expect(listed.stdout).toMatch(/REQUEST +DEVICE +FROM +ASKED +WANTS\n.*cli on linux.*203\.0\.113\.9 .*read/);
  const approved = await runCara([...command, "--yes", ...atGateway()], { home });
  expect(approved.stdout).toBe("cli on linux at 203.0.113.9 may connect now: let it try again.\n");
  expect((await runCara(["logs", "-n", "1", ...fromElsewhere()], { home: far })).code).toBe(0);
});

test("approving shows who asks for what, and only y lets it in", async () => {
  using far = elsewhere();
  using home = owner();
  const command = await knock(far);
  for (const [typed, says, code] of [
    ["n\r", "Nothing was changed.", 1],
    ["y\r", "may connect now", 0],
  ] as const) {
    await using screen = openScreen([...command, ...atGateway()], home.env);
    expect(await screen.until("Let it in? [y/N]")).toMatch(/Key: +[0-9a-f]{64}\s+May: +read/);
    screen.type(typed);
    await screen.until(says);
    expect(await screen.exited).toBe(code);
  }
});

test("without a terminal nothing is approved by itself, and a device can be turned away", async () => {
  using far = elsewhere();
  using home = owner();
  await knock(far);
  const asked = await runCara(["devices", "approve", ...atGateway()], { home });
  expect([asked.code, asked.stderr]).toEqual([1, expect.stringContaining("use --yes")]);
  const turned = await runCara(["devices", "reject", ...atGateway()], { home });
  expect(turned.stdout).toContain("was turned away");
  const none = await runCara(["devices", "approve", "--yes", ...atGateway()], { home });
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining("no device waits")]);
});

test("several that wait are told apart by the beginning of their request", async () => {
  using one = elsewhere();
  using other = elsewhere();
  using home = owner();
  const [, , id = ""] = await knock(one);
  await knock(other);
  const several = await runCara(["devices", "reject", ...atGateway()], { home });
  expect(several.stderr).toContain("several devices wait");
  expect((await runCara(["devices", "reject", id.slice(0, 8), ...atGateway()], { home })).code).toBe(0);
  expect((await runCara(["devices", "reject", ...atGateway()], { home })).code).toBe(0);
});

test("a removed device has to ask again", async () => {
  using far = elsewhere();
  using home = owner();
  const command = await knock(far);
  await runCara([...command, "--yes", ...atGateway()], { home });
  expect((await runCara(["logs", "-n", "1", ...fromElsewhere()], { home: far })).code).toBe(0);
  const { stdout } = await runCara(["devices", "list", "--json", ...atGateway()], { home });
  const { paired } = JSON.parse(stdout);
  const newest = paired.toSorted(
    (a: { approvedAtMs: number }, b: { approvedAtMs: number }) => b.approvedAtMs - a.approvedAtMs,
  )[0];
  const removed = await runCara(["devices", "remove", newest.deviceId.slice(0, 12), ...atGateway()], {
    home,
  });
  expect(removed.stdout).toContain("may not connect any more");
  await knock(far);
  const unknown = await runCara(["devices", "remove", "zzz", ...atGateway()], { home });
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('"zzz" names none')]);
});
