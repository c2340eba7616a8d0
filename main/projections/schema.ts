/**
 * The SQLite read model. It is a view: `SCHEMA_VERSION` is raised with every change, and an older file is deleted and
 * rebuilt from bus and ledger. So there are no migrations here.
 */
export const SCHEMA_VERSION = 5;

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

-- In the order of the ledger, attempts too: the jobs of one trace lie close together, so that a large one is read from few pages.
CREATE TABLE jobs (
  ledger_id           INTEGER PRIMARY KEY,
  job_id              TEXT NOT NULL UNIQUE,
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
  published_ms        REAL NOT NULL,
  enqueued_ms         REAL NOT NULL,
  started_ms          REAL,
  finished_ms         REAL,
  retry_at_ms         REAL,
  attempts            INTEGER NOT NULL DEFAULT 0,
  last_error          TEXT,
  -- Its first start was later than its tier promises.
  late                INTEGER NOT NULL DEFAULT 0,
  -- Order in which the view heard of it: what follows the view goes by this.
  arrival             INTEGER NOT NULL,
  input               TEXT NOT NULL
);
CREATE INDEX jobs_by_correlation ON jobs (correlation_id, ledger_id);
CREATE INDEX jobs_by_trigger ON jobs (triggering_event_id);
CREATE INDEX jobs_by_type ON jobs (job_type, ledger_id);
CREATE INDEX jobs_by_queue ON jobs (queue, ledger_id);
CREATE INDEX jobs_by_tier ON jobs (tier, ledger_id);
CREATE INDEX jobs_by_state ON jobs (state, ledger_id) WHERE state <> 'completed';
CREATE INDEX jobs_late ON jobs (tier, ledger_id) WHERE late = 1;
CREATE INDEX jobs_by_arrival ON jobs (arrival);
CREATE INDEX jobs_by_replay ON jobs (replay_of) WHERE replay_of IS NOT NULL;
CREATE INDEX jobs_waiting ON jobs (queue, enqueued_ms) WHERE state = 'waiting';

CREATE TABLE attempts (
  ledger_id     INTEGER NOT NULL,
  job_id        TEXT NOT NULL,
  attempt       INTEGER NOT NULL,
  outcome       TEXT NOT NULL,
  started_ms    REAL NOT NULL,
  finished_ms   REAL,
  worker        TEXT,
  error_name    TEXT,
  error_message TEXT,
  error_stack   TEXT,
  PRIMARY KEY (ledger_id, attempt)
) WITHOUT ROWID;

-- Every attempt that failed or was lost, in the order in which that became known.
CREATE TABLE failures (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  job_id         TEXT NOT NULL,
  attempt        INTEGER NOT NULL,
  correlation_id TEXT NOT NULL,
  at_ms          REAL NOT NULL,
  error_name     TEXT NOT NULL,
  message        TEXT NOT NULL,
  UNIQUE (job_id, attempt)
);
CREATE INDEX failures_by_name ON failures (error_name, id);

-- Messages set aside of which at least the correlation could be read.
CREATE TABLE set_aside (
  seq            INTEGER PRIMARY KEY,
  stored_ms      REAL NOT NULL,
  subject        TEXT NOT NULL,
  reason         TEXT NOT NULL,
  problem        TEXT NOT NULL,
  event_id       TEXT,
  correlation_id TEXT NOT NULL,
  causation_id   TEXT,
  job_id         TEXT
);
CREATE INDEX set_aside_by_correlation ON set_aside (correlation_id, seq);
CREATE INDEX set_aside_by_event ON set_aside (event_id) WHERE event_id IS NOT NULL;

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
  dead           INTEGER NOT NULL DEFAULT 0,
  failures       INTEGER NOT NULL DEFAULT 0,
  took_ms        REAL GENERATED ALWAYS AS (last_ms - started_ms) VIRTUAL
) WITHOUT ROWID;
CREATE INDEX traces_by_last ON traces (last_ms);
CREATE INDEX traces_by_root_type ON traces (root_type, last_ms);
CREATE INDEX traces_open ON traces (last_ms) WHERE open > 0;
CREATE INDEX traces_dead ON traces (last_ms) WHERE dead > 0;
CREATE INDEX traces_failed ON traces (last_ms) WHERE failures > 0;
CREATE INDEX traces_by_took ON traces (took_ms);

CREATE TABLE job_counts (queue TEXT NOT NULL, tier TEXT NOT NULL, state TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (queue, tier, state)) WITHOUT ROWID;
-- Counts by the hour of what events are and do: see tallies.ts.
CREATE TABLE tallies (
  kind     TEXT NOT NULL,
  name     TEXT NOT NULL,
  bucket_s INTEGER NOT NULL,
  count    INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  last_ms  REAL NOT NULL,
  PRIMARY KEY (kind, name, bucket_s)
) WITHOUT ROWID;
CREATE TABLE event_rates (bucket_s INTEGER NOT NULL, domain TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (bucket_s, domain)) WITHOUT ROWID;
-- measure: start (published → started), bus (published → enqueued), wait (enqueued → started) of first attempts; run of every attempt.
CREATE TABLE latencies (
  tier TEXT NOT NULL, measure TEXT NOT NULL, bucket_s INTEGER NOT NULL, latency_bucket INTEGER NOT NULL, count INTEGER NOT NULL, late INTEGER NOT NULL,
  PRIMARY KEY (tier, measure, bucket_s, latency_bucket)
) WITHOUT ROWID;
-- Starts by the minute: a day's budget is read from few rows.
CREATE TABLE starts (tier TEXT NOT NULL, minute_s INTEGER NOT NULL, started INTEGER NOT NULL, late INTEGER NOT NULL, PRIMARY KEY (tier, minute_s)) WITHOUT ROWID;
-- what: enqueued, completed, failed (to be tried again), dead.
CREATE TABLE job_rates (queue TEXT NOT NULL, minute_s INTEGER NOT NULL, what TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (queue, minute_s, what)) WITHOUT ROWID;
`;

/**
 * The full-text index over payloads and errors, in a file of its own: it is filled in the background by its own thread, so that
 * nothing that must be quick waits for it. Contentless, and without positions: what it finds is looked at again in the read model.
 */
export const TEXT_SCHEMA_VERSION = 2;
export const TEXT_SCHEMA = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE VIRTUAL TABLE event_text USING fts5(data, content='', contentless_delete=1, detail=none, tokenize="unicode61 remove_diacritics 0");
CREATE VIRTUAL TABLE job_text USING fts5(input, content='', contentless_delete=1, detail=none, tokenize="unicode61 remove_diacritics 0");
CREATE VIRTUAL TABLE failure_text USING fts5(message, content='', contentless_delete=1, detail=none, tokenize="unicode61 remove_diacritics 0");
`;

/** Width of a bucket of \`event_rates\`, seconds. */
export const RATE_BUCKET_S = 5;
/** Width of a bucket of \`latencies\`, seconds. */
export const LATENCY_BUCKET_S = 10;
