# What the dispatcher sees to before any handler, and after it.
use strict;
use warnings;
use Test::More;
use IO::Socket::INET;
use Tidemark;

my $t = Tidemark->start;
my $s = $t->sign_in('admin');
my $new = { name => 'x', scopes => ['read'] };
my $count = sub { return scalar @{ $t->get('/api/tokens')->{json}{data} } };

# A request with a cookie.
sub browser {
	my ($method, $path, $body, %h) = @_;
	return $t->request(
		$method, $path, $body, token => undef,
		headers => { cookie => $s->{cookie}, %h }
	);
}

# What the server says to these bytes, up to the end of the connection.
sub raw {
	my ($text) = @_;
	my $sock =
	    IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $t->port, Timeout => 5)
	    or die $@;
	print $sock $text;
	local $/;
	return scalar <$sock>;
}

subtest 'paths and methods' => sub {
	my $r = $t->get('/api/nothing');
	is($r->{status}, 404, 'an unknown address of the interface');
	is($r->{json}{code}, 'not_found', 'as a problem');
	$r = $t->get('/nothing', token => undef);
	is($r->{status}, 404, 'an unknown page');
	like($r->{headers}{'content-type'}, qr{^text/html}, 'in HTML');
	$r = $t->request('DELETE', '/api/connections');
	is($r->{status}, 405, 'a method it does not take');
	is($r->{headers}{allow}, 'GET, HEAD, POST', 'those it does');
	is($t->request($_, '/api/connections')->{status}, 405, $_) for qw(OPTIONS TRACE PROPFIND);
	my %takes = (
		'/api/calendar/webhooks/google' => 'POST, PUT, DELETE',
		'/api/webhooks/google-drive' => 'POST',
		'/api/webhooks/mine' => 'GET, HEAD, DELETE, PATCH'
	);
	for my $path (sort keys %takes) {
		$r = $t->request('PROPFIND', $path);
		is($r->{status}, 405, "$path, which others of its processes take, too");
		is(join(', ', sort split /, /, $r->{headers}{allow}),
			join(', ', sort split /, /, $takes{$path}), 'all that it takes');
	}
	is(
		$t->request('POST', '/settings', undef, token => undef)->{status}, 405,
		'before it is asked who asks'
	);
	is($t->get('/api/connections/')->{status}, 404, 'a part cannot be empty');
	is($t->get('/api/connections/a/b/c')->{status}, 404, 'nor hold more parts');
	is($t->get('/api/connections/%2e%2e%2ftokens')->{status}, 404, 'nor lead away');
	is($t->get('/api//connections')->{status}, 404, 'a doubled slash');
	is($t->get('/api/connections/%zz')->{status}, 400, 'a broken escape');
	is($t->get('/api/connections/%ff')->{status}, 400, 'no UTF-8');
	is($t->get('/api/connections?cursor=%00')->{status}, 400, 'a zero byte in the query');
	is(
		$t->get('/api/connections?' . join('&', map { "a$_=1" } 1 .. 1100))->{status}, 400,
		'eleven hundred parameters'
	);
};

