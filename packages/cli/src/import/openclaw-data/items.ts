import type { Result } from "@carapace/protocol";
import type { PortableItem } from "@carapace/state/portable";
import { workspaceNotes } from "./notes/workspace.ts";
import { schedules } from "./schedules/read.ts";
import { agentSessions, inFolder } from "./sessions/read.ts";
import { sourceAgents } from "./source/agents.ts";
import type { SourceFolder } from "./source/folder.ts";

export interface ItemsContext {
  readonly nowMs: number;
  readonly signal: AbortSignal;
  /** Whose home may hold workspaces that the source names. */
  readonly home: string | undefined;
  /** Who answers here where nobody names an agent: what the source's default agent had becomes theirs. */
  readonly ownAgentId: string;
  /** This machine's time zone. */
  readonly zone: string;
}

/**
 * Everything of a state directory of OpenClaw that has a place here, as the importer takes it: conversations, notes,
 * schedules; what has none is an item too. Holds one line, or one small file, in memory at a time.
 */
export async function* openClawItems(
  root: SourceFolder,
  context: ItemsContext,
): AsyncGenerator<PortableItem> {
  const { nowMs, signal, home, ownAgentId, zone } = context;
  const { agents, defaultId, problems } = sourceAgents(root, home);
  yield* problems;
  const agentOf = (id: string) => (id === defaultId ? ownAgentId : id);
  const reading = { agentOf, nowMs, signal };
  for (const { id } of agents) {
    const folder = folderIn(root, ["agents", id]);
    if (folder !== undefined) yield* agentSessions(folder, id, reading);
  }
  // Before there were several agents.
  const first = folderIn(root, ["sessions"]);
  if (first !== undefined) yield* inFolder(first, defaultId, { ...reading, seen: new Set() });
  for (const { id, workspace } of agents) {
    signal.throwIfAborted();
    if (workspace !== undefined) yield* workspaceNotes(workspace, agentOf(id));
  }
  yield* schedules(root, { defaultAgentId: defaultId, nowMs, signal, zone });
}

function folderIn(root: SourceFolder, names: readonly string[]): SourceFolder | undefined {
  let folder: SourceFolder | undefined = root;
  for (const name of names) {
    const inner: Result<SourceFolder | undefined> | undefined = folder?.folder(name);
    folder = inner?.ok === true ? inner.value : undefined;
  }
  return folder;
}
