import { createHash, timingSafeEqual } from "node:crypto";
import type { Secret } from "@carapace/config";

/** How callers prove themselves to this gateway; resolved once at start (websocket.md §5). */
export interface Credentials {
  readonly mode: "token" | "password" | "none";
  /** The secret of the mode; absent in mode `none`, or when none is configured. */
  readonly secret?: Secret;
  /** Accept a login which the local Tailscale daemon confirms. */
  readonly allowTailscale: boolean;
}

/** Compares two secrets in a time that tells neither their content nor their length. */
export function isSameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** Blank counts as missing; nothing is trimmed off. */
export function present(text: string | null | undefined): string | undefined {
  return typeof text === "string" && text.trim() !== "" ? text : undefined;
}
