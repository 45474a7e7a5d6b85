#!/usr/bin/perl
# The interface for syncs, records and connectors.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Fcntl ':flock';
use POSIX ();
use Test::More;
use Tidemark;
use Time::HiRes qw(time);

my $t = Tidemark->start;
my $src = $t->source;
$src->put('/a.csv', "id,name\n1,Ann\n2,\"Bob, \"\"B\"\"\"\n");
my $c = $t->connect(csv => $src->url('/a.csv'), name => 'People', start => false);

subtest 'a start is answered at once and begins without a loop' => sub {
	my $r = $t->post('/api/sync', { connectionId => $c->{id} });
	is $r->{status}, 202;
	is_deeply [sort keys %{ $r->{json} }], [qw(message success syncId)];
	is $r->{json}{message}, 'Background sync started';
	is $r->{headers}{location}, "/api/sync?syncId=$r->{json}{syncId}";
	my $run = $t->wait_run($r->{json}{syncId});
	is $run->{status}, 'complete';
	is $run->{progress}, 100;
	ok defined $run->{stats}{$_}, "stats: $_"
	    for qw(size lines fetched added updated deleted unchanged skipped);
	ok $run->{$_}, $_ for qw(connectionId message lastUpdated trigger startedAt finishedAt);
};

subtest 'three seconds between two starts, and one run at a time' => sub {
	my $r = $t->post('/api/sync', { connectionId => $c->{id} });
	is $r->{status}, 429;
	like $r->{headers}{'retry-after'}, qr/^[123]$/;
	$src->put('/slow.csv', "id\n1\n2\n", drip => [1, 0.2]);
	my $s = $t->connect(csv => $src->url('/slow.csv'), name => 'Slow');
	$r = $t->post('/api/sync', { connectionId => $s->{id} });
	is $r->{status}, 409;
	is $r->{json}{syncId}, $s->{activeSyncId}, 'the running one is named';
	is $t->get("/api/connections/$s->{id}")->{json}{status}, 'syncing';
	my ($active) = @{ $t->get('/api/sync')->{json}{active} };
	is $active->{syncId}, $s->{activeSyncId}, 'and is on the one list for all pages';
	my ($last, $ok) = (0, 1);
	wait_for {
		my $x = $t->get("/api/sync?syncId=$s->{activeSyncId}")->{json};
		$ok &&= $x->{progress} >= $last;
		$last = $x->{progress};
		$x->{status} eq 'complete';
	}
	10;
	ok $ok, 'progress never ran backwards';
};

subtest 'while a sync goes on the next time is not known, and none that is over is told' => sub {
	$src->put('/long.csv', "id\n1\n2\n", drip => [1, 0.5]);
	my $s = $t->connect(
		csv => $src->url('/long.csv'), name => 'Long', start => false,
		schedule => { frequency => 'hourly' }
	);
	$t->sql('UPDATE schedule SET next_poll_at = 1000 * unixepoch() - 60000 '
		    . "WHERE connection_id = '$s->{id}'");
	my $run = $t->post('/api/sync', { connectionId => $s->{id} })->{json}{syncId};
	my $path = "/api/connections/$s->{id}";
	my $c = $t->get($path)->{json};
	is $c->{activeSyncId}, $run, 'it goes on';
	is $c->{nextSyncText}, 'Next sync is set when this one ends';
	my ($listed) = grep { $_->{id} eq $s->{id} } @{ $t->get('/api/connections')->{json}{data} };
	my ($said) = grep { $_->{id} eq $s->{id} }
	    @{ json($t->run(qw(tidemark status --json))->{out})->{connections} };
	my $schedule = $t->get("$path/schedule")->{json};
	is_deeply [map { $_->{nextPollAt} } $c, $c->{schedule}, $schedule, $listed, $said],
	    [(undef) x 5], 'and everybody says so';
	ok !exists $t->put("$path/schedule", $schedule)->{json}{ignored}, 'it can be sent back';
	$t->wait_run($run);
	cmp_ok $t->get($path)->{json}{nextPollAt}, 'gt', $t->get($path)->{json}{lastPolledAt},
	    'then it is';
};

