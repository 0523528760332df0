-- Null: nothing was measured, nothing is to be said.
ALTER TABLE stages ADD COLUMN checks jsonb;
ALTER TABLE videos ADD COLUMN warnings jsonb;
