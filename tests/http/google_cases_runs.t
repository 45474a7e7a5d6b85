# seconds: 9
# What happens around syncs of spreadsheets: failures of other products, each named after the
# behaviour that must hold here.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(time);
use Tidemark;
use Tidemark::Google;

my $g = Tidemark::Google->start;
my $t = Tidemark->start(
	env => {
		$g->env, APP_URL => 'https://sync.example.com', TIDEMARK_RETRY_MS => 2,
		TIDEMARK_LEASE_SECONDS => 3, TIDEMARK_GOOGLE_SHEETS_READS => 100000,
		TIDEMARK_GOOGLE_SHEETS_READS_USER => 100000
	}
);
$g->control({
	quota => { 'sheets.read' => { user => 0, project => 0 } },
	push => { origin => $t->{base} }
});
my $account = $g->connect($t);

sub conn { return $t->get("/api/connections/$_[0]")->{json} }
sub counted {
	my ($method, $like) = @_;
	return scalar grep { $_->{method} eq $method && $_->{path} =~ $like } @{ $g->state->{log} }
}
sub faults { return $g->control({ reset => JSON::PP::true, faults => [@_] }) }
sub rows_of {
	my ($id) = @_;
	my $r = $t->records($id);
	return { map { my %x = %{ $r->{$_} }; delete $x{_meta}; ($_ => \%x) } keys %$r }
}
sub channel {
	my ($id) = @_;
	return wait_for { my $x = conn($id)->{channel}; $x && $x->{expiresAt} ? $x : undef }
}
sub idle {
	my ($id) = @_;
	return wait_for {
		!grep { $_->{status} !~ /complete|error/ } $t->runs($id)
	}
	20
}

