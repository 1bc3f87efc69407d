-- Which laws does PostgreSQL itself hold? Each refusal says 'gerbang law=NAME'; store/refusals.py gives it words.
-- The same laws stand in 0001_laws.sqlite.sql. Statements are parted by lines of '--;'.

CREATE FUNCTION gerbang_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'gerbang law=%', TG_ARGV[0] USING ERRCODE = 'check_violation';
END $$
--;
-- Law 3: the decider is not the requester, not an author of any version of the wish, not who proposed an adjustment.
CREATE FUNCTION gerbang_four_eyes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM lines JOIN requests ON requests.id = lines.request_id
    WHERE lines.id = NEW.line_id AND (
      requests.requester_id = NEW.decider_id
      OR EXISTS (SELECT 1 FROM request_versions v WHERE v.request_id = requests.id AND v.author_id = NEW.decider_id)
      OR EXISTS (
        SELECT 1 FROM line_wishes w JOIN lines l ON l.id = w.line_id
        WHERE l.request_id = requests.id AND w.author_id = NEW.decider_id
      )
    )
  ) THEN
    RAISE EXCEPTION 'gerbang law=four_eyes' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$
--;
CREATE TRIGGER decisions_four_eyes BEFORE INSERT ON decisions FOR EACH ROW EXECUTE FUNCTION gerbang_four_eyes()
--;
-- A decision only ever gains voided_at.
CREATE TRIGGER decisions_stand BEFORE UPDATE ON decisions FOR EACH ROW
WHEN (OLD.voided_at IS NOT NULL OR NEW.voided_at IS NULL
  OR (NEW.id, NEW.line_id, NEW.decider_id, NEW.decider_name, NEW.position, NEW.outcome, NEW.digest, NEW.reason,
      NEW.decided_at, NEW.expires_at)
  IS DISTINCT FROM (OLD.id, OLD.line_id, OLD.decider_id, OLD.decider_name, OLD.position, OLD.outcome, OLD.digest,
      OLD.reason, OLD.decided_at, OLD.expires_at))
EXECUTE FUNCTION gerbang_refuse('append_only')
--;
-- Who asked, for whom, under which procedure never changes, or four eyes could be bent afterwards.
CREATE TRIGGER requests_stand BEFORE UPDATE ON requests FOR EACH ROW
WHEN ((NEW.id, NEW.number, NEW.opd, NEW.requester_id, NEW.recorder_id, NEW.procedure_id, NEW.procedure_sha256,
      NEW.submitted_at)
  IS DISTINCT FROM (OLD.id, OLD.number, OLD.opd, OLD.requester_id, OLD.recorder_id, OLD.procedure_id,
      OLD.procedure_sha256, OLD.submitted_at))
EXECUTE FUNCTION gerbang_refuse('append_only')
--;
CREATE TRIGGER lines_stand BEFORE UPDATE ON lines FOR EACH ROW
WHEN ((NEW.id, NEW.request_id, NEW.number, NEW.kind, NEW.verb)
  IS DISTINCT FROM (OLD.id, OLD.request_id, OLD.number, OLD.kind, OLD.verb))
EXECUTE FUNCTION gerbang_refuse('append_only')
--;
-- Law 1: what a look found is what was approved; its words never change.
CREATE TRIGGER plans_stand BEFORE UPDATE ON plans FOR EACH ROW
WHEN (OLD.plan IS NOT NULL
  AND (NEW.id, NEW.line_id, NEW.plan, NEW.digest) IS DISTINCT FROM (OLD.id, OLD.line_id, OLD.plan, OLD.digest))
EXECUTE FUNCTION gerbang_refuse('append_only')
--;
-- Law 8: handed over or destroyed is for ever.
CREATE TRIGGER secrets_gone BEFORE UPDATE ON secrets FOR EACH ROW
WHEN (OLD.state IN ('claimed', 'destroyed'))
EXECUTE FUNCTION gerbang_refuse('append_only')
--;
-- What only grows: no row of it is ever changed.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['request_versions', 'line_wishes', 'originals', 'request_persons', 'procedures',
    'steps_done', 'intents', 'results', 'verdicts', 'run_records', 'receipts', 'audit']
  LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION gerbang_refuse(''append_only'')',
      name || '_stand', name);
  END LOOP;
END $$
--;
-- What stays: no row of it is ever deleted. Persons' data and originals may be erased when their time has come.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['decisions', 'requests', 'lines', 'request_versions', 'line_wishes', 'procedures',
    'steps_done', 'intents', 'results', 'verdicts', 'run_records', 'receipts', 'plans', 'items', 'audit']
  LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE DELETE ON %I FOR EACH ROW EXECUTE FUNCTION gerbang_refuse(''append_only'')',
      name || '_stay', name);
    EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I EXECUTE FUNCTION gerbang_refuse(''append_only'')',
      name || '_whole', name);
  END LOOP;
