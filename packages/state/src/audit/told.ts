import type { AuditEvent } from "./entry.ts";
import { type AuditKind, dataSchema } from "./kinds.ts";

/** What happens outside of the gateway, and is told to it: by the owner's own commands. */
const toldKinds = [
  "secret_revealed",
  "secret_changed",
  "config_secrets_opened",
  "key_location_changed",
  "state_rekeyed",
  "backup_created",
  "backup_restored",
] as const satisfies readonly AuditKind[];

type ToldKind = (typeof toldKinds)[number];
/** An event without its actor: whoever hears of it knows who tells. */
export type ToldEvent = { [K in ToldKind]: Omit<Extract<AuditEvent, { event: K }>, "actor"> }[ToldKind];

/** Reads an event that somebody tells. @returns undefined if its kind is not to be told, or its data are not of its kind */
export function readTold(actor: string, event: string, data: unknown): AuditEvent | undefined {
  const kind = toldKinds.find((known) => known === event);
  if (kind === undefined) return undefined;
  const parsed = dataSchema(kind).safeParse(data);
  // The schema of this kind accepted it; only the table's type cannot say so.
  return parsed.success ? ({ actor, event: kind, data: parsed.data } as AuditEvent) : undefined;
}
