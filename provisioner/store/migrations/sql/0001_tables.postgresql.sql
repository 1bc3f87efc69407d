-- Which tables did the first schema have on PostgreSQL? Frozen: a later change is a later revision.
-- Statements are parted by lines of '--;'.

CREATE TABLE audit (
  sequence BIGINT NOT NULL,
  event TEXT NOT NULL,
  actor TEXT NOT NULL,
  recorder TEXT,
  subject TEXT NOT NULL,
  data TEXT NOT NULL,
  at TEXT NOT NULL,
  previous TEXT NOT NULL,
  digest TEXT NOT NULL,
  CONSTRAINT pk_audit PRIMARY KEY (sequence)
)
--;
CREATE INDEX ix_audit_actor_sequence ON audit (actor, sequence)
--;
CREATE INDEX ix_audit_subject_sequence ON audit (subject, sequence)
--;
CREATE TABLE executors (
  id TEXT NOT NULL,
  beat_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_executors PRIMARY KEY (id)
)
--;
CREATE TABLE numbers (
  year INTEGER NOT NULL,
  last INTEGER NOT NULL,
  CONSTRAINT pk_numbers PRIMARY KEY (year)
)
--;
CREATE TABLE opds (
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  CONSTRAINT pk_opds PRIMARY KEY (code)
)
--;
CREATE TABLE persons (
  id TEXT NOT NULL,
  CONSTRAINT pk_persons PRIMARY KEY (id)
)
--;
CREATE TABLE procedures (
  id TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  text TEXT NOT NULL,
  CONSTRAINT pk_procedures PRIMARY KEY (id, sha256)
)
--;
CREATE TABLE sums (
  pool TEXT NOT NULL,
  ceiling BIGINT NOT NULL,
  held BIGINT DEFAULT '0' NOT NULL,
  CONSTRAINT pk_sums PRIMARY KEY (pool),
  CONSTRAINT ck_sums_within_ceiling CHECK (held >= 0 AND held <= ceiling)
)
--;
CREATE TABLE logins (
  username TEXT NOT NULL,
  person_id TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  must_change BOOLEAN NOT NULL,
  failed_count INTEGER NOT NULL,
  locked_until TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_logins PRIMARY KEY (username),
  CONSTRAINT fk_logins_person_id_persons FOREIGN KEY(person_id) REFERENCES persons (id)
)
--;
CREATE INDEX ix_logins_person_id ON logins (person_id)
--;
CREATE TABLE person_details (
  person_id TEXT NOT NULL,
  salt TEXT NOT NULL,
  name TEXT NOT NULL,
  employment TEXT NOT NULL,
  nip TEXT,
  contract_number TEXT,
  contract_end DATE,
  email TEXT NOT NULL,
  phone TEXT NOT NULL,
  CONSTRAINT pk_person_details PRIMARY KEY (person_id),
  CONSTRAINT ck_person_details_employment_known CHECK (employment IN ('asn', 'non_asn')),
  CONSTRAINT fk_person_details_person_id_persons FOREIGN KEY(person_id) REFERENCES persons (id)
)
--;
CREATE UNIQUE INDEX uq_person_details_email ON person_details (email) WHERE email <> ''
--;
CREATE UNIQUE INDEX uq_person_details_nip ON person_details (nip)
--;
CREATE TABLE person_rights (
  person_id TEXT NOT NULL,
  right_word TEXT NOT NULL,
  CONSTRAINT pk_person_rights PRIMARY KEY (person_id, right_word),
  CONSTRAINT ck_person_rights_right_word_known CHECK (right_word IN ('submit', 'register', 'dispose', 'review', 'decide', 'follow_up', 'audit', 'administer')),
  CONSTRAINT fk_person_rights_person_id_persons FOREIGN KEY(person_id) REFERENCES persons (id)
)
--;
CREATE TABLE positions (
  id SERIAL NOT NULL,
  person_id TEXT NOT NULL,
  actor TEXT NOT NULL,
  opd TEXT,
  title TEXT NOT NULL,
  since DATE NOT NULL,
  until DATE,
  CONSTRAINT pk_positions PRIMARY KEY (id),
  CONSTRAINT ck_positions_in_order CHECK (until IS NULL OR since <= until),
  CONSTRAINT fk_positions_person_id_persons FOREIGN KEY(person_id) REFERENCES persons (id),
  CONSTRAINT fk_positions_opd_opds FOREIGN KEY(opd) REFERENCES opds (code)
)
--;
CREATE INDEX ix_positions_person_id ON positions (person_id)
--;
CREATE TABLE requests (
  id TEXT NOT NULL,
  number TEXT NOT NULL,
  opd TEXT NOT NULL,
  state TEXT NOT NULL,
  procedure_id TEXT NOT NULL,
  procedure_sha256 TEXT NOT NULL,
  step TEXT NOT NULL,
  requester_id TEXT NOT NULL,
  recorder_id TEXT,
  technical_person_id TEXT,
  version INTEGER NOT NULL,
  submitted_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_requests PRIMARY KEY (id),
  CONSTRAINT ck_requests_state_known CHECK (state IN ('draft', 'open', 'waiting_for_opd', 'decided', 'running', 'delivered', 'closed', 'failed', 'rejected', 'withdrawn')),
  CONSTRAINT fk_requests_procedure_id_procedures FOREIGN KEY(procedure_id, procedure_sha256) REFERENCES procedures (id, sha256),
  CONSTRAINT uq_requests_number UNIQUE (number),
  CONSTRAINT fk_requests_opd_opds FOREIGN KEY(opd) REFERENCES opds (code),
  CONSTRAINT fk_requests_requester_id_persons FOREIGN KEY(requester_id) REFERENCES persons (id),
  CONSTRAINT fk_requests_recorder_id_persons FOREIGN KEY(recorder_id) REFERENCES persons (id),
  CONSTRAINT fk_requests_technical_person_id_persons FOREIGN KEY(technical_person_id) REFERENCES persons (id)
)
--;
CREATE INDEX ix_requests_opd_page ON requests (opd, submitted_at, id)
--;
CREATE INDEX ix_requests_page ON requests (submitted_at, id)
--;
CREATE INDEX ix_requests_state_page ON requests (state, submitted_at, id)
--;
CREATE INDEX ix_requests_technical_person_id ON requests (technical_person_id)
--;
CREATE TABLE sessions (
  token_sha256 TEXT NOT NULL,
  person_id TEXT NOT NULL,
  csrf TEXT NOT NULL,
  opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_sessions PRIMARY KEY (token_sha256),
  CONSTRAINT fk_sessions_person_id_persons FOREIGN KEY(person_id) REFERENCES persons (id)
)
--;
CREATE INDEX ix_sessions_person_id ON sessions (person_id)
--;
CREATE TABLE tokens (
  token_sha256 TEXT NOT NULL,
  person_id TEXT NOT NULL,
  label TEXT NOT NULL,
  issued_at TIMESTAMP WITH TIME ZONE NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_tokens PRIMARY KEY (token_sha256),
  CONSTRAINT fk_tokens_person_id_persons FOREIGN KEY(person_id) REFERENCES persons (id)
)
--;
CREATE INDEX ix_tokens_person_id ON tokens (person_id)
--;
CREATE TABLE lines (
  id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  kind TEXT NOT NULL,
  verb TEXT NOT NULL,
  state TEXT NOT NULL,
  item_id TEXT,
  wish_version INTEGER NOT NULL,
  plan_id TEXT,
  run_id TEXT,
  CONSTRAINT pk_lines PRIMARY KEY (id),
  CONSTRAINT ck_lines_state_known CHECK (state IN ('open', 'decided', 'running', 'delivered', 'failed', 'rejected', 'withdrawn')),
  CONSTRAINT uq_lines_request_id_number UNIQUE (request_id, number),
  CONSTRAINT fk_lines_request_id_requests FOREIGN KEY(request_id) REFERENCES requests (id)
)
--;
CREATE INDEX ix_lines_item_id ON lines (item_id)
--;
CREATE INDEX ix_lines_state ON lines (state)
--;
CREATE TABLE request_keys (
  person_id TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  request_id TEXT NOT NULL,
  CONSTRAINT pk_request_keys PRIMARY KEY (person_id, idempotency_key),
  CONSTRAINT fk_request_keys_person_id_persons FOREIGN KEY(person_id) REFERENCES persons (id),
  CONSTRAINT fk_request_keys_request_id_requests FOREIGN KEY(request_id) REFERENCES requests (id)
)
--;
CREATE TABLE request_versions (
  request_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  author_id TEXT NOT NULL,
  application_name TEXT NOT NULL,
  letter TEXT NOT NULL,
  received_sha256 TEXT NOT NULL,
  written_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_request_versions PRIMARY KEY (request_id, version),
  CONSTRAINT fk_request_versions_request_id_requests FOREIGN KEY(request_id) REFERENCES requests (id),
  CONSTRAINT fk_request_versions_author_id_persons FOREIGN KEY(author_id) REFERENCES persons (id)
)
--;
CREATE TABLE steps_done (
  id SERIAL NOT NULL,
  request_id TEXT NOT NULL,
  step TEXT NOT NULL,
  outcome TEXT,
  actor_id TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  position TEXT NOT NULL,
  office TEXT NOT NULL,
  recorder_id TEXT,
  note TEXT NOT NULL,
  number TEXT,
  happened_at TIMESTAMP WITH TIME ZONE NOT NULL,
  recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_steps_done PRIMARY KEY (id),
  CONSTRAINT fk_steps_done_request_id_requests FOREIGN KEY(request_id) REFERENCES requests (id),
  CONSTRAINT fk_steps_done_recorder_id_persons FOREIGN KEY(recorder_id) REFERENCES persons (id)
)
--;
CREATE INDEX ix_steps_done_request_id ON steps_done (request_id)
--;
CREATE TABLE decisions (
  id TEXT NOT NULL,
  line_id TEXT NOT NULL,
  decider_id TEXT NOT NULL,
  decider_name TEXT NOT NULL,
  position TEXT NOT NULL,
  outcome TEXT NOT NULL,
  digest TEXT NOT NULL,
  reason TEXT NOT NULL,
  decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  voided_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_decisions PRIMARY KEY (id),
  CONSTRAINT ck_decisions_outcome_known CHECK (outcome IN ('approved', 'adjusted', 'rejected', 'returned')),
  CONSTRAINT ck_decisions_binds_a_plan CHECK (outcome NOT IN ('approved', 'adjusted') OR length(digest) = 64),
  CONSTRAINT fk_decisions_line_id_lines FOREIGN KEY(line_id) REFERENCES lines (id),
  CONSTRAINT fk_decisions_decider_id_persons FOREIGN KEY(decider_id) REFERENCES persons (id)
)
--;
CREATE INDEX ix_decisions_line_id ON decisions (line_id)
--;
CREATE TABLE holds (
  id SERIAL NOT NULL,
  line_id TEXT NOT NULL,
  item_id TEXT NOT NULL,
  of_item BOOLEAN NOT NULL,
  pool TEXT NOT NULL,
  key TEXT NOT NULL,
  amount BIGINT NOT NULL,
  label TEXT NOT NULL,
  state TEXT NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_holds PRIMARY KEY (id),
  CONSTRAINT ck_holds_state_known CHECK (state IN ('held', 'committed', 'quarantined', 'released', 'expired')),
  CONSTRAINT ck_holds_amount_not_negative CHECK (amount >= 0),
  CONSTRAINT ck_holds_single_thing_is_one CHECK (key = '' OR amount = 1),
  CONSTRAINT ck_holds_committed_never_expires CHECK (state <> 'committed' OR expires_at IS NULL),
  CONSTRAINT ck_holds_has_an_end CHECK (state NOT IN ('held', 'quarantined') OR expires_at IS NOT NULL),
  CONSTRAINT fk_holds_line_id_lines FOREIGN KEY(line_id) REFERENCES lines (id)
)
--;
CREATE INDEX ix_holds_expires_at ON holds (expires_at) WHERE state = 'held'
--;
CREATE INDEX ix_holds_item_id ON holds (item_id)
--;
CREATE INDEX ix_holds_line_id ON holds (line_id)
--;
CREATE INDEX ix_holds_pool_state ON holds (pool, state)
--;
CREATE UNIQUE INDEX uq_holds_taken ON holds (pool, key) WHERE state IN ('committed', 'held', 'quarantined') AND key <> ''
--;
CREATE TABLE items (
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  opd TEXT NOT NULL,
  label TEXT NOT NULL,
  state TEXT NOT NULL,
  difference TEXT DEFAULT 'none' NOT NULL,
  wish TEXT NOT NULL,
  choices TEXT NOT NULL,
  host TEXT,
  line_id TEXT NOT NULL,
  technical_person_id TEXT,
  ending_until TIMESTAMP WITH TIME ZONE,
  delivered_at TIMESTAMP WITH TIME ZONE NOT NULL,
  receipt_sha256 TEXT,
  CONSTRAINT pk_items PRIMARY KEY (id),
  CONSTRAINT ck_items_state_known CHECK (state IN ('active', 'suspended', 'ending', 'terminated')),
  CONSTRAINT ck_items_difference_known CHECK (difference IN ('none', 'found', 'tolerated')),
  CONSTRAINT ck_items_ending_has_a_date CHECK (state <> 'ending' OR ending_until IS NOT NULL),
  CONSTRAINT fk_items_opd_opds FOREIGN KEY(opd) REFERENCES opds (code),
  CONSTRAINT fk_items_line_id_lines FOREIGN KEY(line_id) REFERENCES lines (id),
  CONSTRAINT fk_items_technical_person_id_persons FOREIGN KEY(technical_person_id) REFERENCES persons (id)
)
--;
CREATE INDEX ix_items_host ON items (host)
--;
CREATE INDEX ix_items_opd_page ON items (opd, delivered_at, id)
--;
CREATE INDEX ix_items_page ON items (delivered_at, id)
--;
CREATE INDEX ix_items_technical_person_id ON items (technical_person_id)
--;
CREATE TABLE line_wishes (
  line_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  standing TEXT NOT NULL,
  wish TEXT NOT NULL,
  author_id TEXT NOT NULL,
  written_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_line_wishes PRIMARY KEY (line_id, version),
  CONSTRAINT ck_line_wishes_standing_known CHECK (standing IN ('asked', 'proposed')),
  CONSTRAINT fk_line_wishes_line_id_lines FOREIGN KEY(line_id) REFERENCES lines (id),
  CONSTRAINT fk_line_wishes_author_id_persons FOREIGN KEY(author_id) REFERENCES persons (id)
)
--;
CREATE TABLE originals (
  request_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  media_type TEXT NOT NULL,
  body BYTEA NOT NULL,
  CONSTRAINT pk_originals PRIMARY KEY (request_id, version),
  CONSTRAINT fk_originals_request_id_request_versions FOREIGN KEY(request_id, version) REFERENCES request_versions (request_id, version)
)
--;
CREATE TABLE plans (
  id TEXT NOT NULL,
  line_id TEXT NOT NULL,
  state TEXT NOT NULL,
  plan TEXT,
  digest TEXT,
  reasons TEXT NOT NULL,
  asked_by TEXT,
  asked_reason TEXT NOT NULL,
  wishes TEXT NOT NULL,
  asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
  looked_at TIMESTAMP WITH TIME ZONE,
  moved TEXT NOT NULL,
  CONSTRAINT pk_plans PRIMARY KEY (id),
  CONSTRAINT ck_plans_state_known CHECK (state IN ('asked', 'looking', 'current', 'impossible', 'unreachable', 'stale', 'superseded')),
  CONSTRAINT ck_plans_digested CHECK ((plan IS NULL) = (digest IS NULL)),
  CONSTRAINT ck_plans_current_has_a_plan CHECK (state <> 'current' OR plan IS NOT NULL),
  CONSTRAINT fk_plans_line_id_lines FOREIGN KEY(line_id) REFERENCES lines (id)
)
--;
CREATE INDEX ix_plans_line_id_asked_at ON plans (line_id, asked_at)
--;
CREATE UNIQUE INDEX uq_plans_current ON plans (line_id) WHERE state = 'current'
--;
CREATE TABLE request_persons (
  request_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  salt TEXT NOT NULL,
  administrative TEXT NOT NULL,
  technical TEXT NOT NULL,
  CONSTRAINT pk_request_persons PRIMARY KEY (request_id, version),
  CONSTRAINT fk_request_persons_request_id_request_versions FOREIGN KEY(request_id, version) REFERENCES request_versions (request_id, version)
)
--;
CREATE TABLE receipts (
  id SERIAL NOT NULL,
  item_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_receipts PRIMARY KEY (id),
  CONSTRAINT ck_receipts_sha256 CHECK (length(sha256) = 64),
  CONSTRAINT fk_receipts_item_id_items FOREIGN KEY(item_id) REFERENCES items (id),
  CONSTRAINT fk_receipts_person_id_persons FOREIGN KEY(person_id) REFERENCES persons (id)
)
--;
CREATE INDEX ix_receipts_item_id ON receipts (item_id)
--;
CREATE TABLE runs (
  id TEXT NOT NULL,
  line_id TEXT NOT NULL,
  item_id TEXT NOT NULL,
  plan_id TEXT NOT NULL,
  decision_id TEXT NOT NULL,
  host TEXT NOT NULL,
  state TEXT NOT NULL,
  why TEXT NOT NULL,
  cancel_asked_by TEXT,
  waiting_until TIMESTAMP WITH TIME ZONE,
  queued_at TIMESTAMP WITH TIME ZONE NOT NULL,
  started_at TIMESTAMP WITH TIME ZONE,
  ended_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_runs PRIMARY KEY (id),
  CONSTRAINT ck_runs_state_known CHECK (state IN ('queued', 'looking', 'applying', 'verifying', 'done', 'stale', 'refused', 'undoing', 'failed', 'cancelled', 'needs_attention', 'waiting_for_person', 'waiting_until', 'unknown')),
  CONSTRAINT fk_runs_line_id_lines FOREIGN KEY(line_id) REFERENCES lines (id),
  CONSTRAINT fk_runs_plan_id_plans FOREIGN KEY(plan_id) REFERENCES plans (id),
  CONSTRAINT fk_runs_decision_id_decisions FOREIGN KEY(decision_id) REFERENCES decisions (id),
  CONSTRAINT fk_runs_cancel_asked_by_persons FOREIGN KEY(cancel_asked_by) REFERENCES persons (id)
)
--;
CREATE INDEX ix_runs_item_id ON runs (item_id)
--;
CREATE INDEX ix_runs_line_id_queued_at ON runs (line_id, queued_at)
--;
CREATE INDEX ix_runs_page ON runs (queued_at, id)
--;
CREATE INDEX ix_runs_waiting_until ON runs (waiting_until) WHERE state = 'waiting_until'
--;
CREATE UNIQUE INDEX uq_runs_open ON runs (line_id) WHERE state NOT IN ('cancelled', 'done', 'failed', 'refused', 'stale')
--;
CREATE TABLE intents (
  run_id TEXT NOT NULL,
  part INTEGER NOT NULL,
  way TEXT NOT NULL,
  changes TEXT NOT NULL,
  neighbours TEXT NOT NULL,
  reach TEXT NOT NULL,
  written_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_intents PRIMARY KEY (run_id, part, way),
  CONSTRAINT ck_intents_way_known CHECK (way IN ('make', 'undo')),
  CONSTRAINT fk_intents_run_id_runs FOREIGN KEY(run_id) REFERENCES runs (id)
)
--;
CREATE INDEX ix_intents_written_at ON intents (written_at)
--;
CREATE TABLE run_events (
  run_id TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  kind TEXT NOT NULL,
  task TEXT NOT NULL,
  text TEXT NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_run_events PRIMARY KEY (run_id, sequence),
  CONSTRAINT fk_run_events_run_id_runs FOREIGN KEY(run_id) REFERENCES runs (id)
)
--;
CREATE TABLE run_records (
  run_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  data TEXT NOT NULL,
  CONSTRAINT pk_run_records PRIMARY KEY (run_id, version),
  CONSTRAINT fk_run_records_run_id_runs FOREIGN KEY(run_id) REFERENCES runs (id)
)
--;
CREATE TABLE secrets (
  id TEXT NOT NULL,
  item_id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  name TEXT NOT NULL,
  label TEXT NOT NULL,
  "user" TEXT NOT NULL,
  use TEXT NOT NULL,
  version INTEGER NOT NULL,
  key_id TEXT NOT NULL,
  sealed BYTEA NOT NULL,
  state TEXT NOT NULL,
  claimable_at TIMESTAMP WITH TIME ZONE,
  claimed_at TIMESTAMP WITH TIME ZONE,
  claimed_by TEXT,
  expires_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_secrets PRIMARY KEY (id),
  CONSTRAINT ck_secrets_state_known CHECK (state IN ('made', 'claimable', 'claimed', 'destroyed')),
  CONSTRAINT ck_secrets_wiped_when_gone CHECK ((state IN ('claimed', 'destroyed')) = (length(sealed) = 0)),
  CONSTRAINT ck_secrets_claimed_by_someone CHECK ((state = 'claimed') = (claimed_by IS NOT NULL)),
  CONSTRAINT fk_secrets_run_id_runs FOREIGN KEY(run_id) REFERENCES runs (id),
  CONSTRAINT fk_secrets_claimed_by_persons FOREIGN KEY(claimed_by) REFERENCES persons (id)
)
--;
CREATE INDEX ix_secrets_item_id ON secrets (item_id)
--;
CREATE INDEX ix_secrets_run_id ON secrets (run_id)
--;
CREATE UNIQUE INDEX uq_secrets_standing ON secrets (item_id, name, version) WHERE state <> 'destroyed'
--;
CREATE TABLE verdicts (
  run_id TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  place INTEGER NOT NULL,
  name TEXT NOT NULL,
  label TEXT NOT NULL,
  wanted TEXT NOT NULL,
  seen TEXT NOT NULL,
  holds BOOLEAN NOT NULL,
  note TEXT NOT NULL,
  written_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_verdicts PRIMARY KEY (run_id, attempt, place),
  CONSTRAINT fk_verdicts_run_id_runs FOREIGN KEY(run_id) REFERENCES runs (id)
)
--;
CREATE TABLE results (
  id SERIAL NOT NULL,
  run_id TEXT NOT NULL,
  part INTEGER NOT NULL,
  way TEXT NOT NULL,
  task TEXT NOT NULL,
  outcome TEXT NOT NULL,
  changes TEXT NOT NULL,
  message TEXT NOT NULL,
  seconds DOUBLE PRECISION NOT NULL,
  written_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_results PRIMARY KEY (id),
  CONSTRAINT fk_results_intents FOREIGN KEY(run_id, part, way) REFERENCES intents (run_id, part, way),
  CONSTRAINT fk_results_run_id_runs FOREIGN KEY(run_id) REFERENCES runs (id)
)
--;
CREATE INDEX ix_results_run_id ON results (run_id)
--;
CREATE INDEX ix_results_written_at ON results (written_at)
