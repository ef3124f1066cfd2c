import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../packages/cli/testing/port.ts";
import { searchFor } from "../support/leaks.ts";
import { cara, createGarden, openPlace, writeConfig } from "./driven.ts";

const script = join(import.meta.dir, "..", "support", "crashing-cara.ts");

test.each(["fault", "rejection", "object"])(
  "a gateway that fails with a %s ends with 1 and a short report, and without a secret",
  async (how) => {
    using place = openPlace();
    const garden = createGarden(21);
    const text = garden
      .plant("fault")
      .map((one) => one.text)
      .join(" ");
    const named = garden.plant("environment").map((one, n) => [`OWNER_${n}_TOKEN`, one.text]);
    const child = Bun.spawn([process.execPath, "--no-env-file", script], {
      env: { ...place.env, ...Object.fromEntries(named), CRASH_HOW: how, CRASH_MESSAGE: text },
      cwd: place.home,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const [stdout, stderr, code] = await Promise.all([
      child.stdout.text(),
      child.stderr.text(),
      child.exited,
    ]);
    expect(code).toBe(1);
    const report = stderr.slice(stderr.indexOf("Error: cara crashed"));
    expect(report).toStartWith("Error: cara crashed (internal_fault): ");
    expect(report).toContain("start it again");
    expect(report).not.toContain("setTimeout");
    expect(report.split("\n").length).toBeLessThan(10);
    expect(searchFor(garden.planted).in("what it printed", stdout + stderr)).toEqual([]);
    // What it held open does not keep the next one out, and no image of it is left.
    const port = String(await freePort());
    expect((await cara(["chat", "--message", "what time is it", "--port", port], place)).code).toBe(0);
    const left = [...readdirSync(place.home), ...readdirSync(place.stateDir)];
    expect(left.filter((name) => /^core|\.core$/.test(name))).toEqual([]);
  },
  20_000,
);

test("a sealed secret and its password stand in no output, and not in the file", async () => {
  using place = openPlace();
  const password = "correct horse battery staple 42";
  const key = "sk-ant-api03-sealed-of-the-owner-0123456789";
  place.env["CARAPACE_CONFIG_PASSWORD"] = password;
  writeConfig(place, JSON.stringify({ anthropic: { apiKey: key }, agents: { defaults: {} } }));
  const planted = [
    { label: "password", core: password },
    { label: "key", core: key },
  ];
  const search = searchFor(planted);
  const commands = [
    ["config", "seal"],
    ["config", "show"],
    ["config", "get", "anthropic"],
    ["config", "set", "gateway.port", "18790"],
    ["config", "validate"],
    ["secrets", "list"],
    ["secrets", "where"],
    ["support", "-o", "report.json", "--port", "1"],
  ];
  const leaks: string[] = [];
  for (const words of commands) {
    const ran = await cara(words, place);
    leaks.push(...search.in(words.join(" "), ran.stdout + ran.stderr));
  }
  expect([...leaks, ...search.under(place.home, () => false)]).toEqual([]);
}, 30_000);
