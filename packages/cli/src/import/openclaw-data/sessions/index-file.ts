import { isRecord, parseJson } from "@carapace/protocol";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import type { SourceFolder } from "../source/folder.ts";
import { isWhole } from "../whole.ts";

/** What `sessions.json` says of a conversation. Where it says its file lies is not looked at. */
export interface IndexEntry {
  readonly key: string;
  readonly name?: string;
  readonly updatedAtMs?: number;
}

const maxIndexBytes = 64 * 1024 * 1024;

/** The index of a folder of conversations, by the id of each. @returns an empty one if there is none */
export function readIndex(folder: SourceFolder): Result<ReadonlyMap<string, IndexEntry>> {
  const text = folder.text("sessions.json", maxIndexBytes);
  if (!text.ok) return text;
  const json = text.value === undefined ? {} : parseJson(text.value);
  if (!isRecord(json)) return refuse("invalid_request", "is not the index it should be");
  const entries = new Map<string, IndexEntry>();
  for (const [key, value] of Object.entries(json)) {
    if (!isRecord(value) || typeof value["sessionId"] !== "string") continue;
    // A key that was reset keeps its name; the newest one of an id counts.
    entries.set(value["sessionId"], entryOf(key, value));
  }
  return ok(entries);
}

function entryOf(key: string, value: Readonly<Record<string, unknown>>): IndexEntry {
  const name = [value["displayName"], value["label"], value["subject"]].find(
    (text) => typeof text === "string",
  );
  const updated = value["updatedAt"];
  return {
    key: key.slice(0, 4096),
    ...(typeof name === "string" ? { name } : {}),
    ...(isWhole(updated) ? { updatedAtMs: updated } : {}),
  };
}
