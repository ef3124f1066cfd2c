import {
  type EventName,
  type EventPosition,
  eventFrame,
  isRecord,
  type Truncation,
  wireLimits,
} from "@carapace/protocol";

/** A frame ready to send. */
interface FrameText {
  readonly text: string;
  readonly bytes: number;
}

/** Whom a payload was made for; told when it is dropped (websocket.md §10.2). */
export type PayloadClass = "admin" | "operator" | "broadcast";

export interface EventToWrite {
  readonly event: EventName;
  readonly payload: unknown;
  readonly position: Required<EventPosition>;
  readonly payloadClass: PayloadClass;
  readonly nowMs: number;
}

/** The frame to send, and whether the event itself had to give way (websocket.md §10.2). */
export interface WrittenEvent {
  readonly frame?: FrameText;
  readonly isCut: boolean;
}

/** Events whose frames tell the state version they belong to. */
const versioned: ReadonlySet<EventName> = new Set(["presence", "health", "state.drop"]);

/** Writes an event once for all who may see it; one that is too big is cut (`agent`) or replaced by `state.drop`. */
export function writeEvent(wanted: EventToWrite): WrittenEvent {
  const frame = serialize(wanted);
  if (frame.bytes <= wireLimits.maxBroadcastBytes) return { frame, isCut: false };
  const substitute = serialize(wanted.event === "agent" ? cut(wanted) : stateDrop(wanted));
  return substitute.bytes <= wireLimits.maxBroadcastBytes
    ? { frame: substitute, isCut: true }
    : { isCut: true };
}

function serialize({ event, payload, position }: EventToWrite): FrameText {
  const text = JSON.stringify(
    eventFrame(event, payload, versioned.has(event) ? position : { seq: position.seq }),
  );
  return { text, bytes: Buffer.byteLength(text) };
}

function cut(wanted: EventToWrite): EventToWrite {
  const truncation: Truncation = {
    truncated: true,
    reason: "agent broadcast payload exceeded websocket frame cap",
    originalFrameBytesAtLeast: wireLimits.maxBroadcastBytes + 1,
    maxFrameBytes: wireLimits.maxBroadcastBytes,
  };
  const kept = isRecord(wanted.payload) ? wanted.payload : {};
  return { ...wanted, payload: { ...kept, ...truncation, data: truncation } };
}

function stateDrop({ event, position, payloadClass, nowMs }: EventToWrite): EventToWrite {
  const payload = {
    dropped: true,
    event,
    payloadClass,
    reason: "payload_too_large",
    reasonTruncated: false,
    resyncRequired: true,
    ts: nowMs,
  };
  return { event: "state.drop", payload, position, payloadClass, nowMs };
}
