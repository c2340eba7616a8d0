-- Up Migration
-- Dead letters as failure families; redrives of many, which survive a crash; discards that can be undone.

-- A family of dead letters: same job type, error, words and place (shared/failure-family.ts).
-- Its counts are kept by the trigger below, in the transaction that changes the dead letters.
CREATE TABLE spine.failure_family (
  id               uuid PRIMARY KEY,
  job_type         text NOT NULL,
  error_name       text NOT NULL,
  error_code       text,
  message_template text NOT NULL,
  top_frame        text,
  first_seen       timestamptz NOT NULL DEFAULT 'infinity',
  last_seen        timestamptz NOT NULL DEFAULT '-infinity',
  waiting          bigint NOT NULL DEFAULT 0,
  redriven         bigint NOT NULL DEFAULT 0,
  discarded        bigint NOT NULL DEFAULT 0,
  -- what a person says of it
  mark             text CHECK (mark IN ('fixed', 'ignored')),
  fixed_by_version text,
  ignored_until    timestamptz,
  marked_by        text,
  mark_reason      text,
  marked_at        timestamptz,
  -- how many had died when it was marked, so that those since then can be told
  died_at_mark     bigint
);
CREATE INDEX failure_family_in_order ON spine.failure_family (last_seen DESC, id);
CREATE INDEX failure_family_by_type ON spine.failure_family (job_type);

-- Deaths by hour (hours since 1970), for the trend.
CREATE TABLE spine.failure_family_hour (
  family uuid NOT NULL,
  hour   int NOT NULL,
  died   int NOT NULL,
  PRIMARY KEY (family, hour)
);

ALTER TABLE spine.dead_letter
  -- null until the fingerprint of a row from before this migration has been taken (main/dead-letters/backfill.ts)
  ADD COLUMN family uuid,
  -- null if the payload can't be read, and in rows that were not looked at yet
  ADD COLUMN idempotency_key uuid,
  ADD COLUMN discard_id uuid;
CREATE INDEX dead_letter_by_family ON spine.dead_letter (family, status, died_at DESC, id);
CREATE INDEX dead_letter_by_time ON spine.dead_letter (died_at DESC, id);
CREATE INDEX dead_letter_without_family ON spine.dead_letter (id) WHERE family IS NULL;
CREATE INDEX dead_letter_by_discard ON spine.dead_letter (discard_id) WHERE discard_id IS NOT NULL;

-- One statement on dead letters changes each family once, in the order of ids, so that two of them seldom lock each other out.
CREATE FUNCTION spine.count_new_dead_letters() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  change record;
BEGIN
  FOR change IN
    SELECT family, count(*) FILTER (WHERE status = 'waiting') AS waiting, count(*) FILTER (WHERE status = 'redriven') AS redriven,
           count(*) FILTER (WHERE status = 'discarded') AS discarded, min(died_at) AS first_seen, max(died_at) AS last_seen
    FROM after_rows WHERE family IS NOT NULL GROUP BY family ORDER BY family
  LOOP
    UPDATE spine.failure_family f
    SET waiting = f.waiting + change.waiting, redriven = f.redriven + change.redriven, discarded = f.discarded + change.discarded,
        first_seen = least(f.first_seen, change.first_seen), last_seen = greatest(f.last_seen, change.last_seen)
    WHERE f.id = change.family;
  END LOOP;
  INSERT INTO spine.failure_family_hour AS h (family, hour, died)
  SELECT family, floor(extract(epoch FROM died_at) / 3600)::int, count(*) FROM after_rows WHERE family IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2
  ON CONFLICT (family, hour) DO UPDATE SET died = h.died + excluded.died;
  RETURN NULL;
END $$;
CREATE FUNCTION spine.count_changed_dead_letters() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  change record;
BEGIN
  FOR change IN
    SELECT family, coalesce(sum(n) FILTER (WHERE status = 'waiting'), 0) AS waiting, coalesce(sum(n) FILTER (WHERE status = 'redriven'), 0) AS redriven,
           coalesce(sum(n) FILTER (WHERE status = 'discarded'), 0) AS discarded, min(died_at) AS first_seen, max(died_at) AS last_seen
    FROM (SELECT family, status, died_at, 1 AS n FROM after_rows UNION ALL SELECT family, status, died_at, -1 FROM before_rows) both_rows
    WHERE family IS NOT NULL GROUP BY family ORDER BY family
  LOOP
    CONTINUE WHEN change.waiting = 0 AND change.redriven = 0 AND change.discarded = 0;
    UPDATE spine.failure_family f
    SET waiting = f.waiting + change.waiting, redriven = f.redriven + change.redriven, discarded = f.discarded + change.discarded,
        first_seen = least(f.first_seen, change.first_seen), last_seen = greatest(f.last_seen, change.last_seen)
    WHERE f.id = change.family;
  END LOOP;
  -- A row that gets its family later counts as a death of its hour then.
  INSERT INTO spine.failure_family_hour AS h (family, hour, died)
  SELECT a.family, floor(extract(epoch FROM a.died_at) / 3600)::int, count(*) FROM after_rows a JOIN before_rows b USING (id)
  WHERE b.family IS NULL AND a.family IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2
  ON CONFLICT (family, hour) DO UPDATE SET died = h.died + excluded.died;
  RETURN NULL;
