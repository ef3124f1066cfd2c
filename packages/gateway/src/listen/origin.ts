/**
 * Decides about the `Origin` of a WebSocket upgrade, so that a web page of another site cannot talk to the gateway
 * through its visitor's browser (websocket.md §1). Programs send none; pages must come from the host they call.
 */
export function isOriginAllowed(origin: string | null, host: string | null): boolean {
  if (origin === null) return true;
  const text = origin.trim().toLowerCase();
  const match = /^(https?):\/\/([^/@\s]+)$/.exec(text);
  if (match === null || host === null) return false;
  const defaultPort = match[1] === "https" ? ":443" : ":80";
  const withPort = (name: string) => (/:\d+$/.test(name) ? name : name + defaultPort);
  return withPort(match[2] ?? "") === withPort(host.trim().toLowerCase());
}
