# seconds: 12
# Trouble between Tidemark and Google, at every call: nothing half-read is applied, nobody waits
# that need not, and what passes is made up for.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(time);
use Time::Local ();
use Tidemark;
use Tidemark::Google;

my $g = Tidemark::Google->start;
my $t = Tidemark->start(
	env => {
		$g->env, APP_URL => 'https://sync.example.com', TIDEMARK_RETRY_MS => 2,
		TIDEMARK_LEASE_SECONDS => 2, TIDEMARK_GOOGLE_SHEETS_READS => 100000,
		TIDEMARK_GOOGLE_SHEETS_READS_USER => 100000
	}
);
$g->control({
	quota => { 'sheets.read' => { user => 0, project => 0 } },
	push => { origin => $t->{base}, refuse => JSON::PP::true }
});
my $account = $g->connect($t);

sub conn { return $t->get("/api/connections/$_[0]")->{json} }
sub counted {
	my ($method, $like) = @_;
	return scalar grep { $_->{method} eq $method && $_->{path} =~ $like } @{ $g->state->{log} }
}
sub faults { return $g->control({ reset => JSON::PP::true, faults => [@_] }) }
sub value { my ($id, $key) = @_; return $t->records($id)->{$key}{v} }
sub seconds_until {
	my ($y, $mo, $d, $h, $mi, $s) = $_[0] =~ /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)Z$/
	    or return -1;
	return Time::Local::timegm($s, $mi, $h, $d, $mo - 1, $y) - time
}

