import type { Refusal } from "@carapace/protocol";
import { openConnection } from "../../link/connection.ts";
import type { ReachedGateway } from "../../link/embedded.ts";
import { isRecord } from "../../link/json.ts";
import { type Check, fail, pass, shownError } from "../check.ts";
import { reachable } from "../gateway.ts";
import { useTls } from "../next-steps.ts";
import type { Checks, Subject } from "../types.ts";
import { adviceFor } from "./advice.ts";
import { type RoundTrip, roundTrip } from "./round-trip.ts";

const name = "Local chat roundtrip";
const timeoutMs = 45_000;

/** One message to the assistant, and its reply (cli.md §3.12). */
export async function* verifyLocalChat(subject: Subject): Checks {
  const reached = yield* reachable(subject);
  if (reached === undefined) return;
  await using gateway = reached;
  yield await talk(gateway, subject);
}

async function talk({ target }: ReachedGateway, subject: Subject): Promise<Check> {
  const { settings, world, signal, allowPlaintext } = subject;
  const opened = await openConnection({
    ...{ target, scopes: ["operator.write"], settings, signal, allowPlaintext },
    note: world.out.note,
  });
  signal.throwIfAborted();
  if (!opened.ok) return notLetIn(opened, subject);
  await using connection = opened.value;
  const { newId, nowMs } = world;
  return tell(await roundTrip(connection, { newId, nowMs, timeoutMs, signal }), subject);
}

function tell(outcome: RoundTrip, subject: Subject): Check {
  switch (outcome.kind) {
    case "answered":
      return pass(name, answered(outcome, subject));
    case "refused": {
      const { say } = outcome.refusal;
      return fail(name, shown(say), adviceFor({ say, model: "", subject }));
    }
    case "failed":
      return fail(name, shown(outcome.say), adviceFor({ ...outcome, subject }));
    case "silent":
      return fail(name, "the reply was empty", adviceFor({ ...outcome, say: "", subject }));
    case "late": {
      const say = `no reply came within ${timeoutMs / 1000} s; the run was stopped`;
      return fail(name, say, adviceFor({ ...outcome, say, subject }));
    }
  }
}

/** The gateway's own sentences may name what to type in angle brackets; nothing else may have any. */
function shown(say: string): string {
  return shownError(say.replaceAll("<provider:model>", "provider:model"));
}

function answered(
  { model, ms, notices }: Extract<RoundTrip, { kind: "answered" }>,
  { snapshot }: Subject,
): string {
  const said = `${model === "" ? "the assistant" : model} replied within ${(ms / 1000).toFixed(1)} s`;
  const setup = snapshot.exists ? "cara setup --merge" : "cara setup";
  if (model.startsWith("offline:"))
    return `${said} (the built-in offline assistant, no language model: ${setup} adds one)`;
  const switched = notices.find((text) => text.includes("answers instead"));
  return switched === undefined ? said : `${said} ${switched}`;
}

/** Why a gateway that answers did not let us in, and what to do. */
function notLetIn(refusal: Refusal, subject: Subject): Check {
  if (refusal.code !== "not_paired")
    return fail(name, refusal.say, connectAdvice(refusal, subject.place.kind === "here"));
  const id = isRecord(refusal.details) ? refusal.details["requestId"] : undefined;
  if (typeof id !== "string") return fail(name, refusal.say, "then run cara verify again");
  const say = `this device is not paired with the gateway yet (request ${id})`;
  const step = `on the gateway's own machine run: cara devices approve ${id}; then run cara verify again here`;
  return fail(name, say, step);
}

function connectAdvice({ code }: Refusal, isHere: boolean): string {
  switch (code) {
    case "unauthorized":
      return isHere
        ? "set CARAPACE_GATEWAY_TOKEN (or CARAPACE_GATEWAY_PASSWORD) to what the running gateway was started with, or restart it with the configuration as it is now"
        : "set CARAPACE_GATEWAY_TOKEN (or CARAPACE_GATEWAY_PASSWORD) here to that gateway's own (gateway.auth there)";
    case "forbidden":
      return useTls;
    case "rate_limited":
      return "wait a minute: too many wrong credentials came from this address";
    default:
      return isHere ? "restart the gateway: cara start" : "check host, port and --tls";
  }
}
