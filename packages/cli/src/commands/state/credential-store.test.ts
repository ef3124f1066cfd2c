import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startTestGateway } from "@carapace/gateway/testing";
import { storedAccounts } from "@carapace/secrets";
import { missingForSecretService, startSecretService } from "@carapace/secrets/testing";
import { emptyHome, runCara } from "../../../testing/cara.ts";
import { freePort } from "../../../testing/port.ts";

const missing = missingForSecretService();

describe.skipIf(missing !== "")(`with a Secret Service${missing && ` (missing: ${missing})`}`, () => {
  test("a plain key moves into it, changes there, and opens nothing without it", async () => {
    await using service = await startSecretService();
    using home = emptyHome();
    const { CARAPACE_CREDENTIAL_STORE: _off, ...bare } = home.env;
    const env = { ...bare, ...service.env, HOME: home.folder };
    const withStore = { ...home, env };
    const { stateDir } = home;
    const start = async (given: Record<string, string | undefined>) => {
      await using running = await startTestGateway({ stateDir, env: given });
      await running.connect();
    };
    const accounts = () =>
      Object.keys(storedAccounts(stateDir)).filter((name) => name.startsWith("state:key:"));
    const keyText = () => readFileSync(join(stateDir, "state.key"), "utf8");

    await start({});
    expect(keyText()).toMatch(/^[0-9a-f]{64}\n$/);
    const moved = await runCara(["state", "rekey"], { home: withStore });
    expect(moved).toMatchObject({ code: 0, stderr: "" });
    expect(moved.stdout).toContain("kept in the credential store");
    const first = accounts();
    expect(first).toEqual([`state:key:${keyText().trim().slice("store:v1:".length)}`]);

    expect(await runCara(["state", "rekey"], { home: withStore })).toMatchObject({ code: 0, stderr: "" });
    expect(accounts()).toHaveLength(1);
    expect(accounts()).not.toEqual(first);
    expect(accounts()).toEqual([`state:key:${keyText().trim().slice("store:v1:".length)}`]);

    // In a process of its own: the service's library reads the environment of the whole process.
    const port = String(await freePort());
    const chat = await runCara(["chat", "-p", port], { home: withStore, stdin: "hello\n" });
    expect(chat).toMatchObject({ code: 0 });
    await expect(start({})).rejects.toThrow("CARAPACE_CREDENTIAL_STORE turns it off");
    const without = await runCara(["state", "rekey"], { home });
    expect(without.stderr).toContain("in the credential store of the login it was made in");
    expect(accounts()).toHaveLength(1);
  }, 30_000);
});
