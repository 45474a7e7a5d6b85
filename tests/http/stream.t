# seconds: 25
# Server-sent events of syncs: who may see what, that nothing is missed however it breaks off, and
# that nobody who looks on takes anything from anybody else.
use strict;
use warnings;
use IO::Socket::UNIX;
use Test::More;
use Tidemark;
use Tidemark::Stream;

my $STREAM = '/api/sync/stream';
my $t = Tidemark->start(
	web => 1, stream => 1,
	env => {
		TIDEMARK_CORS_ORIGINS => 'https://app.example.com',
		# One that is slow is slow for as long as a busy machine needs.
		TIDEMARK_SILENCE_SECONDS => 3600, TIDEMARK_RUN_SECONDS => 3600
	}
);
my $src = $t->source;
my ($ann, $bob) = map { $t->token($_) } qw(ann bob);
sub follow { my ($query, %o) = @_; return Tidemark::Stream->open($t, $STREAM . $query, %o) }

# A connection whose syncs last until they are let go.
my $n = 0;
sub connection {
	my ($token, %o) = @_;
	my $path = '/' . ++$n . '.csv';
	$src->put($path, "id,name\n1,Ann\n", %o);
	return $t->connect(
		csv => $src->url($path), token => $token, start => false,
		config => { key => 'id' }, name => "Source $n"
	)->{id};
}
sub sync {
	my ($conn, $token) = @_;
	my $r;
	wait_for {
		$r = $t->post('/api/sync', { connectionId => $conn }, token => $token);
		$t->cooled($conn) if $r->{status} == 429;
		$r->{json}{syncId};
	} or die "no sync: $r->{status} $r->{content}";
	return $r->{json}{syncId};
}
sub status_of { my ($id, $token) = @_; return $t->get("/api/sync?syncId=$id", token => $token) }
# As it would be told by an instance at rest.
my $silent = follow('', token => $t->token('carl'));

my %mine = (ann => connection($ann), bob => connection($bob));

subtest 'who may not look' => sub {
	my $run = sync($mine{bob}, $bob);
	for (
		['a stranger', 401, '', undef], ['a wrong token', 401, '', 'tm_wrong'],
		['an API token in the address', 401, "?access_token=$ann", undef],
		['a progress token that never was', 401, '?access_token=tmp_wrong', undef],
		['a sync of somebody else', 404, "?syncId=$run", $ann],
		['a sync that never was', 404, '?syncId=none', $ann],
		['a word that nobody knows', 422, '?connection=x', $ann]
	) {
		my ($who, $status, $query, $token) = @$_;
		my $s = follow($query, token => $token);
		is($s->{status}, $status, $who);
		like($s->{headers}{'content-type'}, qr{^application/problem\+json}, 'in words');
		ok($s->ended, 'and that is all');
	}
	is($t->post($STREAM, {}, token => $ann)->{status}, 405, 'it is for reading');
	is(follow('', token => $ann, method => 'HEAD')->{status}, 200, 'HEAD is answered');
	is($t->get('/stream?owner=x&session=y')->{status}, 404, 'nobody asks past the door');
	$t->wait_run($run, 20, token => $bob);
};

subtest 'a sync is told from its start to its end, to its owner alone' => sub {
	my ($s, $other) = map { follow('', token => $_) } $ann, $bob;
	is($s->{status}, 200, 'it is open');
	like($s->{headers}{'content-type'}, qr{^text/event-stream}, 'a stream of events');
	is($s->{headers}{'cache-control'}, 'no-store', 'that nobody keeps');
	my $first = $s->wait(sub { 1 });
	is($first->{event}, 'events', 'where the calendar stands comes first');
	my $run = sync($mine{ann}, $ann);
	my $e = $s->wait_sync($run, 'complete');
	ok($e, 'the end is told');
	is_deeply($e->{json}, status_of($run, $ann)->{json}, 'as the interface tells it');
	my @ids = map { $_->{id} } $s->events;
	my %once = map { $_ => 1 } @ids;
	is(scalar keys %once, scalar @ids, 'every event has an id of its own');
	is_deeply([keys %{ $other->last_of }], [], 'nobody else hears of it');
};

