import type { Visit } from "../../http/route.ts";
import { describePeer } from "../../listen/peer.ts";

/** A visit of a program on this machine, without a body. @param target Path and query */
export function testVisit(target: string): Visit {
  const url = new URL(target, "http://localhost");
  const request = new Request(url.href, { headers: { host: "localhost" } });
  const peer = describePeer("127.0.0.1", request.headers);
  return {
    ...{ request, peer, url, clientIp: peer.ip, isSecure: false, requestId: "test", params: {} },
    ...{ signal: request.signal, caller: { kind: "local" } },
    body: async () => ({ ok: false, response: new Response(null, { status: 413 }) }),
  };
}
