import type { AddressPolicy } from "@carapace/fetch";
import { type Failure, terminal, transient } from "./failure.ts";

/** What was fetched to be sent on. */
export interface Media {
  readonly bytes: Uint8Array;
  readonly fileName: string;
  readonly mimeType: string | undefined;
}

export interface MediaLimits {
  readonly maxBytes: number;
  readonly addresses?: AddressPolicy | undefined;
  readonly signal: AbortSignal;
}

/** Some of the time of an attempt is left for sending it on. */
const timeoutMs = 120_000;
const maxNameChars = 100;

/**
 * Fetches what a message is to carry, from a public address unless the owner's settings say otherwise (channels.md §9):
 * a status of 5xx, 429 and a failed look-up may pass, anything else does not.
 */
export async function fetchMedia(
  url: string,
  { maxBytes, addresses, signal }: MediaLimits,
): Promise<{ readonly ok: true; readonly value: Media } | Failure> {
  const { guardedFetch } = await import("@carapace/fetch");
  const schemes = ["https", "http"] as const;
  const fetched = await guardedFetch(url, {
    ...addresses,
    schemes,
    maxBytes,
    timeoutMs,
    redirects: 3,
    signal,
  });
  if (!fetched.ok) {
    const { reason, isTransient } = fetched;
    const mebibytes = Math.floor(maxBytes / (1024 * 1024));
    const say = reason === "too_large" ? `it is larger than ${mebibytes} MiB.` : fetched.say;
    return failed(say, isTransient || reason === "aborted");
  }
  const { status, headers, bytes } = fetched.value;
  if (status < 200 || status > 299)
    return failed(`its server answers HTTP ${status}`, status === 429 || status >= 500);
  const mimeType = headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  return { ok: true, value: { bytes, fileName: fileNameOf(url), mimeType } };
}

function failed(why: string, isTransient: boolean): Failure {
  return (isTransient ? transient : terminal)(`the media could not be fetched: ${why}`);
}

/** Pure. The last step of the path, in letters that every server takes for a name. */
export function fileNameOf(url: string): string {
  const last = URL.parse(url)?.pathname.split("/").at(-1) ?? "";
  const name = decoded(last)
    .replaceAll(/[^\w.-]+/g, "_")
    .replace(/^[._]+/, "")
    .slice(-maxNameChars);
  return name === "" ? "attachment" : name;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