subtest 'it begins with what runs' => sub {
	my $slow = connection($ann, delay => 3);
	my $run = sync($slow, $ann);
	my $s = follow('', token => $ann);
	my ($e) = grep { $_->{event} eq 'sync' } $s->wait(sub { $_[0]{event} eq 'sync' });
	is($e->{json}{syncId}, $run, 'this one');
	unlike($e->{json}{status}, qr/complete|error/, 'which has not ended');
	is(scalar(keys %{ $s->last_of }), 1, 'and none that had ended before');
	ok($s->wait_sync($run, 'complete'), 'it ends');
};

subtest 'one sync, to its end' => sub {
	my $slow = connection($ann, delay => 2);
	my $run = sync($slow, $ann);
	my $s = follow("?syncId=$run", token => $ann);
	my $beside = sync($mine{ann}, $ann);
	ok($s->wait_sync($run, 'complete'), 'is told');
	ok($s->ended, 'then the stream ends');
	is_deeply([keys %{ $s->last_of }], [$run], 'and told of no other one');
	my %from = (headers => { 'last-event-id' => $s->last_id });
	my $again = follow("?syncId=$run", token => $ann, %from);
	is($again->{status}, 204, 'who comes again is told to stay away');
	my $late = follow("?syncId=$run", token => $ann);
	ok($late->wait_sync($run, 'complete') && $late->ended, 'who comes late hears how it ended');
	$t->wait_run($beside, 20, token => $ann);
};

subtest 'a person in a browser' => sub {
	my $session = $t->sign_in('ann');
	my $s = follow('', headers => { cookie => $session->{cookie} });
	is($s->{status}, 200, 'has the cookie');
	my $run = sync($mine{ann}, $ann);
	ok($s->wait_sync($run, 'complete'), 'and sees a sync');
	$t->request(
		'POST', '/sign-out', undef, token => undef, form => { csrf => $session->{csrf} },
		headers => { cookie => $session->{cookie} }
	);
	ok($s->ended, 'who signs out sees no more');
	is(follow('', headers => { cookie => $session->{cookie} })->{status}, 401, 'nor anew');
};

subtest 'tokens that end' => sub {
	my $maker = $t->token('ann');
	my %made = map {
		$_ => $t->post('/api/tokens', { name => $_, scopes => ['read'] }, token => $maker)
		    ->{json}
	} qw(idle busy);
	my %s = map { $_ => follow('', token => $made{$_}{token}) } keys %made;
	is($s{$_}->{status}, 200, "the $_ one looks on") for sort keys %s;
	$t->del("/api/tokens/$made{$_}{id}", token => $maker) for keys %made;
	my $run = sync($mine{ann}, $ann);
	$t->wait_run($run, 20, token => $ann);
	ok($s{$_}->ended, "the stream of the $_ one ends") for sort keys %s;
	is_deeply([map { keys %{ $_->last_of } } values %s], [], 'and told nothing more');
};

subtest 'a user who is disabled' => sub {
	my $dora = $t->token('dora');
	my $s = follow('', token => $dora);
	is($s->{status}, 200, 'looks on');
	$t->run('tidemark', 'user', 'disable', 'dora');
	ok($s->ended, 'and does no more');
};

subtest 'an application acts for a user' => sub {
	my $s = follow('?workspace_id=ann', token => $t->token('admin', 'read,operator'));
	is($s->{status}, 200, 'with the token of an operator');
	my $run = sync($mine{ann}, $ann);
	ok($s->wait_sync($run, 'complete'), 'it sees what that one sees');
	is(follow('?workspace_id=ann', token => $bob)->{status}, 403, 'nobody else does');
};

