import { ok } from "@carapace/protocol";
import type { CronJob } from "@carapace/state";
import { actorOf } from "../audit/actor.ts";
import { jobView, runView } from "../cron/view.ts";
import type { MethodHandlers } from "../types.ts";
import type { Services } from "./services.ts";

type Handled =
  | "cron.status"
  | "cron.list"
  | "cron.add"
  | "cron.update"
  | "cron.remove"
  | "cron.run"
  | "cron.runs";

type Needs = Pick<Services, "state" | "cron">;

/** Scheduled jobs (websocket.md §12.6). */
export function cronHandlers({ state, cron }: Needs): Pick<MethodHandlers, Handled> {
  return {
    async "cron.status"() {
      const jobs = (await state.cron.list()).filter(({ enabled }) => enabled);
      const next = jobs.map(dueAt).reduce((first, at) => Math.min(first, at), never);
      return ok({ enabled: cron.isEnabled(), jobs: jobs.length, nextRunAtMs: next === never ? null : next });
    },
    async "cron.list"({ params: { includeDisabled, jobId, upcoming } }) {
      const all = await state.cron.list();
      const wanted = all.filter(
        ({ id, enabled }) => (includeDisabled || enabled) && (jobId === undefined || id === jobId),
      );
      wanted.sort((a, b) => dueAt(a) - dueAt(b));
      const views = wanted.map(jobView);
      if (upcoming === 0 || wanted.length === 0) return ok({ jobs: views });
      const { jobs } = await cron.desk();
      const times = await Promise.all(wanted.map((job) => jobs.upcoming(job, upcoming)));
      return ok({ jobs: views.map((view, index) => ({ ...view, upcoming: times[index] ?? [] })) });
    },
    async "cron.add"({ params, connection }) {
      const { jobs } = await cron.desk();
      const added = await jobs.add(params, actorOf(connection));
      return added.ok ? ok({ ok: true, job: jobView(added.value) }) : added;
    },
    async "cron.update"({ params: { jobId, ...changes }, connection }) {
      const { jobs } = await cron.desk();
      const updated = await jobs.update(jobId, changes, actorOf(connection));
      return updated.ok ? ok({ ok: true, jobId, updated: true, job: jobView(updated.value) }) : updated;
    },
    async "cron.remove"({ params: { jobId }, connection }) {
      const { jobs } = await cron.desk();
      const removed = await jobs.remove(jobId, actorOf(connection));
      return removed.ok ? ok({ ok: true, jobId, removed: removed.value }) : removed;
    },
    async "cron.run"({ params: { jobId, mode }, connection }) {
      const { jobs } = await cron.desk();
      const asked = await jobs.run(jobId, mode, actorOf(connection));
      return asked.ok ? ok({ ok: true, jobId, ...asked.value }) : asked;
    },
    async "cron.runs"({ params: { jobId, limit, includeRunning } }) {
      const runs = await state.cronRuns.list({ limit, ...(jobId === undefined ? {} : { jobId }) });
      const shown = runs.filter(({ status }) => includeRunning || status !== "running");
      const next = new Map((await state.cron.list()).map(({ id, state: own }) => [id, own.nextRunAtMs]));
      return ok({ runs: shown.map((run) => runView(run, next.get(run.jobId))), jobId: jobId ?? null });
    },
  };
}

const never = Number.POSITIVE_INFINITY;

function dueAt({ enabled, state }: CronJob): number {
  return enabled ? (state.nextRunAtMs ?? never) : never;
}
