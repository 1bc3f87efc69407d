-- What was filed stays as it was filed. The same laws stand in 0009_laws.sqlite.sql; parted by lines of '--;'.

-- A letter's matter never changes; once its sha256 is in the chain, neither number nor date nor sha256; sent is sent.
CREATE TRIGGER letters_stand BEFORE UPDATE ON letters FOR EACH ROW
WHEN ((NEW.id, NEW.request_id, NEW.kind, NEW.document, NEW.lines)
    IS DISTINCT FROM (OLD.id, OLD.request_id, OLD.kind, OLD.document, OLD.lines)
  OR (OLD.pdf_sha256 IS NOT NULL AND (NEW.pdf_sha256, NEW.serial, NEW.number, NEW.written_at, NEW.filed_at)
    IS DISTINCT FROM (OLD.pdf_sha256, OLD.serial, OLD.number, OLD.written_at, OLD.filed_at))
  OR (OLD.pdf_sha256 IS NOT NULL AND NEW.state NOT IN ('filed', 'sent'))
  OR (OLD.state = 'sent' AND (NEW.state, NEW.sent_at) IS DISTINCT FROM (OLD.state, OLD.sent_at)))
EXECUTE FUNCTION gerbang_refuse('append_only')
--;
CREATE TRIGGER letters_stay BEFORE DELETE ON letters FOR EACH ROW
EXECUTE FUNCTION gerbang_refuse('append_only')
--;
CREATE TRIGGER letters_whole BEFORE TRUNCATE ON letters
EXECUTE FUNCTION gerbang_refuse('append_only')
--;
-- A filed paper may be erased when its time has come (a delete), but never rewritten.
CREATE FUNCTION gerbang_paper_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.letter_id, NEW.reason) IS DISTINCT FROM (OLD.letter_id, OLD.reason)
    OR EXISTS (SELECT 1 FROM letters WHERE letters.id = OLD.letter_id AND letters.pdf_sha256 IS NOT NULL)
  THEN
    RAISE EXCEPTION 'gerbang law=append_only' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$
--;
CREATE TRIGGER letter_papers_stand BEFORE UPDATE ON letter_papers FOR EACH ROW
EXECUTE FUNCTION gerbang_paper_stands()
