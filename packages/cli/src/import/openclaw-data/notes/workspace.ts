import { createHash } from "node:crypto";
import { systemCode } from "@carapace/files";
import type { PortableItem, PortableNote } from "@carapace/state/portable";
import { noteLimits } from "@carapace/state/portable";
import { imported } from "../origin.ts";
import { problem, sayOf } from "../problems.ts";
import type { SourceFolder } from "../source/folder.ts";
import { shortLine, storable } from "../text.ts";
import { isAsMade } from "./as-made.ts";
import { sectionsOf } from "./sections.ts";

/** Files of a workspace that hold what its agent knows. */
const known = ["MEMORY.md", "memory.md", "USER.md", "SOUL.md", "IDENTITY.md", "TOOLS.md"] as const;
/** Files that tell that program how to work. */
const instructions = ["AGENTS.md", "HEARTBEAT.md", "BOOTSTRAP.md", "BOOT.md"] as const;

const maxFileBytes = 4 * 1024 * 1024;
const maxFiles = 10_000;
const maxDepth = 3;

/**
 * The notes of a workspace, a file at a time; a folder that may not be listed is told.
 * @param agentId Whose notes they become here
 */
export function* workspaceNotes(workspace: SourceFolder, agentId: string): Generator<PortableItem> {
  try {
    yield* notesIn(workspace, agentId);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    const say = `Not all of it could be read: ${sayOf(error)}.`;
    yield problem("corrupt", { store: "memory", path: workspace.shown }, say);
  }
}

function* notesIn(workspace: SourceFolder, agentId: string): Generator<PortableItem> {
  // Some disks take both spellings for the same file.
  const top = workspace
    .files()
    .filter(({ name }) => name.toLowerCase() !== "memory.md" || name === memoryName(workspace));
  for (const { name } of top) {
    if (known.some((one) => one === name)) yield* fileNotes({ folder: workspace, name, agentId, prefix: "" });
    if (instructions.some((one) => one === name)) {
      const say =
        "It tells that program how to work. What should hold here, write into agents.defaults.system.";
      yield problem("skipped", { store: "memory", path: workspace.pathOf(name) }, say);
    }
  }
  yield* folderNotes({
    folder: workspace,
    name: "memory",
    agentId,
    prefix: "",
    depth: 1,
    left: { files: maxFiles },
  });
}

function memoryName(workspace: SourceFolder): string {
  return workspace.file("MEMORY.md") === undefined ? "memory.md" : "MEMORY.md";
}

interface Place {
  readonly folder: SourceFolder;
  readonly name: string;
  readonly agentId: string;
  /** What stands before the name in the notes' keys. */
  readonly prefix: string;
}

function* folderNotes(
  place: Place & { readonly depth: number; readonly left: { files: number } },
): Generator<PortableItem> {
  const { folder, name, agentId, depth, left } = place;
  const opened = folder.folder(name);
  const path = folder.pathOf(name);
  if (!opened.ok) return yield problem("skipped", { store: "memory", path }, `The folder ${opened.say}.`);
  if (opened.value === undefined) return;
  const inner = opened.value;
  const prefix = `${place.prefix}${name}/`;
  for (const file of inner.files()) {
    if (left.files-- <= 0)
      return yield problem("skipped", { store: "memory", path }, "It has too many files.");
    if (/\.md$/i.test(file.name)) yield* fileNotes({ folder: inner, name: file.name, agentId, prefix });
    else yield problem("skipped", { store: "memory", path: inner.pathOf(file.name) }, "The file is no note.");
  }
  for (const sub of inner.folders()) {
    if (sub.startsWith(".")) continue;
    if (depth < maxDepth)
      yield* folderNotes({ folder: inner, name: sub, agentId, prefix, depth: depth + 1, left });
    else yield problem("skipped", { store: "memory", path: inner.pathOf(sub) }, "The folder lies too deep.");
  }
}

function* fileNotes({ folder, name, agentId, prefix }: Place): Generator<PortableItem> {
  const path = folder.pathOf(name);
  const text = readText(folder, name);
  if (typeof text !== "string") return yield problem(text.state, { store: "memory", path }, text.say);
  if (isAsMade(text)) {
    const say = "It is as that program made it: nothing in it is yours.";
    return yield problem("skipped", { store: "memory", path }, say);
  }
  const notes = notesOf(`openclaw/${prefix}${name}`, text);
  if (notes.length === 0) return;
  const sha256 = createHash("sha256").update(text).digest("hex");
  yield { kind: "memory", file: { path: shortLine(path, 500), sha256 }, agentId, notes };
}

function readText(
  folder: SourceFolder,
  name: string,
): string | { readonly state: "skipped" | "corrupt"; readonly say: string } {
  try {
    const found = folder.file(name);
    if (found?.refused !== undefined) return { state: "skipped", say: `The file ${found.refused}.` };
    const text = folder.text(name, maxFileBytes);
    return text.ok ? (text.value ?? "") : { state: "corrupt", say: `The file ${text.say}.` };
  } catch (error) {
    return { state: "corrupt", say: `The file cannot be read: ${sayOf(error)}.` };
  }
}

/** Pure. One note a section, under the file's name and the section's heading. */
export function notesOf(name: string, markdown: string): readonly PortableNote[] {
  const keys = new Map<string, number>();
  return sectionsOf(storable(markdown), noteLimits.maxValueBytes).map(({ title, text }) => {
    const heading = shortLine(title, 120);
    const base = heading === "" ? shortLine(name, 400) : `${shortLine(name, 400)}#${heading}`;
    const nth = (keys.get(base) ?? 0) + 1;
    keys.set(base, nth);
    return { key: withinLimit(nth === 1 ? base : `${base} (${nth})`), value: text, origin: imported };
  });
}

/** A key of long characters may be too long in bytes. */
function withinLimit(key: string): string {
  const bytes = Buffer.byteLength(key);
  if (bytes <= noteLimits.maxKeyBytes) return key;
  const digest = createHash("sha256").update(key).digest("hex").slice(0, 16);
  const cut = Buffer.from(key)
    .subarray(0, noteLimits.maxKeyBytes - 20)
    .toString()
    .replace(/\ufffd+$/, "");
  return `${cut} ${digest}`;
}
