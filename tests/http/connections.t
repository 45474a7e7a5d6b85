#!/usr/bin/perl
# The interface for connections and their schedules.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Tidemark;

my $t = Tidemark->start;
my $src = $t->source;
$src->put('/people.csv', "id,name\n1,Ann\n2,Bob\n");
my $url = $src->url('/people.csv');

sub problem_ok {
	my ($r, $status, $code, $name) = @_;
	subtest $name => sub {
		is $r->{status}, $status;
		like $r->{headers}{'content-type'}, qr{^application/problem\+json};
		is $r->{json}{code}, $code;
		is $r->{json}{status}, $status;
		ok $r->{json}{$_}, $_ for qw(type title detail);
		unlike $r->{content}, qr{SELECT|sqlite|\.c:\d|/tmp}, 'nothing of the inside';
	};
}

subtest 'kinds of source say which fields they need' => sub {
	my $r = $t->get('/api/providers');
	is_deeply [map { $_->{id} } @{ $r->{json}{data} }],
	    [qw(csv json ical google-sheets google-calendar google-contacts notion)];
	# Of an address book nothing needs to be said: it is the account's.
	for my $p (grep { $_->{id} ne 'google-contacts' } @{ $r->{json}{data} }) {
		my ($f) = grep { $_->{name} =~ /^(?:url|spreadsheet|calendar|dataSource)$/ }
		    @{ $p->{fields} };
		ok $f && $f->{label} && $f->{help}, "$p->{id} describes its address";
		# The main calendar of an account is meant where none is named.
		is !!$f->{required}, $f->{name} ne 'calendar', 'which is needed';
	}
};

subtest 'a connection starts its first sync by itself and is due hourly' => sub {
	my $r = $t->post(
		'/api/connections',
		{ provider => 'csv', name => 'People', config => { url => $url } }
	);
	is $r->{status}, 201;
	my $c = $r->{json};
	is $r->{headers}{location}, "/api/connections/$c->{id}";
	is $c->{schedule}{frequency}, 'hourly';
	ok $c->{schedule}{enabled};
	ok $c->{activeSyncId}, 'the first sync is on its way';
	is $t->wait_run($c->{activeSyncId}, 5)->{status}, 'complete', 'without waiting for cron';
	$c = $t->get("/api/connections/$c->{id}")->{json};
	is $c->{status}, 'active';
	is $c->{badge}{text}, 'Active';
	like $c->{nextSyncText}, qr/^Next sync in (?:59|60) minutes$|^Next sync in 1 hour$/;
	is $c->{lastSync}{stats}{added}, 2;
	is $c->{lastError}, undef;
	is keys %{ $t->records($c->{id}) }, 2;
	my $list = $t->get('/api/connections')->{json};
	is_deeply [map { $_->{id} } @{ $list->{data} }], [$c->{id}];
	is $list->{nextCursor}, undef;
};

my $c = $t->connect(csv => $url, name => 'Second', start => false);

subtest 'a name is as long as people count it, in whatever script' => sub {
	my %url = (url => 'https://example.com/hook', events => ['sync.failed']);
	for (["\x{0645}", 'Arabic'], ["\x{8336}", 'Chinese'], ["\x{1f375}", 'pictures']) {
		my ($one, $what) = @$_;
		my $r = $t->patch("/api/connections/$c->{id}", { name => $one x 200 });
		is $r->{status}, 200, "$what: a connection's" or diag $r->{content};
		is $r->{json}{name}, $one x 200;
		is $t->patch("/api/connections/$c->{id}", { name => $one x 201 })->{status}, 422;
		for ([100, 201], [101, 422]) {
			my ($n, $status) = @$_;
			$r = $t->post('/api/tokens', { name => $one x $n, scopes => 'read' });
			is $r->{status}, $status, "a token's, $n";
		}
		for ([200, 201], [201, 422]) {
			my ($n, $status) = @$_;
			$r = $t->post('/api/webhooks', { %url, description => $one x $n });
			is $r->{status}, $status, "what a webhook is for, $n";
		}
	}
	$t->patch("/api/connections/$c->{id}", { name => 'Second' });
};

