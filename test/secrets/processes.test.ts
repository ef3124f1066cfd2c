import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../packages/cli/testing/port.ts";
import { openToOthers } from "../support/leaks.ts";
import { descendantsOf, type ProcessFacts, watchingProcesses } from "../support/processes.ts";
import { cara, openPlace, type Place, startDriven, writeConfig } from "./driven.ts";

const isLinux = process.platform === "linux";
const token = "a-token-for-tests-of-forty-characters-00";
const key = "sk-ant-api03-of-the-owner-0123456789";
/** What the owner gave in the environment: theirs to give, and nobody's to pass on. */
const fromOwner = "environment-secret-of-the-owner";

function givenPlace(): Place {
  const place = openPlace();
  place.env["OWNER_API_KEY"] = fromOwner;
  writeConfig(
    place,
    JSON.stringify({
      gateway: { auth: { mode: "token", token } },
      anthropic: { apiKey: key },
      agents: { defaults: { model: "offline:basic" } },
    }),
  );
  return place;
}

/** The local token and the database key, which the gateway makes. */
function madeSecrets(place: Place): string[] {
  return readdirSync(place.stateDir)
    .filter((name) => /^(gateway-token|state\.key|device-identity\.json)$/.test(name))
    .flatMap((name) => readFileSync(join(place.stateDir, name), "utf8").match(/[A-Za-z0-9_-]{40,}/g) ?? []);
}

/** Also the owner's to give, for sealing and for archives. */
const password = "correct-horse-battery-staple-of-the-owner";
const passphrase = "a-long-passphrase-for-archives-of-the-owner";
const typed = "sk-proj-typed-into-standard-input-0123456789";
const given: readonly string[] = [fromOwner, password, passphrase];

/** Secrets in the words of a process; and in the environment of one that we started ourselves. */
function exposedBy(seen: readonly ProcessFacts[], secrets: readonly string[], own: ReadonlySet<number>) {
  return seen.flatMap(({ parent, argv, environment }) => [
    ...secrets.filter((one) => argv.includes(one)).map((one) => `${one} in the words of ${argv}`),
    ...secrets
      .filter((one) => !given.includes(one) && environment?.includes(one))
      .map((one) => `${one} in the environment of ${argv}`),
    ...(own.has(parent) && given.some((one) => environment?.includes(one))
      ? [`the owner's environment in ${argv}`]
      : []),
  ]);
}

test.skipIf(!isLinux)(
  "no process has a secret in its words, no child in its environment, no file is open to others",
  async () => {
    using place = givenPlace();
    const { value: port, seen } = await watchingProcesses(process.pid, async () => {
      await using gateway = await startDriven(place);
      const remote = ["--port", String(gateway.port)];
      await cara(["status", ...remote], place);
      await cara(["logs", ...remote], place);
      await cara(["chat", "--message", "what time is it", ...remote], place);
      await cara(["config", "show"], place);
      await cara(["support", "-o", "report.json", ...remote], place);
      await cara(["version"], place);
      return gateway.port;
    });
    // Without a gateway, `chat` runs one inside itself.
    const embedded = await watchingProcesses(process.pid, () =>
      cara(["chat", "--message", "what time is it", "--port", String(port)], place),
    );
    expect(embedded.value.code).toBe(0);
    const all = [...seen, ...embedded.seen];
    expect(all.some(({ argv }) => argv.includes("main.ts start"))).toBe(true);
    expect(all.some(({ argv }) => argv.includes("main.ts chat"))).toBe(true);
    const own = new Set(all.filter(({ argv }) => argv.includes("main.ts")).map(({ pid }) => pid));
    const secrets = [token, key, fromOwner, ...madeSecrets(place)];
    expect(secrets.length).toBeGreaterThan(3);
    expect(exposedBy(all, secrets, own)).toEqual([]);
    expect(openToOthers(place.home)).toEqual([]);
  },
  60_000,
);

