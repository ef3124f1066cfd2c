import type { ExitCode } from "../command/definition.ts";
import { detect } from "./detect.ts";
import { readDraft, saveDraft } from "./draft.ts";
import { finishSetup } from "./finish.ts";
import type { OpenSetup } from "./run.ts";
import { runWizard, type WizardDeps } from "./wizard/index.ts";
import type { WizardStart } from "./wizard-start.ts";

/** Asks the owner at the terminal; what an interrupted setup had been told is kept for a day. */
export async function askOwner(
  { wishes, world, place, present, guard }: OpenSetup,
  deps?: WizardDeps,
): Promise<ExitCode> {
  const { dir: stateDir } = place;
  const draft = readDraft(stateDir, world.nowMs());
  const found = await detect({ env: world.env });
  const start: WizardStart = {
    ...{ world, wishes, present, random: place.random },
    // Who has a configuration has taken over what they wanted from others, often just now.
    detected: present.kind === "none" ? found : { ...found, tools: [] },
    ...(draft && { draft }),
    saveDraft: (answers) => saveDraft(stateDir, answers, world.nowMs()),
    finish: (answers, live, mode) => finishSetup(answers, live, { world, stateDir, guard, mode }),
  };
  return await runWizard(start, deps);
}
