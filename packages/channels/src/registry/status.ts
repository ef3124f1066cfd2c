import type { ChannelStatus } from "@carapace/protocol";

/** A channel's status with its times, in Unix ms (channels.md §1.5). */
export interface ChannelState {
  readonly status: ChannelStatus;
  readonly lastError?: string;
  readonly lastConnectedAtMs?: number;
  readonly changedAtMs?: number;
}

export const initialState: ChannelState = { status: "disconnected" };

interface Reported {
  readonly status: ChannelStatus;
  /** Only with `error`. */
  readonly error?: string | undefined;
  readonly nowMs: number;
}

/**
 * Pure. The same status again changes nothing, an error with another text does; leaving `error` clears its text.
 * @returns the same object if nothing changed
 */
export function nextState(state: ChannelState, { status, error, nowMs }: Reported): ChannelState {
  const lastError = status === "error" ? (error ?? state.lastError) : undefined;
  if (state.status === status && state.lastError === lastError) return state;
  const connectedAtMs = status === "connected" ? nowMs : state.lastConnectedAtMs;
  return {
    status,
    changedAtMs: nowMs,
    ...(lastError === undefined ? {} : { lastError }),
    ...(connectedAtMs === undefined ? {} : { lastConnectedAtMs: connectedAtMs }),
  };
}
