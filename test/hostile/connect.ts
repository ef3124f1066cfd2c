import { introduce, openClient, type TestClient } from "../../packages/gateway/src/listen/testing/client.ts";
import type { GatewayProcess } from "../support/gateway-process.ts";

/** An admin's connection to a gateway of `startGatewayProcess`. */
export async function adminOf(gateway: Pick<GatewayProcess, "url" | "token">): Promise<TestClient> {
  const client = await openClient(gateway.url);
  const hello = await introduce(client, { connect: { auth: { token: gateway.token } } });
  if (hello["ok"] !== true) throw new Error(`refused: ${JSON.stringify(hello)}`);
  return client;
}

/** What `/health` answers now. */
export async function healthStatus(gateway: Pick<GatewayProcess, "port">): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${gateway.port}/health`, {
    signal: AbortSignal.timeout(5000),
  });
  return answer.status;
}
