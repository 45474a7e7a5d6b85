# What one user does to all the others: nothing. While his requests wait, or outgrow what there is,
# those of other people are answered. No time is measured: an answer counts that comes while the
# others are still waiting.
use strict;
use warnings;
use File::Find ();
use IO::Select;
use IO::Socket::INET;
use Socket qw(SOL_SOCKET SO_RCVBUF);
use Test::More;
use Tidemark;

my $t = Tidemark->start(
	web => 2, wait => 8, hook => 1, loop => 60,
	env => { TIDEMARK_USER_CONNECTIONS => 12, TIDEMARK_USER_VIEW_KB => 64 }
);
my $src = $t->source;
my ($ann, $bob) = map { $t->token($_, 'read,sync,write') } qw(ann bob);

# A request that is sent and not waited for. from: the address; read => 0: its answer stays where it
# is.
sub ask {
	my ($method, $path, $body, %o) = @_;
	my $s = IO::Socket::INET->new(
		PeerAddr => '127.0.0.1', PeerPort => $t->port, LocalAddr => $o{from} // '127.0.0.1'
	) or die $@;
	setsockopt $s, SOL_SOCKET, SO_RCVBUF, 4096 if $o{small};
	my $text = defined $body ? JSON::PP->new->utf8->encode($body) : '';
	print $s join "\r\n", "$method $path HTTP/1.1", 'Host: x', 'Connection: close',
	    'Authorization: Bearer ' . ($o{token} // $ann), 'Content-Type: application/json',
	    'Content-Length: ' . ($o{length} // length $text), '', $text;
	$s->flush;
	return { socket => $s, got => '' };
}

# Its status, when it has been answered; with `end` when the answer is all there.
sub status_of {
	my ($q, $end) = @_;
	while (!$q->{end} && IO::Select->new($q->{socket})->can_read(0)) {
		$q->{end} = !sysread $q->{socket}, $q->{got}, 500, length $q->{got};
		last if !$end && length $q->{got} > 500;
	}
	return $end && !$q->{end} ? undef : $q->{got} =~ m{^HTTP/1\.1 (\d+)} ? $1 : undef;
}

# So many at once: two of them wait, the others are told to; meanwhile the rest is done. A machine
# that is so slow that the two have ended before tries again.
sub while_waiting {
	my ($what, $ask, $rest, %o) = @_;
	my ($ok, @told, @all);
	for my $try (1 .. 5) {
		wait_for { !grep { !$o{streams} && !defined status_of($_, 1) } @all } 40;
		@all = ();
		@all = map { $ask->() } 1 .. 8;
		my $is = $o{streams} ? '200' : undef;
		my $two = sub {
			my @s = map { status_of($_) } @all;
			@told = grep { ($_ // '') eq '429' } @s;
			return @told == 6;
		};
		wait_for(\&$two, 8) or next;
		my $left = sub {
			return scalar grep {
				my $s = status_of($_);
				!$_->{end} && ($o{streams} ? ($s // '') eq '200' : !defined $s)
			} @all;
		};
		wait_for { $left->() == 2 } 8 or next;
		$ok = $rest->();
		last if $left->() == 2;
		$ok = 0;
	}
	is(scalar @told, 6, "$what: two wait, the others are told to come back");
	ok($ok, "$what: everybody else is answered meanwhile");
	return;
}

# What another one does: all of it well.
sub another_is_answered {
	my @bad = grep { $_->[1] != $_->[2] }
	    map { [$_->[0], $t->get($_->[0], token => $bob)->{status}, $_->[1]] }
	    ['/api/account', 200], ['/settings?tab=integrations', 200], ['/healthz', 200],
	    ['/readyz', 200], ['/api/sync', 200];
	diag explain \@bad if @bad;
	return !@bad;
}

$src->put('/few.csv', "id,name\n1,a\n2,b\n");
$src->put('/never.csv', 'id,name', hang => 4);
my $never = { provider => 'csv', config => { url => $src->url('/never.csv') } };
my $few = { provider => 'csv', config => { url => $src->url('/few.csv') } };
my @mine = map {
	$t->connect(csv => $src->url('/few.csv'), token => $_, name => 'few')
} $ann, $bob;
$t->wait_run($mine[1]{activeSyncId}, 30, token => $bob);
wait_for { $t->get('/readyz')->{status} == 200 };

subtest 'a server that does not answer holds up nobody but who asks it' => sub {
	for my $path (qw(/api/preview /api/test)) {
		my $who = $t->token($path =~ s{.*/}{}r, 'read,sync,write');
		while_waiting($path, sub { ask(POST => $path, $never, token => $who) }, sub {
			another_is_answered()
			    && $t->post('/api/preview', $few, token => $bob)->{status} == 200
		});
	}
};

subtest 'who waits for runs takes one of the same places' => sub {
	my $who = $t->token('cron', 'read,sync,write');
	my $run = sub {
		return $t->post('/api/connectors/sync', { waitSeconds => $_[0] }, token => $who)
		    ->{status};
	};
	while_waiting('runs', sub { ask(POST => '/api/preview', $never, token => $who) }, sub {
		$run->(5) == 429 && $run->(0) == 200 && another_is_answered()
	});
	# A place is free again a moment after its answer.
	ok(wait_for(sub { $run->(5) == 200 }, 30), 'and finds one when those have ended');
};

sub people_of {
	my ($user) = @_;
	return $t->sql("SELECT count(DISTINCT p.profile_id) FROM person p "
		    . "JOIN account a ON a.id = p.owner WHERE a.name = '$user'");
}

subtest 'what is much work goes on in one of the same places, and what is little in none' => sub {
	my $who = $t->token('busy', 'read,sync,write');
	my $get = sub { return $t->get($_[0], token => $who) };
	my $year = '/api/events?from=2026-01-01&to=2027-01-01';
	my @much = ("$year&expand=1", $year, '/calendar?view=month&date=2026-05-05');
	my @little = ('/api/events?from=2026-01-01&to=2026-01-02&expand=1', '/api/account');
	for my $i (1 .. 40) {
		my $r = $t->post(
			'/api/events',
			{
				title => "daily $i", startDateTime => '2026-01-01T10:00:00Z',
				endDateTime => '2026-01-01T11:00:00Z',
				recurrence => ['RRULE:FREQ=DAILY;COUNT=365']
			},
			token => $who
		);
		is($r->{status}, 201, 'a series') or diag $r->{content};
	}
	# And as many people.
	$src->put('/busy.csv',
		"id,name,email\n" . join '', map { "$_,Ann $_,a$_\@example.com\n" } 1 .. 600);
	$t->connect(csv => $src->url('/busy.csv'), token => $who, name => 'people');
	wait_for { people_of('busy') == 600 } 40 or fail('they are people');
	push @much, '/api/profiles?limit=500', '/api/profiles?q=ann&limit=500';
	push @little, '/api/profiles?limit=50', '/api/profiles?q=ann&limit=50';
	my $sum = sub { return join ' ', map { $get->($_)->{status} } @_ };
	is($sum->(@much, @little), join(' ', ('200') x 9), 'with free places all is answered');
	while_waiting('previews', sub { ask(POST => '/api/preview', $never, token => $who) }, sub {
		my $r = $get->($much[0]);
		return $sum->(@much) eq join(' ', ('429') x 5)
		    && $sum->(@little) eq join(' ', ('200') x 4)
		    && $r->{json}{detail} =~ /under way/ && $r->{headers}{'retry-after'}
		    && another_is_answered()
	});
	ok(wait_for(sub { $sum->(@much) eq join ' ', ('200') x 5 }, 30),
		'and with free ones again');
};

subtest 'health is told by others than those who serve' => sub {
	my @web = grep { file_text("/proc/$_/cmdline") =~ /--pool\0(?:web|wait)/ }
	    $t->pids('tidemark-fcgi');
	is(scalar @web, 10, 'all that serve people');
	kill 'STOP', @web;
	is($t->get('/healthz', token => undef)->{status}, 200, 'healthz, while they stand still');
	like($t->get('/readyz', token => undef)->{status}, qr/^(?:200|503)\z/, 'readyz');
	kill 'CONT', @web;
};

# Fifty records of a megabyte.
my $n = 0;
$src->put(
	'/large.csv',
	"id,text\n" . join '', map { $_ . ',' . chr(97 + $_ % 26) x 1_000_000 . "\n" } 1 .. 70
);
my $large = $t->connect(
	csv => $src->url('/large.csv'), token => $ann, name => 'large', config => { key => 'id' }
);
is($t->wait_run($large->{activeSyncId}, 120, token => $ann)->{status}, 'complete', 'large rows');
my $d = $t->get("/api/connections/$large->{id}/datasets", token => $ann)->{json}{data}[0];

subtest 'records that do not fit one page are told in several, and nothing ends for them' => sub {
	my ($cursor, @ids, $pages) = ('');
	do {
		my $r = $t->get("/api/datasets/$d->{id}/records?limit=500&cursor=$cursor",
			token => $ann);
		is($r->{status}, 200, 'a page') or diag substr $r->{content}, 0, 300;
		push @ids, map { $_->{id} } @{ $r->{json}{data} };
		$cursor = $r->{json}{nextCursor} // '';
		$pages++;
	} while ($cursor && $pages < 100);
	is_deeply([sort { $a <=> $b } @ids], [1 .. 70], 'all of them, once');
	cmp_ok($pages, '>', 5, 'in pages');
	for my $format (qw(csv ndjson)) {
		my $r = $t->get("/api/datasets/$d->{id}/records?format=$format", token => $ann);
		is($r->{status}, 200, $format);
		is(scalar(grep { length > 1_000_000 } split /\n/, $r->{content}), 70,
			"$format: every row");
	}
	unlike($t->logs, qr/arena\.full/, 'no process has ended for it');
};

subtest 'a long history is told in pages' => sub {
	my @text = map { chr(97 + $_) x 800_000 } 0 .. 7;
	$src->put('/one.csv', "id,text\n1,$text[0]\n");
	my $c = $t->connect(
		csv => $src->url('/one.csv'), token => $ann, name => 'one',
		config => { key => 'id' }
	);
	$t->wait_run($c->{activeSyncId}, 60, token => $ann);
	for my $i (1 .. 7) {
		$src->put('/one.csv', "id,text\n1,$text[$i]\n");
		my $r = $t->sync_and_wait($c->{id}, 60, token => $ann);
		is($r->{status}, 'complete', 'a change') or diag explain $r;
	}
	my $o = $t->get("/api/connections/$c->{id}/datasets", token => $ann)->{json}{data}[0];
	my ($cursor, @seen, $pages) = ('');
	do {
		my $r = $t->get("/api/datasets/$o->{id}/records/1/history?cursor=$cursor",
			token => $ann);
		is($r->{status}, 200, 'a page') or diag substr $r->{content}, 0, 300;
		push @seen, map { $_->{changes} ? join '>', map { substr $_, 0, 1 }
			    @{ $_->{changes}{text} }{qw(before after)} : $_->{action} }
		    @{ $r->{json}{data} };
		$cursor = $r->{json}{nextCursor} // '';
		$pages++;
	} while ($cursor && $pages < 20);
	is_deeply(\@seen, [qw(g>h f>g e>f d>e c>d b>c a>b ADDED)], 'every change, newest first');
	cmp_ok($pages, '>', 1, 'in pages');
};

# All pages of a list: what stands in each of them, and their number. They are not taken apart as
# JSON, which would take longer than all the rest.
sub pages_of {
	my ($path, $what) = @_;
	my ($cursor, $pages, $longest, @seen) = ('', 0, 0);
	do {
		my $r = $t->{http}->request(
			'GET', $t->base . $path . ($cursor && "&cursor=$cursor"),
			{ headers => { authorization => "Bearer $ann" } }
		);
		is($r->{status}, 200, "a page of $path") or diag substr $r->{content}, 0, 300;
		push @seen, $r->{content} =~ /$what/g;
		$longest = length $r->{content} if length $r->{content} > $longest;
		($cursor) = $r->{content} =~ /"nextCursor":\s*"([^"]+)"/;
	} while ($cursor && ++$pages < 20);
	cmp_ok($longest, '<', 6_000_000, 'none of them is long');
	return ($pages, @seen);
}

subtest 'events that do not fit one page are told in several' => sub {
	my $text = 'x' x 8192;
	my $made = sub {
		return $t->post(
			'/api/events',
			{
				title => "long $_[0]", description => $text, notes => $text,
				startDateTime => '2026-10-05', endDateTime => '2026-10-06',
				recurrence => ['RRULE:FREQ=DAILY;COUNT=2']
			},
			token => $ann
		)->{json}{event}{id};
	};
	my @ids = sort map { $made->($_) } 1 .. 80;
	my $range = '/api/events?limit=500&from=2026-10-05&to=2026-10-07';
	my ($more, @seen) = pages_of($range, qr/"id":\s*"([^"]+)",\s*"title"/);
	ok($more, 'several pages');
	is_deeply([sort @seen], \@ids, 'each of them once');
	($more, @seen) = pages_of("$range&expand=1", qr/"eventId":\s*"([^"]+)"/);
	ok($more, 'several pages');
	is_deeply([sort @seen], [map { ($_, $_) } @ids], 'and each occurrence');
	for my $i (1 .. 50) {
		$t->put("/api/events/$ids[0]", { notes => "$i $text" =~ s/x{10}\z//r },
			token => $ann);
	}
	($more, @seen) = pages_of("/api/events/$ids[0]/history?limit=500", qr/"action"/);
	ok($more, 'several pages');
	is(scalar @seen, 51, 'and each change');
};

subtest 'what a sync has changed, and whom, is told however long its records are' => sub {
	my $rows = sub {
		my $text = $_[0] x 600_000;
		return join '', "id,name,email,text\n",
		    map { "$_,Ann,a$_\@example.com,$text\n" } 1 .. 40;
	};
	$src->put('/people.csv', $rows->('x'));
	my $c = $t->connect(
		csv => $src->url('/people.csv'), token => $ann, name => 'people',
		config => { key => 'id' }
	);
	$t->wait_run($c->{activeSyncId}, 60, token => $ann);
	$src->put('/people.csv', $rows->('y'));
	my $run = $t->sync_and_wait($c->{id}, 60, token => $ann);
	is($run->{status}, 'complete', 'all of them have changed');
	my ($more, @seen) =
	    pages_of("/api/sync/$run->{syncId}/changes?limit=500", qr/"key":\s*"(\d+)"/);
	ok($more, 'several pages');
	is_deeply([sort { $a <=> $b } @seen], [1 .. 40], 'each change once');
	my $undo = $t->get("/api/sync/$run->{syncId}/undo", token => $ann)->{json};
	is_deeply($undo->{counts}, { back => 40, left => 0 }, 'what can be taken back is counted');
	cmp_ok(scalar @{ $undo->{data} }, '<', 40, 'and shown in part');
	wait_for { people_of('ann') == 40 } 40 or fail('they are people');
	($more, @seen) = pages_of($_, qr/"emails":\s*\["a(\d+)\@/), ok($more, "$_: several pages"),
	    is_deeply([sort { $a <=> $b } @seen], [1 .. 40], 'each profile once')
	    for '/api/profiles?q=ann&limit=500', '/api/profiles?limit=500';
	unlike($t->logs, qr/arena\.full/, 'no process has ended for it');
};

subtest 'who does not read his exports holds up nobody, and fills no disk' => sub {
	my $path = "/api/datasets/$d->{id}/records?format=csv";
	while_waiting('exports', sub { ask(GET => $path, undef, small => 1) }, sub {
		my $bytes = 0;
		File::Find::find(sub { $bytes += -s _ if -f }, "$t->{dir}/run/fcgi");
		cmp_ok($bytes, '<', 40_000_000, 'what nginx keeps of them is little');
		return another_is_answered();
	}, streams => 1);
	# More events than a process has memory for.
	$t->sql(
		<<~END
		INSERT INTO event (id, owner, uid, value, from_at, until_at, created_at, updated_at)
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000)
		SELECT e.id || i, owner, uid || i, value, from_at + i, until_at, created_at,
			updated_at
		FROM (SELECT * FROM event WHERE value LIKE '%"long %' LIMIT 1) e, n
		END
	);
	while_waiting(
		'calendars', sub { ask(GET => '/calendar.ics', undef, small => 1) },
		\&another_is_answered, streams => 1
	);
};

subtest 'a repeated preview asks again: nothing of it is kept' => sub {
	my $kept = sub { $t->sql('SELECT count(*) FROM idempotency') };
	my $before = $kept->();
	my $eve = $t->token('eve', 'read,sync,write');
	my @as = (token => $eve, headers => { 'idempotency-key' => 'again' });
	is($t->post('/api/preview', $few, @as)->{status}, 200, 'once');
	is($t->post('/api/preview', $few, @as)->{status}, 200, 'and again');
	is($kept->(), $before, 'nothing is kept');
	my $id = $t->sql("SELECT id FROM account WHERE name = 'eve'");
	$t->sql("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) "
		    . "INSERT INTO idempotency (owner, key, request, status, body, created_at) "
		    . "SELECT '$id', 'k' || i, '', 201, '', 1000 * strftime('%s', 'now') FROM n");
	my $token = { name => 'x', scopes => ['read'] };
	my $r = $t->post('/api/tokens', $token, @as);
	is($r->{status}, 429, 'ten thousand keys are a user\'s');
	like($r->{json}{detail}, qr/send this one without/, 'and what to do is said');
	is($t->post('/api/tokens', $token, token => $eve)->{status}, 201, 'which works');
	is(
		$t->post(
			'/api/tokens', $token, token => $bob,
			headers => { 'idempotency-key' => 'again' }
		)->{status},
		201, 'another user has his own'
	);
};

subtest 'views of many columns are as many as one user may have' => sub {
	my $wide = 0;
	for my $k (1 .. 3) {
		$src->put("/wide$k.csv",
			join(',', map { "c$_" . 'x' x 150 } 1 .. 200) . "\n" . '1,' x 199 . "1\n");
		my $c = $t->connect(csv => $src->url("/wide$k.csv"), token => $ann, name => "wide");
		my $run = $t->wait_run($c->{activeSyncId}, 60, token => $ann);
		is($run->{status}, 'complete', 'read');
		my $list = $t->get("/api/connections/$c->{id}/datasets", token => $ann);
		my $set = $list->{json}{data}[0];
		is($set->{rows}, 1, 'and there');
		$wide++ if $set->{viewName};
	}
	is($wide, 0, 'without views');
	cmp_ok($t->sql("SELECT sum(length(sql)) FROM sqlite_schema WHERE type = 'view'"), '<',
		64_000, 'what every program reads stays small');
	my $c = $t->connect(csv => $src->url('/few.csv'), token => $bob, name => 'small');
	$t->wait_run($c->{activeSyncId}, 60, token => $bob);
	my $list = $t->get("/api/connections/$c->{id}/datasets", token => $bob);
	like($list->{json}{data}[0]{viewName}, qr/^data_small/, 'another user has his');
};

subtest 'a user has as many connections as he may' => sub {
	my $r;
	for (1 .. 12) {
		$r = $t->post('/api/connections', { %$few, start => false }, token => $ann);
		last if $r->{status} != 201;
	}
	is($r->{status}, 409, 'no more');
	like($r->{json}{detail}, qr/12 connections.*TIDEMARK_USER_CONNECTIONS/, 'and why is said');
	is($t->post('/api/connections', { %$few, start => false }, token => $bob)->{status}, 201,
		'others may');
};

subtest 'who sends slowly takes no connection from others' => sub {
	my @slow = map { ask(POST => '/api/preview', undef, length => 1000, from => '127.0.0.77') }
	    1 .. 130;
	ok(wait_for(sub { 30 == grep { (status_of($_) // '') eq '429' } @slow }),
		'a hundred requests of one address are taken');
	my @idle = map {
		IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $t->port) // ()
	} 1 .. 600;
	is(scalar @idle, 600, 'six hundred more are idle');
	ok(another_is_answered(), 'everybody else is answered');
	is(scalar(grep { defined status_of($_) } @slow), 30, 'while they are still sending');
};

done_testing;
