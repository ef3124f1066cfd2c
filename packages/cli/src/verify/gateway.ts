import { secretsOf } from "../link/control.ts";
import { type ReachedGateway, reachGateway } from "../link/embedded.ts";
import { gatewayHealth, type HttpAnswer, httpGet, noTls } from "../link/http.ts";
import { isRecord } from "../link/json.ts";
import type { Target } from "../link/target.ts";
import { type Check, fail, pass } from "./check.ts";
import type { Subject } from "./types.ts";

const name = "Gateway reachability";
const timeoutMs = 5000;
/** What a check began it has ended by then; a turn that a webhook started may go on in the next gateway. */
const drainBudgetMs = 2000;

/**
 * Finds the gateway, or starts the one of this machine in this process (cli.md §2.8).
 * @returns undefined if there is none to go on with, which the check says
 */
export async function* reachable(
  subject: Subject,
): AsyncGenerator<Check, ReachedGateway | undefined, undefined> {
  const { place, settings, world, signal } = subject;
  if (place.kind === "elsewhere") {
    const answer = await httpGet({ target: place.target, path: "/health", timeoutMs, signal });
    signal.throwIfAborted();
    yield elsewhere(answer, place.target);
    if (gatewayHealth(answer) === undefined) return undefined;
    return { target: place.target, isOurs: false, [Symbol.asyncDispose]: async () => {} };
  }
  const reached = await reachGateway({ port: place.port, settings, world, control: true, drainBudgetMs });
  if (!reached.ok) {
    yield fail(name, reached.say, adviceFor(reached.say));
    return undefined;
  }
  const { target, isOurs } = reached.value;
  subject.onGateway(target.address, isOurs);
  yield isOurs
    ? pass(name, `a gateway started inside this command answers at ${target.address}`)
    : pass(name, `a gateway answers at ${target.address}${await whatIsNotReady(target, subject)}`);
  return reached.value;
}

function elsewhere(answer: HttpAnswer, { address }: Target): Check {
  if (gatewayHealth(answer) !== undefined) return pass(name, `a gateway answers at ${address}`);
  if (answer.kind === "unreachable") {
    return fail(name, `cannot reach a gateway at ${address}: ${answer.cause}`, adviceFrom(answer.cause));
  }
  const say = `what answers at ${address} is not a Carapace gateway (HTTP ${answer.status})`;
  return fail(name, say, "check --host and --port");
}

/** Pure. */
function adviceFrom(cause: string): string {
  return cause === noTls
    ? "leave --tls out (a tunnel, or this machine), or name the port that speaks TLS with --port"
    : "start the gateway there (cara start), and check host, port, firewall and whether it needs --tls";
}

/** Pure. The sentence says what is wrong; this, what to do first. */
function adviceFor(say: string): string {
  if (say.startsWith("another program uses port"))
    return "end that program, or give the gateway another port: --port here, gateway.port in the configuration";
  if (/pid \d+/.test(say))
    return "verify the gateway that runs, on its own port (--port), or stop it and run cara verify again";
  return "mend that, then start the gateway with cara start; cara doctor looks for more";
}

/** A gateway that answers may still not be able to work; its owner is told why. */
async function whatIsNotReady(target: Target, { settings, signal }: Subject): Promise<string> {
  const [secret] = secretsOf(await settings.credentials());
  const answer = await httpGet({ target, path: "/health/ready?verbose=1", timeoutMs, secret, signal });
  signal.throwIfAborted();
  if (answer.kind !== "answer" || answer.status !== 503 || !isRecord(answer.json)) return "";
  const failing = Array.isArray(answer.json["failing"]) ? answer.json["failing"] : [];
  const reasons = failing.flatMap((one) => (isRecord(one) ? [String(one["say"])] : []));
  return `, but says that it is not ready${reasons.length === 0 ? "" : `: ${reasons.join("; ")}`}`;
}
