import { closes, wireLimits } from "@carapace/protocol";
import { Connection } from "../connection/connection.ts";
import { schemeOf, seenThrough } from "../http/arrival.ts";
import { json } from "../http/json.ts";
import { secure } from "../http/security-headers.ts";
import type { Door } from "./door.ts";
import { denyCrowd, denyUpgrade } from "./doorman.ts";
import type { ListenOptions } from "./options.ts";
import type { Peer } from "./peer.ts";
import type { Newcomer } from "./waiting-room.ts";

/** What a socket carries from its upgrade to its close. */
export interface SocketData extends Newcomer {
  readonly peer: Peer;
  connection?: Connection;
  terminate?: () => void;
}

export type Server = Bun.Server<SocketData>;

/** What happens on `/ws` once a socket is open. */
export function socketHandlers({ limits, log }: ListenOptions, door: Door): Bun.WebSocketHandler<SocketData> {
  return {
    perMessageDeflate: false,
    maxPayloadLength: limits.maxInboundMessageBytes,
    // The queue is accounted for in `Outbound`; this is the net under it.
    backpressureLimit: limits.maxBufferedBytes + wireLimits.maxBroadcastBytes,
    // Clients may be silent for as long as they like; `tick` tells both sides.
    idleTimeout: 0,
    sendPings: false,
    open(socket) {
      const onWelcome = () => door.waitingRoom.leave(socket.data);
      const connection = new Connection(socket, socket.data.peer, { ...door.connectionDeps, onWelcome });
      socket.data.connection = connection;
      socket.data.terminate = () => socket.terminate();
      door.connections.add(connection);
      connection.open();
    },
    message(socket, message) {
      if (typeof message === "string") socket.data.connection?.receive(message);
      else socket.data.connection?.receiveBinary();
    },
    error(error, socket) {
      log.error("a socket's handler failed", { error });
      socket.data.connection?.close(closes.socketError);
    },
    ping: (socket) => socket.data.connection?.touch(),
    close(socket) {
      door.admission.leave(socket.data.peer);
      door.waitingRoom.leave(socket.data);
      if (socket.data.connection === undefined) return;
      door.connections.delete(socket.data.connection);
      socket.data.connection.closed();
    },
  };
}

/** Answers a request for `/ws`: with the upgrade (undefined), or with why there is none. */
export function upgrade(
  { request, peer: nearest }: { request: Request; peer: Peer },
  server: Server,
  door: Door,
): Response | undefined {
  const { trusted } = door.settings;
  const scheme = schemeOf({ request, peer: nearest }, trusted);
  const peer = seenThrough(nearest, request.headers, trusted);
  const isTls = request.url.startsWith("https:");
  const refused = (response: Response) => secure(response, { isPage: false, isTls, host: null });
  if (door.isStopping) return refused(json({ error: "gateway stopping" }, 503, { Connection: "close" }));
  const data: SocketData = { peer, dismiss: () => dismiss(data) };
  const denied = denyUpgrade(request, scheme) ?? denyCrowd(data, door);
  if (denied !== undefined) return refused(denied);
  if (server.upgrade(request, { data })) return undefined;
  door.admission.leave(peer);
  door.waitingRoom.leave(data);
  return refused(json({ error: "bad WebSocket upgrade" }, 400));
}

/** Ends a newcomer's socket without waiting for its answer, so that what it had sent is freed at once. */
function dismiss({ connection, terminate }: SocketData): void {
  connection?.close(closes.handshakeTimeout);
  terminate?.();
}
