import { Secret } from "@carapace/config";
import { defaultPort } from "@carapace/config/default-port";
import type { Asked } from "../../../prompt/asker.ts";
import type { GatewayAuthAnswer } from "../../answers.ts";
import { newToken } from "../../new-token.ts";
import { asksGateway, type StepContext } from "../context.ts";
import { type AnyStep, step } from "../flow.ts";
import { passwordRule, portRule } from "./rules.ts";

const passwordBytes = 24;
const fewestTyped = 10;

const gatewayAuth = step({
  sets: "gatewayAuth",
  isAsked: asksGateway,
  async ask(context, before): Promise<Asked<GatewayAuthAnswer>> {
    const { asker } = context;
    for (;;) {
      const mode = await asker.choose({
        message: "How do programs and pages prove to the gateway that they are yours?",
        initial: before?.mode ?? "token",
        options: [
          { value: "token", label: "Token", hint: "for programs and pages" },
          { value: "password", label: "Password", hint: "for people who type it" },
        ],
      });
      if (mode.kind !== "answer") return mode;
      const secret = await askMade(context, mode.value);
      if (secret.kind === "back") continue;
      if (secret.kind !== "answer") return secret;
      return { kind: "answer", value: gatewayAuthOf(mode.value, secret.value) };
    }
  },
});

/** Pure. */
function gatewayAuthOf(mode: "token" | "password", secret: Secret): GatewayAuthAnswer {
  return mode === "token" ? { mode, token: secret } : { mode, password: secret };
}

/** A secret that is made here, or typed. */
async function askMade(context: StepContext, what: "token" | "password"): Promise<Asked<Secret>> {
  const { asker, answers, random, world } = context;
  for (;;) {
    const make = await asker.confirm({ message: `Make the ${what} now? No: type your own.`, initial: true });
    if (make.kind !== "answer") return make;
    if (make.value) return { kind: "answer", value: made(what, random) };
    const typed = await asker.secret({
      message: `Your ${what} (at least ${fewestTyped} characters)`,
      check: passwordRule(fewestTyped),
      isShown: answers.hidesInput === false,
    });
    if (typed.kind === "back") continue;
    if (typed.kind === "answer") world.out.hide([typed.value.reveal()]);
    return typed;
  }
}

/** What is made for the owner (cli.md §3.10, step 5). */
function made(what: "token" | "password", random: StepContext["random"]): Secret {
  const text = what === "token" ? newToken(random) : Buffer.from(random(passwordBytes)).toString("hex");
  return new Secret(text);
}

const bind = step({
  sets: "bind",
  isAsked: (context) => asksGateway(context) && context.wished.bind === undefined,
  async ask({ asker }, before): Promise<Asked<"loopback" | "lan">> {
    for (;;) {
      const asked = await asker.choose({
        message: "Who can reach the gateway?",
        initial: before ?? "loopback",
        options: [
          { value: "loopback", label: "Programs on this machine (recommended)" },
          { value: "lan", label: "Everyone in your network who has the token" },
        ],
      });
      if (asked.kind !== "answer" || asked.value === "loopback") return asked;
      asker.say(
        "Every device of the network can then try to talk to the gateway, and what is said travels unencrypted unless TLS is set up.",
        "warning",
      );
      const sure = await asker.confirm({ message: "Open it to the network?", initial: false });
      if (sure.kind === "answer" ? sure.value : sure.kind === "stop")
        return sure.kind === "answer" ? asked : sure;
    }
  },
});

const port = step({
  sets: "port",
  isAsked: (context) => asksGateway(context) && context.wished.port === undefined,
  async ask({ asker }, before): Promise<Asked<number>> {
    const asked = await asker.line({
      message: "Port of the gateway",
      initial: String(before ?? defaultPort),
      check: portRule,
    });
    return asked.kind === "answer" ? { kind: "answer", value: Number(asked.value) } : asked;
  },
});

const hooksToken = step({
  sets: "hooksToken",
  isAsked: asksGateway,
  async ask(context): Promise<Asked<Secret | undefined>> {
    const { asker, answers } = context;
    for (;;) {
      const wanted = await asker.confirm({
        message: "May other programs call the assistant (hooks API)?",
        initial: answers.outcome === "hooks",
      });
      if (wanted.kind !== "answer") return wanted;
      if (!wanted.value) return { kind: "answer", value: undefined };
      const secret = await askMade(context, "token");
      if (secret.kind !== "back") return secret;
    }
  },
});

const controlUi = step({
  sets: "controlUi",
  isAsked: asksGateway,
  ask: ({ asker }, before) =>
    asker.confirm({
      message: "Serve the control page, to look after it in a browser?",
      initial: before ?? false,
    }),
});

export const gatewaySteps: readonly AnyStep[] = [gatewayAuth, bind, port];
export const extraSteps: readonly AnyStep[] = [hooksToken, controlUi];