subtest 'cancel' => sub {
	$src->put('/endless.csv', "id\n" . "1\n" x 1000, drip => [10, 0.05]);
	my $s = $t->connect(csv => $src->url('/endless.csv'), name => 'Endless');
	wait_for {
		$t->get("/api/sync?syncId=$s->{activeSyncId}")->{json}{message} =~ /Downloading/
	}
	5;
	is $t->post("/api/sync/$s->{activeSyncId}/cancel")->{status}, 202;
	my $r = $t->wait_run($s->{activeSyncId}, 5);
	is $r->{error}{code}, 'cancelled';
	is $t->post("/api/sync/$s->{activeSyncId}/cancel")->{status}, 409, 'it has ended';
	my $c = $t->get("/api/connections/$s->{id}")->{json};
	is $c->{status}, 'active', 'the next one comes by schedule';
	is_deeply $c->{badge}, { text => 'Not read yet', kind => 'neutral' },
	    'and nobody is told that all is well';
	is $t->del("/api/connections/$s->{id}?data=delete")->{status}, 204;
};

subtest 'a run that began by itself does not keep a person from starting one' => sub {
	$src->put('/cool.csv', "id,v\n1,a\n");
	my $s = $t->connect(csv => $src->url('/cool.csv'), name => 'Cool', start => false);
	$t->sync_and_wait($s->{id});
	is $t->post('/api/sync', { connectionId => $s->{id} })->{status}, 429,
	    'by hand, a moment ago';
	$t->sql("UPDATE sync SET trigger = 'webhook' WHERE connection_id = '$s->{id}'");
	my $r = $t->post('/api/sync', { connectionId => $s->{id} });
	is $r->{status}, 202, 'by the service, a moment ago';
	$t->wait_run($r->{json}{syncId});
	is $t->post('/api/connectors/sync', { limit => $_ })->{status}, 422, 'no number'
	    for 'x', [], 1.5;
	is $t->del("/api/connections/$s->{id}?data=delete")->{status}, 204;
};

subtest 'the older address answers alike' => sub {
	my $id = $t->get("/api/connections/$c->{id}")->{json}{lastSync}{syncId};
	is_deeply $t->get("/api/sync-sheets-bg?syncId=$id")->{json},
	    $t->get("/api/sync?syncId=$id")->{json};
	is $t->get('/api/sync?syncId=nothing')->{status}, 404;
};

subtest 'a status that has not changed is 304' => sub {
	my $id = $t->get("/api/connections/$c->{id}")->{json}{lastSync}{syncId};
	my $r = $t->get("/api/sync?syncId=$id");
	ok my $tag = $r->{headers}{etag};
	is $t->get("/api/sync?syncId=$id", headers => { 'if-none-match' => $_ })->{status}, 304, $_
	    for $tag, "W/$tag", "\"x\", $tag", '*';
	is $t->get("/api/sync?syncId=$id", headers => { 'if-none-match' => '"x"' })->{status}, 200;
};

subtest 'history and log' => sub {
	$t->sync_and_wait($c->{id});
	my $r = $t->get("/api/connections/$c->{id}/syncs?limit=1");
	is @{ $r->{json}{data} }, 1;
	ok $r->{json}{nextCursor};
	$r = $t->get("/api/connections/$c->{id}/syncs?limit=1&cursor=$r->{json}{nextCursor}");
	is $r->{json}{data}[0]{stats}{added}, 2, 'the first one is the older';
	my $log = $t->get("/api/sync/$r->{json}{data}[0]{syncId}/log")->{json}{data};
	ok @$log >= 2, 'it tells what it did';
	ok $_->{text} && $_->{at}, $_->{text} for @$log;
};

