-- Which laws does SQLite itself hold? Each refusal says 'gerbang law=NAME'; store/refusals.py gives it words.
-- The same laws stand in 0001_laws.postgresql.sql. Statements are parted by lines of '--;'.

-- Law 3: the decider is not the requester, not an author of any version of the wish, not who proposed an adjustment.
CREATE TRIGGER decisions_four_eyes BEFORE INSERT ON decisions
WHEN EXISTS (
  SELECT 1 FROM lines JOIN requests ON requests.id = lines.request_id
  WHERE lines.id = NEW.line_id AND (
    requests.requester_id = NEW.decider_id
    OR EXISTS (SELECT 1 FROM request_versions v WHERE v.request_id = requests.id AND v.author_id = NEW.decider_id)
    OR EXISTS (
      SELECT 1 FROM line_wishes w JOIN lines l ON l.id = w.line_id
      WHERE l.request_id = requests.id AND w.author_id = NEW.decider_id
    )
  )
)
BEGIN SELECT RAISE(ABORT, 'gerbang law=four_eyes'); END
--;
-- A decision only ever gains voided_at.
CREATE TRIGGER decisions_stand BEFORE UPDATE ON decisions
WHEN OLD.voided_at IS NOT NULL OR NEW.voided_at IS NULL
  OR (NEW.id, NEW.line_id, NEW.decider_id, NEW.decider_name, NEW.position, NEW.outcome, NEW.digest, NEW.reason,
      NEW.decided_at, NEW.expires_at)
  IS NOT (OLD.id, OLD.line_id, OLD.decider_id, OLD.decider_name, OLD.position, OLD.outcome, OLD.digest, OLD.reason,
      OLD.decided_at, OLD.expires_at)
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
CREATE TRIGGER decisions_stay BEFORE DELETE ON decisions
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
-- Who asked, for whom, under which procedure never changes, or four eyes could be bent afterwards.
CREATE TRIGGER requests_stand BEFORE UPDATE ON requests
WHEN (NEW.id, NEW.number, NEW.opd, NEW.requester_id, NEW.recorder_id, NEW.procedure_id, NEW.procedure_sha256,
      NEW.submitted_at)
  IS NOT (OLD.id, OLD.number, OLD.opd, OLD.requester_id, OLD.recorder_id, OLD.procedure_id, OLD.procedure_sha256,
      OLD.submitted_at)
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
CREATE TRIGGER requests_stay BEFORE DELETE ON requests
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
CREATE TRIGGER lines_stand BEFORE UPDATE ON lines
WHEN (NEW.id, NEW.request_id, NEW.number, NEW.kind, NEW.verb) IS NOT (OLD.id, OLD.request_id, OLD.number, OLD.kind, OLD.verb)
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
CREATE TRIGGER lines_stay BEFORE DELETE ON lines
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
CREATE TRIGGER request_versions_stand BEFORE UPDATE ON request_versions
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
CREATE TRIGGER request_versions_stay BEFORE DELETE ON request_versions
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
CREATE TRIGGER line_wishes_stand BEFORE UPDATE ON line_wishes
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
CREATE TRIGGER line_wishes_stay BEFORE DELETE ON line_wishes
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
-- What was received may be erased when its time has come (a delete), but never rewritten.
CREATE TRIGGER originals_stand BEFORE UPDATE ON originals
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
CREATE TRIGGER request_persons_stand BEFORE UPDATE ON request_persons
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
CREATE TRIGGER procedures_stand BEFORE UPDATE ON procedures
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
CREATE TRIGGER procedures_stay BEFORE DELETE ON procedures
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
CREATE TRIGGER steps_done_stand BEFORE UPDATE ON steps_done
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
CREATE TRIGGER steps_done_stay BEFORE DELETE ON steps_done
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
CREATE TRIGGER intents_stand BEFORE UPDATE ON intents
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
CREATE TRIGGER intents_stay BEFORE DELETE ON intents
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
CREATE TRIGGER results_stand BEFORE UPDATE ON results
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
CREATE TRIGGER results_stay BEFORE DELETE ON results
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
CREATE TRIGGER verdicts_stand BEFORE UPDATE ON verdicts
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
CREATE TRIGGER verdicts_stay BEFORE DELETE ON verdicts
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
CREATE TRIGGER run_records_stand BEFORE UPDATE ON run_records
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
CREATE TRIGGER run_records_stay BEFORE DELETE ON run_records
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
CREATE TRIGGER receipts_stand BEFORE UPDATE ON receipts
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
CREATE TRIGGER receipts_stay BEFORE DELETE ON receipts
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
-- Law 1: what a look found is what was approved; its words never change.
CREATE TRIGGER plans_stand BEFORE UPDATE ON plans
WHEN OLD.plan IS NOT NULL AND (NEW.id, NEW.line_id, NEW.plan, NEW.digest) IS NOT (OLD.id, OLD.line_id, OLD.plan, OLD.digest)
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
CREATE TRIGGER plans_stay BEFORE DELETE ON plans
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
-- Law 8: handed over or destroyed is for ever.
CREATE TRIGGER secrets_gone BEFORE UPDATE ON secrets
WHEN OLD.state IN ('claimed', 'destroyed')
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
-- Law 9: the chain only grows, and only at its end.
CREATE TRIGGER audit_stand BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
CREATE TRIGGER audit_stay BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
--;
CREATE TRIGGER audit_chain BEFORE INSERT ON audit
WHEN NEW.sequence IS NOT (SELECT coalesce(max(sequence), 0) + 1 FROM audit)
  OR NEW.previous IS NOT coalesce(
    (SELECT digest FROM audit ORDER BY sequence DESC LIMIT 1),
    '0000000000000000000000000000000000000000000000000000000000000000'
  )
