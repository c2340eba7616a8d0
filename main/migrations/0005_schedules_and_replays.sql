-- Up Migration
-- Schedules and their firings; replays of events.

CREATE TABLE spine.schedule (
  id            text PRIMARY KEY,
  cron          text NOT NULL,
  time_zone     text NOT NULL,
  job_type      text NOT NULL,
  input         jsonb NOT NULL DEFAULT '{}',
  overlap       text NOT NULL CHECK (overlap IN ('skip', 'queue')),
  missed        text NOT NULL CHECK (missed IN ('once', 'skip')),
  paused        boolean NOT NULL DEFAULT false,
  pause_reason  text,
  -- 'config': follows the configuration file at every start
  origin        text NOT NULL CHECK (origin IN ('config', 'operator')),
  updated_by    text NOT NULL,
  updated_at    timestamptz NOT NULL DEFAULT now(),
  -- every slot up to here has been decided
  decided_until timestamptz NOT NULL
);

-- One row a slot: the primary key is what keeps a slot from being fired twice, whatever clocks and processes do.
CREATE TABLE spine.schedule_firing (
  schedule_id text NOT NULL REFERENCES spine.schedule ON DELETE CASCADE,
  -- the nominal time; of a firing by hand, the time of the request
  slot        timestamptz NOT NULL,
  outcome     text NOT NULL CHECK (outcome IN ('fired', 'waiting', 'skipped-overlap', 'skipped-missed', 'skipped-unknown-job')),
  cause       text NOT NULL CHECK (cause IN ('time', 'missed', 'manual')),
  -- skipped-missed stands for this many slots up to this one
  slots       int NOT NULL DEFAULT 1,
  decided_at  timestamptz NOT NULL,
  fired_at    timestamptz,
  event_id    uuid,
  job_id      uuid,
  PRIMARY KEY (schedule_id, slot)
);
CREATE INDEX schedule_firing_waiting ON spine.schedule_firing (schedule_id, slot) WHERE outcome = 'waiting';

CREATE TABLE spine.replay (
  id               uuid PRIMARY KEY,
  dry_run          boolean NOT NULL,
  mode             text NOT NULL CHECK (mode IN ('missing', 'force')),
  filter           jsonb NOT NULL,
  jobs_per_second  int NOT NULL,
  unsafe_confirmed boolean NOT NULL,
  status           text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'completed', 'cancelled', 'failed')),
  operator         text NOT NULL,
  reason           text NOT NULL,
  -- bounds in platform-events, fixed when it was started; position is the last sequence that is dealt with
  from_seq         bigint NOT NULL,
  to_seq           bigint NOT NULL,
  position         bigint NOT NULL,
  counts           jsonb NOT NULL,
  problem          text,
  started_at       timestamptz NOT NULL DEFAULT now(),
  ended_at         timestamptz,
  -- the audit event that opened it
  event_id         uuid,
  correlation_id   uuid
);
CREATE INDEX replay_in_order ON spine.replay (started_at DESC, id);

-- What a replay put on the queues; of a dry run, the first jobs that it found.
CREATE TABLE spine.replay_job (
  replay_id      uuid NOT NULL REFERENCES spine.replay ON DELETE CASCADE,
  job_id         uuid NOT NULL,
  job_type       text NOT NULL,
  verdict        text NOT NULL,
  seq            bigint NOT NULL,
  event_id       uuid NOT NULL,
  event_type     text NOT NULL,
  correlation_id uuid NOT NULL,
  PRIMARY KEY (replay_id, job_id)
);
CREATE INDEX replay_job_in_order ON spine.replay_job (replay_id, seq);

-- Down Migration
DROP TABLE spine.replay_job, spine.replay, spine.schedule_firing, spine.schedule;