subtest 'the guard asks before a large deletion, and is answered' => sub {
	$src->put('/many.csv', "id\n" . join '', map { "$_\n" } 1 .. 100);
	my $m = $t->connect(csv => $src->url('/many.csv'), name => 'Many');
	$t->wait_run($m->{activeSyncId});
	$src->put('/many.csv', "id\n" . join '', map { "$_\n" } 1 .. 30);
	my $r = $t->sync_and_wait($m->{id});
	is $r->{error}{code}, 'needs_approval';
	is $r->{review}{deletions}, 70;
	is keys %{ $t->records($m->{id}) }, 100;
	is $t->get("/api/connections/$m->{id}")->{json}{badge}{text}, 'Needs attention';
	my $a = $t->post("/api/sync/$r->{syncId}/approve");
	is $a->{status}, 202;
	is $t->wait_run($a->{json}{syncId})->{stats}{deleted}, 70;
	is keys %{ $t->records($m->{id}) }, 30;
	is $t->get("/api/connections/$m->{id}")->{json}{badge}{text}, 'Active';
	is $t->post("/api/sync/$r->{syncId}/approve")->{status}, 409, 'it was answered';
};

subtest 'an answer to a question that is over deletes nothing' => sub {
	my @ids = map { "$_\n" } 1 .. 100;
	$src->put('/over.csv', "id\n" . join '', @ids);
	my $m = $t->connect(csv => $src->url('/over.csv'), name => 'Over');
	$t->wait_run($m->{activeSyncId});
	$src->put('/over.csv', "id\n" . join '', @ids[0 .. 29]);
	my $asked = $t->sync_and_wait($m->{id});
	is $asked->{error}{code}, 'needs_approval';
	$src->put('/over.csv', "id\n" . join '', @ids);
	is $t->sync_and_wait($m->{id})->{status}, 'complete', 'the source has recovered';
	for my $word (qw(approve reject)) {
		my $r = $t->post("/api/sync/$asked->{syncId}/$word");
		is $r->{status}, 409, $word;
		is $r->{json}{code}, 'wrong_state';
		like $r->{json}{detail}, qr/This question is over/;
	}
	$src->put('/over.csv', "id\n" . join '', @ids[50 .. 89]);
	is $t->sync_and_wait($m->{id})->{error}{code}, 'needs_approval',
	    'another loss is asked about';
	is keys %{ $t->records($m->{id}) }, 100;
};

subtest 'the feed gives changes in order, once' => sub {
	my $set = $t->get("/api/connections/$c->{id}/datasets")->{json}{data}[0];
	is_deeply [map { $_->{name} } @{ $set->{columns} }], ['id', 'name'];
	is $set->{rows}, 2;
	ok $set->{dataAsOf};
	my $path = "/api/datasets/$set->{id}/records";
	my $r = $t->get("$path?limit=1");
	is $r->{json}{data}[0]{name}, 'Ann';
	is_deeply [sort keys %{ $r->{json}{data}[0]{_meta} }],
	    [qw(deletedAt firstSeenAt id lastAction lastModifiedAt)];
	$r = $t->get("$path?limit=5&cursor=$r->{json}{nextCursor}");
	is $r->{json}{data}[0]{name}, 'Bob, "B"';
	is $r->{json}{nextCursor}, undef;
	my $end = $r->{json}{endCursor};
	$src->put('/a.csv', "id,name\n1,Anna\n3,Cyd\n");
	$t->sync_and_wait($c->{id});
	$r = $t->get("$path?cursor=$end&includeDeleted=true");
	is_deeply [sort map { "$_->{_meta}{lastAction} $_->{_meta}{id}" } @{ $r->{json}{data} }],
	    ['ADDED 3', 'DELETED 2', 'UPDATED 1'];
	is_deeply [sort map { $_->{_meta}{id} } @{ $t->get($path)->{json}{data} }], [1, 3],
	    'without deleted ones';
	is @{ $t->get("$path?modifiedAfter=2999-01-01T00:00:00Z")->{json}{data} }, 0;
	is $t->get("$path?cursor=nonsense!")->{status}, 422;
	is $t->get("$path?limit=x")->{status}, 422;
	my $csv = $t->get("$path?format=csv");
	like $csv->{headers}{'content-type'}, qr{^text/csv};
	like $csv->{headers}{'content-disposition'}, qr/^attachment; filename="[\w.-]+\.csv"$/;
	is_deeply [sort split /\r\n/, $csv->{content}], [sort 'id,name', '1,Anna', '3,Cyd'];
	my @lines = split /\n/, $t->get("$path?format=ndjson")->{content};
	is_deeply [sort map { json($_)->{name} } @lines], ['Anna', 'Cyd'];
	is $t->get("$path/1")->{json}{name}, 'Anna';
	my $why = $t->get("$path/1/history")->{json}{data};
	is_deeply [map { $_->{action} } @$why], ['UPDATED', 'ADDED'];
	is_deeply $why->[0]{changes}, { name => { before => 'Ann', after => 'Anna' } };
	ok $why->[0]{syncId};
	is $t->get("$path/99/history")->{status}, 404;
};