subtest 'HEAD is GET without a body' => sub {
	my $r = $t->request('HEAD', '/api/connections');
	is($r->{status}, 200, 'status');
	is($r->{content} // '', '', 'no body');
	ok($r->{headers}{etag}, 'its headers');
};

subtest 'bodies' => sub {
	my $post = sub {
		my ($body, $type) = @_;
		return $t->post(
			'/api/tokens', $body,
			headers => { defined $type ? ('content-type' => $type) : () }
		)
	};
	is(
		$post->('{"name":"x","scopes":["read"]}', 'application/json; charset=utf-8')
		    ->{status},
		201, 'JSON'
	);
	is($post->('{"name":"x","scopes":["read"]}', 'text/plain')->{status}, 415, 'another type');
	is($post->('name=x', 'application/x-www-form-urlencoded')->{status}, 415, 'a form');
	my $r = $post->('{"name":', 'application/json');
	is($r->{status}, 400, 'broken JSON');
	like($r->{json}{detail}, qr/The body/, 'is named');
	is($post->($_, 'application/json')->{status}, 400, "$_ is no object")
	    for '[]', '1', 'null', '"a"', '{} {}', "{\"a\":\"\xff\"}";
	is(
		$post->('{"name":"x","name":"y","scopes":["read"]}', 'application/json')->{status},
		400,
		'a name twice'
	);
	$r = $post->('{"name":"' . 'x' x 5000 . '"}', 'application/json');
	is($r->{status}, 413, 'longer than this route takes');
	is($r->{json}{code}, 'too_large', 'as a problem');
	$r = $post->(undef, undef);
	is($r->{status}, 422, 'none at all');
	ok(@{ $r->{json}{errors} }, 'complaints by field');
	is(
		$t->request(
			'DELETE', '/api/tokens/x', '{}',
			headers => { 'content-type' => 'application/json' }
		)->{status},
		413,
		'where none is taken'
	);
	is(
		$t->post(
			'/sign-in', '{}', token => undef,
			headers => { 'content-type' => 'application/json' }
		)->{status},
		415,
		'JSON to a page'
	);
	$r = $t->post('/sign-in', undef, token => undef, form => { key => 'x' x 5000 });
	is($r->{status}, 413, 'a long form');
	like($r->{headers}{'content-type'}, qr{^text/html}, 'answered by a page');
	like(
		raw(
			      "POST /api/tokens HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
			    . "Authorization: Bearer "
			    . $t->token
			    . "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
			    . "\r\n"
			    . "1e\r\n{\"name\":\"x\",\"scopes\":[\"read\"]}\r\n0\r\n\r\n"
		),
		qr{^HTTP/1.1 201 },
		'in chunks'
	);
};

subtest 'a browser needs the token of its session' => sub {
	my $before = $count->();
	my $r = browser('POST', '/api/tokens', $new);
	is($r->{status}, 403, 'without');
	is($r->{json}{code}, 'csrf', 'is refused');
	is(
		browser('POST', '/api/tokens', $new, 'x-csrf-token' => 'wrong')->{status}, 403,
		'a wrong one'
	);
	my $other = $t->sign_in('admin');
	is(
		browser('POST', '/api/tokens', $new, 'x-csrf-token' => $other->{csrf})->{status},
		403,
		'one of another session'
	);
	for my $h (
		{ 'sec-fetch-site' => 'cross-site' }, { 'sec-fetch-site' => 'same-site' },
		{ origin => 'https://evil.example' }, { origin => 'null' },
		{ origin => $t->base . '.evil.example' }
	) {
		is(browser('POST', '/api/tokens', $new, 'x-csrf-token' => $s->{csrf}, %$h)
			    ->{status}, 403, join ': ', %$h);
	}
	is($count->(), $before, 'nothing was made');
	for my $h (
		{}, { 'sec-fetch-site' => 'same-origin' }, { 'sec-fetch-site' => 'none' },
		{ origin => $t->base }
	) {
		is(browser('POST', '/api/tokens', $new, 'x-csrf-token' => $s->{csrf}, %$h)
			    ->{status}, 201, join(': ', %$h) || 'with it');
	}
	is(
		browser('GET', '/api/tokens', undef, 'sec-fetch-site' => 'cross-site')->{status},
		200,
		'reading needs none'
	);
	is(
		$t->post(
			'/api/tokens', $new,
			headers =>
			    { 'sec-fetch-site' => 'cross-site', origin => 'https://evil.example' }
		)->{status},
		201,
		'nor does an API token'
	);
	$r = $t->post(
		'/sign-out', undef, token => undef, headers => { cookie => $s->{cookie} },
		form => {}
	);
	is($r->{status}, 403, 'a form without it');
	like($r->{headers}{'content-type'}, qr{^text/html}, 'is answered by a page');
	is(browser('GET', '/api/tokens')->{status}, 200, 'and the session goes on');
};

subtest 'every route that changes something guards against other sites' => sub {
	my $doc = $t->get('/api/openapi.json', token => undef)->{json};
	# Callbacks of providers have no cookie: they prove themselves.
	my $calls = qr{^/api/(?:webhooks/(?:google-|notion$)|calendar/webhooks/)};
	for my $path (grep { !/$calls/ } sort keys %{ $doc->{paths} }) {
		for my $method (grep { $_ ne 'get' } sort keys %{ $doc->{paths}{$path} }) {
			my $r = browser(
				uc $method, $path =~ s/\{\w+\}/x/gr,
				$method eq 'delete' ? undef : {}
			);
			is($r->{status}, 403, "\U$method\E $path") or diag $r->{content};
		}
	}
};

subtest 'entity tags' => sub {
	my $r = $t->get('/api/connections');
	my $tag = $r->{headers}{etag};
	like($tag, qr/^(?:W\/)?"[0-9a-f]{32}"$/, 'a tag');
	is($r->{headers}{'cache-control'}, 'no-store', 'and kept by no browser');
	for ($tag, "W/$tag", "\"a\", $tag", "\"a\",W/$tag , \"b\"", '*') {
		my $again = $t->get('/api/connections', headers => { 'if-none-match' => $_ });
		is($again->{status}, 304, $_);
		is($again->{content} // '', '', 'no body');
		is($again->{headers}{etag}, $tag, 'the tag');
	}
	is($t->get('/api/connections', headers => { 'if-none-match' => $_ })->{status}, 200, $_)
	    for '"a"', '', 'a', substr($tag, 1, 32);
	for (['/sign-in', 200, 'a page'], ['/api/connections/none', 404, 'what there is not']) {
		my ($path, $status, $what) = @$_;
		$r = $t->get($path, headers => { 'if-none-match' => '*' });
		is($r->{status}, $status, "$what is told whatever one has");
		is($r->{headers}{etag}, undef, 'and has no tag');
	}
	is(
		$t->get('/api/tokens')->{headers}{'cache-control'}, 'no-store',
		'what has no tag is not stored'
	);
};

subtest 'the same key, the same answer' => sub {
	my $source = $t->source;
	$source->put('/a.csv', "id,name\n1,Ann\n");
	my $body = {
		provider => 'csv', name => 'one', config => { url => $source->url('/a.csv') },
		start => false
	};
	my $make = sub {
		my ($b, $key, %o) = @_;
		return $t->post(
			'/api/connections', $b, headers => { 'idempotency-key' => $key },
			%o
		)
	};
	my $first = $make->($body, 'k1');
	is($first->{status}, 201, 'made') or diag $first->{content};
	my $again = $make->($body, 'k1');
	is($again->{status}, 201, 'again');
	is($again->{json}{id}, $first->{json}{id}, 'the same one');
	is($again->{headers}{location}, $first->{headers}{location}, 'with its address');
	is($again->{headers}{'idempotent-replayed'}, 'true', 'and said so');
	is(scalar @{ $t->get('/api/connections')->{json}{data} }, 1, 'there is one');
	my $r = $make->({ %$body, name => 'two' }, 'k1');
	is($r->{status}, 422, 'another request with this key');
	is($r->{json}{code}, 'idempotency_mismatch', 'is refused');
	isnt($make->($body, 'k2')->{json}{id}, $first->{json}{id}, 'another key, another one');
	is(
		$make->($body, 'k1', token => 'ann:read,sync,write')->{status}, 201,
		'the key of somebody else is another one'
	);
	is($make->({ provider => 'csv' }, 'k3')->{status}, 422, 'what failed');
	is($make->($body, 'k3')->{status}, 201, 'may be tried again');
	is($make->($body, 'x' x 201)->{status}, 422, 'a key has 200 characters at most');
	my $token = $t->post('/api/tokens', $new, headers => { 'idempotency-key' => 't1' });
	is($token->{status}, 201, 'a token');
	$r = $t->post('/api/tokens', $new, headers => { 'idempotency-key' => 't1' });
	is($r->{status}, 409, 'is shown once, and not made twice');
	for my $file (grep { -f } glob $t->home . '/tidemark.db*') {
		unlike(file_text($file), qr/\Q$token->{json}{token}\E/, 'nor kept');
	}
};

subtest 'many at once with one key make one' => sub {
	my $body = { name => 'race', scopes => ['read'] };
	my @pids = map {
		my $pid = fork // die;
		if (!$pid) {
			my $r = HTTP::Tiny->new(timeout => 20)->post(
				$t->base . '/api/tokens',
				{
					headers => {
						authorization => 'Bearer ' . $t->token,
						'content-type' => 'application/json',
						'idempotency-key' => 'race'
					},
					content => '{"name":"race","scopes":["read"]}'
				}
			);
			POSIX::_exit($r->{status} == 201 ? 1 : $r->{status} == 409 ? 2 : 3);
		}
		$pid;
	} 1 .. 8;
	my %seen;
	for (@pids) { waitpid $_, 0; $seen{ $? >> 8 }++ }
	is_deeply(\%seen, { 1 => 1, 2 => 7 }, 'one is told the token, the others that it was made');
	is(
		scalar(grep { $_->{name} eq 'race' } @{ $t->get('/api/tokens')->{json}{data} }), 1,
		'there is one'
	);
};

subtest 'what comes back' => sub {
	my ($a, $b) = map { $t->get('/api/connections')->{headers}{'x-request-id'} } 1, 2;
	like($a, qr/^[0-9a-f-]{32,36}$/, 'a number of the request');
	isnt($a, $b, 'of its own');
	my $r = $t->get('/api/nothing');
	is_deeply(
		[grep { !exists $r->{json}{$_} } qw(type title status detail code)], [],
		'a whole problem'
	);
	is($r->{headers}{'content-type'}, 'application/problem+json', 'by its type');
	is($r->{headers}{'cache-control'}, 'no-store', 'not stored');
	my $log = file_text($t->log_file('web'));
	my $id = $r->{headers}{'x-request-id'};
	like(
		$log,
		qr/"event":"http.request","req":"$id"[^\n]*"status":404[^\n]*"address":"127[.]0/,
		'one line in the log'
	);
	unlike($log, qr/tm_[A-Za-z0-9_-]{20}|key=|\Q$s->{csrf}\E/, 'without secrets');
};

subtest 'the pool for callbacks answers nothing else' => sub {
	is($t->post('/api/webhooks/notion', {})->{status}, 404, 'no receiver yet');
	is($t->get('/api/webhooks/../connections')->{status}, 404, 'no way round');
};

subtest 'a process ends after its number of requests, and another takes over' => sub {
	my $few = Tidemark->start(web => 1, hook => 0, env => { TIDEMARK_FCGI_REQUESTS => 3 });
	my %pid;
	for (1 .. 20) {
		my $r = $few->get('/api/connections');
		is($r->{status}, 200, "request $_");
		$pid{$_} = 1 for $few->pids('tidemark-fcgi');
	}
	ok(keys %pid > 2, 'several had their turn');
};

subtest 'a process that is asked to end answers first' => sub {
	my $one = Tidemark->start(web => 1, hook => 0);
	my ($pid) = $one->pids('tidemark-fcgi');
	$one->token;
	$one->source->put('/slow.csv', "id,name\n1,Ann\n", delay => 2);
	my $body = { provider => 'csv', config => { url => $one->source->url('/slow.csv') } };
	my $kid = fork // die;
	if (!$kid) {
		my $r = $one->post('/api/test', $body);
		POSIX::_exit($r->{status} == 200 && $r->{json}{ok} ? 0 : 1);
	}
	ok(wait_for(sub { $one->source->requests('/slow.csv') }), 'it is busy');
	kill 'TERM', $pid;
	waitpid $kid, 0;
	is($?, 0, 'the request that was on its way');
	ok(wait_for(sub { !kill 0, $pid }), 'then it is gone');
	is($one->get('/healthz')->{status}, 200, 'and another one is there');
	($pid) = $one->pids('tidemark-fcgi');
	kill 'TERM', $pid;
	ok(wait_for(sub { !kill 0, $pid }), 'one that waits ends at once');
};

subtest 'by hand' => sub {
	my $r = $t->run('tidemark-fcgi');
	is($r->{rc}, 64, 'without a socket it says how it is started');
	like($r->{err}, qr/spawn-fcgi/, 'in a sentence');
	is($t->run('tidemark-fcgi', '--version')->{out}, "tidemark-fcgi 0.1.0\n", '--version');
	is($t->run('tidemark-fcgi', '--help')->{rc}, 0, '--help');
	is($t->run('tidemark-fcgi', '--pool', 'none')->{rc}, 64, 'no such pool');
	is($t->run('tidemark-fcgi', 'x')->{rc}, 64, 'no arguments');
	is($t->run({ env => { PORT => 'x' } }, 'tidemark-fcgi')->{rc}, 78, 'a wrong setting');
};

done_testing;
