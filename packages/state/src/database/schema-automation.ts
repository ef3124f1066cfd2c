import { documents, fromBody } from "./documents.ts";

/**
 * What works without the owner: messages on their way out, runs of scheduled jobs, calls of hooks, answers kept for
 * callers that ask twice, events that wait for a heartbeat, and replies that a later request goes on from.
 */
export const schemaOfAutomation = `
${documents("outbox", `${fromBody("seq", "ANY", "$.seq")}${fromBody("channel", "ANY", "$.channel")}${fromBody("status", "ANY", "$.status")}${fromBody("next_attempt_at", "ANY", "$.nextAttemptAtMs")}${fromBody("key", "ANY", "$.idempotencyKey")}${fromBody("updated_at", "ANY", "$.updatedAtMs")}`)}
CREATE INDEX outbox_by_status ON outbox(status, channel, seq);
CREATE INDEX outbox_by_key ON outbox(key) WHERE key IS NOT NULL;
CREATE INDEX outbox_by_seq ON outbox(seq);

${documents("cron_runs", `${fromBody("job_id", "ANY", "$.jobId")}${fromBody("started_at", "ANY", "$.startedAtMs")}${fromBody("status", "ANY", "$.status")}`)}
CREATE INDEX cron_runs_by_job ON cron_runs(job_id, started_at);
CREATE INDEX cron_runs_by_time ON cron_runs(started_at);

${documents("hook_deliveries", fromBody("received_at", "ANY", "$.receivedAtMs"))}
CREATE INDEX hook_deliveries_by_time ON hook_deliveries(received_at);

${documents("answers", fromBody("expires_at", "ANY", "$.expiresAtMs"))}
CREATE INDEX answers_by_end ON answers(expires_at);

${documents("system_events", fromBody("created_at", "ANY", "$.createdAtMs"))}

${documents("responses", fromBody("expires_at", "ANY", "$.expiresAtMs"))}
CREATE INDEX responses_by_end ON responses(expires_at);
`;
