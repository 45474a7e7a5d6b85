# Who may come in: one-time links, sessions, tokens with scopes, the secret of cron.
use strict;
use warnings;
use Test::More;
use Tidemark;

my $t = Tidemark->start;
my $any = sub {
	my ($method, $path, %o) = @_;
	return $t->request($method, $path, $o{body}, token => undef, %o)
};
my $cookie = sub { return { cookie => $_[0]{cookie}, 'x-csrf-token' => $_[0]{csrf} } };

# nginx lets one address sign in once a second: each test comes from another one.
sub from {
	my ($t, $n) = @_;
	$t->{http} =
	    HTTP::Tiny->new(timeout => 30, max_redirect => 0, local_address => "127.0.0.$n");
}

# What stands in Set-Cookie, without its value.
sub set_cookie {
	my ($r) = @_;
	my $set = $r->{headers}{'set-cookie'} // return;
	($set) = grep { !/max-age=0/i } @$set if ref $set;
	return $set =~ s/=[^;]*;/=...;/r;
}

subtest 'a link opens a session, once' => sub {
	from($t, 3);
	my $link = $t->link('admin');
	my $r = $any->('HEAD', $link);
	is($r->{status}, 204, 'HEAD does not use it up');
	is(
		$any->('GET', $link, headers => { 'sec-purpose' => 'prefetch;prerender' })
		    ->{status},
		204, 'nor does a browser that fetches ahead'
	);
	$r = $any->('GET', $link);
	is($r->{status}, 303, 'GET does');
	is($r->{headers}{location}, '/settings?tab=integrations', 'and leads to the settings');
	is(
		set_cookie($r), 'tidemark=...; Path=/; HttpOnly; SameSite=Lax; Max-Age=1209600',
		'the cookie'
	);
	is($r->{headers}{'cache-control'}, 'no-store', 'is kept by nobody');
	my ($value) = $r->{headers}{'set-cookie'} =~ /=([^;]*)/;
	ok(length $value >= 43, 'of 256 bits');
	for my $file (grep { -f } glob $t->home . '/*') {
		unlike(file_text($file), qr/\Q$value\E/, "not in $file");
	}
	is(
		$any->('GET', '/api/connections', headers => { cookie => "tidemark=$value" })
		    ->{status},
		200, 'it is let in'
	);
	$r = $any->('GET', $link);
	is($r->{status}, 401, 'a second time: no');
	like($r->{content}, qr/used already/, 'says why');
	like($r->{content}, qr/tidemark user link/, 'and how to get another');
	is(set_cookie($r), undef, 'no cookie');
	is(
		$any->('GET', $link, headers => { cookie => "tidemark=$value" })->{status}, 303,
		'who is in already goes on'
	);
};

subtest 'a link that another site has led to asks first' => sub {
	from($t, 20);
	my $link = $t->link('mallory') . '&next=/integrations-overview';
	my @other =
	    (headers => { 'sec-fetch-site' => 'cross-site', 'sec-fetch-mode' => 'navigate' });
	my $r = $any->('GET', $link, @other);
	is($r->{status}, 200, 'a page');
	is(set_cookie($r), undef, 'nobody is signed in by looking at it');
	like($r->{content}, qr/Sign in as mallory/, 'which says who one would be');
	my ($key) = $r->{content} =~ /name="key" value="([^"]+)"/;
	is(
		$any->('POST', '/sign-in', @other, form => { key => $key })->{status}, 403,
		'the other site cannot answer it'
	);
	$r = $any->(
		'POST', '/sign-in', form => { key => $key, next => '/integrations-overview' },
		headers => { 'sec-fetch-site' => 'same-origin' }
	);
	is($r->{headers}{location}, '/integrations-overview', 'the person can');
	ok(set_cookie($r), 'and is in');
	is($any->('GET', $link, @other)->{status}, 401, 'a used one is a used one');
};

subtest 'where a link leads' => sub {
	from($t, 4);
	for (
		['/connections/x?tab=a%20b', '/connections/x?tab=a%20b'], ['//evil.example/', '/'],
		['https://evil.example/', '/'], ['/\\evil.example', '/'], ["/\t/evil.example", '/'],
		["/x\r\nSet-Cookie: a=b", '/'], ['', '/settings?tab=integrations'],
		["/caf\xc3\xa9", '/caf%C3%A9']
	) {
		my ($next, $to) = @$_;
		my $r = $any->(
			'GET',
			$t->link('admin') . '&next=' . $next =~
			    s/([^A-Za-z0-9\/])/sprintf '%%%02X', ord $1/ger
		);
		is($r->{headers}{location}, $to, "next=" . $next =~ s/[\t\r\n]/~/gr);
	}
};