END $$;
CREATE TRIGGER dead_letters_counted_in AFTER INSERT ON spine.dead_letter
  REFERENCING NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION spine.count_new_dead_letters();
CREATE TRIGGER dead_letters_counted_on AFTER UPDATE ON spine.dead_letter
  REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION spine.count_changed_dead_letters();

-- An operator's order to run dead letters again. Its items are fixed when it starts.
CREATE TABLE spine.redrive (
  id              uuid PRIMARY KEY,
  scope           jsonb NOT NULL,
  operator        text NOT NULL,
  reason          text NOT NULL,
  edit            jsonb,
  repeat_unsafe   boolean NOT NULL,
  -- jobs a second; null: as fast as the queue takes them
  rate            double precision,
  canary          int NOT NULL,
  -- stop when more than this share of the ended ones has failed; null: never
  stop_ratio      double precision,
  state           text NOT NULL CHECK (state IN ('canary', 'running', 'settling', 'done', 'cancelled', 'stopped')),
  state_reason    text,
  total           int NOT NULL DEFAULT 0,
  skipped         int NOT NULL DEFAULT 0,
  redriven        int NOT NULL DEFAULT 0,
  succeeded       int NOT NULL DEFAULT 0,
  failed          int NOT NULL DEFAULT 0,
  requested_at    timestamptz NOT NULL DEFAULT now(),
  -- nothing about it will change any more
  finished_at     timestamptz
);
CREATE INDEX redrive_in_order ON spine.redrive (requested_at DESC, id);
CREATE INDEX redrive_open ON spine.redrive (requested_at) WHERE finished_at IS NULL;

-- The primary key makes it: each dead letter at most once per redrive.
CREATE TABLE spine.redrive_item (
  redrive_id     uuid NOT NULL REFERENCES spine.redrive (id),
  dead_letter_id uuid NOT NULL,
  ordinal        int NOT NULL,
  state          text NOT NULL CHECK (state IN ('waiting', 'skipped', 'redriven', 'succeeded', 'failed')),
  -- why it was skipped
  skip_reason    text,
  problem        text,
  new_job_id     uuid,
  PRIMARY KEY (redrive_id, dead_letter_id)
);
CREATE INDEX redrive_item_in_order ON spine.redrive_item (redrive_id, ordinal);
CREATE INDEX redrive_item_waiting ON spine.redrive_item (redrive_id, ordinal) WHERE state = 'waiting';
CREATE INDEX redrive_item_unsettled ON spine.redrive_item (redrive_id, new_job_id) WHERE state = 'redriven';
CREATE INDEX redrive_item_by_letter ON spine.redrive_item (dead_letter_id);

-- One decision that dead letters will not run again; undone as a whole.
CREATE TABLE spine.discard (
  id           uuid PRIMARY KEY,
  scope        jsonb NOT NULL,
  operator     text NOT NULL,
  reason       text NOT NULL,
  discarded    int NOT NULL,
  discarded_at timestamptz NOT NULL DEFAULT now(),
  undone_at    timestamptz,
  undone_by    text
);
CREATE INDEX discard_in_order ON spine.discard (discarded_at DESC, id);

-- Down Migration
DROP TABLE spine.discard, spine.redrive_item, spine.redrive;
DROP TRIGGER dead_letters_counted_in ON spine.dead_letter;
DROP TRIGGER dead_letters_counted_on ON spine.dead_letter;
DROP FUNCTION spine.count_new_dead_letters(), spine.count_changed_dead_letters();
DROP INDEX spine.dead_letter_by_time;
ALTER TABLE spine.dead_letter DROP COLUMN family, DROP COLUMN idempotency_key, DROP COLUMN discard_id;
DROP TABLE spine.failure_family_hour, spine.failure_family;
