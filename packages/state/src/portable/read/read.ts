import type { PortableItem, PortableSource, ReadOptions } from "../types.ts";
import { readAudit } from "./audit.ts";
import { cronStore } from "./cron.ts";
import { deviceStore } from "./devices.ts";
import { SourceFiles } from "./files.ts";
import { readMemory } from "./memory.ts";
import { readOthers } from "./others.ts";
import { approvalStore, gatewayStore, installationStore, nodeStore, profileStore } from "./registries.ts";
import { readSessions } from "./sessions.ts";
import { corrupt, type SmallStore } from "./small.ts";
import { taskStores } from "./tasks.ts";
import { usageStore } from "./usage.ts";

const smallStores: readonly SmallStore[] = [
  cronStore,
  ...taskStores,
  usageStore,
  approvalStore,
  deviceStore,
  nodeStore,
  gatewayStore,
  profileStore,
  installationStore,
];

/**
 * Reads everything of the reference's format that a source holds (state.md §3 to §16), sessions first. What cannot be
 * read is an item too, so that nothing is passed over in silence. Holds one small file, one batch of a history or one
 * archive in memory at a time.
 * @throws what the source throws
 */
export async function* readPortable(
  source: PortableSource,
  options: ReadOptions = {},
): AsyncGenerator<PortableItem> {
  const files = await SourceFiles.list(source, options.signal);
  yield* files.problems;
  yield* readSessions(files, options);
  yield* readMemory(files, options);
  for (const store of smallStores) yield* readSmall(files, store, options.trustFacts === "all");
  yield* readAudit(files);
  yield* readOthers(files);
}

async function* readSmall(
  files: SourceFiles,
  store: SmallStore,
  trustsAll: boolean,
): AsyncGenerator<PortableItem> {
  if (!files.has(store.path)) return;
  const refused = files.refusal(store.path, store.maxBytes, store.store);
  if (refused !== undefined) return yield refused;
  const whole = await files.whole(store.path, store.maxBytes);
  const file = { path: store.path, sha256: whole?.sha256 ?? "" };
  const context = { file, store: store.store, trustsAll };
  if (whole === undefined) return yield corrupt(context, "The file is not UTF-8.");
  yield* store.read(whole.text, context);
}
