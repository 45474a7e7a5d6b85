# seconds: 60
# What calendars do to people: failures of other products, each named after the behaviour that must
# hold here; those that calendar.t does not have.
use strict;
use warnings;
use Test::More;
use JSON::PP ();
use Time::Local qw(timegm);
use Tidemark;
use Tidemark::Google;

my $g = Tidemark::Google->start;
my $t = Tidemark->start(
	crashes => 1,
	env => {
		$g->env, APP_URL => 'https://sync.example.com', TIDEMARK_RETRY_MS => 2,
		TIDEMARK_LEASE_SECONDS => 3
	}
);
my $email = $g->{email};
$g->control({
	# More is done here in a minute than anybody does.
	quota => { calendar => { user => 0, project => 0 } },
	push => { origin => $t->{base} },
	token => { value => 'cal', email => $email },
	calendar => { id => $email, owner => $email, zone => 'America/Los_Angeles' }
});
$g->connect($t, path => '/api/auth/google/start?for=google-calendar');
my $list = '/calendar/v3/calendars/primary/events';

# Somebody else, at Google.
sub google { return $g->calendar('cal', @_) }
sub conn { return $t->get("/api/connections/$_[0]{id}")->{json} }
sub counted {
	my ($method, $like) = @_;
	return scalar grep { $_->{method} eq $method && $_->{path} =~ $like } @{ $g->state->{log} }
}
sub quiet {
	return wait_for {
		!$t->sql('SELECT count(*) FROM outbox WHERE finished_at IS NULL')
		    && !$t->sql('SELECT count(*) FROM sync WHERE finished_at IS NULL')
		    && !$t->sql('SELECT count(*) FROM schedule WHERE asked > served')
	}
	40
}
sub connection {
	my ($calendar) = @_;
	my $c = $t->connect(
		'google-calendar', undef, name => $calendar, config => { calendar => $calendar },
		schedule => { frequency => 'weekly' }
	);
	is($t->wait_run($c->{lastSync}{syncId})->{status}, 'complete', "$calendar is read");
	wait_for { my $x = conn($c)->{channel}; $x && $x->{expiresAt} } or diag 'no channel';
	return $c
}
sub at { return { dateTime => $_[0], timeZone => $_[1] // 'Europe/Berlin' } }
# "begin end title", a moment as seconds, a day as it is written.
sub moment {
	my ($text) = @_;
	my ($y, $m, $d, $h, $min, $s, $sign, $oh, $om) = $text =~
	    /^(\d+)-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:Z|([+-])(\d\d):(\d\d))$/ or return $text;
	my $off = $sign ? ($oh * 60 + $om) * ($sign eq '-' ? -60 : 60) : 0;
	return timegm($s, $min, $h, $d, $m - 1, $y) - $off
}
my $span = 'from=2026-03-01&to=2026-12-31';
sub comes_here {
	my $data = $t->get("/api/events?$span&expand=1&limit=500")->{json}{data};
	return sort map {
		join ' ', moment($_->{startDateTime}), moment($_->{endDateTime}), $_->{title}
	} @$data;
}
sub comes_there {
	my ($calendar) = @_;
	my $all = google('GET', "$calendar/events?singleEvents=true&maxResults=2500"
		    . '&timeMin=2026-03-01T00:00:00Z&timeMax=2026-12-31T00:00:00Z')->{items};
	return sort map {
		join ' ', moment($_->{start}{dateTime} // $_->{start}{date}),
		    moment($_->{end}{dateTime} // $_->{end}{date}), $_->{summary}
	} @$all;
}
sub etags {
	return join ' ', sort map { "$_->{id} $_->{etag}" }
	    map { @{ google('GET', "$_/events?maxResults=2500")->{items} } } @_
}

my $mine = connection('primary');
my $team = $g->control({ calendar => { owner => $email, summary => 'Team' } })->{calendar};
my $other = connection($team);

# Both calendars and the one here have the same, and then nothing is written any more.
sub level {
	my ($what) = @_;
	$t->sync_and_wait($mine->{id});
	ok(quiet(), 'quiet');
	for my $there ('primary', $team) {
		ok(wait_for(sub { join(' ', comes_here()) eq join ' ', comes_there($there) }, 20),
			"$what: the same in $there")
		    or is_deeply([comes_there($there)], [comes_here()]);
	}
	ok(quiet(), 'quiet');
	my ($was, $revs) = (etags('primary', $team), $t->sql('SELECT sum(rev) FROM event'));
	$t->sync_and_wait($_->{id}) for $mine, $other;
	ok(quiet(), 'quiet');
	ok(etags('primary', $team) eq $was, 'then nothing is written there');
	is($t->sql('SELECT sum(rev) FROM event'), $revs, 'nor here');
	return comes_here()
}

subtest 'case 11: a message with an empty body pulls what has changed, and only that' => sub {
	google('POST', 'primary/events', {
		summary => "Event $_", start => at("2026-10-0${_}T10:00:00+02:00"),
		end => at("2026-10-0${_}T11:00:00+02:00") }) for 1 .. 5;
	level('at first');
	my ($ch) = grep { $_->{open} && $_->{calendar} eq $email } @{ $g->state->{channels} };
	my %good = (
		'x-goog-channel-id' => $ch->{id}, 'x-goog-channel-token' => $ch->{token},
		'x-goog-resource-id' => $ch->{resource}, 'x-goog-resource-state' => 'exists',
		'x-goog-message-number' => 77
	);
	my $say = sub {
		return $t->request('POST', '/api/calendar/webhooks/google', '', token => undef,
			headers => { %good, @_ })->{status}
	};
	my $runs = () = $t->runs($mine->{id});
	is($say->('x-goog-resource-state' => 'sync'), 204, 'a greeting');
	is($say->("x-goog-$_" => 'wrong'), 404, "another $_")
	    for qw(channel-token channel-id resource-id);
	is(scalar(() = $t->runs($mine->{id})), $runs, 'nothing is started');
	$g->control({ push => { drop => 100 } });
	my $e = google('GET', 'primary/events')->{items}[0];
	google('PATCH', "primary/events/$e->{id}", { location => 'Room 1' });
	$g->control({ push => { drop => 0 } });
	is($say->(), 204, 'a change is told');
	ok(
		wait_for(sub {
			my ($r) = $t->runs($mine->{id});
			$r->{trigger} eq 'webhook' && $r->{status} eq 'complete'
			    && $r->{stats}{lines} == 1
		}, 20),
		'one event is read, not all'
	) or diag explain [$t->runs($mine->{id})];
	level('after it');
};

for (
	['401', { kind => 'authError', path => "$list/watch", method => 'POST', count => -1 }],
	['404', { kind => 'notFound', path => "$list/watch", method => 'POST', count => -1 }],
	['pushNotSupported', undef]
) {
	my ($what, $fault) = @$_;
	subtest "case 12: a renewal answered with $what falls back to polling, without a loop"
	    => sub {
		$t->request('PUT', '/api/calendar/webhooks/google',
			{ integrationId => $mine->{id} });
		ok(wait_for(sub { conn($mine)->{channel}{expiresAt} }, 20), 'a channel is open');
		$g->control({
			reset => JSON::PP::true, faults => $fault ? [$fault] : [],
			push => { refuse => $fault ? JSON::PP::false : JSON::PP::true }
		});
		$t->sql("UPDATE lane SET due_at = 1 WHERE id LIKE 'watch|%$mine->{id}'");
		ok(
			wait_for(sub { $t->tick; (conn($mine)->{channel} // {})->{refused} }, 20),
			'the refusal is told'
		) or diag explain conn($mine);
		is(conn($mine)->{channel}{id}, undef, 'the channel is cleared');
		my $tries = counted(POST => qr{/primary/events/watch$});
		cmp_ok($tries, '<=', 2, 'it was asked once, or once more with a new token');
		for my $round (1 .. 3) {
			$g->control({ push => { drop => 100 } });
			my $e = google('GET', 'primary/events?maxResults=1')->{items}[0];
			google('PATCH', "primary/events/$e->{id}", { location => "$what $round" });
			is($t->poll($mine->{id})->{status}, 'complete', 'a poll is well');
			my $has = "value LIKE '%$what $round%'";
			is($t->sql("SELECT count(*) FROM event WHERE $has"), 1,
				'and brings the change');
			$t->tick;
		}
		is(counted(POST => qr{/primary/events/watch$}), $tries, 'it was not asked again');
		is(conn($mine)->{status}, 'active', 'the connection is well');
		$g->control({
			faults => [], push => { refuse => JSON::PP::false, drop => 0 }
		});
		ok(quiet(), 'quiet');
	    };
}

subtest 'case 16: days, clock changes and the west of UTC are the same on all sides' => sub {
	my $day = sub { return { date => $_[0] } };
	my @rows = (
		['One day', $day->('2026-07-01'), $day->('2026-07-02')],
		['Three days', $day->('2026-10-24'), $day->('2026-10-27')],
		['Late in the west', at('2026-07-03T22:30:00-07:00', 'America/Los_Angeles'),
			at('2026-07-03T23:45:00-07:00', 'America/Los_Angeles')],
		['Over midnight', at('2026-10-31T23:00:00-07:00', 'America/Los_Angeles'),
			at('2026-11-01T03:00:00-08:00', 'America/Los_Angeles')],
		['First half past two', at('2026-10-25T02:30:00+02:00'),
			at('2026-10-25T02:45:00+02:00')],
		['Second half past two', at('2026-10-25T02:30:00+01:00'),
			at('2026-10-25T02:45:00+01:00')],
		['Through the gap', at('2026-03-29T01:30:00+01:00'),
			at('2026-03-29T03:30:00+02:00')]
	);
	google('POST', 'primary/events', { summary => $_->[0], start => $_->[1], end => $_->[2] })
	    for @rows;
	$t->sync_and_wait($mine->{id});
	for (@rows) {
		my ($name, $start, $end) = @$_;
		$t->post('/api/events', {
			title => "$name, ours",
			startDateTime => $start->{dateTime} // $start->{date},
			endDateTime => $end->{dateTime} // $end->{date},
			$start->{timeZone} ? (timeZone => $start->{timeZone}) : (allDay => true)
		});
	}
	my %all = map { $_ => 1 } level('days and nights');
	for (@rows) {
		my ($name, @at) = ($_->[0], map { moment($_->{dateTime} // $_->{date}) } @$_[1, 2]);
		ok($all{"@at $name"} && $all{"@at $name, ours"}, $name);
	}
};

subtest 'case 17: a split, one moved, one deleted, dates without a rule: no ghosts' => sub {
	my $series = sub {
		my ($title, $month, $rule) = @_;
		return ($title, "2026-$month-02T10:00:00", "2026-$month-02T10:30:00", $rule)
	};
	my $dates = sub { "RDATE;TZID=Europe/Berlin:2026${_[0]}04T100000,2026${_[0]}09T100000" };
	for (['Daily', '09', 'RRULE:FREQ=DAILY;COUNT=8'], ['Dates', '09', $dates->('09')]) {
		my ($title, $start, $end, $rule) = $series->(@$_);
		google('POST', 'primary/events', {
			summary => $title, recurrence => [$rule], start => at($start),
			end => at($end) });
	}
	my %there = map { $_->{summary} => $_->{id} }
	    grep { $_->{recurrence} } @{ google('GET', 'primary/events')->{items} };
	google('PATCH', "primary/events/$there{Daily}_20260903T080000Z", {
		start => at('2026-09-03T15:00:00'), end => at('2026-09-03T15:30:00') });
	google('DELETE', "primary/events/$there{Daily}_20260904T080000Z");
	$g->control({ split => {
		calendar => $email, event => "$there{Daily}_20260907T080000Z",
		changes => {
			summary => 'Daily, later',
			recurrence => ['RRULE:FREQ=DAILY;COUNT=3'] } } });
	google('DELETE', "primary/events/$there{Dates}_20260904T080000Z");
	my @here = level('a series of theirs');
	is(scalar(grep { / Daily/ } @here), 7, 'seven of eight come');
	is(scalar(grep { / Daily, later/ } @here), 3, 'three of them under the new title');
	is(scalar(grep { / Dates/ } @here), 2, 'two of three dates');

	my %id;
	for (['Ours', '11', 'RRULE:FREQ=DAILY;COUNT=8'], ['Our dates', '11', $dates->('11')]) {
		my ($title, $start, $end, $rule) = $series->(@$_);
		my $r = $t->post('/api/events', {
			title => $title, startDateTime => $start, endDateTime => $end,
			timeZone => 'Europe/Berlin', recurrence => [$rule] });
		is($r->{status}, 201, $title) or diag $r->{content};
		$id{$title} = $r->{json}{event}{id};
	}
	my $one = sub {
		my ($title, $day) = @_;
		return "/api/events/$id{$title}/occurrences/202611${day}T090000Z"
	};
	$t->put($one->('Ours', '03'), {
		startDateTime => '2026-11-03T15:00:00', endDateTime => '2026-11-03T15:30:00' });
	$t->del($one->('Ours', '04'));
	$t->put($one->('Ours', '07') . '?scope=following', { title => 'Ours, later' });
	$t->del($one->('Our dates', '04'));
	@here = level('a series of ours');
	is(scalar(grep { / Ours/ } @here), 7, 'seven of eight come');
	is(scalar(grep { / Ours, later/ } @here), 3, 'three of them under the new title');
	is(scalar(grep { / Our dates/ } @here), 2, 'two of three dates');
};

subtest 'case 18: an event of no length holds up nothing, and is not tried each time' => sub {
	google('POST', 'primary/events', {
		summary => 'No length', start => { dateTime => '2026-09-01T10:00:00+02:00' },
		end => { dateTime => '2026-09-01T10:00:00+02:00' }
	});
	google('POST', 'primary/events', {
		summary => 'Beside it', start => { date => '2026-09-02' },
		end => { date => '2026-09-03' }
	});
	my @here = level('no length');
	is(scalar(grep {/No length$/} @here), 1, 'it is here');
	is(scalar(grep {/Beside it$/} @here), 1, 'and so is what is beside it');
	my $run = $t->sync_and_wait($mine->{id});
	is($run->{stats}{apiCalls}, 1, 'and it is not asked for again');
};

subtest 'case 23: a read that is killed is closed, also without a time of its beginning, and gone '
    . 'on with' => sub {
	for my $null (0, 1) {
		$g->control({
			reset => JSON::PP::true, push => { drop => 100 },
			faults => [{
				kind => 'slow', method => 'GET', path => $list,
				delay_ms => 8000, count => 1 }]
		});
		google('POST', 'primary/events', {
			summary => "Killed $null", start => at('2026-10-12T10:00:00+02:00'),
			end => at('2026-10-12T11:00:00+02:00') });
		$t->sql("UPDATE sync SET created_at = 1 WHERE connection_id = '$mine->{id}'");
		my $sync = $t->post('/api/sync', { connectionId => $mine->{id} })->{json}{syncId};
		ok(
			wait_for(sub {
				counted(GET => qr{^\Q$list\E}) && $t->pids('tidemark-worker')
			}, 20),
			'it is being read'
		) or diag explain $g->state->{log};
		$t->kill_all(KILL => $_) for qw(tidemark-tick tidemark-worker);
		wait_for { !$t->pids('tidemark-worker') && !$t->pids('tidemark-tick') };
		is($t->sql("SELECT state FROM sync WHERE id = '$sync'"), 'running',
			'nobody has closed it');
		$t->sql("UPDATE sync SET started_at = NULL WHERE id = '$sync'") if $null;
		is($t->tick->{rc}, 0, 'the next tick') or diag $t->logs;
		my $r = $t->get("/api/sync?syncId=$sync")->{json};
		is($r->{error}{code}, 'interrupted', 'closes it');
		ok(
			wait_for(sub {
				my ($new) = $t->runs($mine->{id});
				$new->{status} eq 'complete' && ($new->{resumedFrom} // '') eq $sync
			}, 20),
			'and goes on with it'
		) or diag explain [$t->runs($mine->{id})];
		$t->sql("UPDATE sync SET created_at = 1 WHERE connection_id = '$mine->{id}'");
		is($t->post('/api/sync', { connectionId => $mine->{id} })->{status}, 202,
			'a start is not refused');
		$g->control({ push => { drop => 0 } });
		my @here = level('after it');
		is(scalar(grep { / Killed $null$/ } @here), 1, 'what was to be read is here, once');
	}
};

for my $left (3, 0) {
	subtest "case 19: an answer with $left of many deletes nothing on the other side" => sub {
		my %new = (owner => $email, summary => "Short $left", zone => 'Europe/Berlin');
		my $id = $g->control({ calendar => \%new })->{calendar};
		google('POST', "$id/events", {
			summary => "Theirs, $left $_", start => at("2026-08-0${_}T10:00:00"),
			end => at("2026-08-0${_}T11:00:00") }) for 1 .. 7;
		my $short = connection($id);
		my $same = sub { return join(' ', comes_here()) eq join ' ', comes_there($_[0]) };
		ok(wait_for(sub { $same->($_) }, 20), "all are in $_") for 'primary', $team, $id;
		ok(quiet(), 'quiet');
		my @all = comes_here();
		$t->del("/api/calendar/webhooks/google?integrationId=$short->{id}");
		# Without a trace: as if it had answered with less.
		my @gone = grep { !$_->{recurringEventId} }
		    @{ google('GET', "$id/events?maxResults=2500")->{items} };
		google('DELETE', "$id/events/$_->{id}") for @gone[$left .. $#gone];
		for my $again (0, 1) {
			$g->control($_) for { purge => { calendar => $id } },
			    { sync_tokens => { calendar => $id } };
			my $run = $t->sync_and_wait($short->{id});
			if ($again) {
				is($run->{status}, 'complete', 'it is not asked again')
				    or diag explain $run;
			} else {
				is($run->{error}{code}, 'needs_approval', 'it is asked')
				    or diag explain $run;
				my $r = $t->post("/api/sync/$run->{syncId}/reject");
				is($r->{status}, 202, 'they are to be kept');
				$t->wait_run($r->{json}{syncId});
			}
			ok(quiet(), 'quiet');
			is_deeply([comes_here()], \@all, 'all are here');
			ok($same->($_), "and in $_") for 'primary', $team;
		}
		my ($e) = grep { $_->{title} eq "Theirs, $left 7" }
		    @{ $t->get("/api/events?$span&limit=500")->{json}{data} };
		is($t->put("/api/events/$e->{id}", { title => "Ours, $left" })->{status}, 200,
			'what is edited here');
		ok(wait_for(sub { grep { / Ours, $left$/ } comes_there($id) }, 20),
			'is put back there');
		is($t->del("/api/connections/$short->{id}?data=keep")->{status}, 204, 'cut');
	};
}

done_testing;
