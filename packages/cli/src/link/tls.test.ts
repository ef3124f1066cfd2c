import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";
import { startTestGateway, type TestGateway } from "@carapace/gateway/testing";
import { emptyHome, type Home, runCara } from "../../testing/cara.ts";

const canSign = Bun.which("openssl") !== null;
const unsigned = canSign ? "" : " (skipped: openssl is missing)";

/** A proxy that speaks TLS in front of a gateway, with a certificate nobody vouches for. */
describe.skipIf(!canSign)(`through TLS${unsigned}`, () => {
  let gateway: TestGateway;
  let home: Home;
  let proxy: Server;
  beforeAll(async () => {
    gateway = await startTestGateway({
      config: { gateway: { control: { enabled: true } } },
      replies: ["ready"],
    });
    home = emptyHome();
    Object.assign(home.env, { CARAPACE_STATE_DIR: gateway.stateDir });
    proxy = createServer(selfSigned(home.folder), (outer) => {
      const inner = connect(gateway.gateway.port, "127.0.0.1");
      outer.pipe(inner).pipe(outer);
      for (const socket of [outer, inner])
        socket.on("error", () => [outer, inner].map((one) => one.destroy()));
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  });
  afterAll(async () => {
    proxy.close();
    await gateway[Symbol.asyncDispose]();
    home[Symbol.dispose]();
  });
  const port = () => {
    const address = proxy.address();
    return typeof address === "object" && address !== null ? String(address.port) : "";
  };

  test("an unknown certificate is refused, and the sentence says why", async () => {
    for (const command of ["logs", "status"]) {
      const ran = await runCara([command, "--tls", "-p", port()], { home });
      expect(ran).toMatchObject({ code: 1, stdout: "" });
      expect(ran.stderr).toContain("certificate");
      expect(ran.stderr).toContain("--trust");
    }
  });

  test("with --trust it is taken, with a warning, and the command does its work", async () => {
    const logs = await runCara(["logs", "--tls", "--trust", "-p", port()], { home });
    expect(logs.stdout).toContain("gateway ready");
    expect(logs.stderr).toContain("--trust accepts any certificate");
    expect(logs.code).toBe(0);
    const status = await runCara(["status", "--json", "--tls", "--trust", "-p", port()], { home });
    expect(JSON.parse(status.stdout)).toMatchObject({ health: { status: "ok" } });
    expect(status.code).toBe(0);
  });

  test("verify goes the same way, credentials and all", async () => {
    const words = ["verify", "--outcome", "autonomy", "--json", "--tls", "-p", port()];
    const refused = JSON.parse((await runCara(words, { home })).stdout);
    expect(refused).toMatchObject({ ok: false, checks: [{ name: "Gateway reachability", status: "FAIL" }] });
    expect(refused.checks[0].detail).toContain("--trust accepts it unchecked");
    const trusted = JSON.parse((await runCara([...words, "--trust"], { home })).stdout);
    expect(trusted.ok).toBe(true);
    expect(trusted.checks).toHaveLength(4);
  });

  test("TLS towards a gateway that speaks none ends with a sentence", async () => {
    const ran = await runCara(["status", "--tls", "-p", String(gateway.gateway.port)], { home });
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toMatch(/^Error: .*TLS/m);
  });
});

function selfSigned(folder: string): { key: Buffer; cert: Buffer } {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=stranger"];
  const made = Bun.spawnSync(["openssl", ...words, "-keyout", key, "-out", cert]);
  if (made.exitCode !== 0) throw new Error(made.stderr.toString());
  return { key: readFileSync(key), cert: readFileSync(cert) };
}
