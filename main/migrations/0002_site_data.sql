-- Up Migration
-- What the built-in handlers keep: entities, their search index, rules, positions of connectors.

CREATE TABLE spine.entity (
  entity_type    text NOT NULL,
  entity_id      text NOT NULL,
  version        int NOT NULL,
  attributes     jsonb NOT NULL,
  correlation_id uuid,
  updated_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (entity_type, entity_id)
);
CREATE TABLE spine.entity_version (
  entity_type    text NOT NULL,
  entity_id      text NOT NULL,
  version        int NOT NULL,
  attributes     jsonb NOT NULL,
  written_by     uuid NOT NULL,
  written_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (entity_type, entity_id, version)
);

CREATE TABLE spine.document (
  entity_type    text NOT NULL,
  entity_id      text NOT NULL,
  version        int NOT NULL,
  title          text NOT NULL,
  body           text NOT NULL,
  correlation_id uuid,
  updated_at     timestamptz NOT NULL DEFAULT now(),
  search         tsvector GENERATED ALWAYS AS
                   (setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', body), 'B')) STORED,
  PRIMARY KEY (entity_type, entity_id)
);
CREATE INDEX document_search ON spine.document USING gin (search);

CREATE TABLE spine.rule (
  id         text PRIMARY KEY,
  definition jsonb NOT NULL,
  -- 'config': follows the configuration file at every start
  origin     text NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE spine.connector_state (
  connector_id text PRIMARY KEY,
  -- what the connector needs to go on: ETag, last modified, file positions
  position     jsonb NOT NULL DEFAULT '{}',
  last_sync_at timestamptz,
  last_outcome text NOT NULL DEFAULT 'never',
  last_error   text,
  records      bigint NOT NULL DEFAULT 0
);
-- Fingerprints of records already published, so that an unchanged one is not published again.
CREATE TABLE spine.connector_record (
  connector_id text NOT NULL,
  record_id    text NOT NULL,
  fingerprint  text NOT NULL,
  seen_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (connector_id, record_id)
);

-- Down Migration
DROP TABLE spine.connector_record, spine.connector_state, spine.rule, spine.document, spine.entity_version, spine.entity;
