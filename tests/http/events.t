# The application's own calendar over HTTP: events made, changed and deleted, listed by time and by
# occurrence, one of a series and all that follow, and why an event is as it is.
use strict;
use warnings;
use Test::More;
use Tidemark;

my $t = Tidemark->start;
my %meeting = (
	title => 'Tea', startDateTime => '2026-10-05T10:00:00+02:00',
	endDateTime => '2026-10-05T11:00:00+02:00', timeZone => 'Europe/Berlin'
);
my %round = (
	title => 'Round', startDateTime => '2026-10-19T09:00:00',
	endDateTime => '2026-10-19T09:30:00', timeZone => 'Europe/Berlin',
	recurrence => ['RRULE:FREQ=WEEKLY;COUNT=4']
);

sub made {
	my $r = $t->post('/api/events', {@_});
	is $r->{status}, 201, 'made' or diag $r->{content};
	return $r->{json}{event}{id}
}
sub event { return $t->get("/api/events/$_[0]")->{json}{event} }
sub listed { return @{ $t->get("/api/events?$_[0]")->{json}{data} // [] } }
# "09:00 Round, ..." of what comes in a time.
sub comes {
	return join ', ',
	    map { substr($_->{startDateTime}, 0, 16) . " $_->{title}" } listed("expand=1&$_[0]")
}
sub gone { $t->del("/api/events/$_") for map { $_->{id} } listed('') }

subtest 'an event is made, read, changed and deleted' => sub {
	my $r = $t->post('/api/events', { %meeting, notes => "two\nlines", busy => \0 });
	is $r->{status}, 201;
	my $id = $r->{json}{event}{id};
	is $r->{headers}{location}, "/api/events/$id";
	is_deeply $r->{json}{externalSync}, [];
	ok $r->{json}{success};
	my $e = event($id);
	is $e->{startDateTime}, '2026-10-05T10:00:00+02:00';
	is $e->{notes}, "two\nlines";
	ok !$e->{busy} && !$e->{allDay};
	is $e->{origin}, 'application';
	is_deeply $e->{links}, [];
	is_deeply $t->get("/api/events?id=$id")->{json}{event}, $e, 'by either address';
	$r = $t->put("/api/events?id=$id", { location => 'Here', notes => undef });
	is $r->{status}, 200;
	$e = event($id);
	is $e->{location}, 'Here';
	is $e->{title}, 'Tea', 'what was not said stays';
	ok !exists $e->{notes};
	is $t->del("/api/events/$id")->{status}, 200;
	for (qw(get del)) {
		my $r = $t->$_("/api/events/$id");
		is "$r->{status} $r->{json}{code}", '404 gone', "$_ of a deleted one";
	}
	is $t->put("/api/events/$id", { title => 'x' })->{json}{code}, 'gone', 'nor is it changed';
	is_deeply [listed('')], [];
	is $t->post("/api/events/$id/restore")->{status}, 200;
	is_deeply { %{ event($id) }, updatedAt => 0 }, { %$e, updatedAt => 0 }, 'back as it was';
	is $t->post("/api/events/$id/restore")->{status}, 409, 'it is not deleted';
	$t->del("/api/events/$id");
};

subtest 'with If-Match, what somebody else has changed meanwhile is not written over' => sub {
	my $id = made(%round);
	my $at = "/api/events/$id";
	my ($first) = listed('from=2026-10-19&to=2026-10-20&expand=1');
	my $one = "$at/occurrences/$first->{occurrence}";
	my $tag = sub { return $t->get($at)->{headers}{etag} };
	my $with = sub { return (headers => { 'if-match' => $_[0] }) };
	my $seen = $tag->();
	my $r = $t->put($at, { title => 'By another' });
	is $r->{status}, 200, 'somebody else';
	my $now = $r->{headers}{etag};
	like $now, qr/^"\d+"$/, 'the reply to a change has a tag';
	for my $stale ($seen, "W/$seen", qq("none", $seen), '"', $seen =~ s/.$//r) {
		my @replies = (
			$t->put($at, { title => 'Mine' }, $with->($stale)),
			$t->put("/api/events?id=$id", { title => 'Mine' }, $with->($stale)),
			$t->put($one, { title => 'Mine' }, $with->($stale)),
			$t->put("$one?scope=following", { title => 'Mine' }, $with->($stale)),
			$t->del($one, $with->($stale)), $t->del($at, $with->($stale))
		);
		is join(' ', map { "$_->{status} $_->{json}{code}" } @replies),
		    join(' ', ('412 precondition_failed') x @replies), $stale;
	}
	is event($id)->{title}, 'By another', 'nothing is written over';
	is scalar(listed('from=2026-10-01&to=2026-12-01&expand=1')), 4, 'nor left out';
	is $t->put($at, { title => 'Mine' }, $with->($now))->{status}, 200,
		'by the tag of a change';
	is $t->put($one, { title => 'One' }, $with->('"x", W/' . $tag->()))->{status}, 200,
		'by one of a list, as nginx weakens it';
	is $t->put($at, { title => 'Any' }, $with->('*'))->{status}, 200, 'or as it is';
	is $t->get($at, headers => { 'if-none-match' => $tag->() })->{status}, 304;
	is $t->del($at, $with->($tag->()))->{status}, 200;
	is $t->put($at, { title => 'x' }, $with->('*'))->{json}{code}, 'gone', 'nothing is there';
	$r = $t->put('/api/auto-sync/config', { enabled => \1 }, $with->('"1"'));
	is $r->{status}, 400, 'where it is not looked at, it is refused' or diag $r->{content};
	is $r->{json}{code}, 'bad_request';
	is $r->{json}{title}, 'The request cannot be carried out as it was sent.',
		'though nothing is wrong with how it is written';
	like $r->{json}{detail}, qr/^If-Match is looked at when .*: leave it out\.$/;
	gone();
};

subtest 'bad input is said of its field, and nothing is made' => sub {
	my $r = $t->post('/api/events', { %meeting, title => 'x' x 10_000, timeZone => 'Berlin' });
	is $r->{status}, 422;
	is $r->{json}{errors}[0]{field}, 'title';
	for (
		[{ endDateTime => '2026-10-05T09:00:00+02:00' }, 'endDateTime'],
		[{ colour => 'red' }, 'colour'], [{ timeZone => 'Berlin' }, 'timeZone'],
		[{ recurrence => ['RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30'] }, 'recurrence']
	) {
		$r = $t->post('/api/events', { %meeting, %{ $_->[0] } });
		is $r->{status}, 422, $_->[1];
		is $r->{json}{errors}[0]{field}, $_->[1];
		ok $r->{json}{errors}[0]{message}, 'in words';
	}
	is $t->get('/api/events?from=yesterday')->{status}, 422;
	is $t->get('/api/events?expand=1')->{status}, 422;
	is $t->get('/api/events?from=2026-01-01&to=2025-01-01')->{status}, 422;
	is $t->get('/api/events?until=2026-01-01')->{status}, 422, 'an unknown word of the query';
	is $t->get('/api/events?cursor=x')->{status}, 422;
	is_deeply [listed('')], [];
};

subtest 'the same Idempotency-Key makes one event' => sub {
	my @r = map {
		$t->request(
			'POST', '/api/events', {%meeting},
			headers => { 'idempotency-key' => 'once-and-for-all' }
		)
	} 1 .. 2;
	is $r[0]{json}{event}{id}, $r[1]{json}{event}{id};
	is scalar(listed('')), 1;
	gone();
};

subtest 'a list is of a time, in pages' => sub {
	made(
		title => "Day $_", startDateTime => "2026-11-0$_",
		endDateTime => '2026-11-0' . ($_ + 1)
	) for 1 .. 5;
	is scalar(listed('from=2026-11-02&to=2026-11-04')), 2;
	is scalar(listed('from=2026-11-03&to=2026-11-03T00:00:01Z')), 1;
	my ($cursor, @seen, $pages) = ('');
	while (defined $cursor && $pages++ < 10) {
		my $r = $t->get("/api/events?limit=2&cursor=$cursor")->{json};
		push @seen, map { $_->{title} } @{ $r->{data} };
		$cursor = $r->{nextCursor};
	}
	is_deeply \@seen, [map { "Day $_" } 1 .. 5];
	($cursor, @seen) = ('');
	$pages = 0;
	while (defined $cursor && $pages++ < 10) {
		my $r = $t->get(
			"/api/events?expand=1&from=2026-11-01&to=2026-12-01&limit=2&cursor=$cursor")
		    ->{json};
		push @seen, map { $_->{title} } @{ $r->{data} };
		$cursor = $r->{nextCursor};
	}
	is_deeply \@seen, [map { "Day $_" } 1 .. 5], 'and so are occurrences';
	# A day is one where somebody looks.
	my $at = 'from=2026-10-31T11:00:00Z&to=2026-10-31T12:00:00Z';
	is comes($at), '';
	is comes("$at&timeZone=Pacific/Auckland"), '2026-11-01 Day 1';
	gone();
};

subtest 'a series keeps its time of day, and one of it can differ or be left out' => sub {
	my $id = made(%round);
	my $time = 'from=2026-10-01&to=2026-12-31';
	is comes($time),
	    join ', ',
	    map { "$_ Round" }
	    qw(2026-10-19T09:00 2026-10-26T09:00 2026-11-02T09:00 2026-11-09T09:00);
	my $one = "/api/events/$id/occurrences/2026-10-26T09:00:00%2B01:00";
	is $t->put($one, { title => 'Special', startDateTime => '2026-10-27T14:00:00',
			endDateTime => '2026-10-27T15:00:00' })->{status}, 200;
	is $t->del("/api/events/$id/occurrences/20261102T080000Z?scope=this")->{status}, 200;
	is comes($time),
	    '2026-10-19T09:00 Round, 2026-10-27T14:00 Special, 2026-11-09T09:00 Round';
	my ($special) = grep { $_->{differs} } listed("expand=1&$time");
	is $special->{occurrence}, '2026-10-26T09:00:00+01:00', 'by its place';
	is $special->{eventId}, $id;
	is_deeply [map { $_->{occurrence} } @{ event($id)->{exceptions} }],
	    ['2026-10-26T09:00:00+01:00', '2026-11-02T09:00:00+01:00'];
	is $t->put("/api/events/$id/occurrences/2026-10-28", {})->{status}, 404;
	is $t->put($one, { recurrence => [] })->{status}, 422;
	is $t->put($one, { title => 'Round', startDateTime => '2026-10-26T09:00:00',
			endDateTime => '2026-10-26T09:30:00' })->{status}, 200;
	is_deeply [map { $_->{occurrence} } @{ event($id)->{exceptions} }],
	    ['2026-11-02T09:00:00+01:00'], 'as the series has it, it differs no more';
	gone();
};

subtest 'a colour is one of those that there are, and one of a provider is kept' => sub {
	my $id = made(title => 'Tea', startDateTime => '2026-10-05', endDateTime => '2026-10-06',
		allDay => true, color => '11', recurrence => ['RRULE:FREQ=DAILY;COUNT=3']);
	my $put = sub { $t->put("/api/events/$id", { color => $_[0] }) };
	is $put->("$_")->{json}{event}{color}, "$_" for 1 .. 11;
	for my $bad ('0', '12', '01', ' 1', '1 ', 'red', '#ff0000', 'Sage') {
		my $r = $put->($bad);
		is_deeply [$r->{status}, $r->{json}{errors}[0]{field}], [422, 'color'], "'$bad'";
		$r = $t->put("/api/events/$id/occurrences/20261006", { color => $bad });
		is $r->{status}, 422;
	}
	is event($id)->{color}, '11', 'nothing was written';
	$t->sql("UPDATE event SET value = json_set(value, '\$.color', '24') WHERE id = '$id'");
	is $t->put("/api/events/$id", { title => 'Green tea', color => '24' })->{status}, 200,
	    'sent back as it was';
	is $t->put("/api/events/$id/occurrences/20261006", { color => '24', notes => 'x' })
	    ->{status}, 200;
	is $put->('red')->{status}, 422, 'another one is none';
	is event($id)->{color}, '24';
	is $put->(undef)->{status}, 200;
	ok !exists event($id)->{color}, 'without one';
	gone();
};

subtest 'the history names an occurrence in words, and by its start as planned' => sub {
	my $id = made(%round);
	$t->del("/api/events/$id/occurrences/20261102T080000Z");
	my $days = made(
		title => 'Day', startDateTime => '2026-10-05', endDateTime => '2026-10-06',
		allDay => true, recurrence => ['RRULE:FREQ=DAILY;COUNT=3']
	);
	$t->put("/api/events/$days/occurrences/20261006", { title => 'Another' });
	my $told = sub { $t->get("/api/events/$_[0]/history")->{json}{data}[0]{changes} };
	is_deeply $told->($id), [{
		field => 'the occurrence of 2 Nov 2026, 09:00', before => undef,
		occurrence => '2026-11-02T09:00:00+01:00', after => { status => 'cancelled' },
		side => 'application'
	}];
	is_deeply [map { @$_{qw(field occurrence)} } @{ $told->($days) }],
	    ['the occurrence of 6 Oct 2026', '2026-10-06'];
	gone();
};

subtest 'what is left out of a series comes back when that is said: no edit is lost' => sub {
	my $id = made(%round);
	my $time = 'from=2026-10-01&to=2026-12-31';
	my $at = "/api/events/$id/occurrences/20261102T080000Z";
	my $three = '2026-10-19T09:00 Round, 2026-10-26T09:00 Round, 2026-11-09T09:00 Round';
	is $t->del($at)->{status}, 200;
	my $rev = sub { $t->sql("SELECT rev FROM event WHERE id = '$id'") };
	my $was = $rev->();
	is $t->del($at)->{status}, 200, 'left out already';
	is $t->put($at, {})->{status}, 200, 'nothing is said';
	is $rev->(), $was, 'nothing is written';
	for my $said ({ title => 'Special' }, { startDateTime => '2026-11-02T10:00:00' }) {
		my $r = $t->put("$at?scope=this", $said);
		is_deeply [$r->{status}, $r->{json}{code}], [409, 'wrong_state'];
		like $r->{json}{detail}, qr/set its status to "confirmed" as well/;
	}
	is $rev->(), $was;
	is $t->put("/api/events/$id", { location => 'Here' })->{status}, 200;
	is comes($time), $three, 'an edit of the series is none of it';
	is $t->put($at, { title => 'Special', status => 'confirmed' })->{status}, 200;
	is comes($time), '2026-10-19T09:00 Round, 2026-10-26T09:00 Round, '
	    . '2026-11-02T09:00 Special, 2026-11-09T09:00 Round';
	$t->del($at);
	is $t->put($at, { status => 'confirmed' })->{status}, 200;
	like comes($time), qr/2026-11-02T09:00 Round/, 'left out it was like the others again';
	is_deeply event($id)->{exceptions}, [];
	$t->del($at);
	my $r = $t->put("$at?scope=following", { title => 'Later' });
	is $r->{status}, 200;
	is comes($time),
	    '2026-10-19T09:00 Round, 2026-10-26T09:00 Round, 2026-11-09T09:00 Later',
	    'this and all that follow are edited, and it stays left out';
	$at = "/api/events/$r->{json}{following}{id}/occurrences/20261102T080000Z";
	is $t->put("$at?scope=following", { title => 'All' })->{status}, 200;
	like comes($time), qr/26T09:00 Round, 2026-11-09T09:00 All$/, 'the first one, too';
	is $t->del("$at?scope=following")->{status}, 200;
	is comes($time), '2026-10-19T09:00 Round, 2026-10-26T09:00 Round';
	gone();
};

subtest 'this and all that follow become a series of their own, or end' => sub {
	my $id = made(%round);
	my $time = 'from=2026-10-01&to=2026-12-31';
	my $r = $t->put(
		"/api/events/$id/occurrences/20261102T080000Z?scope=following",
		{ title => 'Later', startDateTime => '2026-11-02T10:00:00',
			endDateTime => '2026-11-02T10:30:00' }
	);
	is $r->{status}, 200;
	is $r->{json}{event}{id}, $id;
	is_deeply $r->{json}{event}{recurrence},
	    ['RRULE:FREQ=WEEKLY;UNTIL=20261102T075959Z'], 'what it was, up to there';
	my $later = $r->{json}{following};
	isnt $later->{id}, $id;
	is $later->{title}, 'Later';
	is_deeply event($later->{id}), $later;
	is comes($time),
	    '2026-10-19T09:00 Round, 2026-10-26T09:00 Round, 2026-11-02T10:00 Later, '
	    . '2026-11-09T10:00 Later';
	is $t->del("/api/events/$id/occurrences/20261026T080000Z?scope=following")->{status}, 200;
	is comes($time), '2026-10-19T09:00 Round, 2026-11-02T10:00 Later, 2026-11-09T10:00 Later';
	is $t->del("/api/events/$id/occurrences/20261019T070000Z?scope=following")->{status}, 200;
	is $t->get("/api/events/$id")->{status}, 404, 'nothing is left of it';
	gone();
};

subtest 'what differs in a series goes with it to another time; what has no place is told' => sub {
	my $id = made(%round);
	my $time = 'from=2026-10-01&to=2026-12-31';
	my $at = "/api/events/$id/occurrences/";
	$t->put("${at}2026-10-26T09:00:00%2B01:00", { title => 'Special' });
	$t->del("${at}20261102T080000Z");
	my $r = $t->put("/api/events/$id", {
		startDateTime => '2026-10-19T11:00:00', endDateTime => '2026-10-19T11:30:00' });
	ok !exists $r->{json}{lost}, 'nothing is lost';
	is comes($time),
	    '2026-10-19T11:00 Round, 2026-10-26T11:00 Special, 2026-11-09T11:00 Round';
	$r = $t->put("/api/events/$id", { recurrence => ['RRULE:FREQ=WEEKLY;COUNT=2'] });
	is_deeply $r->{json}{lost},
	    [{ occurrence => '2026-11-02T11:00:00+01:00', status => 'cancelled' }];
	is $t->get("/api/events/$id/history")->{json}{data}[0]{reason},
	    'The series does not come any more on 2026-11-02 11:00: '
	    . 'what was different there has gone with it.';
	is comes($time), '2026-10-19T11:00 Round, 2026-10-26T11:00 Special';
	gone();
};

subtest 'a twin at a connection that is disconnected is told as one that stays as it is' => sub {
	my $id = made(%meeting);
	$t->source->put('/a.csv', "id\n1\n");
	my $c = $t->connect(csv => $t->source->url('/a.csv'), start => JSON::PP::false);
	$t->sql('INSERT INTO link (id, owner, connection_id, object_kind, dataset_no, object_key, '
		    . 'remote_id, state, rev, created_at, updated_at) SELECT '
		    . "'l', owner, '$c->{id}', 'event', 0, id, 'far', 'synced', 1, 1, 1 "
		    . "FROM event WHERE id = '$id'");
	is event($id)->{links}[0]{state}, 'synced';
	$t->del("/api/connections/$c->{id}");
	my ($link) = @{ event($id)->{links} };
	is $link->{state}, 'skipped';
	is $link->{error}{code}, 'disconnected';
	is $t->put("/api/events/$id", { title => 'Coffee' })->{json}{externalSync}[0]{error}{code},
	    'disconnected';
	gone();
};

subtest 'its history says what was changed, by whom' => sub {
	my $id = made(%meeting);
	$t->put("/api/events/$id", { title => 'Coffee' });
	$t->put("/api/events/$id", { title => 'Coffee' });
	$t->del("/api/events/$id");
	my @all = @{ $t->get("/api/events/$id/history")->{json}{data} };
	is_deeply [map { $_->{action} } @all], [qw(DELETED UPDATED ADDED)],
	    'what changes nothing is no change';
	is_deeply $all[1]{changes},
	    [{ field => 'title', before => 'Tea', after => 'Coffee', side => 'application' }];
	like $all[1]{actor}, qr/^token /;
	my $r = $t->get("/api/events/$id/history?limit=2")->{json};
	my $next = $t->get("/api/events/$id/history?limit=2&cursor=$r->{nextCursor}")->{json};
	is_deeply [@{ $r->{data} }, @{ $next->{data} }], \@all, 'in pages, too';
	is $next->{nextCursor}, undef;
};

subtest 'a provider that was given a change makes the event no other one' => sub {
	my $id = made(%meeting);
	my $given = sub {
		$t->sql('INSERT INTO change (owner, object_kind, dataset_no, object_key, at, '
			    . 'action, side, connection_id, before) SELECT '
			    . "owner, 'event', 0, id, 1, '$_[0]', 'remote', 'c', $_[1] "
			    . "FROM event WHERE id = '$id'");
	};
	$given->(0, 'NULL');
	$t->put("/api/events/$id", { title => 'Coffee' });
	$given->(1, q{'{"title":"Tea"}'});
	$t->put("/api/events/$id", { title => 'Cocoa' });
	my $titles = sub {
		join ' ', map {
			my ($c) = grep { $_->{field} eq 'title' } @{ $_->{changes} };
			substr($_->{changes}[0]{side}, 0, 1) . ':'
			    . ($c->{before} // '') . ">$c->{after}"
		} @_
	};
	my @all = @{ $t->get("/api/events/$id/history")->{json}{data} };
	is $titles->(@all), 'a:Coffee>Cocoa p:Tea>Coffee a:Tea>Coffee p:>Tea a:>Tea';
	my ($cursor, @seen) = ('');
	while (defined $cursor) {
		my $r = $t->get("/api/events/$id/history?limit=1$cursor")->{json};
		push @seen, @{ $r->{data} };
		$cursor = $r->{nextCursor} && "&cursor=$r->{nextCursor}";
	}
	is_deeply \@seen, \@all, 'in pages of one, too';
	gone();
};

subtest 'many series without an end are listed, too' => sub {
	my $id = made(%round, recurrence => ['RRULE:FREQ=WEEKLY']);
	$t->sql('WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) '
		    . 'INSERT INTO event (id, owner, uid, value, rev, from_at, until_at, '
		    . "created_at, updated_at) SELECT 'x' || i, owner, uid || i, value, 1, "
		    . 'from_at, until_at, 1, 1 FROM event, n WHERE event.deleted_at IS NULL');
	is scalar(listed('limit=500')), 301;
	is scalar(listed('limit=500&from=2030-01-01')), 301, 'from a time on';
	is scalar(listed('expand=1&limit=500&from=2030-01-07&to=2030-01-08')), 301;
	$t->sql("DELETE FROM event WHERE id LIKE 'x%'");
	$t->del("/api/events/$id");
};

subtest 'a time with more than can be listed is refused, not cut' => sub {
	made(
		title => 'Every five minutes', startDateTime => '2026-01-01T00:00:00Z',
		endDateTime => '2026-01-01T00:00:30Z', timeZone => 'UTC',
		recurrence =>
		    ['RRULE:FREQ=HOURLY;BYMINUTE=' . join(',', map { $_ * 5 } 0 .. 11)]
	);
	is scalar(listed('expand=1&limit=500&from=2027-03-01T00:00:00Z&to=2027-03-01T01:00:00Z')),
	    12;
	my $r = $t->get('/api/events?expand=1&from=2026-03-01&to=2026-04-01');
	is $r->{status}, 422;
	like $r->{json}{errors}[0]{message}, qr/too many/;
	is $t->get('/api/events?expand=1&from=2026-03-01&to=2028-04-01')->{status}, 422;
	is $t->post('/api/events', { %meeting, recurrence => ['RRULE:FREQ=MINUTELY'] })->{status},
	    422;
};

# By the hour, eight at a time, whose ids are in no order.
subtest 'more events than are read at once come once each, in their order' => sub {
	my $from = 1_924_992_000; # 2031-01-01
	my @as = (token => 'cy:read');
	is $t->get('/api/events', @as)->{status}, 200;
	my $time = sub { "strftime('%Y-%m-%dT%H:%M:%SZ', $_[0], 'unixepoch')" };
	my $value = "json_object('title', 'many', 'startDateTime', " . $time->('at')
	    . ", 'endDateTime', " . $time->('at + 600') . ')';
	$t->sql('WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1202), '
		    . "e AS (SELECT i * 7919 % 1303 AS id, $from + i / 8 * 3600 AS at FROM n) "
		    . 'INSERT INTO event (id, owner, uid, value, from_at, until_at, created_at, '
		    . "updated_at) SELECT printf('00000000-0000-7000-8000-%012d', e.id), a.id, "
		    . "'many' || e.id, $value, at * 1000, (at + 600) * 1000, 1, 1 "
		    . "FROM e, account a WHERE a.name = 'cy'");
	my ($cursor, @met) = '';
	do {
		my $r = $t->get(
			"/api/events?expand=1&from=2031-01-01&to=2031-01-10&limit=400$cursor", @as
		)->{json};
		push @met, map { "$_->{startDateTime} $_->{eventId}" } @{ $r->{data} };
		$cursor = $r->{nextCursor} ? "&cursor=$r->{nextCursor}" : '';
	} while $cursor && @met < 2000;
	is scalar @met, 1203;
	my %once = map { $_ => 1 } @met;
	is_deeply \@met, [sort keys %once];
};

done_testing;
