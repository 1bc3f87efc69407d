-- Which laws does PostgreSQL itself hold of a code? The same stand in 0010_codes.sqlite.sql.

-- Law 8: used, replaced or locked is for ever; who gave it to whom on which letter is never rewritten.
CREATE TRIGGER codes_gone BEFORE UPDATE ON codes FOR EACH ROW
WHEN (OLD.state <> 'open'
  OR (NEW.id, NEW.username, NEW.letter, NEW.issued_by, NEW.issued_at, NEW.expires_at)
  IS DISTINCT FROM (OLD.id, OLD.username, OLD.letter, OLD.issued_by, OLD.issued_at, OLD.expires_at)
  OR NEW.failed_count < OLD.failed_count)
EXECUTE FUNCTION gerbang_refuse('append_only')
--;
CREATE TRIGGER codes_stay BEFORE DELETE ON codes FOR EACH ROW EXECUTE FUNCTION gerbang_refuse('append_only')
--;
CREATE TRIGGER codes_whole BEFORE TRUNCATE ON codes EXECUTE FUNCTION gerbang_refuse('append_only')
