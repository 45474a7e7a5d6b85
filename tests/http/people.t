# Several people: invitations, passwords, limits on guessing, sessions, users, tokens that act for
# users, progress tokens, single sign-on, the audit.
use strict;
use warnings;
use IO::Socket::UNIX;
use Test::More;
use Tidemark;

my $APP = 'https://app.example.com';
our $t = Tidemark->start(
	sso => 'our-proxy',
	env => {
		TIDEMARK_SSO_PROXY => 'our-proxy',
		TIDEMARK_CORS_ORIGINS => "https://other.example.com, $APP"
	}
);
my $op = 'admin:read,sync,write,operator';
my $any = sub {
	my ($method, $path, %o) = @_;
	return $t->request($method, $path, $o{body}, token => undef, %o)
};

# nginx lets one address sign in once a second: each test comes from another one.
sub from {
	$t->{http} =
	    HTTP::Tiny->new(timeout => 30, max_redirect => 0, local_address => "127.0.0.$_[0]")
}
sub cookie_of {
	my ($r) = @_;
	my $set = $r->{headers}{'set-cookie'} // return;
	my ($c) = map { /^([^;]+)/ } grep { !/max-age=0/i } ref $set ? @$set : $set;
	return $c;
}
sub csrf_of { return $_[0]{content} =~ /name="csrf" value="([^"]+)"/ ? $1 : undef }
sub page { my ($cookie, $path) = @_; return $any->('GET', $path, headers => { cookie => $cookie }) }
sub act {
	my ($cookie, $path, %form) = @_;
	return $any->(
		'POST', $path, headers => { cookie => $cookie },
		form => { csrf => csrf_of(page($cookie, '/')), %form }
	);
}
sub path_of { return $_[0] =~ s{^http://[^/]+}{}r }

my $password = 'correct horse battery';

subtest 'an invitation leads to a password, and that signs in' => sub {
	from(21);
	my $r = $t->post(
		'/api/users', { name => 'eve', workspace_id => 'ws-eve', invite => true },
		token => $op
	);
	is($r->{status}, 201, 'a user is added') or diag $r->{content};
	is($r->{json}{role}, 'member', 'as a member');
	ok(!$r->{json}{hasPassword}, 'without a password');
	like($r->{json}{link}, qr{^\Q$t->{base}\E/sign-in\?key=[\w-]{43}$}, 'with a link');
	$r = $any->('GET', path_of($r->{json}{link}));
	is($r->{headers}{location}, '/settings?tab=account', 'which leads to choosing one');
	my $cookie = cookie_of($r);
	like(
		page($cookie, '/settings?tab=account')->{content}, qr/Choose a password now/,
		'and the page says so'
	);
	for (
		['short', 'short', qr/at least 10/],
		['1234567890', '1234567890', qr/first that anybody tries/],
		[$password, 'something else', qr/not the same/]
	) {
		my ($new, $again, $why) = @$_;
		$r = act(
			$cookie, '/settings/account', do => 'password', password => $new,
			again => $again
		);
		is($r->{status}, 422, "refused: $new");
		like($r->{content}, $why, 'with the reason');
		unlike($r->{content}, qr/\Q$new\E"/, 'and what was typed is not shown again');
	}
	$r = act(
		$cookie, '/settings/account', do => 'password', password => $password,
		again => $password
	);
	is($r->{headers}{location}, '/settings?tab=account', 'set') or diag $r->{content};
	is(
		$any->(
			'POST', '/sign-in',
			form => { name => 'eve', password => 'wrong wrong wrong' }
		)->{status},
		401,
		'a wrong one is refused'
	);
	$r = $any->(
		'POST', '/sign-in',
		form => { name => 'eve', password => $password, next => '/integrations-overview' }
	);
	is(
		$r->{headers}{location}, '/integrations-overview',
		'the right one goes where one wanted to go'
	);
	ok(cookie_of($r), 'with a session');
	for my $file (grep { -f } glob $t->home . '/*') {
		unlike(
			file_text($file), qr/\Q$password\E/,
			'the password is not in ' . $file =~ s{.*/}{}r
		);
	}
	unlike($t->logs, qr/\Q$password\E/, 'nor in a log');
};

subtest 'unknown names and wrong passwords look the same' => sub {
	from(22);
	my @r = map {
		$any->('POST', '/sign-in', form => { name => $_, password => 'nothing of mine' })
	} 'eve', 'nobody';
	is($_->{status}, 401, 'refused') for @r;
	my ($one, $two) =
	    map { $_->{content} =~ s/value="(eve|nobody)"//r =~ s/(dot is-\w+|Background.*)//gr }
	    @r;
	is($one, $two, 'in the same words');
};

subtest 'guessing has to wait, also after a restart' => sub {
	from(23);
	$any->('POST', '/sign-in', form => { name => 'victim', password => "guess number $_" })
	    for 1 .. 6;
	my $r =
	    $any->('POST', '/sign-in', form => { name => 'victim', password => 'guess number 7' });
	is($r->{status}, 429, 'too many');
	ok($r->{headers}{'retry-after'} > 20, 'with a time');
	like($r->{content}, qr/Wait \d+ seconds/, 'in words');
	kill 'KILL', $t->pids('tidemark-fcgi');
	ok(wait_for { $any->('GET', '/healthz')->{status} == 200 }, 'started again');
	is(
		$any->(
			'POST', '/sign-in',
			form => { name => 'victim', password => 'guess number 8' }
		)->{status},
		429,
		'and it is still so'
	);
	is($any->('GET', $t->link('admin'))->{status}, 303, 'a link works meanwhile');
};

subtest 'signing in from another site is refused' => sub {
	from(24);
	for (
		{ 'sec-fetch-site' => 'cross-site' }, { 'sec-fetch-site' => 'same-site' },
		{ origin => 'https://evil.example' }, { origin => 'null' }
	) {
		is(
			$any->(
				'POST', '/sign-in', headers => $_,
				form => { name => 'eve', password => $password }
			)->{status},
			403,
			join ' ',
			%$_
		);
	}
	is(
		$any->(
			'POST', '/sign-in',
			headers => { 'sec-fetch-site' => 'same-origin', origin => $t->{base} },
			form => { name => 'eve', password => $password }
		)->{status},
		303,
		'from here it is not'
	);
};

subtest 'a link of somebody else asks first' => sub {
	from(25);
	my $eve = $t->sign_in('eve');
	my $link = $t->link('admin');
	my $r = page($eve->{cookie}, $link);
	is($r->{status}, 200, 'no new session');
	is(cookie_of($r), undef, 'no cookie');
	like($r->{content}, qr{signs in <b>admin</b>}, 'it says what would happen');
	my ($key) = $r->{content} =~ /name="key" value="([^"]+)"/;
	$r = $any->(
		'POST', '/sign-in', headers => { cookie => $eve->{cookie} },
		form => { key => $key }
	);
	is($r->{status}, 303, 'going on');
	is(page($eve->{cookie}, '/api/account')->{status}, 401, 'ends the old session');
	is(
		json(page(cookie_of($r), '/api/account')->{content})->{name}, 'admin',
		'and opens the other'
	);
};

subtest 'sessions are listed and ended' => sub {
	from(26);
	my @s = map { $t->sign_in('eve') } 1 .. 3;
	my $list = page($s[0]{cookie}, '/api/sessions');
	my @rows = @{ json($list->{content})->{data} };
	cmp_ok(scalar @rows, '>=', 3, 'all of them');
	is(scalar(grep { $_->{current} } @rows), 1, 'one is this one');
	ok(!(grep { exists $_->{csrf} || exists $_->{hash} } @rows), 'no secret among them');
	is($rows[0]{address}, '127.0.0.26', 'with the address');
	my ($other) = grep { !$_->{current} } @rows;
	my $h = { cookie => $s[0]{cookie}, 'x-csrf-token' => $s[0]{csrf} };
	is(
		$any->('DELETE', "/api/sessions/$other->{id}", headers => $h)->{status}, 204,
		'one ends'
	);
	is($any->('DELETE', "/api/sessions/$other->{id}", headers => $h)->{status}, 404, 'once');
	is($t->del("/api/sessions/$rows[0]{id}")->{status}, 403, 'a token may not');
	is($any->('DELETE', '/api/sessions', headers => $h)->{status}, 204, 'everywhere else');
	is(page($_->{cookie}, '/api/account')->{status}, 401, 'is over') for @s[1, 2];
	is(page($s[0]{cookie}, '/api/account')->{status}, 200, 'but not here');
	like(
		page($s[0]{cookie}, '/settings?tab=account')->{content}, qr/This one/,
		'the page shows it'
	);
};

subtest 'a new password wants the old one, and ends the other sessions' => sub {
	from(27);
	my ($one, $two) = map { $t->sign_in('eve') } 1 .. 2;
	my $h = { cookie => $one->{cookie}, 'x-csrf-token' => $one->{csrf} };
	my $r = $any->(
		'POST', '/api/account/password', headers => $h,
		body => { current => 'wrong wrong wrong', password => 'another good phrase' }
	);
	is($r->{status}, 422, 'not without it');
	is($r->{json}{errors}[0]{field}, 'current', 'the field is named');
	is(
		$any->(
			'POST', '/api/account/password', headers => $h,
			body => { current => $password, password => 'another good phrase' }
		)->{status},
		204,
		'with it'
	);
	is(page($two->{cookie}, '/api/account')->{status}, 401, 'the other session has ended');
	is(page($one->{cookie}, '/api/account')->{status}, 200, 'this one goes on');
	is(
		$any->('POST', '/sign-in', form => { name => 'eve', password => $password })
		    ->{status},
		401, 'the old password does not'
	);
	is(
		$t->post(
			'/api/account/password',
			{ current => 'another good phrase', password => $password },
			token => 'eve:read,write'
		)->{status},
		403,
		'no token sets a password'
	);
};

subtest 'an address by which a lost password is replaced wants the password too' => sub {
	from(38);
	my $s = $t->sign_in('eve');
	my $field = sub {
		return $any->(
			'PATCH', '/api/account',
			headers => { cookie => $s->{cookie}, 'x-csrf-token' => $s->{csrf} },
			body => { email => 'x@example.org', @_ }
		)->{json}{errors}[0]{field}
	};
	is($field->(), 'current', 'not without it');
	is($field->(current => 'wrong wrong wrong'), 'current', 'nor with another');
	is(
		$field->(current => 'another good phrase'), 'email',
		'with it the next question is whether there is a mail server'
	);
	like(
		page($s->{cookie}, '/settings?tab=account')->{content}, qr/id="email-current"/,
		'the page asks for it'
	);
	my $r = $any->(
		'POST',
		'/settings/account',
		headers => { cookie => $s->{cookie} },
		form => {
			csrf => $s->{csrf}, do => 'email', email => 'x@example.org',
			current => 'wrong wrong wrong'
		}
	);
	like(
		$r->{content}, qr/id="email-current-e">This is not your present password/,
		'and says what is wrong'
	);
};

subtest 'operators look after users' => sub {
	from(28);
	is($t->get('/api/users', token => 'eve:read,write')->{status}, 403, 'members do not');
	is($t->get('/api/users')->{status}, 403, 'nor does an operator\'s token without the scope');
	my ($eve) =
	    grep { $_->{name} eq 'eve' } @{ $t->get('/api/users', token => $op)->{json}{data} };
	ok($eve, 'listed');
	my $page = $t->get('/api/users?limit=1', token => $op)->{json};
	is(scalar @{ $page->{data} }, 1, 'by pages');
	ok($page->{nextCursor}, 'with a cursor');
	is(
		$t->post('/api/users', { name => 'eve' }, token => $op)->{json}{errors}[0]{field},
		'name', 'a name is taken once'
	);
	is($t->post('/api/users', { name => 'fay', workspace_id => 'ws-eve' }, token => $op)
		    ->{json}{errors}[0]{field}, 'workspace_id', 'so is a workspace');
	is($t->post('/api/users', { name => 'a b' }, token => $op)->{status}, 422, 'no spaces');
	is(
		$t->post('/api/users', { name => 'fay', role => 'king' }, token => $op)->{status},
		422,
		'no other role'
	);
	my $cookie = $t->sign_in('eve')->{cookie};
	my $token = $t->token('eve', 'read');
	is($t->request('PATCH', "/api/users/$eve->{id}", { disabled => true }, token => $op)
		    ->{json}{disabled}, true, 'disabled');
	is(page($cookie, '/api/account')->{status}, 401, 'the session has ended');
	is($t->get('/api/account', token => $token)->{status}, 401, 'the token is refused');
	is(
		$any->(
			'POST', '/sign-in',
			form => { name => 'eve', password => 'another good phrase' }
		)->{status},
		401,
		'the password too'
	);
	is(
		$t->post("/api/users/$eve->{id}/invite", {}, token => $op)->{status}, 409,
		'no link for her'
	);
	is($t->request('PATCH', "/api/users/$eve->{id}", { disabled => false }, token => $op)
		    ->{json}{disabled}, false, 'enabled');
	is($t->get('/api/account', token => $token)->{status}, 200, 'the token works again');
	my $r = $t->post("/api/users/$eve->{id}/reset", {}, token => $op);
	like($r->{json}{link}, qr/key=/, 'reset gives a link');
	is(
		$any->(
			'POST', '/sign-in',
			form => { name => 'eve', password => 'another good phrase' }
		)->{status},
		401,
		'and drops the password'
	);
	is($t->get('/api/account', token => $token)->{status}, 401, 'her tokens have ended too');
	$t->{token} = {};
	my ($admin) =
	    grep { $_->{name} eq 'admin' } @{ $t->get('/api/users', token => $op)->{json}{data} };
	is(
		$t->request('PATCH', "/api/users/$admin->{id}", $_, token => $op)->{status}, 409,
		'the last operator stays'
	    )
	    for { disabled => true }
	, { role => 'member' };
	is(
		$t->request('PATCH', "/api/users/$eve->{id}", { name => 'x' }, token => $op)
		    ->{status},
		422, 'nothing else is changed'
	);
	is(
		$t->request('PATCH', "/api/users/nobody", { disabled => true }, token => $op)
		    ->{status},
		404, 'nobody'
	);
};

subtest 'the pages do the same without a script' => sub {
	from(29);
	my $admin = $t->sign_in('admin')->{cookie};
	my $r = act($admin, '/settings/users', do => 'add', name => 'gil');
	is($r->{status}, 200, 'added') or diag $r->{content};
	my ($link) = $r->{content} =~ m{(/sign-in\?key=[\w-]+)};
	ok($link, 'with a link');
	my $gil = cookie_of($any->('GET', $link));
	is(page($gil, '/settings?tab=users')->{status}, 403, 'the page is not for members');
	is(act($gil, '/settings/users', do => 'add', name => 'x')->{status}, 403, 'nor its form');
	unlike(page($gil, '/settings')->{content}, qr/tab=users/, 'nor shown');
	$r = act($gil, '/settings/tokens', do => 'make', name => 'his', read => 1, days => 30);
	is($r->{status}, 200, 'a token is made');
	my ($token) = $r->{content} =~ /(tm_[\w-]{43})/;
	is($t->get('/api/account', token => $token)->{json}{name}, 'gil', 'it works');
	unlike(
		page($gil, '/settings?tab=tokens')->{content}, qr/\Q$token\E/,
		'it is not shown again'
	);
	my $id = $t->get('/api/tokens', token => 'gil:read,write')->{json}{data};
	($id) = map { $_->{id} } grep { $_->{name} eq 'his' } @$id;
	$r = act($gil, '/settings/tokens', do => 'rotate', id => $id);
	my ($second) = $r->{content} =~ /(tm_[\w-]{43})/;
	is($t->get('/api/account', token => $_)->{status}, 200, 'both work for a day')
	    for $token, $second;
	is(
		act($gil, '/settings/tokens', do => 'revoke', sure => 1, id => $id)->{status},
		303, 'revoked'
	);
	is($t->get('/api/account', token => $token)->{status}, 401, 'useless');
	is(
		act($gil, '/settings/tokens', do => 'make', name => 'x', operator => 1)->{status},
		403,
		'no operator\'s token for him'
	);
	is(
		act($gil, '/settings/tokens', do => 'make', name => '', read => 1)->{status}, 422,
		'a name is needed'
	);
	my $activity = page($gil, '/settings?tab=activity')->{content};
	like($activity, qr/token made/, 'the activity shows it');
	like($activity, qr/127\.0\.0\.29/, 'with the address');
	unlike($activity, qr/user added.*eve/s, 'and nothing of others');
	$t->sql('INSERT INTO audit (id, owner, at, actor, action, object) '
		    . "SELECT 'zz', 'gone', max(at), 'session', 'signed in', '' FROM audit");
	my @who = page($admin, '/settings?tab=activity&all=1')->{content} =~
	    m{data-label="User">([^<]*)<}g;
	is($who[0], 'somebody who was removed', 'operators see everybody\'s, be they gone');
	for my $name (qw(gil admin)) {
		cmp_ok(scalar(grep { $_ eq $name } @who), '>', 0, "$name by name");
	}
};

subtest 'an application acts for its users' => sub {
	from(30);
	my $r = $t->get('/api/account?workspace_id=ws-eve', token => $op);
	is($r->{json}{name}, 'eve', 'by query');
	is(
		$t->get('/api/account?workspace_id=nobody', token => $op)->{status}, 404,
		'an unknown one'
	);
	is(
		$t->get('/api/account?workspace_id=admin', token => $op)->{status}, 404,
		'nor is an operator found by what a workspace may be called'
	);
	is(
		$t->post(
			'/api/tokens?workspace_id=ws-eve',
			{ name => 'x', scopes => ['read'], workspace_id => 'ws-gil' }, token => $op
		)->{json}{code},
		'invalid_input',
		'two at once are refused'
	);
	is($t->get('/api/account?workspace_id=ws-eve')->{status}, 403, 'not without the scope');
	is(
		$t->get('/api/account?workspace_id=ws-eve', token => 'eve:read')->{status}, 200,
		'oneself may always be named'
	);
	is(
		$t->get('/api/account?workspace_id=ws-eve', token => 'gil:read')->{status}, 403,
		'somebody else not'
	);
	is(
		page($t->sign_in('admin')->{cookie}, '/api/account?workspace_id=ws-eve')->{status},
		403,
		'no browser acts for another'
	);
	$r = $t->post(
		'/api/tokens',
		{ name => 'for eve', scopes => ['read'], workspace_id => 'ws-eve' }, token => $op
	);
	is($r->{status}, 201, 'by body') or diag $r->{content};
	is(
		$t->get('/api/account', token => $r->{json}{token})->{json}{name}, 'eve',
		'what is made is hers'
	);
	is(
		$t->post(
			'/api/tokens',
			{ name => 'x', scopes => ['operator'], workspace_id => 'ws-eve' },
			token => $op
		)->{status},
		403,
		'with no more than she may'
	);
	like(
		join(
			' ',
			map { $_->{actor} }
			    @{ $t->get('/api/audit', token => 'eve:read')->{json}{data} }
		),
		qr/token command line/,
		'she sees who did it'
	);
	is(
		$t->get('/api/users?workspace_id=ws-eve', token => $op)->{status}, 200,
		'what operators do they do as themselves'
	);
};

subtest 'a token is rotated with an overlap' => sub {
	my $r = $t->post('/api/tokens', { name => 'rolling', scopes => 'read', days => 10 });
	my ($id, $old) = @{ $r->{json} }{qw(id token)};
	$r = $t->post("/api/tokens/$id/rotate", { overlapHours => 1 });
	is($r->{status}, 201, 'a new one');
	is($r->{json}{replaces}, $id, 'in place of it');
	is($t->get('/api/connections', token => $_)->{status}, 200, 'both work')
	    for $old, $r->{json}{token};
	is(
		$t->post("/api/tokens/$id/rotate", { overlapHours => 9999 })->{status}, 422,
		'within bounds'
	);
	is(
		$t->post("/api/tokens/$id/rotate", {}, token => 'eve:read,write')->{status}, 404,
		'one\'s own only'
	);
	my $big = $t->post(
		'/api/tokens', { name => 'big', scopes => 'read,write,operator' },
		token => $op
	)->{json}{id};
	is($t->post("/api/tokens/$big/rotate", {})->{status}, 403, 'not one that may more');
};

subtest 'a progress token reads the status of one connection' => sub {
	my $src = $t->source;
	$src->put('/a.csv', "id,name\n1,Ann\n");
	my $c = $t->connect(csv => $src->url('/a.csv'), name => 'first');
	my $other = $t->connect(csv => $src->url('/a.csv'), name => 'second');
	my ($run, $other_run) = map { $t->sync_and_wait($_->{id})->{syncId} } $c, $other;
	my $r = $t->post("/api/connections/$c->{id}/progress-token", { minutes => 5 });
	is($r->{status}, 201, 'made') or diag $r->{content};
	my $token = $r->{json}{token};
	is(
		$t->get("/api/sync?syncId=$run", token => $token)->{json}{status}, 'complete',
		'its run'
	);
	is($t->get("/api/sync?syncId=$other_run", token => $token)->{status}, 404, 'no other');
	is_deeply(
		[
			map { $_->{connectionId} }
			    @{ $t->get('/api/sync', token => $token)->{json}{data} }
		],
		[$c->{id}],
		'nor in the list'
	);
	is($t->get($_, token => $token)->{status}, 403, "not $_")
	    for '/api/connections', "/api/connections/$c->{id}", '/api/account', '/api/tokens',
	    '/settings';
	is(
		$t->post('/api/sync', { connectionId => $c->{id} }, token => $token)->{status}, 403,
		'it starts nothing'
	);
	is($t->post("/api/connections/$c->{id}/progress-token", {}, token => 'eve:read,sync')
		    ->{status}, 404, 'of one\'s own connections only');
	is(
		$t->post("/api/connections/$c->{id}/progress-token", { minutes => 100000 })
		    ->{status},
		422, 'short-lived'
	);

	$r = $t->get("/api/sync?syncId=$run", token => $token, headers => { origin => $APP });
	is($r->{headers}{'access-control-allow-origin'}, $APP, 'a listed host page may read it');
	like(join(' ', map { ref ? @$_ : $_ } $r->{headers}{vary}), qr/Origin/, 'and caches know');
	is($r->{headers}{'access-control-allow-credentials'}, undef, 'without cookies');
	is(
		$t->get(
			"/api/sync?syncId=$run", token => $token,
			headers => { origin => 'https://evil.example.com' }
		)->{headers}{'access-control-allow-origin'},
		undef,
		'others may not'
	);
	is($t->get('/api/sync', token => 'tmp_wrong', headers => { origin => $APP })
		    ->{headers}{'access-control-allow-origin'}, $APP, 'it may read a refusal');
	is($t->get('/api/connections', headers => { origin => $APP })
		    ->{headers}{'access-control-allow-origin'}, undef, 'and nothing else');
	$r = $any->(
		'OPTIONS',
		'/api/sync',
		headers => {
			origin => $APP, 'access-control-request-method' => 'GET',
			'access-control-request-headers' => 'authorization'
		}
	);
	is($r->{status}, 204, 'asked before');
	like(
		$r->{headers}{'access-control-allow-headers'}, qr/Authorization/,
		'the header is allowed'
	);
	is(
		$any->('OPTIONS', '/api/connections', headers => { origin => $APP })->{status}, 405,
		'elsewhere there is nothing to ask'
	);
	$t->run('tidemark', 'user', 'disable', 'eve');
};

# One request through the socket of the proxy.
sub sso {
	my ($path, %h) = @_;
	my $s = IO::Socket::UNIX->new(Peer => "$t->{dir}/run/sso.sock") or die "sso.sock: $!";
	print $s "GET $path HTTP/1.0\r\nHost: sync.example.com\r\n",
	    (map { "$_: $h{$_}\r\n" } keys %h), "\r\n";
	local $/;
	my $text = <$s>;
	my ($status) = $text =~ m{^HTTP/1\.\d (\d+)};
	my ($cookie) = $text =~ /^Set-Cookie: (tidemark=[^;]+)/mi;
	my ($location) = $text =~ /^Location: (\S+)/mi;
	return { status => $status, cookie => $cookie, location => $location, content => $text };
}

subtest 'a named proxy signs people in, over its socket alone' => sub {
	from(31);
	is(sso('/settings')->{location}, '/sign-in?next=%2Fsettings', 'nobody named: sign in');
	my $r = sso(
		'/sign-in?next=%2Fsettings', 'X-Forwarded-User' => 'gil',
		'X-Forwarded-For' => '198.51.100.4'
	);
	is($r->{status}, 303, 'gil is known');
	is($r->{location}, '/settings', 'and goes on');
	is(
		sso('/api/account', 'X-Forwarded-User' => 'gil', Cookie => $r->{cookie})->{status},
		200,
		'with a session'
	);
	like(sso('/settings?tab=account', 'X-Forwarded-User' => 'gil', Cookie => $r->{cookie})
		    ->{content}, qr/198\.51\.100\.4/, 'from the address the proxy tells');
	is(
		sso('/api/account', 'X-Forwarded-User' => 'admin', Cookie => $r->{cookie})
		    ->{status},
		401, 'not when the proxy has somebody else now'
	);
	is(
		sso('/api/account', Cookie => $r->{cookie})->{status},
		401, 'nor when it names nobody any more'
	);
	is(page($r->{cookie}, '/api/account')->{status}, 401, 'nor beside it, over the network');
	is(
		sso('/api/account', 'X-Forwarded-User' => 'gil', Cookie => $r->{cookie})->{status},
		200, 'it goes on where it names him again'
	);
	is(
		sso('/sign-in', 'X-Forwarded-User' => 'stranger')->{status}, 403,
		'whom nobody added stays out'
	);
	is(sso('/sign-in', 'X-Forwarded-User' => 'eve')->{status}, 403, 'and who is disabled');
	is(
		sso('/api/account', 'X-Forwarded-User' => 'gil')->{status}, 401,
		'the interface wants a session or token'
	);
	for my $h (
		{ 'x-forwarded-user' => 'gil' },
		{ 'tidemark-sso-user' => 'gil', 'tidemark-sso-proxy' => 'our-proxy' },
		{ 'TIDEMARK_SSO_USER' => 'gil', 'TIDEMARK_SSO_PROXY' => 'our-proxy' }
	) {
		$r = $any->('GET', '/sign-in', headers => $h);
		is(cookie_of($r), undef, 'over the network nobody is believed: ' . join ' ', %$h);
	}
	my $off = Tidemark->start(web => 1, hook => 0, sso => 'our-proxy');
	$off->token('admin');
	local $t = $off;
	is(sso('/sign-in', 'X-Forwarded-User' => 'admin')->{status}, 200, 'off by default');
};

subtest 'what a disabled user has connected rests, and goes on with them' => sub {
	my $id = $t->post('/api/users', { name => 'kim' }, token => $op)->{json}{id};
	my @as = (token => 'kim:read,write');
	$t->{user}{kim} = 1;
	$t->source->put('/kim.csv', "id\n1\n");
	my ($on, $off) = map {
		$t->connect(csv => $t->source->url('/kim.csv'), @as, name => $_, start => false)
		    ->{id}
	} qw(on off);
	$t->post("/api/connections/$off/pause", undef, @as);
	my $state = sub {
		return join ' ', map {
			my $s = $t->get("/api/connections/$_/schedule", @as)->{json};
			($s->{enabled} ? 'on' : 'off') . ($s->{nextPollAt} ? ' due' : '')
		} $on, $off
	};
	is($state->(), 'on due off', 'one is read by schedule');
	is(
		$t->patch("/api/users/$id", { disabled => true }, token => $op)->{status}, 200,
		'disabled'
	);
	is(
		$t->sql(
			"SELECT count(*) FROM schedule WHERE owner = '$id' AND (enabled = 1 OR "
			    . "next_poll_at IS NOT NULL)"
		),
		0,
		'nothing is'
	);
	is(
		$t->patch("/api/users/$id", { disabled => false }, token => $op)->{status}, 200,
		'enabled'
	);
	is($state->(), 'on due off', 'as before');
};

subtest 'the command' => sub {
	is(
		$t->run(
			'tidemark', 'user', 'add', 'hal', '--email', 'hal@example.com',
			'--workspace', 'ws-hal'
		)->{rc},
		0,
		'adds'
	);
	like(
		$t->run('tidemark', 'user', 'list')->{out},
		qr/^hal .*hal\@example\.com  workspace ws-hal/m, 'lists'
	);
	is($t->run('tidemark', 'user', 'add', 'ida', '--email', 'nonsense')->{rc}, 64, 'checks');
	like($t->run('tidemark', 'user', 'invite', 'hal')->{out}, qr{/sign-in\?key=}, 'invites');
	is($t->run('tidemark', 'user', 'disable', 'hal')->{rc}, 0, 'disables');
	is($t->run('tidemark', 'user', 'link', 'hal')->{rc}, 65, 'then there is no link');
	is($t->run('tidemark', 'user', 'enable', 'hal')->{rc}, 0, 'enables');
	like($t->run('tidemark', 'user', 'reset', 'hal')->{out}, qr{/sign-in\?key=}, 'resets');
	is($t->run('tidemark', 'user', 'disable', 'admin')->{rc}, 65, 'the last operator stays');
	my $audit = $t->run('tidemark', 'audit', '--user', 'hal')->{out};
	like($audit, qr/^20\S+Z\s+hal\s+command\s+-\s+$_\s/m, "audited: $_")
	    for 'user added', 'user disabled', 'user enabled',
	    'password reset, sessions and tokens ended';
};

done_testing;