subtest 'the sign-in page' => sub {
	from($t, 5);
	my $r = $any->('GET', '/sign-in');
	is($r->{status}, 200, 'is open');
	like($r->{content}, qr/tidemark user link/, 'says how to get a link');
	is($any->('GET', '/sign-in?key=nonsense')->{status}, 401, 'a wrong key');
	is($any->('POST', '/sign-in', form => { key => 'nonsense' })->{status}, 401, 'by form too');
	my ($key) = $t->link('admin') =~ /key=(.*)/;
	is(
		$any->(
			'POST', '/sign-in',
			form => { key => $key, next => '/integrations-overview' }
		)->{headers}{location},
		'/integrations-overview',
		'a right one by form'
	);
};

subtest 'without a credential' => sub {
	from($t, 6);
	my $r = $any->('GET', '/api/connections');
	is($r->{status}, 401, 'the interface says so');
	is($r->{headers}{'www-authenticate'}, 'Bearer', 'and what it takes');
	is($r->{json}{code}, 'unauthorized', 'as a problem');
	is($r->{json}{requestId}, $r->{headers}{'x-request-id'}, 'with the number of the request');
	$r = $any->('GET', '/api/connections', token => 'tm_wrong');
	is($r->{status}, 401, 'a wrong token');
	like($r->{headers}{'www-authenticate'}, qr/invalid_token/, 'is called that');
	$r = $any->('GET', '/settings?tab=integrations&a=b%20c');
	is($r->{status}, 303, 'a page');
	is(
		$r->{headers}{location},
		'/sign-in?next=%2Fsettings%3Ftab%3Dintegrations%26a%3Db%2520c',
		'leads to the sign-in page and back'
	);
	is(
		$any->('POST', '/settings/add', form => { a => 1 })->{headers}{location},
		'/sign-in?next=%2Fsettings%2Fadd',
		'a form too'
	);
	is($any->('GET', '/api/connections', headers => { authorization => 'Basic YTpi' })
		    ->{status}, 401, 'a password');
};

subtest 'sessions' => sub {
	from($t, 7);
	my $s = $t->sign_in('admin');
	ok($s->{csrf}, 'the page carries the token of its forms');
	is($any->('GET', '/', headers => { cookie => $s->{cookie} })->{status}, 200, 'pages open');
	is(
		$any->('GET', '/', headers => { cookie => "a=b; $s->{cookie}; c=d" })->{status},
		200,
		'among other cookies'
	);
	my $other = $t->sign_in('admin');
	isnt($other->{csrf}, $s->{csrf}, 'each session has its own token');
	my $r = $any->(
		'POST', '/sign-out', headers => { cookie => $s->{cookie} },
		form => { csrf => $s->{csrf} }
	);
	is($r->{status}, 303, 'sign out');
	like(
		join("\n", map { ref ? @$_ : $_ } $r->{headers}{'set-cookie'}),
		qr/^tidemark=; .*Max-Age=0/, 'the cookie goes'
	);
	is(
		$any->('GET', '/api/connections', headers => { cookie => $s->{cookie} })->{status},
		401,
		'and the session is over'
	);
	is(
		$any->('GET', '/api/connections', headers => { cookie => $other->{cookie} })
		    ->{status},
		200, 'the other one is not'
	);
};

subtest 'tokens' => sub {
	from($t, 8);
	my $r = $t->post('/api/tokens', { name => 'reader', scopes => ['read'], days => 7 });
	is($r->{status}, 201, 'made');
	my ($id, $token) = @{ $r->{json} }{qw(id token)};
	like($token, qr/^tm_[A-Za-z0-9_-]{43}$/, 'shown');
	is_deeply($r->{json}{scopes}, ['read'], 'with its scopes');
	ok($r->{json}{expiresAt} gt $r->{json}{createdAt}, 'and its end');
	for my $file (grep { -f } glob $t->home . '/*') {
		unlike(file_text($file), qr/\Q$token\E/, "not in $file");
	}
	is($any->('GET', '/api/connections', token => $token)->{status}, 200, 'it is let in');
	my ($row) = grep { $_->{id} eq $id } @{ $t->get('/api/tokens')->{json}{data} };
	is($row->{name}, 'reader', 'listed');
	ok(!exists $row->{token}, 'not shown again');
	ok($row->{lastUsedAt}, 'last use');
	$r = $t->post('/api/tokens', { name => 'x', scopes => ['read'] }, token => $token);
	is($r->{status}, 403, 'reading is not writing');
	like($r->{json}{detail}, qr/"write"/, 'the scope is named');
	is(
		$t->post('/api/sync', { connectionId => 'x' }, token => $token)->{status}, 403,
		'nor syncing'
	);
	is($t->get('/metrics', token => $token)->{status}, 403, 'nor operating');
	is($t->del("/api/tokens/$id")->{status}, 204, 'revoked');
	is($any->('GET', '/api/connections', token => $token)->{status}, 401, 'and useless');
	is($t->del("/api/tokens/$id")->{status}, 404, 'gone is gone');
	my $id2 = $t->post('/api/tokens', { name => 'second', scopes => 'read, sync' })->{json}{id};
	is($t->del("/api/tokens?id=$id2")->{status}, 204, 'revoked by query');
	is($t->del('/api/tokens')->{status}, 422, 'which one?');
	is(
		$t->post('/api/tokens', { name => 'x', scopes => ['everything'] })->{status}, 422,
		'no such scope'
	);
	is(
		$t->post('/api/tokens', { scopes => ['read'] })->{json}{errors}[0]{field}, 'name',
		'a name is needed'
	);
	is(
		$t->post('/api/tokens', { name => 'x', scopes => ['read'], days => 0 })->{status},
		422,
		'no days'
	);
	is(
		$t->post('/api/tokens', { name => 'x', scopes => ['operator'] })->{status}, 403,
		'not more than one has oneself'
	);
};