subtest 'a host page' => sub {
	my $other = connection($ann);
	my $path = "/api/connections/$mine{ann}/progress-token";
	my $made = $t->post($path, { minutes => 5 }, token => $ann)->{json};
	my %there = (origin => 'https://app.example.com');
	my $s = follow("?access_token=$made->{token}", headers => \%there);
	is($s->{status}, 200, 'has the progress token in the address');
	is(
		$s->{headers}{'access-control-allow-origin'}, 'https://app.example.com',
		'and may read it there'
	);
	$there{origin} = 'https://evil.example.com';
	my $strange = follow("?access_token=$made->{token}", headers => \%there);
	is($strange->{headers}{'access-control-allow-origin'}, undef, 'another page may not');
	my @runs = map { sync($_, $ann) } $other, $mine{ann};
	ok($s->wait_sync($runs[1], 'complete'), 'it sees the one connection');
	$t->wait_run($runs[0], 20, token => $ann);
	my $calendar = $t->post(
		'/api/events',
		{ title => 'x', startDateTime => '2026-10-05', endDateTime => '2026-10-06' },
		token => $ann
	);
	is($calendar->{status}, 201, 'an event is made');
	my $last = sync($mine{ann}, $ann);
	ok($s->wait_sync($last, 'complete'), 'and the connection again');
	is_deeply([sort keys %{ $s->last_of }], [sort $runs[1], $last], 'and nothing else');
	is_deeply([grep { $_->{event} ne 'sync' } $s->events], [], 'no calendar either');
	is(
		follow("?syncId=$runs[0]&access_token=$made->{token}")->{status}, 404,
		'nor another sync by its name'
	);
	$t->sql('UPDATE progress_token SET expires_at = 1');
	ok($s->ended, 'it ends with the token');
	unlike($t->logs, qr/\Q$made->{token}\E/, 'which is in no log');
};

subtest 'the calendar' => sub {
	my $s = follow('', token => $ann);
	my $first = $s->wait(sub { $_[0]{event} eq 'events' });
	my $beside = follow('', token => $bob);
	$t->post(
		'/api/events',
		{ title => 'x', startDateTime => '2026-10-05', endDateTime => '2026-10-06' },
		token => $ann
	);
	my $next = $s->wait(sub { $_[0]{event} eq 'events' });
	cmp_ok($next->{json}{revision}, '>', $first->{json}{revision}, 'has a higher revision');
	# An event that is on its way to a calendar of somebody's, as the queue has it.
	my ($event, $owner) = split /\|/, $t->sql('SELECT id, owner FROM event LIMIT 1');
	my $link = "'link', '$owner', '$mine{ann}'";
	$t->sql('INSERT INTO link (id, owner, connection_id, object_kind, object_key, state, '
		    . "created_at, updated_at) VALUES ($link, 'event', '$event', 'queued', 1, 1); "
		    . 'INSERT INTO outbox (id, owner, connection_id, link_id, op, state, '
		    . "created_at, updated_at) VALUES ('item', '$owner', '$mine{ann}', 'link', "
		    . "'put', 'waiting', 1, 1)");
	ok($s->wait(sub { $_[0]{event} eq 'events' }), 'also where an event stands');
	$t->sql("UPDATE outbox SET state = 'done', finished_at = 2");
	ok($s->wait(sub { $_[0]{event} eq 'events' }), 'to its end');
	is(scalar(grep { $_->{event} eq 'events' } $beside->events), 1, 'that of its owner alone');
};