END $$
--;
-- Law 9: the chain only grows at its end.
CREATE FUNCTION gerbang_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  head record;
BEGIN
  SELECT sequence, digest INTO head FROM audit ORDER BY sequence DESC LIMIT 1;
  IF NEW.sequence IS DISTINCT FROM coalesce(head.sequence, 0) + 1
    OR NEW.previous IS DISTINCT FROM coalesce(head.digest, repeat('0', 64)) THEN
    RAISE EXCEPTION 'gerbang law=chain' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$
--;
CREATE TRIGGER audit_chain BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION gerbang_chain()
--;
-- Law 4: the counter follows the holds. A share counts while it is held or committed.
CREATE FUNCTION gerbang_counted(key text, state text, amount bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN key = '' AND state IN ('held', 'committed') THEN amount ELSE 0 END
$$
--;
CREATE FUNCTION gerbang_count() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  more bigint := 0;
  the_pool text := coalesce(NEW.pool, OLD.pool);
BEGIN
  IF TG_OP <> 'DELETE' THEN more := more + gerbang_counted(NEW.key, NEW.state, NEW.amount); END IF;
  IF TG_OP <> 'INSERT' THEN more := more - gerbang_counted(OLD.key, OLD.state, OLD.amount); END IF;
  IF more <> 0 THEN
    UPDATE sums SET held = held + more WHERE pool = the_pool;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'gerbang law=no_sum' USING ERRCODE = 'check_violation';
    END IF;
  END IF;
  RETURN NULL;
END $$
--;
CREATE TRIGGER holds_counted AFTER INSERT OR UPDATE OR DELETE ON holds FOR EACH ROW EXECUTE FUNCTION gerbang_count()
--;
CREATE TRIGGER holds_stand BEFORE UPDATE ON holds FOR EACH ROW
WHEN ((NEW.id, NEW.line_id, NEW.pool, NEW.key) IS DISTINCT FROM (OLD.id, OLD.line_id, OLD.pool, OLD.key))
EXECUTE FUNCTION gerbang_refuse('counter')
--;
CREATE TRIGGER holds_whole BEFORE TRUNCATE ON holds EXECUTE FUNCTION gerbang_refuse('counter')
--;
-- `held` is written from the triggers on holds alone: at depth 2.
CREATE FUNCTION gerbang_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF pg_trigger_depth() < 2 THEN
    RAISE EXCEPTION 'gerbang law=counter' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$
--;
CREATE TRIGGER sums_kept BEFORE UPDATE ON sums FOR EACH ROW
WHEN (NEW.pool IS DISTINCT FROM OLD.pool OR NEW.held IS DISTINCT FROM OLD.held)
EXECUTE FUNCTION gerbang_kept()
--;
CREATE TRIGGER sums_begin BEFORE INSERT ON sums FOR EACH ROW WHEN (NEW.held <> 0)
EXECUTE FUNCTION gerbang_refuse('counter')
--;
CREATE TRIGGER sums_stay BEFORE DELETE ON sums FOR EACH ROW WHEN (OLD.held <> 0)
EXECUTE FUNCTION gerbang_refuse('counter')
--;
CREATE TRIGGER sums_whole BEFORE TRUNCATE ON sums EXECUTE FUNCTION gerbang_refuse('counter')
--;
-- R-HO1: an active hosting has name, address, host, storage, bandwidth, and says whether it has a database.
CREATE FUNCTION gerbang_item_is_whole(choices jsonb, wish jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(
    jsonb_array_length(choices -> 'names') > 0
    AND coalesce(jsonb_array_length(choices #> '{address,A}'), 0)
      + coalesce(jsonb_array_length(choices #> '{address,AAAA}'), 0) > 0
    AND choices ->> 'host' <> ''
    AND choices ->> 'database' <> ''
    AND (wish ->> 'storage_gb')::numeric > 0
    AND (wish ->> 'bandwidth_mbit')::numeric > 0, false)
$$
--;
CREATE TRIGGER items_whole_parts BEFORE INSERT OR UPDATE ON items FOR EACH ROW
WHEN (NEW.kind = 'hosting' AND NEW.state = 'active'
  AND NOT gerbang_item_is_whole(NEW.choices::jsonb, NEW.wish::jsonb))
EXECUTE FUNCTION gerbang_refuse('item_parts')
