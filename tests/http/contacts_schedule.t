# seconds: 15
# How often contacts are kept level: /api/auto-sync/config is a view of the one schedule that all
# of a user's address books have.
use strict;
use warnings;
use Test::More;
use Time::Local;
use Tidemark;
use Tidemark::Google;

my $g = Tidemark::Google->start;
my $APP = 'https://app.example.com';
my $t = Tidemark->start(
	env => {
		$g->env, TIDEMARK_RETRY_MS => 2, TIDEMARK_GOOGLE_PEOPLE_CALLS_USER => 100000,
		TIDEMARK_CORS_ORIGINS => $APP
	}
);
$g->control({
	quota => { people => { user => 0, project => 0 } },
	account => { email => 'second@example.com', name => 'Second' }
});
my $PATH = '/api/auto-sync/config';
my %CRON = (token => undef, headers => { authorization => 'Bearer cron-secret-of-the-tests' });
my @for = (path => '/api/auth/google/start?for=google-contacts');
my @accounts =
    map { $g->connect($t, @for, account => $_)->{id} } 'ann@example.com', 'second@example.com';

sub config { return $t->get($PATH)->{json} }
sub conn { return $t->get("/api/connections/$_[0]")->{json} }
sub ahead {
	my ($at) = @_;
	return undef if !defined $at;
	my @x = $at =~ /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)Z$/ or return undef;
	return timegm(@x[5, 4, 3, 2], $x[1] - 1, $x[0]) - time;
}
# About so many hours ahead.
sub hours {
	my ($at) = @_;
	my $s = ahead($at);
	return defined $s ? int($s / 3600 + 0.5) : undef;
}
sub connected {
	my ($account, %o) = @_;
	my $c = $t->connect('google-contacts', undef, config => {}, accountId => $account, %o);
	$t->wait_run($c->{activeSyncId} // $c->{lastSync}{syncId}) if !exists $o{start};
	return $c->{id};
}

my @id;
subtest 'a new address book is read at once and then every day' => sub {
	push @id, connected($accounts[0]);
	my $c = config();
	is($c->{enabled}, true, 'on by itself');
	is($c->{interval_hours}, 24, 'every 24 hours');
	ok(defined $c->{last_sync_at}, 'read already');
	is(hours($c->{next_sync_at}), 24, 'and a day later again');
	is(conn($id[0])->{nextPollAt}, $c->{next_sync_at}, 'as its own schedule says');
	is(conn($id[0])->{schedule}{frequency}, 'daily', 'in words');
};

subtest 'what is set is the schedule of all of them, and of one that comes later' => sub {
	push @id, connected($accounts[1]);
	my $r = $t->put($PATH, { enabled => true, interval_hours => 4 });
	is($r->{status}, 200, 'set') or diag $r->{content};
	is(hours($r->{json}{next_sync_at}), 4, 'an interval after the last sync');
	for (@id) {
		is(conn($_)->{schedule}{intervalMinutes}, 240, 'each has it');
		is(hours(conn($_)->{nextPollAt}), 4, 'and its next time');
	}
	my $at = conn($id[0])->{nextPollAt};
	is_deeply($t->put($PATH, { interval_hours => 4 })->{json}, $r->{json}, 'the same again');
	is(conn($id[0])->{nextPollAt}, $at, 'and no time has moved');
	# Days without a sync: it is due.
	$t->sql('UPDATE schedule SET last_polled_at = last_polled_at - 5 * 86400000');
	$r = $t->put($PATH, { interval_hours => 12 })->{json};
	cmp_ok(ahead($r->{next_sync_at}), '<=', 1, 'what is overdue is due now');
	$t->tick;
	ok(wait_for { hours(config()->{next_sync_at}) == 12 }, 'and is done');
	push @id, connected($accounts[0], name => 'third', start => false);
	is(conn($id[2])->{schedule}{intervalMinutes}, 720, 'a new one has it too');
	is(conn($id[2])->{schedule}{enabled}, true, 'and is on');
};

subtest 'off is off for all of them, by hand it goes on' => sub {
	my $r = $t->put($PATH, { enabled => false })->{json};
	is($r->{enabled}, false, 'off');
	is($r->{interval_hours}, 12, 'the interval is remembered');
	is($r->{next_sync_at}, undef, 'no next time');
	ok(defined $r->{last_sync_at}, 'the last one stays');
	is(conn($_)->{nextPollAt}, undef, 'none is polled') for @id;
	is($t->sync_and_wait($id[0])->{status}, 'complete', 'by hand');
	is(config()->{next_sync_at}, undef, 'that switches nothing on');
	$r = $t->put($PATH, { enabled => true })->{json};
	is(hours(conn($id[0])->{nextPollAt}), 12, 'on again: 12 hours after the last sync');
	# Due now; or a tick that was still there has begun, and keeps others off meanwhile.
	my $new = conn($id[2]);
	ok(ahead($new->{nextPollAt}) <= 1 || $new->{lastSync}, 'what was never read is due')
	    or diag explain $new;
	my $read = wait_for {
		$t->tick;
		my $last = conn($id[2])->{lastSync};
		$last && $last->{status} eq 'complete'
	};
	ok($read, 'and is read now');
	is(hours(conn($id[2])->{nextPollAt}), 12, 'then every 12 hours');
};

subtest 'the card of the settings shows and sets it, for who has an address book' => sub {
	my $s = $t->sign_in('admin');
	my %with = (token => undef, headers => { cookie => $s->{cookie} });
	my $page = sub { $t->get('/settings?tab=integrations', %with)->{content} };
	my $card = sub { ($page->() =~ m{(<section id="contacts".*?</section>)}s)[0] // '' };
	like($card->(), qr/name="enabled"\s+value="on" checked/, 'on');
	like($card->(), qr{value="12" selected>Every 12 hours}, 'every 12 hours');
	like($card->(), qr/Next sync/, 'with the next time');
	my $send = sub {
		return $t->post(
			'/settings/contacts', undef, token => undef,
			form => { csrf => $s->{csrf}, @_ },
			headers => { cookie => $s->{cookie} }
		);
	};
	$send->(enabled => 'on', interval_hours => 48);
	is(config()->{interval_hours}, 48, 'another interval');
	is(conn($_)->{schedule}{intervalMinutes}, 2880, 'is that of each') for @id;
	$send->(interval_hours => 12);
	is(config()->{enabled}, false, 'without its mark it is off');
	like($card->(), qr/No automatic sync/, 'and says so');
	my $r = $send->(enabled => 'on', interval_hours => 'often');
	like(Tidemark::Google::said($r), qr/^Not saved: .*whole number/, 'what is none is refused');
	is(config()->{enabled}, false, 'and nothing has changed');
	$t->put($PATH, { enabled => true, interval_hours => 12 });
	$t->token('bob');
	my $bob = $t->sign_in('bob');
	unlike(
		$t->get('/settings?tab=integrations', token => undef,
			headers => { cookie => $bob->{cookie} })->{content},
		qr/<section id="contacts"/, 'nothing for who has none'
	);
};

subtest 'a host page reads it with a progress token, and sets it with one that may write' => sub {
	my $token = sub {
		return $t->post("/api/connections/$_[0]/progress-token", {})->{json}{token}
	};
	my %from = (headers => { origin => $APP });
	my $r = $t->get($PATH, token => $token->($id[0]), %from);
	is_deeply($r->{json}, config(), 'read');
	is($r->{headers}{'access-control-allow-origin'}, $APP, 'by a page of another origin');
	$r = $t->put($PATH, { enabled => false }, token => $token->($id[0]), %from);
	is($r->{status}, 403, 'nothing is set with it');
	$r = $t->put($PATH, { interval_hours => 4 }, token => 'admin:write', %from);
	is($r->{json}{interval_hours}, 4, 'set with a token that may');
	is($r->{headers}{'access-control-allow-origin'}, $APP, 'from there too');
	$t->put($PATH, { interval_hours => 12 });
	$r = $t->request('OPTIONS', $PATH, undef, token => undef, %from);
	is($r->{headers}{'access-control-allow-methods'}, 'GET, PUT', 'as a browser asks before');
	like($r->{headers}{'access-control-allow-headers'}, qr/Content-Type/, 'with a body');
	$r = $t->request('OPTIONS', '/api/sync', undef, token => undef, %from);
	is($r->{headers}{'access-control-allow-methods'}, 'GET', 'elsewhere it is read only');
	my $src = $t->source;
	$src->put('/a.csv', "id,name\n1,Ann\n");
	my $c = $t->connect(csv => $src->url('/a.csv'), start => false);
	is($t->get($PATH, token => $token->($c->{id}))->{status}, 404, 'not for another source');
};

subtest 'a schedule that is changed by itself is seen' => sub {
	$t->put("/api/connections/$_/schedule", { enabled => false }) for @id[1, 2];
	my $r = $t->put("/api/connections/$id[0]/schedule", { frequency => 'hourly' });
	is($r->{status}, 200, 'changed') or diag $r->{content};
	is(config()->{interval_hours}, 1, 'the interval that is in force');
	is(config()->{enabled}, true, 'and that one is on');
	$t->put("/api/connections/$id[0]/schedule", { enabled => false });
	is(config()->{enabled}, false, 'until none is');
};

subtest 'an interval that the quota does not allow is refused, and changes nothing' => sub {
	my $r = $t->put($PATH, { enabled => true, interval_hours => 0 });
	is($r->{status}, 422, 'none is no interval');
	is($r->{json}{errors}[0]{field}, 'interval_hours', 'named');
	is(config()->{enabled}, false, 'nothing has changed');
};

subtest 'A8, B2: who is due gets a job with its counts, and a next time; who is not gets none' =>
    sub {
	# Another user, with an address book of his own.
	$t->token('bob');
	$g->control({ account => { email => 'bob@example.com', name => 'Bob' } });
	$g->connect($t, user => 'bob', account => 'bob@example.com', @for);
	for (['c1', { emailAddresses => [{ value => 'a@x.example' }] }], ['c2', {}]) {
		my $content = { names => [{ givenName => $_->[0] }], %{ $_->[1] } };
		$g->control({
			person => {
				owner => 'bob@example.com', id => "people/$_->[0]",
				content => $content
			}
		});
	}
	my @bob = (token => 'bob:read,sync,write');
	my $c = $t->connect('google-contacts', undef, config => {}, @bob);
	$t->wait_run($c->{activeSyncId} // $c->{lastSync}{syncId}, 30, @bob);
	my $of = sub { $t->get("/api/connections/$_[0]/syncs", @{ $_[1] })->{json}{data} };
	my @before = map { scalar @{ $of->($_, []) } } @id;
	$t->put($PATH, { enabled => true, interval_hours => 12 });
	$t->sql(
		'UPDATE schedule SET next_poll_at = '
		    . (time + 3600) * 1000
		    . ' WHERE next_poll_at < '
		    . (time + 60) * 1000
	);
	my ($ours, @rest) = @id;
	# The time of the day is kept: they were due a moment ago.
	$t->sql(      'UPDATE schedule SET next_poll_at = '
		    . (time - 5) * 1000
		    . " WHERE connection_id IN ('$ours', '$c->{id}')");
	$t->tick;
	my $run = sub {
		my ($id, @as) = @_;
		return wait_for {
			my ($r) = grep { $_->{trigger} eq 'schedule' && $_->{finishedAt} }
			    @{ $of->($id, \@as) };
			$r;
		};
	};
	my $r = $run->($c->{id}, @bob);
	is($r->{status}, 'complete', 'a job') or diag explain $r;
	is($r->{stats}{total_contacts}, 2, 'with how many there are');
	is($r->{stats}{synced}, 2, 'how many are kept');
	is($r->{stats}{skipped_no_identifier}, 1, 'and how many have no address');
	my $next = $t->get("/api/connections/$c->{id}", @bob)->{json}{nextPollAt};
	is(hours($next), 24, 'a day later');
	is($run->($ours)->{status}, 'complete', 'the other user has one, too');
	ok(wait_for { hours(conn($ours)->{nextPollAt}) == 12 }, 'and a next time, by what is set');
	is_deeply(
		[map { scalar @{ $of->($_, []) } } @rest],
		[@before[1 .. $#before]], 'who is not due has none'
	);
	is($t->del("/api/connections/$c->{id}", @bob)->{status}, 204, 'left');
};

subtest 'B8: a sync by hand is not kept waiting by those of the schedule' => sub {
	$g->control({ fill_people => { owner => 'second@example.com', count => 4000 } });
	$t->put($PATH, { enabled => true, interval_hours => 4 });
	# A large one is due, and its source is slow.
	$g->control({ latency_ms => 4000 });
	$t->sql("UPDATE schedule SET next_poll_at = 1 WHERE connection_id = '$id[1]'");
	$t->keep(
		spawn(
			[Tidemark->build . '/tidemark-tick', '--once'],
			out => $t->log_file('tick'),
			err => $t->log_file('tick'),
			env => $t->{env}
		)
	);
	my $busy = wait_for {
		$t->sql("SELECT count(*) FROM sync WHERE state || trigger = 'runningschedule'")
	};
	ok($busy, 'the schedule works');
	my $src = $t->source;
	$src->put('/people.csv', "id,name\n1,Ann\n");
	my $c = $t->connect(csv => $src->url('/people.csv'));
	my $r = $t->wait_run($c->{activeSyncId} // $c->{lastSync}{syncId});
	is($r->{status}, 'complete', 'a source that was just connected is read');
	my $still = sub {
		return $t->sql("SELECT trigger, state FROM sync WHERE connection_id = '$id[1]' "
			    . 'ORDER BY no DESC LIMIT 1');
	};
	is($still->(), 'schedule|running', 'while the schedule is still at it');
	$r = $t->sync_and_wait($id[0]);
	is($r->{status}, 'complete', 'and so is an address book, by hand') or diag explain $r;
	is($still->(), 'schedule|running', 'which waits for nothing else');
	$g->control({ latency_ms => 0 });
};

# Each reads other contacts too, which Google does not have at present: a fault of theirs alone.
subtest 'case 24: a hundred dead address books and a broken one do not keep the healthy ones '
    . 'waiting, and wait themselves' => sub {
	my $connect = sub { return connected($accounts[0], start => false, @_) };
	my @dead = map { $connect->(config => { otherContacts => true }) } 1 .. 97;
	my $broken = $connect->();
	my @well = map { $connect->() } 1 .. 3;
	$t->sql("UPDATE connection SET config = '{\"labels\": ' WHERE id = '$broken'");
	$g->control({ faults => [{ kind => '503', path => '/v1/otherContacts', count => -1 }] });
	wait_for { !$t->sql('SELECT count(*) FROM sync WHERE finished_at IS NULL') };
	$t->sql('UPDATE schedule SET enabled = 0, next_poll_at = NULL');
	my $due = sub {
		my ($at, @of) = @_;
		my $of = join ',', map { "'$_'" } @of;
		$t->sql(      "UPDATE schedule SET enabled = 1, next_poll_at = $at "
			    . "WHERE connection_id IN ($of)");
	};
	$due->(1, $broken, @dead);
	$t->sql(      "UPDATE schedule SET failing = 1, health = 'retrying', deferrals = 1 "
		    . 'WHERE next_poll_at = 1');
	my $waiting = sub { $t->sql('SELECT count(*) FROM schedule WHERE next_poll_at = 1000') };
	for my $round (1 .. 2) {
		$due->(1000, @well);
		my $r = $t->post('/api/connectors/sync', { limit => 10 }, %CRON)->{json};
		is($r->{processed}, 10, "round $round: ten at a time") or diag explain $r;
		ok(wait_for { !$waiting->() }, 'every healthy one had its turn')
		    or diag explain $r;
	}
	my $r;
	for (1 .. 12) {
		$r = $t->post('/api/connectors/sync', { limit => 10 }, %CRON)->{json};
		last if !$r->{processed};
		# The call does not wait for one that takes its time.
		for my $one (grep { $_->{status} eq 'SYNCING' } @{ $r->{results} }) {
			my $end = $t->wait_run($one->{syncId})->{status};
			$one->{status} = 'ERROR' if $end eq 'error';
		}
		is(
			scalar(grep { $_->{status} ne 'ERROR' } @{ $r->{results} }), 0,
			'a round of failures is no success'
		) or diag explain $r;
	}
	is($r->{processed}, 0, 'in the end all had their turn');
	ok(
		wait_for(sub { !$t->sql('SELECT count(*) FROM sync WHERE finished_at IS NULL') }),
		'and have ended'
	);
	cmp_ok(
		$t->sql('SELECT min(next_poll_at) FROM schedule WHERE next_poll_at IS NOT NULL'),
		'>', time * 1000, 'and none is due before it has waited'
	);
	is_deeply([grep { conn($_)->{status} ne 'active' } @well], [], 'the healthy ones are well');
	is_deeply(
		[grep { conn($_)->{lastSuccessAt} } @dead, $broken],
		[], 'no dead one claims a success'
	);
	my $c = conn($broken);
	isnt($c->{status}, 'active', 'nor is the broken one well');
	like($c->{lastError}{detail}, qr/settings .* damaged/, 'which says what is wrong with it');
	$g->control({ faults => [] });
	$r = $t->patch("/api/connections/$broken", { config => { fields => ['displayName'] } });
	is($r->{status}, 200, 'it is set again') or diag $r->{content};
	is($t->sync_and_wait($broken)->{status}, 'complete', 'and read');
};

done_testing;
