import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileKeyStore, type OutboxMessage, openState, type State } from "@carapace/state";
import { type GatewayProcess, startGatewayProcess } from "../../support/gateway-process.ts";
import { connectOperator } from "../../support/operator.ts";
import { seeded } from "../../support/seeded.ts";
import { type Receiver, startReceiver } from "./receiver.ts";
import { type Job, type JobKind, jobKinds, type Submitter, submit } from "./submit.ts";

const wanted = 2000;
/** The gateway keeps so many scheduled jobs; a further one takes an old one's place. */
const wantedCron = 400;
const hooksToken = "the-hooks-token-of-this-test-00000000";
const token = "a-token-for-tests-of-forty-characters-00";

test(`of ${wanted} mixed jobs, through SIGKILLs at random points, none is lost, none is done twice, and each explains itself`, async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "carapace-jobs-"));
  const random = seeded(20_261_123);
  const jobs = new Map<string, Job>();
  await using receiver = startReceiver(random);
  const config = configFor(receiver);
  try {
    let kills = 0;
    for (; jobs.size < wanted; kills += 1) {
      const gateway = await startGatewayProcess({ stateDir, config });
      const sending = submitUntilGone(gateway, jobs);
      await Bun.sleep(300 + random() * 2000);
      await gateway.kill();
      await sending;
    }
    expect(kills).toBeGreaterThan(20);
    receiver.behave();
    const last = await startGatewayProcess({ stateDir, config });
    await untilQuiet(last);
    await last[Symbol.asyncDispose]();
    expect(jobs.size).toBe(wanted);
    await using state = await openedState(stateDir);
    const outcomes = await outcomesOf([...jobs.values()], state);
    expect(unexplained(outcomes)).toEqual([]);
    expect(misdelivered(outcomes, receiver)).toEqual([]);
    expect(await doubled([...jobs.values()], state)).toEqual([]);
    expect(await state.verify()).toEqual([]);
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}, 600_000);

function configFor(receiver: Receiver) {
  return {
    gateway: {
      auth: { mode: "token", token },
      ws: { messageRate: 1e9, messageBurst: 1e9 },
      control: { enabled: true },
      hooks: { enabled: true, token: hooksToken },
    },
    agents: { defaults: { maxConcurrent: 16 } },
    cron: { enabled: true, maxConcurrentRuns: 16 },
    webhook: { url: receiver.url, allowPrivate: true },
  };
}