subtest 'bad input is refused with the field and what to do' => sub {
	problem_ok(
		$t->post(
			'/api/connections',
			{ provider => 'csv', config => { url => 'not an address' } }
		),
		422,
		'invalid_input',
		'an address that is none'
	);
	my $r = $t->post(
		'/api/connections',
		{ provider => 'csv', config => { url => $url, nonsense => 1 } }
	);
	is $r->{json}{errors}[0]{field}, 'config.nonsense';
	problem_ok(
		$t->post('/api/connections', { provider => 'nothing', config => { url => $url } }),
		422, 'invalid_input', 'a kind that is not there'
	);
	problem_ok(
		$t->post('/api/connections', { config => { url => $url } }), 422,
		'invalid_input', 'no kind'
	);
	problem_ok(
		$t->post('/api/connections', { provider => 'csv', config => [] }), 422,
		'invalid_input', 'config as a list'
	);
	problem_ok(
		$t->post(
			'/api/connections',
			{ provider => 'csv', name => 'x' x 300, config => { url => $url } }
		),
		422,
		'invalid_input',
		'a name that is too long'
	);
	for my $start ('no', 0, 'false') {
		$r = $t->post(
			'/api/connections',
			{ provider => 'csv', config => { url => $url }, start => $start }
		);
		problem_ok($r, 422, 'invalid_input', "start is $start");
		is $r->{json}{errors}[0]{field}, 'start';
	}
	problem_ok(
		$t->post(
			'/api/connections', '{"provider": "csv"',
			headers => { 'content-type' => 'application/json' }
		),
		400,
		'bad_request',
		'half a body'
	);
	problem_ok(
		$t->post(
			'/api/connections', 'provider=csv',
			headers => { 'content-type' => 'text/plain' }
		),
		415,
		'unsupported_media_type',
		'another content type'
	);
	is $t->get('/api/connections')->{json}{data}
	    && @{ $t->get('/api/connections')->{json}{data} }, 2, 'nothing was made';
};

subtest 'a change never resets what was read' => sub {
	$t->sync_and_wait($c->{id});
	my $r = $t->patch("/api/connections/$c->{id}", { name => 'Renamed' });
	is $r->{status}, 200;
	is $r->{json}{name}, 'Renamed';
	is $r->{json}{config}{url}, $url;
	is keys %{ $t->records($c->{id}) }, 2;
	problem_ok(
		$t->patch("/api/connections/$c->{id}", { cursor => 'x' }), 422, 'invalid_input',
		'the cursor is not for changing'
	);
};

subtest 'a secret goes in and never comes out' => sub {
	$src->put(
		'/private.csv', "id\n1\n",
		match => { Authorization => 'Bearer tidemark-canary' }
	);
	my $p = $t->connect(
		csv => $src->url('/private.csv'), name => 'Private',
		secret => { authorization => 'Bearer tidemark-canary' }
	);
	is $t->wait_run($p->{activeSyncId})->{status}, 'complete', 'it is sent to the source';
	ok $t->get("/api/connections/$p->{id}")->{json}{hasSecret};
	unlike $t->get($_)->{content}, qr/tidemark-canary/, "not in $_"
	    for '/api/connections', "/api/connections/$p->{id}", '/api/sync';
	unlike file_text("$t->{home}/tidemark.db") . file_text("$t->{home}/tidemark.db-wal"),
	    qr/tidemark-canary/, 'nor in the database file';
	unlike $t->logs, qr/tidemark-canary/, 'nor in a log';
	is $t->patch("/api/connections/$p->{id}", { name => 'Still private' })->{status}, 200;
	is $t->sync_and_wait($p->{id})->{status}, 'complete', 'a change of the name keeps it';
};

subtest 'schedules' => sub {
	my $path = "/api/connections/$c->{id}/schedule";
	is_deeply [sort keys %{ $t->get($path)->{json} }],
	    [
		sort qw(enabled frequency intervalMinutes rrule timeZone nextPollAt
		    lastPolledAt retryCount maxRetries)
	    ];
	my %minutes = ('15min' => 15, '30min' => 30, hourly => 60, daily => 1440, weekly => 10080);
	is $t->put($path, { frequency => $_ })->{json}{intervalMinutes}, $minutes{$_}, $_
	    for sort keys %minutes;
	my $r = $t->put($path, { frequency => 'custom', intervalMinutes => 7 });
	is_deeply [@{ $r->{json} }{qw(frequency intervalMinutes)}], ['custom', 7];
	$r = $t->put($path, { enabled => false });
	is $r->{json}{nextPollAt}, undef, 'off: no next time';
	is $t->get("/api/connections/$c->{id}")->{json}{badge}{text}, 'Manual';
	ok $t->put($path, { enabled => true })->{json}{nextPollAt}, 'on: it is due';
	$r = $t->put(
		$path,
		{
			rrule => 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9;BYMINUTE=0',
			timeZone => 'Europe/Berlin'
		}
	);
	is $r->{status}, 200;
	like $r->{json}{nextPollAt}, qr/T0[78]:00:00Z$/, 'nine in the morning in Berlin';
	problem_ok(
		$t->put($path, { rrule => 'FREQ=NEVER' }), 422, 'invalid_input',
		'a rule that is none'
	);
	problem_ok(
		$t->put($path, { rrule => 'FREQ=DAILY', timeZone => 'Mars/Olympus' }), 422,
		'invalid_input', 'a zone that is none'
	);
	for my $zone ('Mars/Olympus', 'Berlin', 5) {
		for my $more ({}, { frequency => 'daily' }, { intervalMinutes => 20 }) {
			$r = $t->put($path, { timeZone => $zone, %$more });
			problem_ok($r, 422, 'invalid_input', 'no zone, and nothing to use it');
			is $r->{json}{errors}[0]{field}, 'schedule.timeZone';
		}
	}
	problem_ok(
		$t->put($path, { timeZone => 'America/New_York' }), 422, 'invalid_input',
		'another zone for a rule that is not sent again'
	);
	is $t->put($path, { timeZone => 'Europe/Berlin' })->{status}, 200, 'its own zone';
	like $t->get($path)->{json}{nextPollAt}, qr/T0[78]:00:00Z$/, 'it stays as it was';
	problem_ok(
		$t->put($path, { intervalMinutes => 0 }), 422, 'invalid_input',
		'an interval of nothing'
	);
	problem_ok(
		$t->put($path, { frequency => 'often' }), 422, 'invalid_input',
		'a frequency that is none'
	);
	problem_ok(
		$t->put($path, { unknown => 1 }), 422, 'invalid_input',
		'a setting that is none'
	);
	$r = $t->put($path, $t->get($path)->{json});
	is $r->{status}, 200, 'what GET gives can be put back';
	ok !exists $r->{json}{ignored}, 'and is what it was';
};

