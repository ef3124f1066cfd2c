import { existsSync, mkdtempSync, realpathSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import type { State } from "@carapace/state";
import type { ImportReport } from "@carapace/state/portable";
import { localZone } from "../../commands/cron/read-time.ts";
import type { DataImportAsk } from "../data.ts";
import { openClawItems } from "./items.ts";
import { SourceFolder } from "./source/folder.ts";

/**
 * Takes over conversations, workspace notes and schedules of OpenClaw, labelled *imported* (docs/decisions/0014). Its
 * directory is only read. One transaction a conversation: after a kill or Ctrl-C the same call goes on, and nothing
 * comes in twice. The caller holds the guard of the state directory, for a dry run too if there is a database.
 * @returns the report; `not_found` if there is no such directory
 * @throws StateError of our own state, and what the signal says
 */
export async function importOpenClawData(ask: DataImportAsk): Promise<Result<ImportReport>> {
  const { sourceDir, place, dryRun } = ask;
  if (!(statSync(sourceDir, { throwIfNoEntry: false })?.isDirectory() ?? false))
    return refuse("not_found", `there is no directory ${sourceDir}: name the one to import`);
  if (!dryRun || existsSync(join(place.dir, "state.db"))) {
    await using state = await openOwn(ask);
    return ok(await take(ask, state));
  }
  return ok(await rehearse(ask));
}

/** What would come of it without a database of ours: it is tried on an empty one that is thrown away. */
async function rehearse(ask: DataImportAsk): Promise<ImportReport> {
  const { openState } = await import("@carapace/state");
  const dir = mkdtempSync(join(tmpdir(), "carapace-import-"));
  try {
    const keys = { load: async () => undefined, create: async () => {} };
    await using state = await openState({ dir, keys, newId: ask.world.newId });
    return await take(ask, state);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function openOwn({ place }: DataImportAsk): Promise<State> {
  const [{ openState }, { createRedactor }] = await Promise.all([
    import("@carapace/state"),
    import("@carapace/config/redaction"),
  ]);
  const { dir, keys, newId, nowMs, password } = place;
  return await openState({
    ...{ dir, keys, newId, nowMs },
    redact: createRedactor(password === undefined ? [] : [password]),
  });
}

async function take(ask: DataImportAsk, state: State): Promise<ImportReport> {
  const { sourceDir, place, dryRun, signal, onProgress } = ask;
  const root = new SourceFolder(realpathSync(sourceDir));
  const items = openClawItems(root, await contextOf(ask));
  const report = await state.portable.import(items, {
    ...{ mode: "add", source: root.dir, nowMs: place.nowMs },
    ...{ dryRun, signal, onProgress },
  });
  const sections = Object.entries(report.stores).filter(([, counts]) => counts.imported > 0);
  if (!dryRun && sections.length > 0) {
    const data = { source: root.dir, sections: sections.map(([name]) => name) };
    await state.audit.append({ actor: "cli", event: "state_imported", data });
  }
  return report;
}

async function contextOf({ world: { env }, place, signal }: DataImportAsk) {
  return {
    signal,
    nowMs: place.nowMs(),
    home: env["HOME"] || env["USERPROFILE"],
    ownAgentId: await ownAgentId(place.configPath, env),
    zone: localZone(),
  };
}

/** Who answers here where nobody names an agent; of a configuration that does not load, who it is without one. */
async function ownAgentId(path: string, env: DataImportAsk["world"]["env"]): Promise<string> {
  const [{ loadConfig }, { defaultAgentId }] = await Promise.all([
    import("@carapace/config"),
    import("@carapace/agent"),
  ]);
  const loaded = await loadConfig({ env, path });
  return loaded.ok ? defaultAgentId(loaded.value.config) : "default";
}