subtest 'users do not see each other' => sub {
	from($t, 9);
	my $ann = 'ann:read,sync,write';
	my $id = $t->post('/api/tokens', { name => 'hers', scopes => ['read'] }, token => $ann)
	    ->{json}{id};
	ok($id, 'a token of ann');
	ok(
		!grep({ $_->{id} eq $id } @{ $t->get('/api/tokens')->{json}{data} }),
		'is not in the list of admin'
	);
	is($t->del("/api/tokens/$id")->{status}, 404, 'and cannot be revoked by him');
	is($t->get('/api/tokens', token => $ann)->{status}, 200, 'it lives');
};

subtest 'the operator' => sub {
	from($t, 10);
	is($t->get($_, token => 'admin:read,operator')->{status}, 200, "$_ with the scope")
	    for '/metrics', '/api/doctor';
	is($t->get($_)->{status}, 403, "$_ without") for '/metrics', '/api/doctor';
	my $s = $t->sign_in('admin');
	is(
		$any->('GET', '/api/doctor', headers => { cookie => $s->{cookie} })->{status}, 200,
		'a session of an operator has it'
	);
	my $ann = $t->sign_in('ann');
	is(
		$any->('GET', '/api/doctor', headers => { cookie => $ann->{cookie} })->{status},
		403,
		'one of a member has not'
	);
};

subtest 'cron' => sub {
	from($t, 11);
	my $r = $t->post(
		'/api/connectors/sync', { limit => 10, waitSeconds => 0 },
		token => 'cron-secret-of-the-tests'
	);
	is($r->{status}, 200, 'its secret runs connectors') or diag $r->{content};
	is(
		$t->post(
			'/api/connectors/sync', { limit => 10 }, token => 'cron-secret-of-the-test'
		)->{status},
		401,
		'a wrong one does not'
	);
	is(
		$t->get('/api/connections', token => 'cron-secret-of-the-tests')->{status}, 401,
		'nor does it open anything else'
	);
	is(
		$t->post('/api/connectors/sync', { limit => 10, waitSeconds => 0 })->{status}, 200,
		'a token with sync does'
	);
	is(
		$t->post('/api/connectors/sync', { limit => 10 }, token => 'admin:read')->{status},
		403,
		'one without does not'
	);
};

subtest 'over https the cookie is bound to the host' => sub {
	from($t, 12);
	my $https =
	    Tidemark->start(web => 1, hook => 0, env => { APP_URL => 'https://sync.example.com' });
	my $r =
	    $https->get($https->link('admin') =~ s{^https://sync\.example\.com}{}r, token => undef);
	is(
		set_cookie($r),
		'__Host-tidemark=...; Path=/; HttpOnly; SameSite=Lax; Max-Age=1209600; Secure',
		'and never sent in the clear'
	);
};

subtest 'before the database is there' => sub {
	from($t, 13);
	my $new = Tidemark->start(web => 1, hook => 0);
	my $home = $new->home;
	my $token = $new->token;
	rename "$home/tidemark.db", "$home/away.db" or die;
	kill 'KILL', $new->pids('tidemark-fcgi');
	my $r = wait_for {
		my $r = $new->get('/api/connections', token => $token);
		$r->{json} && $r->{json}{code} eq 'schema_mismatch' ? $r : undef
	};
	ok($r, 'the interface names what is missing');
	is($r->{status}, 503, 'as something that passes');
	ok($r->{headers}{'retry-after'}, 'with a time to come back');
	is($new->get('/healthz', token => undef)->{status}, 200, 'the process is up');
	is($new->get('/readyz', token => undef)->{status}, 503, 'but not ready');
	is($new->get('/', token => undef)->{status}, 503, 'pages too');
	is($new->get('/sign-in?key=x', token => undef)->{status}, 503, 'and the sign-in page');
	rename "$home/away.db", "$home/tidemark.db" or die;
	is(
		$new->get('/api/connections', token => $token)->{status}, 200,
		'then it goes on without a restart'
	);
};

done_testing;
