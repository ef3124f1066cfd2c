/** A table of sealed documents: what is looked for is computed from the body, so that it cannot differ from it. */
export function documents(table: string, columns: string): string {
  return `CREATE TABLE ${table}(id TEXT PRIMARY KEY, body TEXT NOT NULL, mac BLOB NOT NULL${columns}) STRICT, WITHOUT ROWID;`;
}

/** A column that SQLite computes from the document; of any type, so that no later version's value keeps a row out. */
export function fromBody(column: string, type: string, path: string): string {
  return `, ${column} ${type} AS (iif(json_valid(body), body ->> '${path}', NULL))`;
}
