import { afterAll, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { emptyHome, runCara } from "../../testing/cara.ts";

const home = emptyHome();
afterAll(() => home[Symbol.dispose]());
const support = (...words: string[]) => runCara(["support", "--port", "1", ...words], { home });

test("a report is a new file of the owner's alone, and says that no gateway runs", async () => {
  mkdirSync(home.stateDir, { mode: 0o700 });
  writeFileSync(join(home.stateDir, "state.key"), `${"ab".repeat(32)}\n`, { mode: 0o600 });
  const ours = ["auth_profiles.json", "auth_profiles.anthropic.lock", "setup-draft.json", "service.env"];
  for (const name of ours) writeFileSync(join(home.stateDir, name), "", { mode: 0o600 });
  writeFileSync(join(home.stateDir, "hunter2hunter2"), "", { mode: 0o644 });
  const ran = await support("-o", "report.json");
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  const path = join(home.folder, "report.json");
  expect(ran.stdout).toStartWith(`${path}\n`);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const text = readFileSync(path, "utf8");
  expect(text).not.toMatch(/(ab){10}|hunter2/);
  for (const name of ours) expect(text).toContain(`"${name}"`);
  expect(JSON.parse(text)).toMatchObject({
    doctor: expect.arrayContaining([expect.objectContaining({ check: "permissions" })]),
    gateway: { running: false, cause: "connection refused" },
    state: {
      databaseKey: "file",
      entries: expect.arrayContaining([
        expect.objectContaining({ name: "(another name)", mode: "644", isOwn: true }),
        expect.objectContaining({ name: "state.key", mode: "600", bytes: 65 }),
      ]),
    },
    versions: { cara: expect.any(String) },
  });
});

test("nothing that is there is written over, and no link is followed", async () => {
  const taken = join(home.folder, "taken.json");
  writeFileSync(taken, "mine");
  symlinkSync(join(home.folder, "elsewhere.json"), join(home.folder, "link.json"));
  for (const name of ["taken.json", "link.json"]) {
    const ran = await support("-o", name);
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toContain("is there already; choose another name with --output");
  }
  expect(readFileSync(taken, "utf8")).toBe("mine");
});

test("without a name it is a file of this folder; a folder that is not there is a refusal", async () => {
  const ran = await support();
  expect(ran.stdout).toMatch(/^\/.*\/carapace-support-\d{8}T\d{6}Z\.json\n/);
  expect(await support("-o", "no/such/folder/r.json")).toMatchObject({ code: 1, stdout: "" });
});

test("a configuration that does not load is told in the report", async () => {
  writeFileSync(join(home.stateDir, "carapace.json"), "{ broken", { mode: 0o600 });
  chmodSync(home.stateDir, 0o700);
  expect((await support("-o", "broken.json")).code).toBe(0);
  const report = JSON.parse(readFileSync(join(home.folder, "broken.json"), "utf8"));
  expect(report.config.refused).toContain("carapace.json");
});

test("prompts, people and the name of the home folder stay out of the report", async () => {
  const config = {
    agents: { list: [{ id: "main", system: "You help Anna with her tax papers." }] },
    signal: { phoneNumber: "+49 170 1234567" },
    matrix: { userId: "@anna:example.org", autoJoin: { allowUsers: ["@ben:example.org"] } },
    someday: { mail: "anna@example.org", "@cleo:example.org": true },
  };
  writeFileSync(join(home.stateDir, "carapace.json"), JSON.stringify(config), { mode: 0o600 });
  expect((await support("-o", "people.json")).code).toBe(0);
  const text = readFileSync(join(home.folder, "people.json"), "utf8");
  expect(text).not.toMatch(/anna|ben:|cleo|1234567|tax/i);
  expect(text).not.toContain(home.folder);
  expect(text).toContain("(a text of 34 characters)");
  expect(JSON.parse(text).state.directory).toBe("~/state");
});
