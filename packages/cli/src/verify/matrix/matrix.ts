import { setTimeout } from "node:timers/promises";
import { type Control, openControl } from "../../link/control.ts";
import { isRecord } from "../../link/json.ts";
import { type Check, fail, pass, shownError, skip } from "../check.ts";
import { reachable } from "../gateway.ts";
import { controlStep } from "../next-steps.ts";
import type { Checks, Subject } from "../types.ts";
import { checkAccount, checkStore } from "./configuration.ts";
import { adviceForKind } from "./error-kinds.ts";

const runtimeName = "Matrix runtime registration";
const apiName = "Matrix verification API";
const sendName = "Matrix send path";
const pollMs = 1000;
const budgetMs = 30_000;

/** The account, its store, the running channel and a real message (cli.md §3.12). Each failure ends it. */
export async function* verifyMatrix(subject: Subject): Checks {
  for await (const check of configured(subject)) {
    yield check;
    if (check.status === "FAIL") return;
  }
  const reached = yield* reachable(subject);
  if (reached === undefined) return;
  await using gateway = reached;
  const { allowPlaintext, settings } = subject;
  const control = await openControl(gateway.target, settings, { allowPlaintext });
  if (!control.ok) {
    yield fail(runtimeName, control.say, controlStep(control, subject));
    return;
  }
  const registered = await registration(control.value, subject);
  yield registered;
  if (registered.status === "FAIL") return;
  const api = await verificationApi(control.value, subject);
  yield api;
  if (api.status !== "FAIL") yield await send(control.value, subject);
}

async function* configured(subject: Subject): AsyncGenerator<Check> {
  if (subject.place.kind === "elsewhere") {
    yield skip(
      "Matrix configuration",
      "the account lies in the configuration on the gateway's machine",
      "run it there to check that too: cara verify --outcome matrix",
    );
    return;
  }
  yield await checkAccount(subject);
  yield checkStore(subject);
}

/** Until the channel is connected. @throws once the signal fires */
async function registration(control: Control, subject: Subject): Promise<Check> {
  const { signal, world } = subject;
  const untilMs = world.nowMs() + budgetMs;
  for (;;) {
    const answer = await control.call({ method: "GET", path: "/control/channels", signal });
    signal.throwIfAborted();
    if (!answer.ok) return fail(runtimeName, shownError(answer.say), controlStep(answer, subject));
    const channel = matrixOf(answer.value["channels"]);
    if (channel === undefined && (await lacksMatrix(control, subject))) return notThere;
    const status = channel?.["status"];
    if (status === "connected") return pass(runtimeName, "the channel is connected");
    if (channel !== undefined && status === "error") return inError(channel);
    if (world.nowMs() >= untilMs) {
      const how = channel === undefined ? "not there" : String(status);
      const step =
        "see what the gateway says of it: cara logs; it must have been started after Matrix was set up";
      return fail(runtimeName, `after ${budgetMs / 1000} s the channel is still ${how}`, step);
    }
    await setTimeout(pollMs, undefined, { signal });
  }
}

const notThere = fail(
  runtimeName,
  "this gateway has no Matrix channel: it is not in this version, so the account above is not used yet",
  "use another channel for now (cara verify --outcome telegram or discord); the configuration can stay as it is",
);

function matrixOf(channels: unknown): Record<string, unknown> | undefined {
  return Array.isArray(channels)
    ? channels.find((one) => isRecord(one) && one["id"] === "matrix")
    : undefined;
}

/** A gateway that has the channel serves its API from the start; where it is no route, waiting is in vain. */
async function lacksMatrix(control: Control, { signal }: Subject): Promise<boolean> {
  const answer = await control.call({ method: "GET", path: "/control/matrix/verifications", signal });
  signal.throwIfAborted();
  return !answer.ok && answer.code === "not_found";
}

function inError({ lastError, extra }: Record<string, unknown>): Check {
  const kind = isRecord(extra) ? extra["lastErrorKind"] : undefined;
  const said = typeof lastError === "string" ? shownError(lastError) : "no reason was given";
  const step = adviceForKind(typeof kind === "string" ? kind : "");
  return fail(runtimeName, `the channel is in error: ${said}`, step);
}

async function verificationApi(control: Control, subject: Subject): Promise<Check> {
  const { signal } = subject;
  const answer = await control.call({ method: "GET", path: "/control/matrix/verifications", signal });
  signal.throwIfAborted();
  if (!answer.ok) return fail(apiName, shownError(answer.say), controlStep(answer, subject));
  const flows = answer.value["verifications"];
  return pass(apiName, `it answers (${Array.isArray(flows) ? flows.length : 0} under way)`);
}

async function send(control: Control, subject: Subject): Promise<Check> {
  const { to, signal, world } = subject;
  const roomId = to.matrix;
  if (roomId === undefined)
    return skip(
      sendName,
      "no room was given, so nothing was sent",
      "run it again with --matrix-to and a room's id, as !abc:server",
    );
  const text = `Carapace verify: this message was sent at ${new Date(world.nowMs()).toISOString()} (UTC).`;
  const ask = { method: "POST", path: "/control/matrix/send-test", json: { roomId, text }, signal } as const;
  const answer = await control.call(ask);
  signal.throwIfAborted();
  const step = "check the room's id, and that the account has joined the room";
  if (!answer.ok) return fail(sendName, shownError(answer.say), step);
  const delivery = isRecord(answer.value["delivery"]) ? answer.value["delivery"] : {};
  if (answer.value["ok"] === true && delivery["outcome"] === "sent")
    return pass(sendName, `sent to ${roomId} (message ${String(delivery["messageId"])})`);
  const { error, kind } = delivery;
  const said = typeof error === "string" ? shownError(error) : "it was not sent";
  return fail(sendName, said, typeof kind === "string" ? adviceForKind(kind) : step);
}
