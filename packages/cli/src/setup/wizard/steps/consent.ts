import { defaultPort } from "@carapace/config/default-port";
import type { Option } from "../../../prompt/asker.ts";
import type { Given } from "../../answers.ts";
import type { Answers } from "../answers.ts";
import { asksEverything, modeOf, type StepContext } from "../context.ts";
import { type AnyStep, type Stepped, step } from "../flow.ts";
import { shownText } from "./given.ts";
import { labelOf, signedInAs } from "./start.ts";

type Consent = Answers["consent"] | "stop";

const consent = step({
  sets: "consent",
  isAsked: () => true,
  async ask(context): Promise<Stepped<Answers["consent"]>> {
    const { asker } = context;
    asker.say(`This is what will be written:\n${plan(context).join("\n")}`);
    const more: readonly Option<Consent>[] = asksEverything(context)
      ? []
      : [{ value: "every", label: "Change more first: go through every step" }];
    const asked = await asker.choose<Consent>({
      message: question[modeOf(context)],
      options: [
        { value: "write", label: "Yes" },
        ...more,
        { value: "stop", label: "No, stop: nothing is written" },
      ],
    });
    if (asked.kind !== "answer") return asked;
    return asked.value === "stop" ? { kind: "abort" } : { kind: "answer", value: asked.value };
  },
});

const question = {
  create: "Write it?",
  replace: "Write it over the old configuration, which is kept as a backup?",
  merge: "Write it into the configuration? The old one is kept as a backup.",
};

/** Pure. The answers and the defaults, without a secret. */
function plan(context: StepContext): readonly string[] {
  const { answers } = context;
  const outcome = answers.outcome ?? "local-chat";
  return [
    `Model: ${answers.model ?? "none"} (${labelOf(signedInAs(answers) ?? "offline")})`,
    ...credentialLines(answers),
    ...(modeOf(context) === "merge" ? ["Everything else: as it is"] : gatewayLines(context)),
    `For: ${outcome}${answers.verifyTo ? `, tested with ${answers.verifyTo}` : ""}`,
  ];
}

function gatewayLines(context: StepContext): readonly string[] {
  const { answers, wished } = context;
  const bind = answers.bind ?? "loopback";
  const hasHooks = asksEverything(context) ? answers.hooksToken !== undefined : answers.outcome === "hooks";
  return [
    `Gateway: ${bind === "loopback" ? "this machine only" : "your network"}, port ${answers.port ?? wished.port ?? defaultPort}, ${answers.gatewayAuth?.mode ?? "token"} ${answers.gatewayAuth === undefined ? "made for you" : "set"}`,
    `Hooks API: ${hasHooks ? "on" : "off"}; control page: ${answers.controlUi ? "on" : "off"}`,
  ];
}

function credentialLines(answers: Partial<Answers>): readonly string[] {
  const { profile, key, accessKeyId, baseUrl } = answers;
  return [
    ...(profile ? [`Signed in: ${profile.email ?? profile.name ?? profile.profileId}`] : []),
    ...(key ? [`Key: ${sourceOf(key)}`] : []),
    ...(accessKeyId ? [`Keys: ${sourceOf(accessKeyId)}`] : []),
    ...(baseUrl ? [`Address: ${shownText(baseUrl)}`] : []),
  ];
}

function sourceOf(given: Given): string {
  if (given.kind === "variable") return `from ${given.name}`;
  return given.kind === "typed" ? "as you typed it" : "none";
}

export const consentSteps: readonly AnyStep[] = [consent];