/** Asks for the jobs that were not acknowledged yet, several at a time, until the gateway dies. */
async function submitUntilGone(gateway: GatewayProcess, jobs: Map<string, Job>): Promise<void> {
  const operator = await connectOperator(gateway.port, gateway.token).catch(() => undefined);
  if (operator === undefined) return;
  let isGone = false;
  void operator.gone.then(() => {
    isGone = true;
  });
  const way: Submitter = { gateway, operator, hooksToken };
  let next = 0;
  const worker = async () => {
    while (!isGone && next < wanted) {
      const number = next++;
      const kind = kindOf(number);
      const name = `${kind}-${number}`;
      if (jobs.has(name)) continue;
      const id = await submit(kind, name, way);
      if (id !== undefined) jobs.set(name, { kind, name, id });
      // A person's programs pause, too; and the kills shall find every stage.
      await Bun.sleep(20);
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
}

function kindOf(number: number): JobKind {
  const kind = jobKinds[number % jobKinds.length] ?? "task";
  return kind === "cron" && number / jobKinds.length > wantedCron ? "hook" : kind;
}

/** Until nothing waits and nothing runs. */
async function untilQuiet(gateway: GatewayProcess): Promise<void> {
  const metrics = `http://127.0.0.1:${gateway.port}/metrics`;
  const busy =
    /^carapace_(agent_runs_unfinished|outbox_messages|tasks\{state="(queued|running|retry_wait)"\}) [1-9]/m;
  const deadline = Date.now() + 180_000;
  for (let quiet = 0; quiet < 3; ) {
    const text = await (await fetch(metrics)).text();
    quiet = busy.test(text) ? 0 : quiet + 1;
    if (Date.now() > deadline) throw new Error(`it does not come to rest: ${busy.exec(text)?.[0]}`);
    await Bun.sleep(500);
  }
}

async function openedState(dir: string): Promise<State> {
  return await openState({ dir, keys: fileKeyStore(dir), newId: () => crypto.randomUUID() });
}

/** How a job ended, in its own words, and the messages that went out for it. */
interface Outcome {
  readonly job: Job;
  readonly state: string;
  readonly why: string;
  readonly messages: readonly OutboxMessage[];
}

async function outcomesOf(jobs: readonly Job[], state: State): Promise<Outcome[]> {
  const messages = Map.groupBy(await state.outbox.list({ limit: 10_000 }), ({ to }) => to);
  return await Promise.all(
    jobs.map(async (job) => ({ job, ...(await endOf(job, state)), messages: messages.get(job.name) ?? [] })),
  );
}

async function endOf({ kind, id }: Job, state: State): Promise<Pick<Outcome, "state" | "why">> {
  if (kind === "task") {
    const task = await state.tasks.find("tasks", id);
    return { state: task?.state ?? "lost", why: task?.lastError ?? "" };
  }
  if (kind === "cron") {
    const runs = await state.cronRuns.list({ jobId: id, limit: 10 });
    return {
      state: runs.length === 1 ? (runs[0]?.status ?? "") : `${runs.length} runs`,
      why: runs[0]?.error ?? "",
    };
  }
  if (kind === "hook") {
    const run = await state.runs.find(id);
    return { state: run?.outcome?.status ?? "lost", why: run?.outcome?.error ?? "" };
  }
  const message = await state.outbox.find(id);
  return { state: message?.status ?? "lost", why: message?.lastError ?? "" };
}

const well = new Set(["done", "ok", "completed", "sent"]);

/** Jobs that did not end well, or whose message did not go out, without a word of why. */
function unexplained(outcomes: readonly Outcome[]): string[] {
  return outcomes
    .filter(({ state, why, messages }) => {
      const [message] = messages;
      const isWell = well.has(state) && message?.status === "sent";
      const isExplained = why !== "" || (message?.status === "failed" && message.lastError !== undefined);
      return messages.length > 1 || !(isWell || isExplained);
    })
    .map(
      ({ job, state, messages }) =>
        `${job.name} (${job.id}): ${state}, messages ${messages.map(({ status }) => status)}`,
    );
}

/** What is said to be sent but did not arrive, and what arrived as two different messages. */
function misdelivered(outcomes: readonly Outcome[], receiver: Receiver): string[] {
  return outcomes.flatMap(({ job, messages }) => {
    const keys = receiver.keysFor(job.name);
    if (keys.size > 1) return [`${job.name} arrived as ${keys.size} messages`];
    const isSent = messages.some(({ status }) => status === "sent");
    return isSent && keys.size === 0 ? [`${job.name} did not arrive`] : [];
  });
}

/** Conversations of hooks that were asked or answered more than once. */
async function doubled(jobs: readonly Job[], state: State): Promise<string[]> {
  const hooks = jobs.filter(({ kind }) => kind === "hook");
  const found = await Promise.all(
    hooks.map(async ({ name, id }) => {
      const run = await state.runs.find(id);
      const history = run === undefined ? [] : await state.sessions.history(run.sessionId, {});
      const questions = history.filter(({ role }) => role === "user").length;
      const answers = history.filter(
        ({ role, blocks }) => role === "assistant" && blocks.every(({ type }) => type === "text"),
      ).length;
      const isOnce = questions === 1 && answers === 1;
      return isOnce ? [] : [`${name}: ${questions} questions, ${answers} answers`];
    }),
  );
  return found.flat();
}
