import { type AuditFields, type AuditJson, canonicalJson, canonicalNumber } from "./canonical-json.ts";
import { type AuditData, type AuditKind, dataSchema, dataType } from "./kinds.ts";

/** Something that happened, as the part that saw it tells it. */
export type AuditEvent = { readonly [K in AuditKind]: EventOf<K> }[AuditKind];

interface EventOf<K extends AuditKind> {
  /** Who did it: `owner`, `device:<id>`, `ip:<address>`, `agent:<id>`, `gateway`, `cli`. */
  readonly actor: string;
  readonly event: K;
  readonly data: AuditData<K>;
}

/** Takes what looks like a secret out of a text. Contract: must not throw. */
export type Redact = (text: string) => string;

/** What a record's line may have, newline and all (state.md §9). */
const maxLineBytes = 4096;
/** What seq, time, actor, event and two hashes take of it. */
const frameBytes = 800;
const textBytes = [3072, 1024, 256, 96, 24] as const;
const maxItems = 32;
const maxActorChars = 128;
const unprintable = /[^ -~]/g;
const cutMark = "…[truncated]";

/** An event as it is stored: parsed, redacted, bounded. */
export interface Settled {
  readonly actor: string;
  readonly event: AuditKind;
  /** Canonical JSON. */
  readonly data: string;
}

/**
 * Makes an event fit for the log: only the fields of its kind, no secrets, texts cut until the line keeps its limit.
 * @throws ZodError if its data are not of its kind: a fault of the caller
 */
export function settle({ actor, event, data }: AuditEvent, redact: Redact): Settled {
  const parsed = dataSchema(event).parse(data);
  const type = dataType(event);
  const shownActor = clean(actor, { redact, maxBytes: maxActorChars }).replace(unprintable, "?");
  for (const maxBytes of textBytes) {
    const stored = canonicalJson({ ...cleanFields(parsed, { redact, maxBytes }), type });
    if (stored.length <= maxLineBytes - frameBytes) return { actor: shownActor, event, data: stored };
  }
  return { actor: shownActor, event, data: canonicalJson({ type }) };
}

interface Cleaning {
  readonly redact: Redact;
  readonly maxBytes: number;
}

function cleanFields(fields: Readonly<Record<string, unknown>>, how: Cleaning): AuditFields {
  const kept = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    kept.map(([name, value]) => [name, isPlainId(name, value) ? value : cleanValue(value, how)]),
  );
}

/** Digests and UUIDs under a name that says so: what looks for secrets by their randomness would blank them out. */
function isPlainId(name: string, value: unknown): value is string {
  if (typeof value !== "string" || !/(_id|_hash|^sha256)$/.test(name)) return false;
  return /^([0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.test(value);
}

function cleanValue(value: unknown, how: Cleaning): AuditJson {
  if (typeof value === "string") return clean(value, how);
  if (typeof value === "number") return canonicalNumber(value);
  if (typeof value === "boolean" || value === null) return value;
  if (Array.isArray(value)) return value.slice(0, maxItems).map((item) => cleanValue(item, how));
  return typeof value === "object" ? cleanFields({ ...value }, how) : null;
}

// The head of a long text only: what is cut off need not be searched, but a secret must not be cut in two unseen.
function clean(text: string, { redact, maxBytes }: Cleaning): string {
  const shown = redact(text.slice(0, maxBytes * 4).toWellFormed());
  if (Buffer.byteLength(shown) <= maxBytes) return shown;
  const room = Math.max(0, maxBytes - Buffer.byteLength(cutMark));
  return `${Buffer.from(shown)
    .subarray(0, room)
    .toString()
    .replace(/\uFFFD+$/, "")}${cutMark}`;
}
