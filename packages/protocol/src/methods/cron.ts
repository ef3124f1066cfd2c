import { z } from "zod";
import { JobPayload, payloadFault } from "../automation/payload.ts";
import { LooseSchedule } from "../automation/schedule.ts";
import { Bool, MaybeNum, MaybeText, NullableNum, Num, Text, True } from "../scalars.ts";
import {
  clamped,
  defaultFalse,
  defaultTrue,
  lenient,
  methods,
  NoParams,
  optionalKey,
  optionalText,
  requiredKey,
} from "./contract.ts";

const maxNameBytes = 256;
const maxKeyChars = 255;

const bytesOf = (text: string) => new TextEncoder().encode(text).length;

const Name = () =>
  requiredKey("name")
    .trim()
    .refine((name) => bytesOf(name) <= maxNameBytes, `name must be at most ${maxNameBytes} bytes`);

const kinds = "payload.kind must be 'systemEvent' or 'agentTurn'";

/** The kind is looked at first: its sentence is part of the contract. */
const Payload = () =>
  z
    .looseObject({ kind: z.enum(["systemEvent", "agentTurn"], { error: kinds }) }, { error: kinds })
    .transform((payload, context) => {
      const read = JobPayload.safeParse(payload);
      const fault = read.success ? payloadFault(read.data) : undefined;
      if (read.success && fault === undefined) return read.data;
      const message = read.success
        ? `payload.${fault}`
        : `payload: ${read.error.issues[0]?.message ?? "invalid"}`;
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    });

const Count = () => z.int().min(1).max(1_000_000_000_000).exactOptional();

/** What a job may use up in a UTC day; ours. */
export const CronBudget = () =>
  z.object({
    maxRunsPerDay: Count(),
    maxTokensPerDay: Count(),
    maxCostUsdPerDay: z.number().positive().exactOptional(),
  });
export type CronBudget = z.infer<ReturnType<typeof CronBudget>>;

/** Who is told when a job fails, and after how many failures on end; ours. Without a channel the assistant is. */
export const CronAlert = () =>
  z.object({
    channel: z.string().trim().min(1).max(64).exactOptional(),
    to: z.string().trim().min(1).max(255).exactOptional(),
    after: z.int().min(1).max(1000).exactOptional(),
  });
export type CronAlert = z.infer<ReturnType<typeof CronAlert>>;

const Isolation = () =>
  z.object({
    postToMainPrefix: optionalText,
    postToMainMode: optionalText,
    postToMainMaxChars: lenient(z.int().min(1).max(100_000)),
  });

/** What a job has beside its name, schedule and payload; the last seven are ours. */
const options = () => ({
  agentId: optionalKey("agentId"),
  description: lenient(z.string().max(4096)),
  enabled: lenient(Bool),
  deleteAfterRun: lenient(Bool),
  sessionTarget: lenient(z.enum(["main", "isolated"])),
  wakeMode: lenient(z.enum(["now", "next-heartbeat"])),
  isolation: lenient(Isolation()),
  /** What becomes of times that passed while the gateway did not run. */
  missed: z.enum(["skip", "once", "all"], { error: "missed must be 'skip', 'once' or 'all'" }).optional(),
  /** How late a run may begin; in ms. */
  graceMs: z.int({ error: "graceMs must be a whole number" }).min(0).max(31_536_000_000).optional(),
  /** What becomes of a time that comes while the run before it has not ended. */
  overlap: z
    .enum(["skip", "queue", "replace"], { error: "overlap must be 'skip', 'queue' or 'replace'" })
    .optional(),
  budget: CronBudget().optional(),
  alert: CronAlert().optional(),
  /** Failures on end until the job is switched off; 0 never. */
  maxFailures: z.int({ error: "maxFailures must be a whole number" }).min(0).max(1000).optional(),
});

const CronAddParams = () =>
  z.object({
    name: Name(),
    schedule: LooseSchedule(),
    payload: Payload(),
    ...options(),
    /** Ours: the same key again is the same job, as long as there is one. */
    idempotencyKey: optionalKey("idempotencyKey").refine(
      (key) => (key?.length ?? 0) <= maxKeyChars,
      `idempotencyKey must be at most ${maxKeyChars} characters`,
    ),
  });