# A spreadsheet that is connected, read once, and calls back: connection, file.
sub connected {
	my ($name, $values) = @_;
	my $file = $g->sheet($name, $values // [['id', 'v'], ['a', 1], ['b', 2]]);
	my $c =
	    $t->connect('google-sheets', undef, name => $name, config => { spreadsheet => $file });
	$t->wait_run($c->{lastSync}{syncId});
	channel($c->{id}) or diag 'no channel';
	return ($c->{id}, $file);
}

for (
	['401', { kind => 'authError', path => '/drive/v3/files/', method => 'POST', count => -1 }],
	['404', { kind => 'notFound', path => '/drive/v3/files/', method => 'POST', count => -1 }],
	['pushNotSupported', undef]
) {
	my ($what, $fault) = @$_;
	subtest
	    "a renewal that is answered with $what falls back to polling and is not tried in a loop"
	    => sub {
		my ($id, $file) = connected("renewal $what");
		my $old = channel($id)->{id};
		$g->control({
			reset => JSON::PP::true, faults => $fault ? [$fault] : [],
			push => { refuse => $fault ? JSON::PP::false : JSON::PP::true }
		});
		$t->sql("UPDATE lane SET due_at = 1 WHERE id LIKE 'watch|%$id'");
		ok(
			wait_for(sub { $t->tick; (conn($id)->{channel} // {})->{refused} }),
			'the refusal is told'
		) or diag explain conn($id);
		is(conn($id)->{channel}{id}, undef, 'the channel is cleared');
		is(
			$t->sql("SELECT count(*) FROM channel WHERE connection_id = '$id'"), 0,
			'altogether'
		);
		is(
			$t->sql(
				      "SELECT count(*) FROM lane WHERE id LIKE 'watch|%$id' AND "
				    . "due_at < (unixepoch() + 23 * 3600) * 1000"
			),
			0,
			'and no other try is planned for this day'
		);
		my $tries = counted(POST => qr{/watch$});
		is(
			$tries, $what eq '401' ? 2 : 1,
			'it was asked once, after a 401 once more with a new token'
		);
		for (1 .. 3) {
			$g->edit($file, 'Sheet1!B2', [["round $_"]]);
			my $r = $t->poll($id);
			is($r->{status}, 'complete', 'polling brings the changes');
			is(rows_of($id)->{a}{v}, "round $_", 'all of them');
			$t->tick;
		}
		is(counted(POST => qr{/watch$}), $tries, 'and it was not asked again');
		is(conn($id)->{status}, 'active', 'the connection is well');
		$g->control({ faults => [], push => { refuse => JSON::PP::false } });
	    };
}

subtest 'a change that is told while the spreadsheet is being read is not lost' => sub {
	my ($id, $file) = connected('during');
	idle($id);
	faults({
		kind => 'slow', path => '/v4/', method => 'GET', delay_ms => 1200,
		count => 1, skip => 1
	});
	my $before = () = $t->runs($id);
	$g->edit($file, 'Sheet1!B2', [['first']]);
	# The values are on their way to us: what changes now is not among them.
	ok(wait_for(sub { counted(GET => qr{values:batchGet}) }), 'it is being read');
	$g->edit($file, 'Sheet1!B3', [['second']]);
	ok(
		wait_for(sub { (rows_of($id)->{b}{v} // '') eq 'second' }, 20),
		'a second pass brings it'
	) or diag explain [$t->runs($id)];
	is(rows_of($id)->{a}{v}, 'first', 'beside the first');
	ok(idle($id), 'then there is rest');
	my $runs = (() = $t->runs($id)) - $before;
	is($runs, 2, 'after two runs');
	is(($t->runs($id))[0]{trigger}, 'webhook', 'the second one by the message');
};

subtest
    'a read that is killed, also one without a time of its beginning, is closed and gone on with, '
    . 'and a start is not refused' => sub {
	for my $null (0, 1) {
		my ($id, $file) = connected("killed $null");
		idle($id);
		faults({ kind => 'slow', path => '/v4/', delay_ms => 8000, count => 1, skip => 1 });
		$t->sql("UPDATE sync SET created_at = 1 WHERE connection_id = '$id'");
		$g->control({ push => { drop => 100 } });
		$g->edit($file, 'Sheet1!B2', [['new']]);
		my $sync = $t->post('/api/sync', { connectionId => $id })->{json}{syncId};
		ok(
			wait_for(sub {
				counted(GET => qr{values:batchGet})
				    && $t->pids('tidemark-worker')
			}),
			'it is being read'
		);
		$t->kill_all(KILL => $_) for qw(tidemark-tick tidemark-worker);
		ok(
			wait_for(sub {
				!$t->pids('tidemark-worker') && !$t->pids('tidemark-tick')
			}),
			'killed'
		);
		is(
			$t->sql("SELECT state FROM sync WHERE id = '$sync'"), 'running',
			'nobody has closed it'
		);
		$t->sql("UPDATE sync SET started_at = NULL WHERE id = '$sync'") if $null;
		is($t->tick->{rc}, 0, 'the next tick') or diag $t->logs;
		my $r = $t->get("/api/sync?syncId=$sync")->{json};
		is($r->{error}{code}, 'interrupted', 'closes it') or diag explain $r;
		ok(
			wait_for(sub {
				my ($new) = $t->runs($id);
				$new->{status} eq 'complete'
				    && $new->{resumedFrom}
				    && $new->{resumedFrom} eq $sync
			}),
			'and goes on with it'
		) or diag explain [$t->runs($id)];
		is(rows_of($id)->{a}{v}, 'new', 'to its end');
		$t->sql("UPDATE sync SET created_at = 1 WHERE connection_id = '$id'");
		$r = $t->post('/api/sync', { connectionId => $id });
		is($r->{status}, 202, 'a start is not refused') or diag $r->{content};
		is($t->wait_run($r->{json}{syncId})->{status}, 'complete', 'and runs');
		$g->control({ push => { drop => 0 } });
	}
    };

subtest 'case 24: a hundred dead connections and a broken one do not keep the healthy ones '
    . 'waiting, and wait themselves' => sub {
	my %cron =
	    (token => undef, headers => { authorization => 'Bearer cron-secret-of-the-tests' });
	my $connect = sub {
		return $t->connect(
			'google-sheets', undef, name => $_[0],
			config => { spreadsheet => $_[0] }, start => JSON::PP::false
		)->{id}
	};
	my @dead = map { $connect->(sprintf '1Dead%035d', $_) } 1 .. 97;
	my $broken = $connect->('1Broken' . '0' x 30);
	my @well = map { $connect->($g->sheet("well $_", [['id', 'v'], ['a', $_]])) } 1 .. 3;
	$t->sql("UPDATE connection SET config = '{\"spreadsheet\": ' WHERE id = '$broken'");
	faults({ kind => '503', path => '/drive/v3/files/1Dead', count => -1 });
	$t->sql('UPDATE schedule SET enabled = 0, next_poll_at = NULL');
	my $due = sub {
		my ($at, @ids) = @_;
		$t->sql(      "UPDATE schedule SET enabled = 1, next_poll_at = $at "
			    . "WHERE connection_id IN ("
			    . join(',', map { "'$_'" } @ids) . ')')
	};
	$due->(1, $broken, @dead);
	$t->sql(      "UPDATE schedule SET failing = 1, health = 'retrying', deferrals = 1 "
		    . "WHERE next_poll_at = 1");
	# What is due is also taken by a tick that is still at work.
	my $read = sub {
		return scalar grep { $_->{status} eq 'complete' } map { $t->runs($_) } @well
	};
	for my $round (1 .. 2) {
		$due->(1000, @well);
		my $r = $t->post('/api/connectors/sync', { limit => 10 }, %cron)->{json};
		is($r->{processed}, 10, "round $round: ten at a time") or diag explain $r;
		ok(wait_for { $read->() >= 3 * $round }, 'every healthy one had its turn')
		    or diag explain $r;
		my %well = map { $_ => 1 } @well;
		is_deeply(
			[
				grep {
					$_->{status} ne
					    ($well{ $_->{connectorId} } ? 'ACTIVE' : 'ERROR')
				} @{ $r->{results} }
			],
			[],
			'they say so; the others have failed, and say that'
		);
	}
	my $r;
	for (1 .. 12) {
		$r = $t->post('/api/connectors/sync', { limit => 10 }, %cron)->{json};
		last if !$r->{processed};
		# The call does not wait for one that takes its time.
		for my $one (grep { $_->{status} eq 'SYNCING' } @{ $r->{results} }) {
			my $end = $t->wait_run($one->{syncId})->{status};
			$one->{status} = 'ERROR' if $end eq 'error';
		}
		is(
			scalar(grep { $_->{status} ne 'ERROR' } @{ $r->{results} }), 0,
			'a round of failures is no success'
		);
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
	isnt(conn($broken)->{status}, 'active', 'the broken one is not')
	    or diag explain conn($broken);
	is_deeply([grep { conn($_)->{lastSuccessAt} } @dead], [], 'no dead one claims a success');
	faults();
	is($t->del("/api/connections/$_")->{status}, 204, 'removed') for @dead[0 .. 1], $broken;
	$t->sql('UPDATE schedule SET enabled = 0, next_poll_at = NULL');
    };

sub tokens { return counted(POST => qr{/token$}) }
sub account {
	return (grep { $_->{id} eq $account->{id} } @{ $t->get('/api/accounts')->{json}{data} })[0]
}
# The access token is about to end.
sub grow_old { $t->sql('UPDATE remote_account SET access_until = 1') }

subtest 'trouble at the token address is no end of the grant' => sub {
	my ($id) = connected('trouble');
	for my $kind ('503', '500', '502', 'html', 'reset') {
		grow_old();
		faults({ kind => $kind, path => '/token', count => -1 });
		my $r = $t->poll($id);
		is($r->{status}, 'error', "$kind: the run fails");
		unlike($r->{error}{code}, qr/reconnect|oauth_setup/, 'not because of the grant')
		    or diag explain $r->{error};
		is(account()->{health}, 'ok', 'which is as good as before');
		isnt(conn($id)->{nextPollAt}, undef, 'it is tried again') or diag explain conn($id);
	}
	faults();
	is($t->poll($id)->{status}, 'complete', 'and then it works');
	is(
		$t->sql("SELECT count(*) FROM notice WHERE code = 'reconnect'"), 0,
		'nobody was told to connect again'
	);
};

subtest 'a tick and a web process that need a new token at once fetch one' => sub {
	my ($id, $file) = connected('both');
	my ($other) = connected('other');
	idle($_) for $id, $other;
	for my $round (1 .. 3) {
		grow_old();
		faults({ kind => 'slow', path => '/token', delay_ms => 400, count => -1 });
		$t->sql("UPDATE sync SET created_at = 1; UPDATE schedule SET next_poll_at = 1 "
			    . "WHERE connection_id IN ('$id', '$other')");
		my $tick = spawn([Tidemark->build . '/tidemark-tick', '--once'], env => $t->{env});
		my $r = $t->post("/api/connections/$id/test", {});
		is($r->{status}, 200, 'the page is answered') or diag $r->{content};
		waitpid $tick, 0;
		ok(idle($id) && idle($other), 'the runs end');
		is(($t->runs($_))[0]{status}, 'complete', 'well') for $id, $other;
		is(tokens(), 1, "round $round: one refresh for all of them");
	}
	faults();
};

subtest 'connecting again without a new refresh token keeps the old one, the account and '
    . 'its connections' => sub {
	my ($id, $file) = connected('again');
	$g->connect($t);
	is(scalar @{ $t->get('/api/accounts')->{json}{data} }, 1, 'no second account');
	is(account()->{id}, $account->{id}, 'the same row');
	is(conn($id)->{accountId}, $account->{id}, 'with its connections');
	grow_old();
	faults();
	$g->edit($file, 'Sheet1!B2', [['later']]);
	is($t->poll($id)->{status}, 'complete', 'a token is fetched');
	is(tokens(), 1, 'with the old refresh token');
	is(rows_of($id)->{a}{v}, 'later', 'and the data follows');
    };

subtest
    'when the grant has ended everything of it stops with one notice and keeps its data, until the '
    . 'account is connected again' => sub {
	my @id = map { (connected("end $_"))[0] } 1 .. 3;
	idle($_) for @id;
	my $rows = $t->sql('SELECT group_concat(seq || key || payload || changed) FROM record');
	$t->sql('DELETE FROM notice; UPDATE sync SET created_at = 1');
	$g->control({ expire => 'all', email => $g->{email} });
	faults();
	grow_old();
	my $r = $t->poll($id[0]);
	is($r->{error}{code}, 'reconnect', 'the run says what to do') or diag explain $r;
	is(tokens(), 1, 'one try');
	is(account()->{health}, 'attention', 'the account needs its owner');
	for (@id) {
		is(conn($_)->{status}, 'attention', 'the connection too');
		is(conn($_)->{nextPollAt}, undef, 'it is not tried again');
		is($t->poll($_), undef, 'nor by a tick');
	}
	is(tokens(), 1, 'no further try');
	is($t->sql("SELECT count(*) FROM notice"), 1, 'one notice for all');
	is(
		$t->sql('SELECT group_concat(seq || key || payload || changed) FROM record'), $rows,
		'the data is kept'
	);
	my $again = $g->connect($t, path => "/api/auth/google/start?account=$account->{id}");
	is($again->{id}, $account->{id}, 'connected again, the same row');
	ok(
		wait_for(
			sub {
				!grep { conn($_)->{status} ne 'active' } @id
			},
			20
		),
		'all go on by themselves'
	) or diag explain [map { conn($_) } @id];
	is(($t->runs($_))[0]{status}, 'complete', 'with a read') for @id;
	is(
		$t->sql('SELECT group_concat(seq || key || payload || changed) FROM record'), $rows,
		'that changes nothing'
	);
    };

done_testing;
