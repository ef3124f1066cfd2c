import { type EventFrame, eventContracts, type GatewayEvent, isEventName } from "@carapace/protocol";

type Listener = (event: GatewayEvent) => void;

/** Events that arrive before anybody listens are kept, so that a caller may subscribe after `connect` returned. */
const maxEarlyEvents = 256;

/** Hands a socket's events to its listeners. */
export interface Events {
  deliver(frame: EventFrame): void;
  listen(listener: Listener): () => void;
}

export function createEvents(): Events {
  const listeners = new Set<Listener>();
  let early: GatewayEvent[] | undefined = [];
  return {
    deliver(frame) {
      const event = readEvent(frame);
      if (event === undefined) return;
      if (early !== undefined && early.length < maxEarlyEvents) early.push(event);
      for (const listener of [...listeners]) listener(event);
    },
    listen(listener) {
      const own: Listener = (event) => listener(event);
      listeners.add(own);
      const missed = early ?? [];
      early = undefined;
      for (const event of missed) own(event);
      return () => listeners.delete(own);
    },
  };
}

/** @returns undefined for an event we do not know, or whose payload is not what its name promises. */
function readEvent(frame: EventFrame): GatewayEvent | undefined {
  if (!isEventName(frame.event)) return undefined;
  const payload = eventContracts[frame.event].payload.safeParse(frame.payload);
  if (!payload.success) return undefined;
  const position = frame.seq === undefined ? {} : { seq: frame.seq };
  // Name and payload come from the same entry of the table; TypeScript cannot see the pair through the lookup.
  return { event: frame.event, payload: payload.data, ...position } as GatewayEvent;
}
