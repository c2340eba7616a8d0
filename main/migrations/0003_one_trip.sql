-- Up Migration
-- Lets a statement judge itself, so that a whole transaction can be sent together with its COMMIT: what does not come
-- out as expected raises, and the COMMIT behind it rolls back.

CREATE FUNCTION spine.expect(actual bigint, expected bigint, what text) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF actual IS DISTINCT FROM expected THEN
    RAISE EXCEPTION '% of % %', actual, expected, what USING ERRCODE = 'SP001';
  END IF;
  RETURN actual;
END $$;

-- Down Migration
DROP FUNCTION spine.expect;
