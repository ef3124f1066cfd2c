import type { Environment } from "@carapace/config";
import type { SetupSetting } from "@carapace/config/setup";
import type { GivenText } from "../answers.ts";
import { choiceNamed, providerOf, type SetupChoice } from "../choice.ts";
import type { SetupDraft } from "../draft.ts";
import { variableOf } from "../environment.ts";
import { checkModel } from "../model-rules.ts";
import type { Answers } from "./answers.ts";
import { shownText } from "./steps/given.ts";
import { signedInAs } from "./steps/start.ts";

type Known = Partial<Answers>;

/** Settings of a provider that are no secret, by the question that sets them. */
const settings = ["baseUrl", "projectId", "location", "routeModel", "region"] as const;
type SettingKey = (typeof settings)[number];

const channelTexts = ["homeserverUrl", "userId", "deviceId", "verifyTo"] as const;

/** Pure. What may be kept for later of the answers so far: nothing that is secret, or was made of a secret. */
export function draftOf(answers: Known): SetupDraft {
  const { pace, hidesInput, provider, authMode, model, bind, port, outcome, controlUi } = answers;
  const isPace = pace === "quick" || pace === "every";
  const kept = defined({
    pace: isPace ? pace : undefined,
    hidesInput,
    provider,
    authMode,
    model,
    bind,
    port,
    outcome,
    controlUi,
  });
  const own = Object.fromEntries(
    settings.flatMap((key) => (answers[key] === undefined ? [] : [[key, shownText(answers[key])]])),
  );
  const channel = Object.fromEntries(
    channelTexts.flatMap((key) => (answers[key] === undefined ? [] : [[key, answers[key]]])),
  );
  return { ...kept, settings: own, channel };
}

/** Pure. A draft without what belongs to another provider, or outcome, than the command line names now. */
export function fitting(draft: SetupDraft, wished: Known): SetupDraft {
  const { authMode, model, settings: own, channel, ...rest } = draft;
  const isProvider = wished.provider === undefined || wished.provider === draft.provider;
  const isOutcome = wished.outcome === undefined || wished.outcome === draft.outcome;
  return {
    ...rest,
    ...(isProvider && defined({ authMode, model, settings: own })),
    ...(isOutcome && defined({ channel })),
  };
}

/** Pure. The answers that a draft holds; what does not fit any more is asked again. */
export function answersOf(draft: SetupDraft, env: Environment): Known {
  const provider = draft.provider === undefined ? undefined : choiceNamed(draft.provider);
  const { pace, hidesInput, authMode, bind, port, outcome, controlUi } = draft;
  return {
    ...defined({ pace, hidesInput, provider, authMode, bind, port, outcome, controlUi }),
    ...keptModel(draft.model, signedInAs({ ...defined({ provider, authMode }) })),
    ...keptSettings(draft, provider, env),
    ...Object.fromEntries(
      channelTexts.flatMap((key) => {
        const text = draft.channel?.[key];
        return text === undefined ? [] : [[key, text]];
      }),
    ),
  };
}

function keptModel(model: string | undefined, provider: SetupChoice | undefined): Known {
  if (model === undefined || provider === undefined || provider === "offline") return {};
  const checked = checkModel(model, provider);
  return checked.ok ? { model: checked.value.model } : {};
}

function keptSettings(draft: SetupDraft, provider: SetupChoice | undefined, env: Environment): Known {
  if (provider === undefined || provider === "offline") return {};
  const found = providerOf(provider);
  const tableOf: Readonly<Record<SettingKey, SetupSetting | undefined>> = {
    baseUrl: found.baseUrl,
    projectId: found.settings?.["projectId"],
    location: found.settings?.["location"],
    routeModel: found.settings?.["model"],
    region: found.settings?.["region"],
  };
  const kept: Known = {};
  for (const key of settings) {
    const text = draft.settings?.[key];
    if (text === undefined) continue;
    const given = givenText(text, variableOf(env, tableOf[key]));
    if (given !== undefined) kept[key] = given;
  }
  return kept;
}

/** A variable that is not set any more is asked about again. */
function givenText(text: string, variable: string | undefined): GivenText | undefined {
  if (!text.startsWith("${")) return { kind: "text", text };
  return variable !== undefined && text === `$\{${variable}}`
    ? { kind: "variable", name: variable }
    : undefined;
}

/** Without the keys that hold nothing. */
function defined<T extends object>(record: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}