# A spreadsheet that is connected and read once: connection, file.
sub connected {
	my ($name, $values, %o) = @_;
	my $file = $g->sheet($name, $values // [['id', 'v'], ['a', 'one'], ['b', 'two']]);
	my $c = $t->connect(
		'google-sheets', undef, name => $name, config => { spreadsheet => $file },
		%o
	);
	my $r = $t->wait_run($c->{lastSync}{syncId});
	is($r->{status}, 'complete', 'read') or diag explain $r;
	return ($c->{id}, $file);
}

my $round = 0;
my @kinds = (
	['500', 'source_unavailable'], ['html', 'html_not_data'], ['cut', 'truncated'],
	['502', 'source_unavailable'], ['429', 'rate_limited'], ['reset', 'network'],
	['lost', 'network']
);
for (
	['the look at the file', '/drive/v3/files/', 0, @kinds[0 .. 2]],
	['the list of tabs', '/v4/', 0, @kinds[0 .. 2]], ['the values', '/v4/', 1, @kinds],
	['the values as they are shown', '/v4/', 2, @kinds[0 .. 2]]
) {
	my ($what, $path, $skip, @here) = @$_;
	subtest "trouble at $what applies nothing and is made up for" => sub {
		my ($id, $file) = connected($what);
		for (@here) {
			my ($kind, $code) = @$_;
			my ($good, $old) = (conn($id)->{lastSuccessAt}, value($id, 'a'));
			my %before = map { $_->{syncId} => 1 } $t->runs($id);
			$g->edit($file, 'Sheet1!B2', [['round ' . ++$round]]);
			faults({
				kind => $kind, path => $path, method => 'GET',
				skip => $skip, count => -1
			});
			my $r = $t->poll($id);
			# Google has told of the edit, too: that may be a run of its own.
			my $runs = grep { !$before{ $_->{syncId} } } $t->runs($id);
			is($r->{error}{code}, $code, "$kind: an error of its own")
			    or diag explain $r->{error};
			is(value($id, 'a'), $old, 'nothing is applied');
			is(conn($id)->{lastSuccessAt}, $good, 'no success is claimed');
			# On a kept connection that has died without a word the first request is
			# repeated by itself.
			cmp_ok(
				counted(GET => qr{^\Q$path\E}), '<=', $runs * ($skip + 7),
				'after a few tries at most'
			);
			faults({
				kind => $kind, path => $path, method => 'GET',
				skip => $skip, count => 2
			})
			    if $kind ne 'html';
			faults() if $kind eq 'html';
			$r = $t->poll($id);
			is($r->{status}, 'complete', 'two of them are waited out')
			    or diag explain $r->{error};
			is(value($id, 'a'), "round $round", 'and what was missed is there');
		}
		faults();
	};
}

# A failed run is tried again after a minute and some, by chance: so long no test waits.
subtest 'what is due a little later is not waited for where a run is asked for' => sub {
	my ($id) = connected('now');
	my ($later) = connected('in half a minute');
	my $at = int(1000 * time) + 30_000;
	$t->sql("UPDATE schedule SET next_poll_at = $at WHERE connection_id = '$later'");
	my $runs = $t->runs($later);
	is($t->poll($id)->{status}, 'complete', 'it is read');
	is(scalar $t->runs($later), $runs, 'the other is not due yet');
};

subtest 'a wait that is longer than a run is for the schedule, of all that use the account' => sub {
	my ($id, $file) = connected('slow down');
	my ($other) = connected('waits too');
	for my $for ([1200, 1100, 1300], ['99999999999', 7 * 86400 - 100, 7 * 86400 + 100]) {
		my ($said, $least, $most) = @$for;
		faults({
			kind => '429', path => "/drive/v3/files/$file", count => -1,
			retry_after => $said
		});
		is($t->poll($id)->{error}{code}, 'rate_limited', "Retry-After: $said");
		is(counted(GET => qr/\Q$file\E/), 1, 'one call');
		my $c = conn($id);
		cmp_ok(seconds_until($c->{nextPollAt}), '>', $least, 'not before that time');
		cmp_ok(seconds_until($c->{nextPollAt}), '<', $most, 'nor for ever');
		is($c->{schedule}{retryCount}, 0, 'it is not counted against the source');
		faults();
		my $r = $t->poll($other);
		is($r->{error}{code}, 'quota', 'another one of the account waits too');
		like($r->{error}{detail}, qr/asked to be left alone/, 'and says why');
		is(counted(GET => qr/./), 0, 'without a call');
		my $until = seconds_until(conn($other)->{nextPollAt});
		cmp_ok($until, '>', 1100, 'until that time');
		cmp_ok($until, '<', 3700, 'or until one asks again, in an hour');
		is($t->sync_and_wait($_)->{status}, 'complete', 'whom a person asks, tries')
		    for $other, $id;
		is($t->poll($other)->{error}{code}, 'quota', 'nothing else does');
		$t->sql('DELETE FROM rate_bucket');
		is($t->poll($other)->{status}, 'complete', 'then it goes on');
	}
};

subtest 'a token that ends in the middle of a read is replaced once and the read goes on' => sub {
	my ($id, $file) = connected(
		'expires',
		[['id', 'v'], map { $_ % 9000 == 5 ? ["r$_", "old"] : [] } 2 .. 37000]
	);
	$g->edit($file, 'Sheet1!B9005', [['new']]);
	faults({ kind => 'expired', path => '/v4/', skip => 2 });
	my $r = $t->poll($id);
	is($r->{status}, 'complete', 'read') or diag explain $r->{error};
	is($r->{stats}{updated}, 1, 'what has changed');
	is(counted(POST => qr{/token$}), 1, 'one new token');
	is(
		scalar(grep { $_->{status} == 401 && $_->{method} eq 'GET' } @{ $g->state->{log} }),
		1,
		'one call in vain'
	);
	faults();
};

subtest
    'an answer that takes longer than the lease does not lose the run, and one that never comes '
    . 'can be cancelled' => sub {
	my ($id, $file) = connected('slow');
	$g->edit($file, 'Sheet1!B2', [['late']]);
	faults({ kind => 'slow', path => '/v4/', delay_ms => 5000, count => 1 });
	my $r = $t->poll($id);
	is($r->{status}, 'complete', 'waited for') or diag explain $r->{error};
	is($r->{resumedFrom}, undef, 'by the run that asked');
	is(value($id, 'a'), 'late', 'and read');
	$g->edit($file, 'Sheet1!B2', [['never']]);
	faults({ kind => 'slow', path => '/v4/', delay_ms => 120_000, count => 1 });
	$t->sql("UPDATE schedule SET next_poll_at = 1 WHERE connection_id = '$id'; UPDATE sync "
		    . "SET created_at = 1");
	my $sync = $t->post('/api/sync', { connectionId => $id })->{json}{syncId};
	ok(wait_for(sub { counted(GET => qr{^/v4/}) }), 'it hangs');
	my ($other) = connected('beside it');
	my $from = time;
	is($t->post("/api/sync/$sync/cancel", {})->{status}, 202, 'cancelled');
	is($t->wait_run($sync)->{error}{code}, 'cancelled', 'it ends');
	cmp_ok(time - $from, '<', 45, 'long before the answer would have come');
	is(value($id, 'a'), 'late', 'with nothing applied');
	faults();
    };

subtest 'what the installation or the owner must mend stops at once and says so' => sub {
	my ($id, $file) = connected('mend');
	for (
		['disabled', '/v4/', 'api_disabled'], ['forbidden', '/v4/', 'source_forbidden'],
		['notFound', '/v4/', 'source_not_found']
	) {
		my ($kind, $path, $code) = @$_;
		$g->edit($file, 'Sheet1!B2', [["before $kind"]]);
		faults({ kind => $kind, path => $path, count => -1 });
		is($t->poll($id)->{error}{code}, $code, $kind);
		is(counted(GET => qr{^/v4/}), 1, 'one call');
		is(conn($id)->{status}, 'attention', 'a person is asked');
		is($t->poll($id), undef, 'and it is not tried again');
		faults();
		$t->post("/api/connections/$id/resume");
		ok(wait_for(sub { conn($id)->{status} eq 'active' }), 'mended, it goes on')
		    or diag explain conn($id);
		ok(wait_for(sub { value($id, 'a') eq "before $kind" }), 'to the present');
	}
	# Without a look at the file it is read each time.
	faults({ kind => 'disabled', path => '/drive/', count => -1 });
	my $r = $t->poll($id);
	is($r->{status}, 'complete', 'without Drive it is read all the same')
	    or diag explain $r->{error};
	is($r->{stats}{updated}, 0, 'with no change');
	$g->edit($file, 'Sheet1!B2', [['without Drive']]);
	$t->poll($id);
	is(value($id, 'a'), 'without Drive', 'or with one');
	faults();
};

subtest 'the largest cell there can be, and names that mean something elsewhere' => sub {
	my $large = 'x' x 49990 . "\x{e4}\n\"<'";
	my $file = $g->sheet(
		'odd names',
		tabs => [{
			title => "Bob's !A1:B2 & \"more\" #1?",
			values => [['id', 'v'], ['a', $large]]
		}]
	);
	my $c = $t->connect(
		'google-sheets', undef, name => 'odd names',
		config => { spreadsheet => $file }
	);
	is($t->wait_run($c->{lastSync}{syncId})->{status}, 'complete', 'read');
	ok(value($c->{id}, 'a') eq $large, 'to the letter');
};

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
sub open_at_google {
	my ($file) = @_;
	return map { $_->{id} }
	    grep { $_->{open} && $_->{file} eq $file }
	    @{ $g->state->{channels} }
}

subtest 'messages that come before the answer to watch, twice, or not at all' => sub {
	$g->control({
		reset => JSON::PP::true,
		push => { refuse => JSON::PP::false, watch_delay_ms => 1500 }
	});
	my ($id, $file) = connected('early');
	ok(wait_for(sub { counted(POST => qr{\Q$file\E/watch$}) }), 'the channel is asked for');
	ok(!conn($id)->{channel}{resourceId}, 'the answer is not there yet');
	$g->edit($file, 'Sheet1!B2', [['early']]);
	ok(
		wait_for(sub { (value($id, 'a') // '') eq 'early' }),
		'a message that overtakes it is heard'
	) or diag explain [$t->runs($id)], $g->state->{push};
	ok(channel($id), 'then the channel is open');
	$g->control({ push => { watch_delay_ms => 0, duplicate => 3 } });
	idle($id);
	my $before = () = $t->runs($id);
	$g->edit($file, 'Sheet1!B2', [['twice']]);
	ok(wait_for(sub { (value($id, 'a') // '') eq 'twice' }), 'one that comes twice');
	ok(idle($id), 'leads to rest');
	cmp_ok((() = $t->runs($id)) - $before, '<=', 2, 'after two runs at most');
	$g->control({ push => { duplicate => 0, drop => 1 } });
	$before = () = $t->runs($id);
	$g->edit($file, 'Sheet1!B2', [['lost']]);
	is(scalar(() = $t->runs($id)), $before, 'one that is lost starts nothing');
	$t->poll($id);
	is(value($id, 'a'), 'lost', 'and polling brings it');
};

subtest 'a channel is replaced before it ends, and what the old one still says is refused' => sub {
	my ($id, $file) = connected('renewed');
	my $old = channel($id)->{id};
	$t->sql("UPDATE lane SET due_at = 1 WHERE id LIKE 'watch|%$id'");
	ok(
		wait_for(sub {
			$t->tick;
			my $x = conn($id)->{channel};
			$x && $x->{id} && $x->{id} ne $old && $x->{expiresAt}
		}),
		'a new one is open'
	) or diag explain conn($id);
	ok(
		wait_for(sub { join(' ', open_at_google($file)) eq conn($id)->{channel}{id} }),
		'and the only one at Google'
	) or diag explain [open_at_google($file)];
	is(
		$t->request(
			'POST',
			'/api/webhooks/google-drive',
			'',
			token => undef,
			headers => {
				'x-goog-channel-id' => $old, 'x-goog-channel-token' => 'x',
				'x-goog-resource-state' => 'update'
			}
		)->{status},
		404,
		'the old one is unknown'
	);
	$g->edit($file, 'Sheet1!B2', [['by the new one']]);
	ok(wait_for(sub { (value($id, 'a') // '') eq 'by the new one' }), 'the new one works');
	ok(wait_for(sub { conn($id)->{status} eq 'active' }), 'and the connection is well');
};

subtest 'a channel whose renewal fails for days gives way to polling' => sub {
	my ($id, $file) = connected('fails');
	my $old = channel($id)->{id};
	faults({ kind => '503', path => '/drive/v3/files/', method => 'POST', count => -1 });
	for my $try (1 .. 3) {
		$t->sql("UPDATE lane SET due_at = 1 WHERE id LIKE 'watch|%$id'");
		ok(wait_for(sub { $t->tick; counted(POST => qr{/watch$}) >= $try }), "try $try");
	}
	is(counted(POST => qr{/watch$}), 3, 'each is one call');
	ok(
		wait_for(
			sub { $t->sql("SELECT failures FROM lane WHERE id LIKE 'watch|%$id'") == 3 }
		),
		'they are counted'
	);
	cmp_ok(
		$t->sql("SELECT due_at FROM lane WHERE id LIKE 'watch|%$id'"), '>',
		(time + 30 * 60) * 1000, 'and their distance grows'
	);
	is(conn($id)->{channel}{id}, $old, 'the old channel is used as long as it lives');
	$t->sql("UPDATE channel SET expires_at = 1 WHERE connection_id = '$id'");
	$g->edit($file, 'Sheet1!B2', [['polled']]);
	is($t->poll($id)->{status}, 'complete', 'then it is polled');
	is(value($id, 'a'), 'polled', 'and up to date');
	is(conn($id)->{status}, 'active', 'the connection is well');
	faults();
};

subtest 'when Google is away everything waits and nothing is lost' => sub {
	my ($id, $file) = connected('away');
	my $rows = $t->sql('SELECT group_concat(seq || key || payload || changed) FROM record');
	kill 'KILL', $g->{pid};
	waitpid $g->{pid}, 0;
	is($t->poll($id)->{error}{code}, 'network', 'it cannot be reached');
	is(conn($id)->{status}, 'retrying', 'it is tried again');
	$t->sql('UPDATE remote_account SET access_until = 1');
	is($t->poll($id)->{error}{code}, 'network', 'nor can its tokens');
	is(
		$t->get('/api/accounts')->{json}{data}[0]{health}, 'ok',
		'which says nothing about the grant'
	);
	is(
		$t->sql('SELECT group_concat(seq || key || payload || changed) FROM record'), $rows,
		'the data is as it was'
	);
};

done_testing;
