import { expect, test } from "bun:test";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { emptyHome, runCara } from "../../testing/cara.ts";
import { configure } from "../../testing/prove.ts";
import { listenersAt, socketTables, strangerAt } from "./stranger.ts";

const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:4965 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1001        0 1213 1 0 100 0 0 10 0
   1: 0100007F:4965 0100007F:C001 01 00000000:00000000 00:00000000 00000000  1002        0 1214 1 0 100 0 0 10 0
   2: 0100007F:4966 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1003        0 1215 1 0 100 0 0 10 0
   3: 00000000:4965 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1216 1 0 100 0 0 10 0
`;

test("who listens at a port is told by the system's table, not who is connected to it or listens elsewhere", () => {
  expect(listenersAt(table, 18_789)).toEqual([1001, 0]);
  expect(listenersAt(table, 18_790)).toEqual([1003]);
  expect(listenersAt("", 18_789)).toEqual([]);
});

test("a program of one's own is no stranger", async () => {
  using server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("") });
  expect(strangerAt(server.port ?? 0, await socketTables())).toBeUndefined();
});

/** Looks like a gateway, and tells what it was sent. */
const impostor = `
const http = require("node:http");
const server = http.createServer((request, response) => {
  console.log(request.headers.authorization ?? "nothing");
  response.setHeader("content-type", "application/json");
  response.end('{"status":"ok","version":"1.0.0"}');
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));`;

const other = { uid: 12_345, cwd: "/", env: {} };
const isRoot = process.platform === "linux" && process.getuid?.() === 0;
/** Something that another user may run, too: this checkout may lie in a folder that is closed to them. */
const runtime = isRoot
  ? [process.execPath, Bun.which("node")].find(
      (path) => path !== null && spawnSync(path, ["-e", ""], other).status === 0,
    )
  : undefined;
const missing = isRoot ? "a runtime that others may run" : "root, on Linux";

test.skipIf(!runtime)(
  `what another user has put in the gateway's place is sent no credential${runtime ? "" : ` (missing: ${missing})`}`,
  async () => {
    using home = emptyHome();
    configure(home, { gateway: { auth: { mode: "token", token: "planted-gateway-token-0000000000" } } });
    const child = spawn(runtime ?? "", ["-e", impostor], { ...other, stdio: ["ignore", "pipe", "inherit"] });
    const told: string[] = [];
    child.stdout.on("data", (data) => told.push(String(data)));
    try {
      await once(child.stdout, "data");
      const port = String(told[0]).trim();
      for (const command of ["status", "chat", "verify", "task"]) {
        const rest = command === "verify" ? ["--outcome", "hooks"] : command === "task" ? ["list"] : [];
        const { code, stderr, stdout } = await runCara([command, ...rest, "--port", port], { home });
        expect([command, code]).toEqual([command, 1]);
        expect(stdout + stderr).toContain("another user's");
      }
      expect(told.join("")).not.toContain("planted");
    } finally {
      child.kill("SIGKILL");
    }
  },
);