subtest 'what happens while it is broken off' => sub {
	my ($slow, $quick) = (connection($ann, delay => 2), connection($ann));
	my $before = sync($mine{ann}, $ann);
	my $s = follow('', token => $ann);
	my $run = sync($slow, $ann);
	ok($s->wait_sync($run), 'a sync begins');
	my $id = $s->last_id;
	$s->close;
	my @missed = ($run, map { sync($_, $ann) } $quick, $mine{ann});
	$t->wait_run($_, 20, token => $ann) for @missed;
	$s = follow('', token => $ann, headers => { 'last-event-id' => $id });
	# In whatever order they ended.
	for my $id (@missed) {
		ok((wait_for { ($s->last_of->{$id}{status} // '') eq 'complete' }),
			'is told afterwards');
	}
	my $told = $s->last_of;
	is_deeply($told->{$_}, status_of($_, $ann)->{json}, 'as it is') for @missed;
	$id = $s->last_id;
	$s->close;
	$s = follow('', token => $ann, headers => { 'last-event-id' => $id });
	ok($s->wait(sub { $_[0]{event} eq 'events' }), 'who missed nothing');
	is_deeply([keys %{ $s->last_of }], [], 'is told nothing twice');
	my $plain = follow('', token => $ann, headers => { 'last-event-id' => 'nonsense' });
	is($plain->{status}, 200, 'an id of somebody else is as good as none');
};

subtest 'much that happens at once' => sub {
	my ($s, $away) = map { follow('', token => $ann) } 1, 2;
	ok($away->wait(sub { 1 }), 'two look on');
	my $id = $away->last_id;
	$away->close;
	my $many = 700;
	my $last = $t->sql("SELECT value FROM meta WHERE name = 'run_number'");
	$t->sql(<<"SQL");
WITH RECURSIVE n (i) AS (SELECT 1 UNION SELECT i + 1 FROM n WHERE i < $many)
INSERT INTO sync (no, id, connection_id, owner, trigger, state, phase, created_at, updated_at,
	finished_at)
SELECT $last + i, 'many-' || i, s.* FROM n, (
	SELECT connection_id, owner, trigger, state, phase, created_at, updated_at, finished_at
	FROM sync WHERE connection_id = '$mine{ann}' AND state = 'complete' LIMIT 1) s;
UPDATE meta SET value = $last + $many WHERE name = 'run_number';
SQL
	for ([$s, 'all of it is told'], [undef, 'also afterwards']) {
		my ($one, $words) = @$_;
		$one //= follow('', token => $ann, headers => { 'last-event-id' => $id });
		ok($one->wait_sync("many-$many"), $words);
		my $told = $one->last_of;
		is(scalar(grep { $told->{"many-$_"} } 1 .. $many), $many, 'each of them');
	}
	$t->sql("DELETE FROM sync WHERE id LIKE 'many-%'");
};

subtest 'the program is killed' => sub {
	my $slow = connection($ann, delay => 3);
	my $s = follow('', token => $ann);
	my $run = sync($slow, $ann);
	ok($s->wait_sync($run), 'while a sync runs');
	my ($old) = $t->pids('tidemark-stream');
	kill 'KILL', $old;
	ok($s->ended, 'its viewers notice');
	my $again;
	my %from = (headers => { 'last-event-id' => $s->last_id });
	my $next = sub { ($again = follow('', token => $ann, %from))->{status} == 200 };
	ok(wait_for(sub { $next->() }), 'they find the next one');
	ok($again->wait_sync($run, 'complete'), 'which goes on');
	isnt(($t->pids('tidemark-stream'))[0], $old, 'another process it is');
};

sub round_of { return ($_[0]{json}{warnings}[0] // '') =~ /^round (\d+)/ ? $1 : 0 }
subtest 'one who does not read' => sub {
	my $slow = connection($bob, delay => 900);
	my $run = sync($slow, $bob);
	my ($owner) = $t->sql("SELECT owner FROM sync WHERE id = '$run'");
	my ($token) = $t->sql("SELECT id FROM api_token WHERE owner = '$owner' LIMIT 1");
	my $socket = IO::Socket::UNIX->new(Peer => "$t->{dir}/run/stream.sock") or die $!;
	$socket->syswrite("GET /?owner=$owner&token=$token HTTP/1.0\r\n\r\n");
	my $reader = follow('', token => $bob);
	ok($reader->wait_sync($run), 'another one looks on');
	my ($pid) = $t->pids('tidemark-stream');
	my $memory = sub { return file_text("/proc/$pid/status") =~ /VmRSS:\s+(\d+)/ ? $1 : 0 };
	my $began = $memory->();
	# More than a socket holds; and told before one who takes nothing is let go.
	my ($rounds, $until) = (0, time + 15);
	while ($rounds < 5 || ($rounds < 12 && time < $until)) {
		my $round = ++$rounds;
		my $text = "round $round " . 'x' x 60000;
		$t->sql("UPDATE sync SET warnings = '[\"$text\"]' WHERE id = '$run'");
		$reader->wait(sub { round_of(@_) == $round }) or die "no word of round $round";
	}
	cmp_ok($memory->() - $began, '<', 4096, 'what it does not take lies nowhere');
	my $s = Tidemark::Stream->direct($socket);
	my $head = sub { $s->more; $s->{raw} =~ s/^.*?\r\n\r\n//s };
	ok($s->{status} = wait_for(sub { $head->() }), 'it reads');
	ok($s->wait(sub { round_of(@_) == $rounds }), 'the newest is told');
	my %rounds = map { round_of($_) => 1 } $s->events;
	ok(!$rounds{ $rounds - 2 }, 'without all that was before');
	$t->post("/api/sync/$run/cancel", undef, token => $bob);
};

subtest 'no process of a pool is held' => sub {
	my @many = map { follow('', token => $ann) } 1 .. 40;
	is(scalar(grep { $_->{status} == 200 } @many), 40, 'many look on');
	is($t->get('/api/account', token => $ann)->{status}, 200, 'one process answers the rest');
	my ($pid) = $t->pids('tidemark-stream');
	my ($confined) = grep { $_->{name} eq 'confinement' }
	    @{ json($t->run('tidemark', 'doctor', '--json')->{out}) };
	SKIP: {
		skip 'no filter here', 1 if !$confined->{ok};
		like(file_text("/proc/$pid/status"), qr/^Seccomp:\s+2$/m, 'which is confined');
	}
};

subtest 'how many there are' => sub {
	my $few = Tidemark->start(
		stream => 1, env => { TIDEMARK_STREAMS => 3, TIDEMARK_USER_STREAMS => 2 });
	my ($one, $two) = map { $few->token($_) } qw(ann bob);
	my @s = map { Tidemark::Stream->open($few, $STREAM, token => $_) } $one, $one, $one, $two;
	is_deeply([map { $_->{status} } @s], [200, 200, 429, 200], 'is limited for one');
	like($s[2]{headers}{'content-type'}, qr/problem\+json/, 'which is said in words');
	ok($s[2]{headers}{'retry-after'}, 'with a time to wait');
	is(Tidemark::Stream->open($few, $STREAM, token => $two)->{status}, 503, 'and for all');
	$s[0]->close;
	ok(
		wait_for(sub {
			push @s, Tidemark::Stream->open($few, $STREAM, token => $two);
			$s[-1]{status} == 200
		}),
		'one who leaves makes room'
	);
};

subtest 'the newest sync goes with its connection' => sub {
	my $gone = connection($bob);
	$t->wait_run(sync($gone, $bob), 20, token => $bob);
	my $s = follow('', token => $ann);
	$t->del("/api/connections/$gone?data=delete", token => $bob);
	ok(
		wait_for(sub {
			$t->tick;
			!$t->sql("SELECT count(*) FROM sync WHERE connection_id = '$gone'")
		}),
		'it is gone'
	);
	my $run = sync($mine{ann}, $ann);
	ok($s->wait_sync($run, 'complete'), 'who follows another one does not notice');
};

subtest 'another database is put in its place' => sub {
	my $copy = "$t->{dir}/copy.db";
	is($t->run('tidemark', 'backup', $copy)->{rc}, 0, 'there is a copy');
	my $s = follow('', token => $ann);
	my $run = sync($mine{ann}, $ann);
	ok($s->wait_sync($run, 'complete'), 'after which more has happened');
	is($t->run('tidemark', 'restore', $copy)->{rc}, 0, 'it takes the place of it all');
	ok($s->ended, 'who looked on is sent away');
	my %from = (headers => { 'last-event-id' => $s->last_id });
	$s = follow('', token => $ann, %from);
	my $next = sync($mine{ann}, $ann);
	ok($s->wait_sync($next, 'complete'), 'and is told of what is there now');
};

subtest 'doctor' => sub {
	my $says = sub {
		my ($c) = grep { $_->{name} eq 'stream' }
		    @{ json($t->run('tidemark', 'doctor', '--json')->{out}) };
		return $c->{ok}
	};
	is($says->(), true, 'finds the program');
	kill 'TERM', $t->{pool}{stream};
	ok(wait_for(sub { !$says->() }), 'and tells when it is gone');
	is(follow('', token => $ann)->{status}, 503, 'as who asks is told');
	is($t->get('/readyz', token => undef)->{json}{checks}[0]{name}, 'schema', 'others go on');
	$t->pool('stream');
	ok(wait_for(sub { follow('', token => $ann)->{status} == 200 }), 'it comes again');
};

ok(wait_for(sub { $silent->events; $silent->{beats} || $silent->{end} }, 30),
	'who hears nothing for long hears that it stands');

done_testing;