const CronUpdateParams = () =>
  z.object({
    jobId: requiredKey("jobId"),
    name: Name().optional(),
    schedule: LooseSchedule().optional(),
    payload: Payload().optional(),
    ...options(),
  });
export type CronOptions = Omit<z.output<ReturnType<typeof CronUpdateParams>>, "jobId">;

/** A scheduled job (websocket.md §12.6); schedules and payloads of later versions pass. */
const CronJobView = () =>
  z.looseObject({
    id: Text,
    name: Text,
    enabled: Bool,
    createdAtMs: Num,
    updatedAtMs: Num,
    schedule: z.looseObject({ kind: Text }),
    sessionTarget: Text,
    wakeMode: Text,
    payload: z.looseObject({ kind: Text }),
    state: z.looseObject({
      nextRunAtMs: MaybeNum,
      runningAtMs: MaybeNum,
      lastRunAtMs: MaybeNum,
      lastStatus: MaybeText,
      lastError: MaybeText,
      lastDurationMs: MaybeNum,
    }),
    /** The next times it is due, if they were asked for. */
    upcoming: z.array(Num).optional(),
  });
export type CronJobView = z.infer<ReturnType<typeof CronJobView>>;

/** One run of a job, as the history tells it. */
const CronRunView = () =>
  z.object({
    ts: Num,
    jobId: Text,
    action: z.enum(["started", "finished"]),
    status: MaybeText,
    error: MaybeText,
    summary: MaybeText,
    runAtMs: MaybeNum,
    durationMs: MaybeNum,
    nextRunAtMs: MaybeNum,
    /** Ours: the assistant's run, why it began, and the message that its reply went out in. */
    runId: MaybeText,
    trigger: MaybeText,
    outboxId: MaybeText,
  });
export type CronRunView = z.infer<ReturnType<typeof CronRunView>>;

/** Scheduled jobs (websocket.md §12.6). */
export const cronMethods = methods({
  "cron.status": {
    access: "read",
    summary: "Say whether schedules run, and when the next is due",
    params: NoParams,
    result: () => z.object({ enabled: Bool, jobs: Num, nextRunAtMs: NullableNum }),
  },
  "cron.list": {
    access: "read",
    summary: "List scheduled jobs, the next due first",
    params: () =>
      z.object({
        includeDisabled: defaultTrue,
        jobId: optionalKey("jobId"),
        upcoming: clamped(0, 0, 20),
      }),
    result: () => z.object({ jobs: z.array(CronJobView()) }),
  },
  "cron.add": {
    access: "admin",
    summary: "Add a scheduled job",
    params: CronAddParams,
    result: () => z.object({ ok: True, job: CronJobView() }),
  },
  "cron.update": {
    access: "admin",
    summary: "Change a scheduled job",
    params: CronUpdateParams,
    result: () => z.object({ ok: True, jobId: Text, updated: True, job: CronJobView() }),
  },
  "cron.remove": {
    access: "admin",
    summary: "Remove a scheduled job",
    params: () => z.object({ jobId: requiredKey("jobId") }),
    result: () => z.object({ ok: True, jobId: Text, removed: Bool }),
  },
  "cron.run": {
    access: "admin",
    summary: "Run a scheduled job now",
    params: () =>
      z.object({
        jobId: requiredKey("jobId"),
        mode: z.enum(["due", "force"], { error: "mode must be 'due' or 'force'" }).default("due"),
      }),
    result: () =>
      z.object({
        ok: True,
        jobId: Text,
        ran: Bool,
        reason: Text.nullable(),
        runId: MaybeText,
        say: MaybeText,
      }),
  },
  "cron.runs": {
    access: "read",
    summary: "List what scheduled jobs did, newest first",
    params: () =>
      z.object({
        jobId: optionalKey("jobId"),
        limit: clamped(200, 1, 5000),
        includeRunning: defaultFalse,
      }),
    result: () => z.object({ runs: z.array(CronRunView()), jobId: Text.nullable() }),
  },
});
