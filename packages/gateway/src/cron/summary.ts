import { mixOrigins, type OriginKind } from "@carapace/protocol";
import type { CronRun, RunOutcome } from "@carapace/state";
import { mainSession } from "../ingress/wake.ts";
import { findByKey } from "../sessions/find.ts";
import type { CronDeps } from "./deps.ts";
import type { Job } from "./job.ts";
import { sessionNameOf } from "./turn.ts";

const usualMaxChars = 2000;
/** Of how many messages of the job's own session the labels count. */
const labelledMessages = 200;

interface Posting {
  readonly outcome: RunOutcome;
  readonly deps: Pick<CronDeps, "ingress" | "state" | "log">;
}

/**
 * Puts what came of an isolated job into the main session, as a note that nobody answers: no model is asked. Once,
 * however often it is called. Nothing for `isolation.postToMainMode` `none` or `off`.
 */
export async function postSummary(job: Job, run: CronRun, { outcome, deps }: Posting): Promise<void> {
  const { postToMainPrefix = "Cron", postToMainMode = "summary", postToMainMaxChars } = job.isolation ?? {};
  if (postToMainMode === "none" || postToMainMode === "off") return;
  const text = (outcome.response ?? outcome.error ?? "").trim();
  const maxChars =
    postToMainMaxChars ?? (postToMainMode === "full" ? Number.POSITIVE_INFINITY : usualMaxChars);
  const shown = text.length <= maxChars ? text : `${text.slice(0, maxChars).toWellFormed()}…`;
  // An error may quote anybody.
  const quoted: OriginKind[] = outcome.response === undefined ? ["web"] : [];
  const from = [...(await kindsIn(job, deps)), ...quoted];
  const posted = await deps.ingress.submit(
    {
      runId: `cron-summary:${run.id}`,
      // A model wrote it, and whatever it had read may have steered it.
      origin: mixOrigins("model", [job.origin, { kind: "model", from }], "cron"),
      message: `${postToMainPrefix} (${job.name}): ${outcome.status === "completed" ? "" : "failed: "}${shown}`,
      session: { name: mainSession },
      speaker: {},
      metadata: {},
      wishes: { stream: false },
    },
    "note",
  );
  if (!posted.ok)
    deps.log.warn("a scheduled job's summary could not be posted", { jobId: job.id, why: posted.say });
}

async function kindsIn(job: Job, { state }: Posting["deps"]): Promise<OriginKind[]> {
  const session = await findByKey(state.sessions, sessionNameOf(job));
  const messages =
    session === undefined ? [] : await state.sessions.history(session.id, { limit: labelledMessages });
  // Deleted or reset meanwhile: nobody can say what it had read.
  if (messages.length === 0) return ["web"];
  const kinds = new Set<OriginKind>();
  for (const { blocks } of messages) {
    for (const block of blocks) {
      if (!("origin" in block)) continue;
      kinds.add(block.origin.kind);
      for (const kind of block.origin.from ?? []) kinds.add(kind);
    }
  }
  return [...kinds];
}
