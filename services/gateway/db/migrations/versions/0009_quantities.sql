-- Short jobs overtake long ones: a queue is ordered by turns, not by the time of submission.
ALTER TABLE stages RENAME COLUMN submitted_at TO turn_at;

-- What run times are predicted from. Of earlier stages it is not known: work of 0 leaves their runs out.
ALTER TABLE stages
    ADD COLUMN unit text NOT NULL DEFAULT 'stage',
    ADD COLUMN amount double precision NOT NULL DEFAULT 0,
    ADD COLUMN work double precision NOT NULL DEFAULT 0,
    ADD COLUMN planned_seconds double precision NOT NULL DEFAULT 0,
    ADD COLUMN estimated double precision NOT NULL DEFAULT 0;