subtest 'what a schedule has found out cannot be set, and that is said' => sub {
	my $path = "/api/connections/$c->{id}/schedule";
	my $was = $t->get($path)->{json};
	my %said = (
		nextPollAt => '2031-01-01T00:00:00Z', lastPolledAt => undef, retryCount => 7
	);
	$said{lastPolledAt} = '2020-01-01T00:00:00Z' if !defined $was->{lastPolledAt};
	my $r = $t->put($path, { %$was, %said });
	is $r->{status}, 200, 'what was shown a while ago may be sent back';
	is_deeply $r->{json}{ignored}, [qw(nextPollAt lastPolledAt retryCount)];
	is_deeply [@{ $r->{json} }{qw(nextPollAt lastPolledAt retryCount)}],
	    [@$was{qw(nextPollAt lastPolledAt retryCount)}], 'it is as it was';
	is $t->put($path, $r->{json})->{status}, 200, 'the answer, too';
	for (
		[nextPollAt => 'soon'], [nextPollAt => 5], [lastPolledAt => true],
		[retryCount => 'x'], [retryCount => -1]
	) {
		$r = $t->put($path, {@$_});
		problem_ok($r, 422, 'invalid_input', "@$_");
		is $r->{json}{errors}[0]{field}, "schedule.$_->[0]";
		is $t->patch("/api/connections/$c->{id}", { schedule => {@$_} })->{status}, 422;
	}
};

subtest 'two changes of a schedule at once do not undo each other' => sub {
	my $path = "/api/connections/$c->{id}/schedule";
	for my $round (1 .. 10) {
		$t->put($path, { enabled => true, frequency => 'hourly', maxRetries => 3 });
		my @kids = map {
			my $body = $_;
			my $pid = fork // die;
			if (!$pid) {
				HTTP::Tiny->new->request(
					'PUT',
					$t->base . $path,
					{
						content => $body,
						headers => {
							authorization => 'Bearer ' . $t->token,
							'content-type' => 'application/json'
						}
					}
				);
				POSIX::_exit(0)
			}
			$pid;
		} '{"maxRetries": 7}', '{"frequency": "daily"}', '{"enabled": false}';
		waitpid $_, 0 for @kids;
		my $s = $t->get($path)->{json};
		is "$s->{maxRetries} $s->{frequency} " . ($s->{enabled} ? 'on' : 'off'),
		    '7 daily off', "round $round"
		    or last;
	}
};

subtest 'pause and resume' => sub {
	my $quiet = sub {
		return wait_for { !$t->get("/api/connections/$c->{id}")->{json}{activeSyncId} }
	};
	ok $quiet->(), 'what the changes before have begun is over';
	is $t->post("/api/connections/$c->{id}/pause")->{json}{status}, 'manual';
	my $r = $t->post("/api/connections/$c->{id}/resume");
	ok $r->{json}{schedule}{enabled};
	is $r->{json}{schedule}{retryCount}, 0;
	$t->post("/api/connections/$c->{id}/pause");
	ok $quiet->(), 'what it began comes to its end';
};

