/**
 * The audit log (state.md §9 *Better*). It only grows: records and heads are never changed, and go only after a signed
 * `cut` head that stands for them. `audit_foreign` holds lines of other logs; a record of this one has their digest.
 */
export const auditSchema = `
CREATE TABLE audit(
  seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, event TEXT NOT NULL, data TEXT NOT NULL,
  prev_hash TEXT NOT NULL, hash TEXT NOT NULL, mac BLOB NOT NULL
) STRICT;
CREATE INDEX audit_by_event ON audit(event, seq);

CREATE TABLE audit_heads(
  n INTEGER PRIMARY KEY, seq INTEGER NOT NULL, reason TEXT NOT NULL, line TEXT NOT NULL
) STRICT;
CREATE INDEX audit_heads_by_seq ON audit_heads(seq);
CREATE INDEX audit_heads_by_reason ON audit_heads(reason, seq);

CREATE TABLE audit_foreign(
  n INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, line TEXT NOT NULL
) STRICT;
CREATE INDEX audit_foreign_by_digest ON audit_foreign(sha256, n);

CREATE TRIGGER audit_only_grows BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE seq >= NEW.seq)
BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END;
CREATE TRIGGER audit_goes_with_a_cut BEFORE DELETE ON audit
WHEN OLD.seq > coalesce((SELECT max(seq) FROM audit_heads WHERE reason = 'cut'), 0)
BEGIN SELECT RAISE(ABORT, 'the audit log is only cut behind a signed head'); END;

CREATE TRIGGER audit_heads_are_never_changed BEFORE UPDATE ON audit_heads
BEGIN SELECT RAISE(ABORT, 'the heads of the audit log are never changed'); END;
CREATE TRIGGER audit_heads_go_with_a_cut BEFORE DELETE ON audit_heads
WHEN OLD.seq >= coalesce((SELECT max(seq) FROM audit_heads WHERE reason = 'cut'), 0)
BEGIN SELECT RAISE(ABORT, 'the heads of the audit log are only cut behind a signed head'); END;

CREATE TRIGGER audit_foreign_is_never_changed BEFORE UPDATE ON audit_foreign
BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END;
CREATE TRIGGER audit_foreign_goes_with_its_record BEFORE DELETE ON audit_foreign
WHEN EXISTS (SELECT 1 FROM audit WHERE event = 'audit_imported' AND instr(data, OLD.sha256) > 0)
BEGIN SELECT RAISE(ABORT, 'lines that were taken over go with their record'); END;
`;
