-- Up Migration
-- How long a stream keeps, where an operator has said so instead of the configuration file.

CREATE TABLE spine.stream_retention (
  stream     text PRIMARY KEY,
  -- null is without a limit
  max_age_ms bigint,
  max_bytes  bigint,
  operator   text NOT NULL,
  reason     text NOT NULL,
  set_at     timestamptz NOT NULL DEFAULT now()
);

-- Down Migration
DROP TABLE spine.stream_retention;