subtest 'connectors, by the cron secret' => sub {
	my %cron =
	    (token => undef, headers => { authorization => 'Bearer cron-secret-of-the-tests' });
	is $t->get('/api/connectors/sync', token => undef)->{status}, 401;
	is $t->post(
		'/api/connectors/sync', { limit => 10 }, token => undef,
		headers => { authorization => 'Bearer wrong' }
	)->{status}, 401;
	is_deeply $t->get('/api/connectors/sync?limit=10', %cron)->{json}{data}, [],
	    'nothing is due';
	wait_for { $t->post("/api/connections/$c->{id}/pause")->{status} == 200 };
	my @due = ($c->{id});
	for my $i (1 .. 4) {
		my $more = $t->connect(
			csv => $src->url('/a.csv'), name => "due $i", start => false,
			schedule => { enabled => false }
		);
		push @due, $more->{id};
	}
	# A tick that an earlier request woke would take what becomes due: none works until somebody
	# has asked for it.
	open my $lock, '>>', "$t->{home}/tick.lock" or die $!;
	flock $lock, LOCK_EX or die $!;
	$t->sql("UPDATE schedule SET enabled = 1, next_poll_at = 1 + $_, failing = $_ % 2 "
		    . "WHERE connection_id = '$due[$_]'")
	    for 0 .. 4;
	my (@got, $cursor);
	do {
		my $at = defined $cursor ? "&cursor=$cursor" : '';
		my $page = $t->get("/api/connectors/sync?limit=2$at", %cron)->{json};
		push @got, map { $_->{id} } @{ $page->{data} };
		$cursor = $page->{nextCursor};
	} while defined $cursor;
	is_deeply [sort @got], [sort @due], 'all that is due, in pages';
	is $t->get('/api/connectors/sync?limit=5', %cron)->{json}{nextCursor}, undef;
	is $t->get('/api/connectors/sync?cursor=x', %cron)->{status}, 422;
	$t->sql("UPDATE schedule SET enabled = 0, next_poll_at = NULL WHERE connection_id = '$_'")
	    for @due[1 .. 4];
	my $pid = fork // die $!;
	if (!$pid) {
		wait_for {
			$t->sql('SELECT count(*) FROM sync '
				    . "WHERE connection_id = '$c->{id}' AND finished_at IS NULL")
		};
		close $lock;
		$t->another_client->tick;
		POSIX::_exit(0);
	}
	close $lock;
	my $r = $t->post('/api/connectors/sync', { limit => 10, waitSeconds => 20 }, %cron);
	waitpid $pid, 0;
	is $r->{status}, 200;
	ok $r->{json}{success};
	is $r->{json}{processed}, 1;
	my ($one) = @{ $r->{json}{results} };
	is $one->{connectorId}, $c->{id};
	is $one->{recordsFetched}, 2;
	is $one->{recordsProcessed}, 2;
	is_deeply $t->get('/api/connectors/sync', %cron)->{json}{data}, [],
	    'and is not due any more';
};

done_testing;