subtest 'test and preview change nothing' => sub {
	my $r = $t->post('/api/preview', { provider => 'csv', config => { url => $url } });
	is $r->{status}, 200;
	is_deeply [map { "$_->{name} $_->{type}" } @{ $r->{json}{columns} }],
	    ['id integer', 'name text'];
	is_deeply $r->{json}{rows}, [['1', 'Ann'], ['2', 'Bob']];
	is $r->{json}{plan}{added}, 2;
	$src->put('/people.csv', "id,name\n1,Anna\n3,Cyd\n");
	$r = $t->post("/api/connections/$c->{id}/preview");
	is_deeply [@{ $r->{json}{plan} }{qw(added updated deleted unchanged)}], [1, 1, 1, 0];
	is_deeply [sort map { "$_->{action} $_->{key}" } @{ $r->{json}{changes} }],
	    ['add 3', 'delete 2', 'update 1'];
	is $t->records($c->{id})->{1}{name}, 'Ann', 'nothing was written';
	$r = $t->post("/api/connections/$c->{id}/test");
	ok $r->{json}{ok};
	is_deeply $r->{json}{choices}{columns}, ['id', 'name'];
	problem_ok(
		$t->post(
			'/api/test',
			{ provider => 'csv', config => { url => $src->url('/nothing.csv') } }
		),
		422,
		'source_not_found',
		'a source that is not there'
	);
};

subtest 'reset reads everything again' => sub {
	is $t->reset_and_wait($c->{id}, 'refetch')->{status}, 'complete';
	my $again = $t->reset_and_wait($c->{id}, 'refetch');
	is join(' ', map { $again->{stats}{$_} } qw(fetched unchanged added deleted)), '2 2 0 0',
	    'all is read, and compared';
	ok !$again->{stats}{notModified}, 'though the source has it unchanged';
	is $t->reset_and_wait($c->{id}, 'clear')->{stats}{added}, 2, 'cleared: all are new';
	problem_ok(
		$t->post("/api/connections/$c->{id}/reset", { mode => 'x' }), 422,
		'invalid_input', 'a mode that is none'
	);
};

subtest 'a repeated POST with the same key makes one connection' => sub {
	my $body = { provider => 'csv', name => 'Once', config => { url => $url }, start => false };
	my ($one, $two) =
	    map { $t->post('/api/connections', $body, headers => { 'idempotency-key' => 'k1' }) } 1,
	    2;
	is $two->{status}, 201;
	is $two->{json}{id}, $one->{json}{id};
	problem_ok(
		$t->post(
			'/api/connections', { %$body, name => 'Other' },
			headers => { 'idempotency-key' => 'k1' }
		),
		422,
		'idempotency_mismatch',
		'the same key with another body'
	);
};

subtest 'another user sees nothing of it' => sub {
	my $other = 'eve:read,sync,write';
	is_deeply $t->get('/api/connections', token => $other)->{json}{data}, [];
	for (
		['GET', ''], ['PATCH', '', { name => 'mine' }], ['DELETE', ''], ['POST', '/pause'],
		['POST', '/resume'], ['GET', '/schedule'],
		['PUT', '/schedule', { enabled => false }],
		['GET', '/syncs'], ['GET', '/datasets'], ['POST', '/test'], ['POST', '/preview'],
		['POST', '/reset', { mode => 'clear' }]
	) {
		my ($method, $path, $body) = @$_;
		is $t->request($method, "/api/connections/$c->{id}$path", $body, token => $other)
		    ->{status}, 404, "$method $path";
	}
	my $set = $t->get("/api/connections/$c->{id}/datasets")->{json}{data}[0]{id};
	is $t->get("/api/datasets/$set/records", token => $other)->{status}, 404;
	is $t->post('/api/sync', { connectionId => $c->{id} }, token => $other)->{status}, 404;
	is keys %{ $t->records($c->{id}) }, 2, 'nothing has changed';
};

subtest 'the command says of each what the interface says' => sub {
	my %api = map { $_->{id} => $_->{status} } @{ $t->get('/api/connections')->{json}{data} };
	my $r = $t->run('tidemark', 'status', '--json');
	my %told = map { $_->{id} => $_->{state} } @{ json($r->{out})->{connections} };
	is $api{ $c->{id} }, 'manual', 'one that rests';
	is_deeply { map { $_ => $told{$_} } keys %api }, \%api, 'in the same words';
};

subtest 'disconnecting keeps the data, or deletes it' => sub {
	my $set = $t->get("/api/connections/$c->{id}/datasets")->{json}{data}[0]{id};
	is $t->del("/api/connections/$c->{id}")->{status}, 204;
	is $t->get("/api/connections/$c->{id}")->{status}, 404;
	is @{ $t->get("/api/datasets/$set/records")->{json}{data} }, 2,
	    'the records can still be read';
	my $d = $t->connect(csv => $url, name => 'To delete');
	$t->wait_run($d->{activeSyncId});
	$set = $t->get("/api/connections/$d->{id}/datasets")->{json}{data}[0]{id};
	is $t->del("/api/connections/$d->{id}?data=delete")->{status}, 204;
	is $t->get("/api/datasets/$set/records")->{status}, 404;
};

done_testing;
