import type { PortableItem, PortableProblem } from "@carapace/state/portable";
import { LeftOut } from "../left-out.ts";
import { problem, sayOf } from "../problems.ts";
import { openDatabase, unknownLayout } from "../source/database.ts";
import type { SourceFolder } from "../source/folder.ts";
import { databaseSessions } from "./database.ts";
import { fileSessions } from "./files.ts";
import { type ItemContext, sessionItem } from "./item.ts";
import type { SourceSession } from "./source.ts";

const place = { folder: "agent", name: "openclaw-agent.sqlite" } as const;

type Context = Omit<ItemContext, "onSurvey">;

/** Everything that was said to one agent: in its database, and in the files that older versions wrote. */
export async function* agentSessions(
  agent: SourceFolder,
  agentId: string,
  context: Context,
): AsyncGenerator<PortableItem> {
  const seen = new Set<string>();
  yield* inDatabase(agent, agentId, { ...context, seen });
  const folder = agent.folder("sessions");
  const path = agent.pathOf("sessions");
  if (!folder.ok) yield problem("skipped", { store: "sessions", path }, `The folder ${folder.say}.`);
  else if (folder.value !== undefined) yield* inFolder(folder.value, agentId, { ...context, seen });
}

/** Conversations in files of one folder. */
export async function* inFolder(
  folder: SourceFolder,
  agentId: string,
  context: Context & { readonly seen: Set<string> },
): AsyncGenerator<PortableItem> {
  yield* items(fileSessions(folder, agentId), { ...context, path: folder.shown });
}

async function* inDatabase(
  agent: SourceFolder,
  agentId: string,
  context: Context & { readonly seen: Set<string> },
): AsyncGenerator<PortableItem> {
  const opened = await openDatabase(agent, place, context.signal);
  if (opened === undefined) return;
  const { path, found } = opened;
  const at = { store: "sessions", path } as const;
  if (!found.ok) return yield problem("corrupt", at, found.say);
  using database = found.value;
  if (database.agent === undefined) return yield problem("corrupt", at, unknownLayout);
  const files = agent.folder("sessions");
  const cold = files.ok ? files.value?.folder("cold") : undefined;
  const whose = { path, agentId, cold: cold?.ok === true ? cold.value : undefined };
  yield* items(databaseSessions(database.agent, whose), { ...context, path });
}

interface Listing extends Context {
  /** Ids that were read already: a newer version moves files into its database, and may leave them behind. */
  readonly seen: Set<string>;
  readonly path: string;
}

async function* items(
  sessions: Iterable<SourceSession | PortableProblem>,
  { seen, path, ...context }: Listing,
): AsyncGenerator<PortableItem> {
  const left = new LeftOut();
  try {
    for (const session of sessions) {
      context.signal.throwIfAborted();
      if ("kind" in session) yield session;
      else if (seen.has(session.id)) yield already(session);
      else {
        seen.add(session.id);
        yield await sessionItem(session, { ...context, onSurvey: (survey) => left.add(survey) });
      }
    }
  } catch (error) {
    context.signal.throwIfAborted();
    yield problem("corrupt", { store: "sessions", path }, `Not all of it could be read: ${sayOf(error)}.`);
  }
  yield* left.problems(path);
}

function already({ transcript }: SourceSession): PortableProblem {
  const say = "The conversation is in the agent's database, too, and comes from there.";
  return problem("skipped", { store: "sessions", path: transcript.path }, say);
}
