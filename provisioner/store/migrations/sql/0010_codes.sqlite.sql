-- Which laws does SQLite itself hold of a code? The same stand in 0010_codes.postgresql.sql.

-- Law 8: used, replaced or locked is for ever; who gave it to whom on which letter is never rewritten.
CREATE TRIGGER codes_gone BEFORE UPDATE ON codes
WHEN OLD.state <> 'open'
  OR (NEW.id, NEW.username, NEW.letter, NEW.issued_by, NEW.issued_at, NEW.expires_at)
  IS NOT (OLD.id, OLD.username, OLD.letter, OLD.issued_by, OLD.issued_at, OLD.expires_at)
  OR NEW.failed_count < OLD.failed_count
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
CREATE TRIGGER codes_stay BEFORE DELETE ON codes
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
