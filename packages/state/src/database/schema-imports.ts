import { documents, fromBody } from "./documents.ts";

// A number that a later version stores otherwise must not keep the row from being written.
const time = (path: string) => fromBody("next_run_at", "ANY", path);

/**
 * The stores of the reference that are documents here too (state.md §4 to §6, §11.1), the imports that were made, and
 * the channel events that were taken in already (§3.4).
 */
export const schemaOfImports = `
${documents("cron_jobs", `${fromBody("enabled", "ANY", "$.enabled")}${time("$.state.nextRunAtMs")}`)}
CREATE INDEX cron_jobs_due ON cron_jobs(next_run_at) WHERE enabled = 1;

${documents("tasks", `${fromBody("queue", "ANY", "$.queue")}${fromBody("state", "ANY", "$.task.state")}${time("$.task.nextRunAtMs")}`)}
CREATE INDEX tasks_due ON tasks(queue, state, next_run_at);

${documents("auth_profiles", fromBody("provider", "ANY", "$.provider"))}

${documents("usage_aggregates", fromBody("period", "ANY", "$.period"))}

${documents("imports", "")}

CREATE TABLE inbound_events(
  session_id TEXT NOT NULL, event_id TEXT NOT NULL, run_id TEXT, mac BLOB NOT NULL, PRIMARY KEY(session_id, event_id)
) STRICT, WITHOUT ROWID;
`;
