-- Up Migration
-- The tables of the spine. Numbered migrations are never edited once released.

-- Routed events: one row says that all jobs of the event are enqueued.
CREATE TABLE spine.inbox (
  event_id   uuid PRIMARY KEY,
  stream_seq bigint NOT NULL,
  event_type text NOT NULL,
  owed       smallint NOT NULL,
  routed_at  timestamptz NOT NULL DEFAULT now()
);

-- Messages that are no valid event: kept with their bytes.
CREATE TABLE spine.set_aside (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  stream_seq bigint NOT NULL,
  stored_at  timestamptz NOT NULL,
  subject    text NOT NULL,
  headers    jsonb NOT NULL,
  body       bytea NOT NULL,
  reason     text NOT NULL,
  problem    text NOT NULL,
  UNIQUE (stream_seq, stored_at)
);
CREATE INDEX set_aside_by_reason ON spine.set_aside (reason, id DESC);

-- Events waiting to be published. Rows with a problem can't be published and wait for a person.
CREATE TABLE spine.outbox (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id   uuid NOT NULL UNIQUE,
  event_type text NOT NULL,
  body       text NOT NULL,
  problem    text,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- What an idempotency key has already brought about. effect '' = the job is finished.
CREATE TABLE spine.effect (
  idempotency_key uuid NOT NULL,
  effect          text NOT NULL,
  result          jsonb,
  recorded_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (idempotency_key, effect)
);

-- Everything that happened to jobs, append only. Readers follow (txid, id) below the oldest running transaction,
-- so that a row that commits late is never passed over.
CREATE TABLE spine.job_ledger (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  txid    xid8 NOT NULL DEFAULT pg_current_xact_id(),
  at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  kind    text NOT NULL,
  job_id  uuid NOT NULL,
  attempt int,
  detail  jsonb NOT NULL
);
CREATE INDEX job_ledger_in_order ON spine.job_ledger (txid, id);
CREATE INDEX job_ledger_by_job ON spine.job_ledger (job_id, id);

-- Jobs that will not be tried again, moved here out of their queue.
CREATE TABLE spine.dead_letter (
  id                  uuid PRIMARY KEY,
  job_type            text NOT NULL,
  queue               text NOT NULL,
  tier                text NOT NULL,
  status              text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'redriven', 'discarded')),
  reason              text NOT NULL,
  error_name          text NOT NULL,
  error_message       text NOT NULL,
  attempts            int NOT NULL,
  correlation_id      uuid NOT NULL,
  triggering_event_id uuid NOT NULL,
  payload             jsonb NOT NULL,
  died_at             timestamptz NOT NULL DEFAULT now(),
  decided_at          timestamptz,
  decided_by          text,
  decision_reason     text,
  redriven_as         uuid
);
CREATE INDEX dead_letter_in_order ON spine.dead_letter (status, died_at DESC, id);
CREATE INDEX dead_letter_by_type ON spine.dead_letter (job_type, status, died_at DESC, id);

CREATE TABLE spine.queue_control (
  queue      text PRIMARY KEY,
  paused_by  text NOT NULL,
  reason     text NOT NULL,
  paused_at  timestamptz NOT NULL DEFAULT now()
);

-- Down Migration
DROP TABLE spine.queue_control, spine.dead_letter, spine.job_ledger, spine.effect, spine.outbox, spine.set_aside, spine.inbox;
