import type { PortableProblem } from "@carapace/state/portable";
import { problem } from "../problems.ts";
import type { FolderFile, SourceFolder } from "../source/folder.ts";
import { type IndexEntry, readIndex } from "./index-file.ts";
import type { SourceSession, Transcript, TranscriptLine } from "./source.ts";

const maxTranscriptBytes = 1024 ** 3;
const transcriptName = /^(.+?)\.jsonl(\.reset\..+)?$/;
const besides = /^sessions\.json|\.trajectory\.jsonl$|\.trajectory-path\.json$|\.lock$|\.tmp$|^\./;
const removed = /\.jsonl\.(?:deleted|bak)/;

/** Conversations of an agent that lie in files: `<id>.jsonl`, after a reset `<id>.jsonl.reset.<time>`. */
export function* fileSessions(
  folder: SourceFolder,
  agentId: string,
): Generator<SourceSession | PortableProblem> {
  const index = readIndex(folder);
  if (!index.ok) {
    const at = { store: "sessions", path: folder.pathOf("sessions.json") } as const;
    yield problem("note", at, `The index ${index.say}: the conversations come in without their names.`);
  }
  const known = index.ok ? index.value : new Map<string, IndexEntry>();
  const files = folder.files();
  const names = new Set(files.map(({ name }) => name));
  for (const file of files) {
    const found = besides.test(file.name) ? undefined : judged(file, folder);
    if (found === undefined) continue;
    if (found.kind === "problem") yield found;
    else yield sessionOf({ folder, file, agentId, names, id: found.id, known });
  }
}

function judged(
  { name, size, refused }: FolderFile,
  folder: SourceFolder,
): PortableProblem | { readonly kind: "transcript"; readonly id: string } {
  const at = { store: "sessions", path: folder.pathOf(name) } as const;
  if (refused !== undefined) return problem("skipped", at, `The file ${refused}.`);
  if (removed.test(name)) return problem("skipped", at, "The conversation was removed there.");
  const id = transcriptName.exec(name)?.[1];
  if (id === undefined) return problem("skipped", at, "The file is none of the format.");
  if (size > maxTranscriptBytes)
    return problem("corrupt", at, `The file is larger than ${maxTranscriptBytes} bytes.`);
  return { kind: "transcript", id };
}

interface Found {
  readonly folder: SourceFolder;
  readonly file: FolderFile;
  readonly agentId: string;
  readonly names: ReadonlySet<string>;
  readonly id: string;
  readonly known: ReadonlyMap<string, IndexEntry>;
}

function sessionOf({ folder, file, agentId, names, id: base, known }: Found): SourceSession {
  const isReset = !file.name.endsWith(".jsonl");
  // Before its reset it had the plain name, and may have been imported under that.
  const id = isReset && names.has(`${base}.jsonl`) ? file.name : base;
  const entry = isReset ? undefined : (known.get(base) ?? known.get(withoutTopic(base)));
  return {
    ...{ id, agentId, transcript: fileTranscript(folder, file) },
    ...(entry === undefined ? {} : { key: entry.key }),
    ...(entry?.name === undefined ? {} : { name: entry.name }),
    ...(entry?.updatedAtMs === undefined ? {} : { updatedAtMs: entry.updatedAtMs }),
  };
}

/** A topic of a group chat has a file of its own. */
function withoutTopic(name: string): string {
  return name.replace(/-topic-[^-]*$/, "");
}

/** Its lines as long as the file was when it was found: what is appended meanwhile belongs to the next reading. */
function fileTranscript(folder: SourceFolder, { name, size }: FolderFile): Transcript {
  const lines = async function* (): AsyncGenerator<TranscriptLine> {
    const { linesOf } = await import("@carapace/state/portable");
    yield* linesOf(folder.open(name, size));
  };
  return { path: folder.pathOf(name), lines };
}