BEGIN SELECT RAISE(ABORT, 'gerbang law=chain'); END
--;
-- Law 4: the counter follows the holds. A share counts while it is held or committed.
CREATE TRIGGER holds_counted_in AFTER INSERT ON holds
WHEN NEW.key = '' AND NEW.state IN ('held', 'committed')
BEGIN
  SELECT RAISE(ABORT, 'gerbang law=no_sum') WHERE NOT EXISTS (SELECT 1 FROM sums WHERE pool = NEW.pool);
  UPDATE sums SET held = held + NEW.amount WHERE pool = NEW.pool;
END
--;
CREATE TRIGGER holds_counted_again AFTER UPDATE ON holds
WHEN NEW.key = '' AND (NEW.state, NEW.amount) IS NOT (OLD.state, OLD.amount)
BEGIN
  UPDATE sums SET held = held
    + CASE WHEN NEW.state IN ('held', 'committed') THEN NEW.amount ELSE 0 END
    - CASE WHEN OLD.state IN ('held', 'committed') THEN OLD.amount ELSE 0 END
  WHERE pool = NEW.pool;
END
--;
CREATE TRIGGER holds_counted_out AFTER DELETE ON holds
WHEN OLD.key = '' AND OLD.state IN ('held', 'committed')
BEGIN
  UPDATE sums SET held = held - OLD.amount WHERE pool = OLD.pool;
END
--;
CREATE TRIGGER holds_stand BEFORE UPDATE ON holds
WHEN (NEW.id, NEW.line_id, NEW.pool, NEW.key) IS NOT (OLD.id, OLD.line_id, OLD.pool, OLD.key)
BEGIN SELECT RAISE(ABORT, 'gerbang law=counter'); END
--;
-- SQLite cannot tell who writes, but what is written must be what the holds add up to.
CREATE TRIGGER sums_kept BEFORE UPDATE ON sums
WHEN NEW.pool IS NOT OLD.pool OR (NEW.held IS NOT OLD.held AND NEW.held IS NOT (
  SELECT coalesce(sum(amount), 0) FROM holds WHERE pool = NEW.pool AND key = '' AND state IN ('held', 'committed')
))
BEGIN SELECT RAISE(ABORT, 'gerbang law=counter'); END
--;
CREATE TRIGGER sums_begin BEFORE INSERT ON sums
WHEN NEW.held <> 0
BEGIN SELECT RAISE(ABORT, 'gerbang law=counter'); END
--;
CREATE TRIGGER sums_stay BEFORE DELETE ON sums
WHEN OLD.held <> 0
BEGIN SELECT RAISE(ABORT, 'gerbang law=counter'); END
--;
-- R-HO1: an active hosting has name, address, host, storage, bandwidth, and says whether it has a database.
CREATE TRIGGER items_whole_new BEFORE INSERT ON items
WHEN NEW.kind = 'hosting' AND NEW.state = 'active' AND NOT coalesce(
  json_array_length(NEW.choices, '$.names') > 0
  AND coalesce(json_array_length(NEW.choices, '$.address.A'), 0)
    + coalesce(json_array_length(NEW.choices, '$.address.AAAA'), 0) > 0
  AND json_extract(NEW.choices, '$.host') <> ''
  AND json_extract(NEW.choices, '$.database') <> ''
  AND json_extract(NEW.wish, '$.storage_gb') > 0
  AND json_extract(NEW.wish, '$.bandwidth_mbit') > 0, 0)
BEGIN SELECT RAISE(ABORT, 'gerbang law=item_parts'); END
--;
CREATE TRIGGER items_whole BEFORE UPDATE ON items
WHEN NEW.kind = 'hosting' AND NEW.state = 'active' AND NOT coalesce(
  json_array_length(NEW.choices, '$.names') > 0
  AND coalesce(json_array_length(NEW.choices, '$.address.A'), 0)
    + coalesce(json_array_length(NEW.choices, '$.address.AAAA'), 0) > 0
  AND json_extract(NEW.choices, '$.host') <> ''
  AND json_extract(NEW.choices, '$.database') <> ''
  AND json_extract(NEW.wish, '$.storage_gb') > 0
  AND json_extract(NEW.wish, '$.bandwidth_mbit') > 0, 0)
BEGIN SELECT RAISE(ABORT, 'gerbang law=item_parts'); END
--;
CREATE TRIGGER items_stay BEFORE DELETE ON items
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
