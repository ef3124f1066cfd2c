import { isRecord, type Origin } from "@carapace/protocol";
import { parseJson } from "../../database/stored.ts";
import { noteLimits } from "../../memory/memory.ts";
import { NotesFile, noteFactsPath } from "../note-facts.ts";
import { maxBytes } from "../paths.ts";
import type { PortableItem, PortableNote, ReadOptions } from "../types.ts";
import type { SourceFiles } from "./files.ts";
import { isStorable } from "./message.ts";
import { corrupt, type SmallContext } from "./small.ts";

const imported: Origin = { kind: "imported" };
const fileName = /^memory\/([A-Za-z0-9_-]{1,255})\.json$/;

type Facts = NotesFile["agents"][number];

/** All agents' notes (state.md §14): maps of texts. Nobody vouches for them: they count as imported. */
export async function* readMemory(files: SourceFiles, options: ReadOptions): AsyncGenerator<PortableItem> {
  const facts = options.trustFacts === "all" ? await readFacts(files) : [];
  const paths = files.paths().filter((path) => path === "memory" || path.startsWith("memory/"));
  for (const path of paths) {
    const name = fileName.exec(path)?.[1];
    const refused = files.refusal(path, maxBytes.memory, "memory");
    if (refused !== undefined) {
      yield refused;
      continue;
    }
    if (name === undefined) {
      if (path !== noteFactsPath) yield stray(path);
      continue;
    }
    const whole = await files.whole(path, maxBytes.memory);
    const context: SmallContext = { file: { path, sha256: whole?.sha256 ?? "" }, store: "memory" };
    const known = facts.find((one) => one.path === path);
    const agentId = known?.agentId ?? name;
    yield* readNotes(whole?.text ?? "", context, { agentId, facts: known });
  }
}

function stray(path: string): PortableItem {
  return { kind: "problem", state: "skipped", store: "memory", path, say: "The file is none of the format." };
}

async function readFacts(files: SourceFiles): Promise<readonly Facts[]> {
  if (!files.has(noteFactsPath) || files.refusal(noteFactsPath, maxBytes.memory, "memory")) return [];
  const whole = await files.whole(noteFactsPath, maxBytes.memory);
  const parsed = NotesFile.safeParse(parseJson(whole?.text ?? ""));
  return parsed.success ? parsed.data.agents : [];
}

function* readNotes(
  text: string,
  context: SmallContext,
  { agentId, facts }: { readonly agentId: string; readonly facts: Facts | undefined },
): Generator<PortableItem> {
  const map = parseJson(text);
  if (!isRecord(map)) return yield corrupt(context, "The file is not a map of notes.");
  const known = new Map(facts?.notes);
  const notes: PortableNote[] = [];
  for (const [key, value] of Object.entries(map)) {
    const flaw = flawOf(key, value);
    if (flaw !== undefined) yield corrupt(context, flaw);
    else notes.push({ key, value: String(value), ...(known.get(key) ?? { origin: imported }) });
  }
  yield { kind: "memory", file: context.file, agentId, notes };
}

function flawOf(key: string, value: unknown): string | undefined {
  if (typeof value !== "string") return "A note is no text.";
  if (key === "" || !isStorable(key) || !isStorable(value)) return "A note holds what cannot be kept.";
  const isSmall =
    Buffer.byteLength(key) <= noteLimits.maxKeyBytes && Buffer.byteLength(value) <= noteLimits.maxValueBytes;
  return isSmall ? undefined : "A note is longer than a note may be.";
}
