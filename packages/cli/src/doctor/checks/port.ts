import { createServer } from "node:net";
import { gatewayHealth, httpGet } from "../../link/http.ts";
import { readTarget } from "../../link/target.ts";
import type { Check } from "../finding.ts";

/** Whether the gateway answers, or could listen. */
export const checkPort: Check = async ({ peek, gateway }) => {
  const { port } = peek;
  const target = readTarget({ port, host: undefined, tls: false, trust: false });
  if (!target.ok) return [];
  const answer = await httpGet({ target: target.value, path: "/health", timeoutMs: 2000 });
  const isGateway = gatewayHealth(answer) !== undefined;
  if (isGateway) return [{ check: "port", status: "ok", say: `a gateway answers on port ${port}` }];
  if (gateway.isRunning) {
    const say = `a gateway works on this state directory, but none answers on port ${port}: it may use another`;
    return [{ check: "port", status: "warning", say, command: "cara status -p <port>" }];
  }
  const fault = await tryListening(port);
  if (fault === undefined) return [{ check: "port", status: "ok", say: `port ${port} is free` }];
  const say = `port ${port} cannot be listened on (${fault}): another program may have it`;
  return [{ check: "port", status: "problem", say, command: "cara config set gateway.port <port>" }];
};

/** @returns the system's code if it cannot be done */
function tryListening(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve("code" in error ? String(error.code) : error.message));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
