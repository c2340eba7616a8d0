/**
 * The SQLite read model. It is a view: `SCHEMA_VERSION` is raised with every change, and an older file is deleted and
 * rebuilt from bus and ledger. So there are no migrations here.
 */
export const SCHEMA_VERSION = 2;

export const SCHEMA = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE events (
  seq            INTEGER PRIMARY KEY,
  event_id       TEXT NOT NULL UNIQUE,
  event_type     TEXT NOT NULL,
  event_version  TEXT NOT NULL,
  domain         TEXT NOT NULL,
  source         TEXT NOT NULL,
  timestamp_ms   REAL NOT NULL,
  stored_ms      REAL NOT NULL,
  correlation_id TEXT NOT NULL,
  causation_id   TEXT,
  job_id         TEXT,
  verdict        TEXT NOT NULL,
  summary        TEXT NOT NULL,
  body           TEXT NOT NULL
);
CREATE INDEX events_by_correlation ON events (correlation_id, seq);
CREATE INDEX events_by_cause ON events (causation_id, seq) WHERE causation_id IS NOT NULL;
CREATE INDEX events_by_job ON events (job_id, seq) WHERE job_id IS NOT NULL;
CREATE INDEX events_by_type ON events (event_type, seq);
CREATE INDEX events_by_domain ON events (domain, seq);
CREATE INDEX events_by_source ON events (source, seq);

CREATE TABLE jobs (
  job_id              TEXT PRIMARY KEY,
  job_type            TEXT NOT NULL,
  queue               TEXT NOT NULL,
  tier                TEXT NOT NULL,
  state               TEXT NOT NULL,
  priority            INTEGER NOT NULL,
  correlation_id      TEXT NOT NULL,
  triggering_event_id TEXT NOT NULL,
  parent_job_id       TEXT,
  redrive_of          TEXT,
  replay_of           TEXT,
  ledger_id           INTEGER NOT NULL,
  published_ms        REAL NOT NULL,
  enqueued_ms         REAL NOT NULL,
  started_ms          REAL,
  finished_ms         REAL,
  retry_at_ms         REAL,
  attempts            INTEGER NOT NULL DEFAULT 0,
  last_error          TEXT,
  input               TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX jobs_by_correlation ON jobs (correlation_id, ledger_id);
CREATE INDEX jobs_by_trigger ON jobs (triggering_event_id);
CREATE INDEX jobs_waiting ON jobs (queue, enqueued_ms) WHERE state = 'waiting';

CREATE TABLE attempts (
  job_id        TEXT NOT NULL,
  attempt       INTEGER NOT NULL,
  outcome       TEXT NOT NULL,
  started_ms    REAL NOT NULL,
  finished_ms   REAL,
  worker        TEXT,
  error_name    TEXT,
  error_message TEXT,
  error_stack   TEXT,
  PRIMARY KEY (job_id, attempt)
) WITHOUT ROWID;

CREATE TABLE traces (
  correlation_id TEXT PRIMARY KEY,
  root_seq       INTEGER,
  root_type      TEXT NOT NULL,
  source         TEXT NOT NULL,
  started_ms     REAL NOT NULL,
  last_ms        REAL NOT NULL,
  events         INTEGER NOT NULL DEFAULT 0,
  jobs           INTEGER NOT NULL DEFAULT 0,
  open           INTEGER NOT NULL DEFAULT 0,
  dead           INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX traces_by_last ON traces (last_ms);
CREATE INDEX traces_by_root_type ON traces (root_type, last_ms);
CREATE INDEX traces_open ON traces (last_ms) WHERE open > 0;
CREATE INDEX traces_dead ON traces (last_ms) WHERE dead > 0;

CREATE TABLE job_counts (queue TEXT NOT NULL, tier TEXT NOT NULL, state TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (queue, tier, state)) WITHOUT ROWID;
CREATE TABLE event_rates (bucket_s INTEGER NOT NULL, domain TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (bucket_s, domain)) WITHOUT ROWID;
CREATE TABLE latencies (
  tier TEXT NOT NULL, bucket_s INTEGER NOT NULL, latency_bucket INTEGER NOT NULL, count INTEGER NOT NULL, late INTEGER NOT NULL,
  PRIMARY KEY (tier, bucket_s, latency_bucket)
) WITHOUT ROWID;
`;

/** Width of a bucket of \`event_rates\`, seconds. */
export const RATE_BUCKET_S = 5;
/** Width of a bucket of \`latencies\`, seconds. */
export const LATENCY_BUCKET_S = 10;
