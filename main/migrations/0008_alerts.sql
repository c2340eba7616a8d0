-- Up Migration
-- What an operator wants to be told; kinds without a row are as built in.
CREATE TABLE spine.alert_rule (
  kind       text PRIMARY KEY,
  enabled    boolean NOT NULL,
  -- in the unit of the kind; null where it has none
  threshold  double precision,
  hold_ms    bigint NOT NULL,
  -- a configured channel and whom to tell there; null: shown in the console only
  channel    text,
  recipient  text,
  changed_by text NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now()
);

-- Alerts, with when they began and ended.
CREATE TABLE spine.alert (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind            text NOT NULL,
  -- a tier, a part of the site; empty where the kind has none
  subject         text NOT NULL,
  severity        text NOT NULL,
  words           jsonb NOT NULL,
  link            text NOT NULL,
  raised_at       timestamptz NOT NULL DEFAULT now(),
  cleared_at      timestamptz,
  acknowledged_by text,
  acknowledged_at timestamptz
);
-- One at a time, whoever watches.
CREATE UNIQUE INDEX alert_open ON spine.alert (kind, subject) WHERE cleared_at IS NULL;
CREATE INDEX alert_in_order ON spine.alert (raised_at DESC, id DESC);

-- Down Migration
DROP TABLE spine.alert, spine.alert_rule;
