import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { missingForSecretService, startSecretService } from "@carapace/secrets/testing";
import { emptyHome, launcher, runCara } from "../../testing/cara.ts";
import { freePort } from "../../testing/port.ts";

const missing = missingForSecretService();
const token = "a-token-of-the-credential-store-0123456789";

describe.skipIf(missing !== "")(`with a Secret Service${missing && ` (missing: ${missing})`}`, () => {
  test("gateway and command find the credential and keep the device key there, and leave no file with a secret", async () => {
    await using service = await startSecretService();
    using home = emptyHome();
    const { CARAPACE_CREDENTIAL_STORE: _off, ...rest } = home.env;
    Object.assign(home, { env: { ...rest, ...service.env, HOME: home.folder } });
    const set = await runCara(["secrets", "set", "gateway:token:default"], { home, stdin: token });
    expect(set).toMatchObject({
      code: 0,
      stderr: "A gateway that runs goes on with what it has read until it is started again.\n",
    });
    const port = String(await freePort());
    const gateway = Bun.spawn([launcher, "start", "-p", port], {
      env: home.env,
      stdout: "ignore",
      stderr: "pipe",
    });
    try {
      const reader = gateway.stderr.getReader();
      let said = "";
      while (!said.includes("Stop it with Ctrl-C.")) {
        const { done, value } = await reader.read();
        if (done) throw new Error(said);
        said += new TextDecoder().decode(value);
      }
      const logs = await runCara(["logs", "-p", port], { home });
      expect(logs).toMatchObject({ code: 0, stderr: "" });
      for (const name of ["gateway-token", "device-identity.json"])
        expect(existsSync(join(home.stateDir, name))).toBe(false);
      const listed = await runCara(["secrets", "list", "--json"], { home });
      const secrets: { name: string; places: { place: string }[] }[] = JSON.parse(listed.stdout).secrets;
      for (const name of ["gateway.auth.token", "device:cli:identity"]) {
        const places = secrets.find((one) => one.name === name)?.places.map(({ place }) => place);
        expect(places).toEqual(["credential-store"]);
      }
      expect(listed.stdout).not.toContain(token);
      expect(readdirSync(join(home.stateDir, "credentials"))).toContain("index.json");
    } finally {
      gateway.kill("SIGTERM");
      await gateway.exited;
    }
  });
});
