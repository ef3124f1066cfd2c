/** The full-text indexes; both have the same form. */
export type IndexName = "message_index" | "memory_index";

const indexForm = `USING fts5(
  body, scope, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2'
)`;

function createIndex(name: IndexName): string {
  return `CREATE VIRTUAL TABLE ${name} ${indexForm}; ${rankBy(name)}`;
}

// The scopes say where a text belongs, not what it is about.
function rankBy(name: IndexName): string {
  return `INSERT INTO ${name}(${name}, rank) VALUES('rank', 'bm25(1.0, 0.0)');`;
}

/**
 * Empties an index, whatever it holds. A damaged one can be neither dropped nor cleared by its own commands, so that its
 * tables get the content of a fresh one. What the engine remembers of the old one it forgets when it takes something back.
 */
export function emptyIndex(name: IndexName): string {
  return `
CREATE VIRTUAL TABLE temp.fresh_index ${indexForm};
DELETE FROM ${name}_data;
INSERT INTO ${name}_data SELECT * FROM temp.fresh_index_data;
DELETE FROM ${name}_idx;
DELETE FROM ${name}_docsize;
DELETE FROM ${name}_config;
INSERT INTO ${name}_config SELECT * FROM temp.fresh_index_config;
DROP TABLE temp.fresh_index;
SAVEPOINT fresh;
INSERT INTO ${name}(rowid, body, scope) VALUES(1, '', '');
ROLLBACK TO fresh;
RELEASE fresh;
${rankBy(name)}
`;
}

/**
 * The first schema. `mac` columns are keyed MACs over their row (integrity/); the newest of each subject is listed in
 * `seals`. Columns derived from metadata are computed by SQLite, so that they cannot differ from what was verified.
 */
export const schema1 = `
CREATE TABLE seals(
  name TEXT PRIMARY KEY, n INTEGER NOT NULL, body TEXT NOT NULL, mac BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions(
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, key TEXT NOT NULL UNIQUE,
  status TEXT NOT NULL, metadata TEXT NOT NULL, generation TEXT NOT NULL,
  head_seq INTEGER NOT NULL, head_mac BLOB NOT NULL, open_runs BLOB NOT NULL,
  compaction_mac BLOB, archive_mac BLOB,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, mac BLOB NOT NULL,
  agent_id TEXT AS (iif(json_valid(metadata), metadata ->> '$.agentId', NULL)),
  channel TEXT AS (iif(json_valid(metadata), metadata ->> '$.channel', NULL)),
  user_id TEXT AS (iif(json_valid(metadata), metadata ->> '$.userId', NULL)),
  name TEXT AS (iif(json_valid(metadata), metadata ->> '$.name', NULL))
) STRICT;
CREATE INDEX sessions_by_update ON sessions(updated_at);
CREATE INDEX sessions_by_user ON sessions(user_id);

CREATE TABLE messages(
  n INTEGER PRIMARY KEY, session_id TEXT NOT NULL, seq INTEGER NOT NULL, generation TEXT NOT NULL,
  id TEXT NOT NULL, role TEXT NOT NULL, run_id TEXT, tokens INTEGER, created_at INTEGER NOT NULL,
  metadata TEXT, content TEXT, content_mac BLOB NOT NULL, mac BLOB NOT NULL,
  UNIQUE(session_id, seq), UNIQUE(session_id, id)
) STRICT;
${createIndex("message_index")}

CREATE TABLE compactions(
  session_id TEXT PRIMARY KEY, through_seq INTEGER NOT NULL, messages_compacted INTEGER NOT NULL,
  summary TEXT NOT NULL, created_at INTEGER NOT NULL, mac BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE archives(
  session_id TEXT PRIMARY KEY, session_key TEXT NOT NULL, label TEXT, message_count INTEGER NOT NULL,
  created_at INTEGER NOT NULL, archived_at INTEGER NOT NULL, document BLOB NOT NULL, mac BLOB NOT NULL
) STRICT;
CREATE INDEX archives_by_time ON archives(archived_at);

CREATE TABLE runs(
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, session_id TEXT NOT NULL, session_key TEXT NOT NULL,
  status TEXT NOT NULL, input TEXT NOT NULL, options TEXT NOT NULL, attempts INTEGER NOT NULL,
  tools TEXT NOT NULL, created_at INTEGER NOT NULL, started_at INTEGER, ended_at INTEGER, outcome TEXT,
  mac BLOB NOT NULL
) STRICT;
CREATE INDEX runs_open ON runs(session_id, n) WHERE ended_at IS NULL;
CREATE INDEX runs_by_session ON runs(session_id);
CREATE INDEX runs_ended ON runs(ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE memory(
  n INTEGER PRIMARY KEY, agent_id TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, origin TEXT NOT NULL,
  updated_at INTEGER NOT NULL, mac BLOB NOT NULL,
  UNIQUE(agent_id, key)
) STRICT;
${createIndex("memory_index")}

CREATE TABLE usage(
  n INTEGER PRIMARY KEY, provider TEXT NOT NULL, model TEXT NOT NULL, session_key TEXT NOT NULL,
  agent_id TEXT NOT NULL, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
  cache_read_tokens INTEGER, cache_write_tokens INTEGER, reasoning_tokens INTEGER,
  cost_usd REAL NOT NULL, at INTEGER NOT NULL, mac BLOB NOT NULL
) STRICT;
CREATE INDEX usage_by_time ON usage(at);
CREATE INDEX usage_by_session ON usage(session_key, n);

CREATE TABLE records(
  kind TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, mac BLOB NOT NULL, PRIMARY KEY(kind, name)
) STRICT, WITHOUT ROWID;
`;
