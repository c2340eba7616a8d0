-- Up Migration
-- Which events of a type do not fit its schema: asked for by the catalogue.

CREATE INDEX set_aside_drift ON spine.set_aside (subject, id DESC) WHERE reason = 'bad-payload';

-- Down Migration
DROP INDEX spine.set_aside_drift;
