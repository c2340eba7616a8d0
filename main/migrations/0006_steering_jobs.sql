-- Up Migration
-- How many jobs of a queue run at once, where an operator has changed what the configuration says.
CREATE TABLE spine.queue_concurrency (
  queue       text PRIMARY KEY,
  concurrency int NOT NULL CHECK (concurrency BETWEEN 1 AND 256),
  changed_by  text NOT NULL,
  reason      text NOT NULL,
  changed_at  timestamptz NOT NULL DEFAULT now()
);

-- Running jobs that an operator has cancelled: should their worker die before it has stopped them, they are not run again.
CREATE TABLE spine.cancelled_job (
  job_id       uuid PRIMARY KEY,
  operator     text NOT NULL,
  reason       text NOT NULL,
  cancelled_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX cancelled_job_lately ON spine.cancelled_job (cancelled_at);

-- Down Migration
DROP TABLE spine.cancelled_job, spine.queue_concurrency;
