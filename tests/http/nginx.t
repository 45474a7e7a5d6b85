# What nginx does in front of the programs: headers everywhere, static files, limits, its own
# words when it must answer itself.
use strict;
use warnings;
use Test::More;
use Tidemark;

my $t = Tidemark->start;
my $policy = join '; ', "default-src 'none'", "script-src 'self'", "style-src 'self'",
    "img-src 'self' data:", "connect-src 'self'", "form-action 'self'", "frame-ancestors 'none'",
    "base-uri 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'";
my $csp = qr/^\Q$policy\E$/;

sub headers_ok {
	my ($r, $what) = @_;
	my $h = $r->{headers};
	like($h->{'content-security-policy'} // '', $csp, "$what: CSP");
	is($h->{'x-content-type-options'}, 'nosniff', "$what: nosniff");
	is($h->{'referrer-policy'}, 'no-referrer', "$what: referrer");
	is($h->{'cross-origin-opener-policy'}, 'same-origin', "$what: COOP");
	is($h->{'server'}, 'nginx', "$what: no version");
	ok(!exists $h->{'strict-transport-security'}, "$what: HSTS only over https");
}

is(
	$t->get('/healthz', token => undef, headers => { 'x-forwarded-proto' => 'https' })
	    ->{headers}{'strict-transport-security'},
	'max-age=31536000', 'HSTS also behind a proxy that ends TLS'
);
my $css = 'css/app.css';
my $get = sub { return $t->get($_[0], token => undef, @_[1 .. $#_]) };

subtest 'security headers stand on every kind of answer' => sub {
	for (
		['/healthz', 200], ['/sign-in', 200], ['/api/connections', 401],
		['/nothing/here', 404], ["/static/$css", 200], ["/static/0123456789ab/$css", 200],
		['/static/none.js', 404], ['/%', 400]
	) {
		my ($path, $status) = @$_;
		my $r = $get->($path);
		is($r->{status}, $status, "$path: $status");
		headers_ok($r, $path);
	}
};

subtest 'static files' => sub {
	my $r = $get->("/static/0123456789ab/$css");
	like($r->{headers}{'cache-control'}, qr/immutable/, 'by build: kept for good');
	like($r->{headers}{'content-type'}, qr{^text/css; charset=utf-8}, 'type');
	like(
		$get->("/static/0.1.0/$css")->{headers}{'cache-control'}, qr/immutable/,
		'by version too'
	);
	my $plain = $get->("/static/$css");
	is($plain->{headers}{'cache-control'}, 'no-cache', 'without: asked each time');
	is($get->("/static/$css", headers => { 'if-none-match' => $plain->{headers}{etag} })
		    ->{status}, 304, 'and answered briefly');
	is($get->($_)->{status}, 404, $_)
	    for '/static/../Makefile', '/static/%2e%2e/Makefile', '/static/..%2fMakefile',
	    '/static/0123456789ab/../../Makefile', '/static/', '/static', '/static/css/';
	is(
		$get->('/error/unavailable.json')->{status}, 404,
		'words of nginx have no address of their own'
	);
};

subtest 'compression' => sub {
	my $r = $get->("/static/$css", headers => { 'accept-encoding' => 'gzip' });
	is($r->{headers}{'content-encoding'}, 'gzip', 'of text');
	like($r->{headers}{vary} // '', qr/Accept-Encoding/i, 'and Vary says so');
};

# As cookies of other applications under the same domain come along: so many of 500 bytes.
sub with_cookies {
	my ($n, @ours) = @_;
	return { cookie => join '; ', @ours, map { "app$_=" . 'x' x 490 } 1 .. $n };
}

subtest 'headers that are too long are refused with what to do' => sub {
	for (
		[{ 'x-long' => 'x' x 40_000 }, 'one'],
		[with_cookies(80), 'cookies'],
		[{ map { ("x-long-$_" => 'x' x 30_000) } 1 .. 6 }, 'many']
	) {
		my ($headers, $what) = @$_;
		my $r = $get->('/', headers => $headers);
		is($r->{status}, 431, "$what: a page");
		like($r->{content}, qr/Delete the cookies of this domain/, 'in words');
		headers_ok($r, $what);
		for my $path ('/api/connections?limit=5', '/healthz') {
			$r = $get->($path, headers => $headers);
			is($r->{status}, 431, "$what: $path");
			is($r->{headers}{'content-type'}, 'application/problem+json', 'the type');
			is($r->{json}{code}, 'headers_too_large', 'the code');
			is($r->{json}{status}, 431, 'the status in the body');
		}
	}
	for my $n (9_000, 20_000) {
		my $r = $get->('/api/connections?q=' . 'x' x $n);
		is($r->{status}, 414, "an address of $n characters");
		is($r->{json}{status}, 414, 'in the words of the interface');
		$r = $get->('/sign-in?next=/' . 'x' x $n);
		is($r->{status}, 414, 'a page');
		like($r->{content}, qr/That address is too long/, 'in words');
		headers_ok($r, "an address of $n characters");
	}
	my $r = $get->('/api/connections?q=' . 'x' x 40_000);
	is($r->{status}, 414, 'one that is not even read');
	like($r->{content}, qr/too long/, 'says so');
};

# Limits are those of an address; each of these is used once.
my $addresses = 20;
sub next_address { return '127.0.0.' . $addresses++ }

subtest 'limits' => sub {
	my $r = $t->post(
		'/api/connections', 'x' x 1_100_000,
		headers => { 'content-type' => 'application/json' }
	);
	is($r->{status}, 413, 'a body over a megabyte');
	is(
		$r->{headers}{'content-type'}, 'application/problem+json',
		'in the words of the interface'
	);
	is($r->{json}{code}, 'too_large', 'with its code');
	# However the key is written.
	for my $try ('/sign-in?key=x', '/sign-in?next=x&key=x', '/sign-in?next=x&%6bey=x') {
		my $elsewhere = HTTP::Tiny->new(local_address => next_address());
		my %seen;
		$seen{ $elsewhere->get($t->base . $try)->{status} }++ for 1 .. 40;
		ok($seen{429}, "$try again and again is slowed down");
		ok(($seen{401} // 0) >= 20, 'but not the first twenty');
		$r = $elsewhere->get($t->base . $try);
		ok($r->{headers}{'retry-after'}, 'with Retry-After') if $r->{status} == 429;
	}
	# Pages look at it for whether somebody is still signed in.
	for my $look ('/sign-in', '/sign-in?next=%2Fsettings') {
		my %seen;
		$seen{ $get->($look)->{status} }++ for 1 .. 40;
		is_deeply(\%seen, { 200 => 40 }, "$look is looked at as often as one likes");
	}
};

subtest 'cookies of other applications are in nobody\'s way' => sub {
	my $s = $t->sign_in;
	for my $n (24, 40, 60) {
		my $with = with_cookies($n, $s->{cookie});
		my $r = $get->('/', headers => $with);
		is($r->{status}, 200, "a page, with $n of them");
		like($r->{content}, qr/csrf/, 'signed in');
		is($get->('/api/connections', headers => $with)->{status}, 200, 'a call');
		is(
			$t->post(
				'/api/tokens',
				{ name => "t$n", scopes => ['read'] },
				token => undef,
				headers => { %$with, 'x-csrf-token' => $s->{csrf} }
			)->{status},
			201, 'a change'
		);
	}
};

subtest 'a request cannot set the environment of the programs' => sub {
	is(
		$get->('/healthz', headers => { proxy => 'http://127.0.0.1:9' })->{status}, 200,
		'Proxy is dropped'
	);
};

subtest 'a process that dies is replaced' => sub {
	my @before = $t->pids('tidemark-fcgi');
	is(scalar @before, 4, 'two, one that may wait, and one');
	kill 'KILL', @before;
	ok(
		wait_for(sub {
			my @now = $t->pids('tidemark-fcgi');
			@now == 4 && !grep {
				my $p = $_;
				grep { $_ == $p } @before
			} @now
		}),
		'four others'
	);
	ok(wait_for(sub { $get->('/healthz')->{status} == 200 }), 'it answers');
};

subtest 'without processes nginx speaks for them' => sub {
	kill 'STOP', values %{ $t->{pool} };
	kill 'KILL', $t->pids('tidemark-fcgi');
	kill 'KILL', values %{ $t->{pool} };
	wait_for(sub {
		!grep { -e "/proc/$_/fd/3" } values %{ $t->{pool} }
	});
	my $r =
	    wait_for(sub { my $a = $get->('/api/connections'); $a->{status} == 503 ? $a : undef });
	ok($r, 'unavailable');
	is($r->{json}{code}, 'unavailable', 'as a problem');
	ok($r->{headers}{'retry-after'}, 'with Retry-After');
	headers_ok($r, 'unavailable');
	$r = $get->('/settings');
	is($r->{status}, 503, 'a page');
	like($r->{content}, qr/<title>.*Tidemark/, 'in HTML');
	# What could not be answered is still good: it must not lie in a log.
	my $elsewhere = HTTP::Tiny->new(local_address => '127.0.0.9', max_redirect => 0);
	is($elsewhere->get($t->base . "$_=still-good")->{status}, 503, $_)
	    for '/confirm?key', '/api/auth/google/callback?state=s&code', '/sign-in?key';
	ok(
		wait_for(sub {
			$elsewhere->get($t->base . '/sign-in?key=still-good')->{status} == 429
		}),
		'or is refused for coming too often'
	);
	like(file_text($t->log_file('nginx')), qr{GET /settings }, 'what went wrong is logged');
	unlike(
		file_text($t->log_file('nginx')), qr/still-good/,
		'but no address with a key or a code'
	);
	$t->pool($_) for qw(web hook);
	ok(wait_for(sub { $get->('/healthz')->{status} == 200 }), 'and goes on when they are back');
};

done_testing;
