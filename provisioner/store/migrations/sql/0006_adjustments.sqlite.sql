-- Which laws does SQLite itself hold of an adjustment? The same stand in 0006_adjustments.postgresql.sql.

-- Law 3: who proposed is an author of line_wishes, whom decisions_four_eyes refuses. So each proposal must say who.
CREATE TRIGGER adjustments_are_proposed BEFORE INSERT ON adjustments
WHEN NOT EXISTS (
  SELECT 1 FROM line_wishes WHERE line_id = NEW.line_id AND version = NEW.version AND standing = 'proposed'
)
BEGIN SELECT RAISE(ABORT, 'gerbang law=adjusted'); END
--;
CREATE TRIGGER adjustments_stand BEFORE UPDATE ON adjustments
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
CREATE TRIGGER adjustments_stay BEFORE DELETE ON adjustments
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
-- Law 1: 'adjusted' grants a proposal, 'approved' what was asked; neither can be said of the other. After the insert,
-- so that four eyes (before it) speak first.
CREATE TRIGGER decisions_granted AFTER INSERT ON decisions
WHEN NEW.outcome IN ('approved', 'adjusted') AND (NEW.outcome = 'adjusted') IS NOT EXISTS (
  SELECT 1 FROM lines JOIN line_wishes w ON w.line_id = lines.id AND w.version = lines.wish_version
  WHERE lines.id = NEW.line_id AND w.standing = 'proposed'
)
BEGIN SELECT RAISE(ABORT, 'gerbang law=adjusted'); END
--;
-- What was decided is what runs: the wish that counts changes only while the line is open.
CREATE TRIGGER lines_wish_decided BEFORE UPDATE ON lines
WHEN NEW.wish_version IS NOT OLD.wish_version AND OLD.state <> 'open'
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
