-- Up Migration
-- What operators do to rules: switched on or off, and every version.

ALTER TABLE spine.rule
  ADD COLUMN version int NOT NULL DEFAULT 1,
  ADD COLUMN updated_by text NOT NULL DEFAULT 'configuration',
  -- otherwise than the definition says; null if it holds
  ADD COLUMN switched boolean,
  ADD COLUMN switched_by text,
  ADD COLUMN switch_reason text,
  ADD COLUMN switched_at timestamptz;

-- Kept when a rule is removed: what it was is asked for then most of all.
CREATE TABLE spine.rule_version (
  rule_id    text NOT NULL,
  version    int NOT NULL,
  -- null: it was removed
  definition jsonb,
  operator   text NOT NULL,
  reason     text NOT NULL,
  written_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (rule_id, version)
);

-- Down Migration
DROP TABLE spine.rule_version;
ALTER TABLE spine.rule DROP COLUMN version, DROP COLUMN updated_by, DROP COLUMN switched, DROP COLUMN switched_by, DROP COLUMN switch_reason, DROP COLUMN switched_at;
