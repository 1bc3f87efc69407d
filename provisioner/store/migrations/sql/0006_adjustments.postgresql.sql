-- Which laws does PostgreSQL itself hold of an adjustment? The same stand in 0006_adjustments.sqlite.sql.

-- Law 3: who proposed is an author of line_wishes, whom decisions_four_eyes refuses. So each proposal must say who.
CREATE FUNCTION gerbang_proposed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM line_wishes WHERE line_id = NEW.line_id AND version = NEW.version AND standing = 'proposed'
  ) THEN
    RAISE EXCEPTION 'gerbang law=adjusted' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$
--;
CREATE TRIGGER adjustments_are_proposed BEFORE INSERT ON adjustments FOR EACH ROW EXECUTE FUNCTION gerbang_proposed()
--;
CREATE TRIGGER adjustments_stand BEFORE UPDATE ON adjustments FOR EACH ROW EXECUTE FUNCTION gerbang_refuse('append_only')
--;
CREATE TRIGGER adjustments_stay BEFORE DELETE ON adjustments FOR EACH ROW EXECUTE FUNCTION gerbang_refuse('append_only')
--;
CREATE TRIGGER adjustments_whole BEFORE TRUNCATE ON adjustments EXECUTE FUNCTION gerbang_refuse('append_only')
--;
-- Law 1: 'adjusted' grants a proposal, 'approved' what was asked; neither can be said of the other. After the insert,
-- so that four eyes (before it) speak first.
CREATE FUNCTION gerbang_adjusted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.outcome IN ('approved', 'adjusted') AND (NEW.outcome = 'adjusted') IS DISTINCT FROM EXISTS (
    SELECT 1 FROM lines JOIN line_wishes w ON w.line_id = lines.id AND w.version = lines.wish_version
    WHERE lines.id = NEW.line_id AND w.standing = 'proposed'
  ) THEN
    RAISE EXCEPTION 'gerbang law=adjusted' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$
--;
CREATE TRIGGER decisions_granted AFTER INSERT ON decisions FOR EACH ROW EXECUTE FUNCTION gerbang_adjusted()
--;
-- What was decided is what runs: the wish that counts changes only while the line is open.
CREATE TRIGGER lines_wish_decided BEFORE UPDATE ON lines FOR EACH ROW
WHEN (NEW.wish_version IS DISTINCT FROM OLD.wish_version AND OLD.state <> 'open')
EXECUTE FUNCTION gerbang_refuse('append_only')