/** Every command that works with keys, passwords and archives, one after the other, and what it reads. */
const keeping: readonly (readonly [words: readonly string[], stdin?: string])[] = [
  [["config", "seal"]],
  [["secrets", "set", "openai.apiKey"], `${typed}\n`],
  [["secrets", "get", "openai.apiKey", "--reveal"]],
  [["secrets", "list", "--json"]],
  [["secrets", "where", "openai.apiKey"]],
  [["state", "rekey"]],
  [["state", "rekey", "--new-password"], `${password}\n`],
  [["audit", "verify", "--offline"]],
  [["audit", "tail", "--offline"]],
  [["backup", "-o", "plain.tar.gz"]],
  [["backup", "--full", "--encrypt", "-o", "full.enc"]],
  [["backup", "--encrypt", "--passphrase-stdin", "-o", "typed.enc"], `${passphrase}\n`],
  [["restore", "full.enc", "--drill"]],
  [["restore", "plain.tar.gz", "--yes"]],
  [["restore", "full.enc", "--yes"]],
  [["import", "carapace", "old", "--dry-run"]],
  [["doctor", "--fix"]],
  [["reset", "--usage", "--yes"]],
  [["secrets", "rm", "openai.apiKey"]],
];

test.skipIf(!isLinux)(
  "no command that keeps keys, archives or a configuration has a secret in its words, nor hands one on",
  async () => {
    using place = givenPlace();
    Object.assign(place.env, {
      CARAPACE_CONFIG_PASSWORD: password,
      CARAPACE_BACKUP_PASSPHRASE: passphrase,
    });
    mkdirSync(join(place.home, "old", "cron"), { recursive: true, mode: 0o700 });
    writeFileSync(join(place.home, "old", "cron", "jobs.json"), "[]\n", { mode: 0o600 });
    const before = process.umask(0);
    try {
      const port = String(await freePort());
      expect((await cara(["chat", "--message", "what time is it", "--port", port], place)).code).toBe(0);
      const { value: codes, seen } = await watchingProcesses(process.pid, async () => {
        const ended: string[] = [];
        for (const [words, stdin] of keeping) {
          const { code, stderr } = await cara(words, place, stdin);
          if (code !== 0) ended.push(`${words.join(" ")}: ${code} ${stderr}`);
        }
        return ended;
      });
      expect(codes).toEqual([]);
      const own = new Set(seen.filter(({ argv }) => argv.includes("main.ts")).map(({ pid }) => pid));
      expect(own.size).toBeGreaterThan(keeping.length / 2);
      expect(exposedBy(seen, [token, key, typed, ...given, ...madeSecrets(place)], own)).toEqual([]);
      expect(openToOthers(place.stateDir)).toEqual([]);
      const archives = ["plain.tar.gz", "full.enc", "typed.enc"].map((name) => join(place.home, name));
      expect(archives.map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
    } finally {
      process.umask(before);
    }
  },
  90_000,
);

test.skipIf(!isLinux)(
  "whatever mask the owner has, what is made is the owner's alone",
  async () => {
    using place = givenPlace();
    const before = process.umask(0);
    try {
      await using gateway = await startDriven(place);
      await cara(["chat", "--message", "remember that it rains", "--port", String(gateway.port)], place);
      await cara(["support", "-o", "report.json", "--port", String(gateway.port)], place);
      expect(openToOthers(place.stateDir)).toEqual([]);
    } finally {
      process.umask(before);
    }
    expect(openToOthers(place.home)).toEqual([]);
  },
  30_000,
);

test.skipIf(!isLinux)(
  "the gateway leaves no core file and lets no other program look into it",
  async () => {
    using place = givenPlace();
    await using gateway = await startDriven(place);
    expect(readFileSync(`/proc/${gateway.pid}/limits`, "utf8")).toMatch(/Max core file size\s+0\s+0/);
    expect(descendantsOf(gateway.pid)).toEqual([]);
  },
  20_000,
);

test.skipIf(!isLinux)("the checks of this file find what they look for", async () => {
  using place = givenPlace();
  const child = Bun.spawn([process.execPath, "-e", "setTimeout(() => {}, 5000)", token], {
    env: { OWNER_API_KEY: fromOwner },
  });
  let seen: readonly ProcessFacts[] = [];
  try {
    while (!seen.some(({ pid, argv }) => pid === child.pid && argv.includes(token))) {
      seen = descendantsOf(process.pid);
      await Bun.sleep(1);
    }
  } finally {
    child.kill("SIGKILL");
    await child.exited;
  }
  expect(exposedBy(seen, [token], new Set([process.pid]))).toHaveLength(2);
  writeFileSync(join(place.home, "open"), "", { mode: 0o644 });
  expect(openToOthers(place.home)).toEqual([join(place.home, "open")]);
});
