import { type Block, isRecord, type Origin, type Role } from "@carapace/protocol";
import { imported, importedModel, importedTool } from "../origin.ts";
import { storable } from "../text.ts";
import { isWhole } from "../whole.ts";
import { idText, mediaText, readContent } from "./content.ts";

/** What an entry of a conversation says; times are as they stand there. */
interface ReadEntry {
  readonly role: Role;
  readonly blocks: readonly Block[];
  readonly timeMs: number | undefined;
  readonly tokens?: number;
  readonly hasCalls: boolean;
  readonly media: number;
  readonly unknown: readonly string[];
}

/** An entry: something said, a part of the program's own bookkeeping, or a kind that is not known. */
export type Entry =
  | { readonly kind: "message"; readonly message: ReadEntry }
  | { readonly kind: "bookkeeping" }
  | { readonly kind: "unknown"; readonly name: string }
  | { readonly kind: "bad"; readonly say: string };

const bookkeeping: ReadonlySet<string> = new Set([
  ...["session", "model_change", "thinking_level_change", "custom", "label", "session_info", "reset", "leaf"],
  ...["link", "metadata"],
]);

/** Pure. Reads one parsed line of a transcript: OpenClaw's versions 1 to 4, by what stands in it. */
export function readEntry(json: unknown): Entry {
  if (!isRecord(json)) return { kind: "bad", say: "The line is no entry of a conversation." };
  const { type } = json;
  if (typeof type !== "string") return { kind: "bad", say: "The entry has no type." };
  if (type === "message") return ofMessage(json["message"], timeOf(json));
  if (type === "custom_message")
    return said("user", json["content"], { origin: imported, timeMs: timeOf(json) });
  if (type === "compaction" || type === "branch_summary") return summary(json["summary"], timeOf(json));
  return bookkeeping.has(type) ? { kind: "bookkeeping" } : { kind: "unknown", name: type };
}

function ofMessage(message: unknown, entryMs: number | undefined): Entry {
  if (!isRecord(message)) return { kind: "bad", say: "The entry holds no message." };
  const timeMs = integer(message["timestamp"]) ?? entryMs;
  const { role, content } = message;
  switch (role) {
    case "user":
    case "custom":
      return withMedia(said("user", content, { origin: imported, timeMs }), message);
    case "assistant":
      return answered(message, timeMs);
    case "toolResult":
      return resultOf(message, timeMs);
    case "bashExecution": {
      const text = `$ ${plain(message["command"])}\n${plain(message["output"])}`;
      return said("user", text, { origin: imported, timeMs });
    }
    case "compactionSummary":
    case "branchSummary":
      return summary(message["summary"], timeMs);
    case "system":
      // Another program's instructions are no instructions here.
      return { kind: "unknown", name: "message of the system" };
    default:
      return { kind: "unknown", name: `message of ${typeof role === "string" ? role : "nobody"}` };
  }
}

interface Circumstances {
  readonly origin: Origin;
  readonly timeMs: number | undefined;
}

function said(role: Role, content: unknown, { origin, timeMs }: Circumstances): Entry {
  const { blocks, unknown, media } = readContent(content, origin);
  // A user makes no calls.
  const kept = role === "assistant" ? blocks : blocks.filter((block) => block.type !== "tool_use");
  const hasCalls = kept.some((block) => block.type === "tool_use");
  return { kind: "message", message: { role, blocks: kept, timeMs, hasCalls, media, unknown } };
}

function answered(message: Readonly<Record<string, unknown>>, timeMs: number | undefined): Entry {
  const entry = said("assistant", message["content"], { origin: importedModel, timeMs });
  if (entry.kind !== "message") return entry;
  const { usage, errorMessage } = message;
  const output = isRecord(usage) ? integer(usage["output"]) : undefined;
  const failed = entry.message.blocks.length === 0 && typeof errorMessage === "string" && errorMessage !== "";
  const blocks: readonly Block[] = failed
    ? [{ type: "text", text: `[failed: ${storable(errorMessage).slice(0, 2000)}]`, origin: importedModel }]
    : entry.message.blocks;
  const tokens = output === undefined || output < 1 ? {} : { tokens: output };
  return { kind: "message", message: { ...entry.message, blocks, ...tokens } };
}

function resultOf(message: Readonly<Record<string, unknown>>, timeMs: number | undefined): Entry {
  const name = idText(message["toolName"]);
  const { blocks, unknown, media } = readContent(message["content"], imported);
  const content = blocks.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n");
  const block: Block = {
    type: "tool_result",
    ...{ toolUseId: idText(message["toolCallId"]), name, content },
    isError: message["isError"] === true,
    origin: importedTool(name),
  };
  return {
    kind: "message",
    message: { role: "tool", blocks: [block], timeMs, hasCalls: false, media, unknown },
  };
}

/** What stands for messages that may be gone there; a model wrote it. */
function summary(text: unknown, timeMs: number | undefined): Entry {
  if (typeof text !== "string" || text.trim() === "") return { kind: "bookkeeping" };
  const content = `[Summary of what was said before]\n${text}`;
  return said("assistant", content, { origin: importedModel, timeMs });
}

/** Pictures and documents whose files lie elsewhere: they are named. */
function withMedia(entry: Entry, message: Readonly<Record<string, unknown>>): Entry {
  const named = besides(message);
  if (entry.kind !== "message" || named.length === 0 || entry.message.media > 0) return entry;
  const notes = named.map((one): Block => ({ type: "text", text: mediaText(one), origin: imported }));
  const { blocks } = entry.message;
  return {
    kind: "message",
    message: { ...entry.message, blocks: [...blocks, ...notes], media: named.length },
  };
}

const maxNamed = 20;

/** What newer versions keep beside a message: a list of things, or of their types. */
function besides(message: Readonly<Record<string, unknown>>): readonly Readonly<Record<string, unknown>>[] {
  const own = message["__openclaw"];
  const listed = isRecord(own) && Array.isArray(own["media"]) ? own["media"].filter(isRecord) : [];
  const types = Array.isArray(message["MediaTypes"]) ? message["MediaTypes"] : [];
  const typed = types.flatMap((contentType) => (typeof contentType === "string" ? [{ contentType }] : []));
  return (listed.length > 0 ? listed : typed).slice(0, maxNamed);
}

function plain(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function timeOf(json: Readonly<Record<string, unknown>>): number | undefined {
  const { timestamp } = json;
  if (typeof timestamp !== "string") return integer(timestamp);
  const parsed = timestamp.length > 64 ? Number.NaN : Date.parse(timestamp);
  return Number.isNaN(parsed) ? undefined : parsed;
}

function integer(value: unknown): number | undefined {
  return isWhole(value) ? value : undefined;
}
