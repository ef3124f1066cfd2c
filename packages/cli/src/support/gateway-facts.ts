import { openConnection } from "../link/connection.ts";
import { gatewayHealth, httpGet } from "../link/http.ts";
import type { Resolved } from "../link/resolve-target.ts";

const timeoutMs = 5000;
const maxRecords = 500;

/** What the running gateway says of itself; why it says nothing, if it does not. */
export async function gatewayFacts({ settings, target }: Resolved, note: (line: string) => void) {
  const answer = await httpGet({ target, path: "/health", timeoutMs });
  if (answer.kind === "unreachable") return { running: false, cause: answer.cause };
  const health = gatewayHealth(answer);
  if (health === undefined) return { running: false, cause: "what answers is no Carapace gateway" };
  const scopes = ["operator.read"];
  const opened = await openConnection({ target, settings, scopes, allowPlaintext: false, note });
  if (!opened.ok) return { running: true, health, refused: opened.say };
  await using connection = opened.value;
  const ask = { timeoutMs };
  const [status, integrity, log] = await Promise.all([
    connection.request("status", {}, ask),
    connection.request("health", {}, ask),
    connection.request("logs.tail", { limit: maxRecords }, ask),
  ]);
  return {
    running: true,
    health,
    // Recent sessions are who the owner talks to: their number is enough.
    status: status.ok ? { ...status.value, sessions: { count: status.value.sessions.count } } : status.say,
    integrity: integrity.ok ? integrity.value : integrity.say,
    log: log.ok ? log.value.entries : log.say,
  };
}
