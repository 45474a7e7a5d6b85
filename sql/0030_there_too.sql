-- What a run has put to a provider that was here before is taken back with the rest of what it did.

ALTER TABLE link ADD COLUMN run_no INTEGER; -- the run that had its twin made; withdrawn: that takes it away; NULL: none
CREATE INDEX link_run ON link (run_no, id) WHERE run_no IS NOT NULL;
