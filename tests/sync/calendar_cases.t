# seconds: 40
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

done_testing;
