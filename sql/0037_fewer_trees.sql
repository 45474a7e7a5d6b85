-- A sync that finds nothing new writes fewer pages. What is queued and what runs is found by the index that holds that a connection
-- has one run at a time: there are few. The runs of an owner are found through his connections.

DROP INDEX sync_queue;
DROP INDEX sync_owner;
