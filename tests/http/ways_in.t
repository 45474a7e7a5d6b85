# Who has got hold of one way in does not make another of it that stays: an open session, a token,
# a link that somebody sends.
use strict;
use warnings;
use IO::Socket::INET;
use Test::More;
use Tidemark;

my $t = Tidemark->start;
my $op = 'admin:read,sync,write,operator';
my $nth = 50;

# nginx lets one address sign in once a second: each comes from another one.
sub elsewhere {
	$t->{http} = HTTP::Tiny->new(
		timeout => 30, max_redirect => 0, local_address => '127.0.0.' . ++$nth
	);
	return;
}
sub session {
	my ($user, $way) = @_;
	elsewhere();
	my $s = $t->sign_in($user, $way);
	return { cookie => $s->{cookie}, 'x-csrf-token' => $s->{csrf} };
}
sub as {
	my ($headers, $method, $path, $body, %form) = @_;
	return $t->request(
		$method, $path, $body, token => undef, headers => $headers,
		%form ? (form => { csrf => $headers->{'x-csrf-token'}, %form }) : ()
	);
}
sub id_of { return $t->sql("SELECT id FROM account WHERE name = '$_[0]'") }
my $mailbox = { email => 'attacker@evil.example' };
my $phrase = { password => 'a horse of stables' };

subtest 'an open session of somebody without a password cannot become the account' => sub {
	my $carol = session('carol');
	my $r = as($carol, POST => '/api/account/password', $phrase);
	is($r->{status}, 403, 'it sets no first password');
	$r = as($carol, PATCH => '/api/account', $mailbox);
	is($r->{status}, 403, 'nor the address by which one is had');
	like($r->{json}{detail}, qr/invitation.*tidemark user invite carol/, 'and says what does');
	is(
		as($carol, PATCH => '/api/account', { email => '' })->{status},
		403, 'nor takes it away'
	);
	is(
		as($carol, POST => '/settings/account', undef, do => 'email', %$mailbox)->{status},
		403, 'in the form as well'
	);
	my $page = as($carol, GET => '/settings?tab=account')->{content};
	unlike($page, qr/value="email"|value="password"/, 'which the page does not offer');
	is($t->sql("SELECT count(*) FROM sign_in_key WHERE purpose = 'email'"), 0, 'no mail waits');
	is(as($carol, PATCH => '/api/account', { mailNotices => false })->{status}, 200,
		'what is no way in is changed');
};

subtest 'an invitation that was opened a short while ago does' => sub {
	my $carol = session('carol', 'invite');
	my $r = as($carol, PATCH => '/api/account', $mailbox);
	is($r->{json}{errors}[0]{field}, 'email', 'the next question is whether mail is sent');
	is(
		as($carol, POST => '/api/account/password', $phrase)->{status},
		204, 'a password is set'
	);
	$t->sql("UPDATE web_session SET password_until = 1");
	is(
		as($carol, PATCH => '/api/account', $mailbox)->{json}{errors}[0]{field}, 'current',
		'and is asked for when the time is over'
	);
};

subtest 'an operator\'s open session does not go round by the list of users' => sub {
	my ($admin, $id) = (session('admin'), id_of('admin'));
	for my $way (
		[PATCH => "/api/users/$id", $mailbox], [POST => "/api/users/$id/invite"],
		[POST => "/api/users/$id/reset"]
	) {
		my $r = as($admin, @$way);
		is($r->{status}, 403, "@$way[0, 1]");
		like($r->{json}{detail}, qr/Your account/, 'says where');
	}
	for my $do (qw(invite reset)) {
		my $r = as($admin, POST => '/settings/users', undef, do => $do, id => $id);
		unlike($r->{content}, qr/sign-in\?key=/, "no link by the form's $do");
	}
	is(
		as($admin, POST => '/api/users/' . id_of('carol') . '/invite')->{status}, 201,
		'others are invited'
	);
};

sub made {
	my ($token, %input) = @_;
	my $r = $t->post('/api/tokens', { name => 'x', scopes => 'read,write', %input },
		token => $token);
	is($r->{status}, 201, 'a token is made') or diag $r->{content};
	return $r->{json};
}
sub works { return $t->get('/api/account', token => $_[0]{token})->{status} == 200 }
sub revoke { return $t->del("/api/tokens/$_[0]{id}", token => $_[1] // 'dan:read,write') }

subtest 'a token makes none that outlives it' => sub {
	my $short = made('dan:read,write', days => 1);
	for my $days ({}, { days => 30 }, { days => 2 }) {
		my $child = made($short->{token}, %$days);
		is($child->{expiresAt}, $short->{expiresAt}, 'it ends with its maker');
	}
	my $late = made('dan:read,write', days => 3);
	my $other = $t->post("/api/tokens/$late->{id}/rotate", {}, token => $short->{token});
	is($other->{json}{expiresAt}, $short->{expiresAt}, 'nor by replacing another one');
};

subtest 'a token ends with the one that made it' => sub {
	my $parent = made('dan:read,write');
	my $child = made($parent->{token});
	my $grandchild = made($child->{token});
	my $stranger = made('dan:read,write');
	is(revoke($parent)->{status}, 204, 'revoked');
	ok(!works($_), 'useless') for $parent, $child, $grandchild;
	ok(works($stranger), 'not one that a person made');
	is(revoke($child)->{status}, 404, 'it has ended already');
};

subtest 'what a token has made follows the one that takes its place' => sub {
	my $old = made('dan:read,write');
	my $child = made($old->{token});
	my $new = $t->post("/api/tokens/$old->{id}/rotate", {}, token => $old->{token})->{json};
	ok(works($_), 'all work') for $old, $new, $child;
	revoke($old);
	ok(!works($old), 'the old one is put away');
	ok(works($_), 'its work goes on') for $new, $child;
	revoke($new);
	ok(!works($_), 'and ends with the new one') for $new, $child;
};

subtest 'what an operator\'s token has made for a user ends with it' => sub {
	made('dan:read,write');
	my $program = made($op, scopes => 'read,write,operator');
	my $r = $t->post('/api/tokens?workspace_id=' . id_of('dan'),
		{ name => 'x', scopes => ['read'] }, token => $program->{token});
	ok(works($r->{json}), 'made for him');
	revoke($program, $op);
	ok(!works($r->{json}), 'ended with the program\'s');
};

subtest 'a reset ends every token, also that of a host page' => sub {
	my $src = $t->source;
	$src->put('/a.csv', "id\n1\n");
	my @as = (token => 'eli:read,sync,write');
	my $c = $t->connect(csv => $src->url('/a.csv'), start => false, @as);
	my $page = $t->post("/api/connections/$c->{id}/progress-token", {}, @as)->{json}{token};
	my $by_person = made('eli:read,write');
	my $child = made($by_person->{token});
	is($t->get('/api/sync', token => $page)->{status}, 200, 'the page reads');
	is($t->post('/api/users/' . id_of('eli') . '/reset', {}, token => $op)->{status}, 201,
		'reset');
	ok(!works($_), 'useless') for $by_person, $child;
	is($t->get('/api/sync', token => $page)->{status}, 401, 'the page too');
	is($t->get('/api/account', @as)->{status}, 401, 'and one that the command made');
};

subtest 'a name is one line of text, by every way' => sub {
	my $s = session('fay');
	my @as = (token => 'fay:read,write');
	my %bad = (
		'an escape' => "a\e[2Jb", 'a line' => "a\nb", 'DEL' => "a\x7fb",
		'C1' => "a\xc2\x9bb", 'a separator' => "a\xe2\x80\xa8b",
		'what turns the direction' => "a\xe2\x80\xaeb",
		'an isolate' => "a\xe2\x81\xa6b"
	);
	for my $what (sort keys %bad) {
		my $name = $bad{$what};
		my $text = $name;
		utf8::decode($text);
		my $api = sub { is($t->post(@_, @as)->{status}, 422, "$what: $_[0]") };
		$api->('/api/tokens', { name => $text, scopes => 'read' });
		is(
			as($s, POST => '/settings/tokens', undef, do => 'make', name => $name,
				read => 1)->{status},
			422, "$what: its form"
		);
		isnt(
			$t->run('tidemark', 'token', 'create', '--user', 'fay', '--scopes', 'read',
				'--name', $name)->{rc},
			0, "$what: the command"
		);
		$api->(
			'/api/connections',
			{
				provider => 'csv', name => $text, start => false,
				config => { url => 'http://127.0.0.1:1/' }
			}
		);
		$api->(
			'/api/webhooks', { url => 'http://127.0.0.1:1/', description => $text }
		);
		is(
			$t->post('/api/users', { name => $text }, token => $op)->{status}, 422,
			"$what: a user"
		);
	}
};

subtest 'the command writes nothing that a terminal obeys' => sub {
	made('fay:read,write');
	my $evil = "char(27) || '[2J' || char(10) || '2026-01-01T00:00:00Z  root' || "
	    . "char(155) || 'x'";
	$t->sql("UPDATE api_token SET name = $evil");
	$t->sql("UPDATE audit SET detail = $evil, actor = $evil");
	$t->sql("UPDATE connection SET name = $evil");
	$t->sql("UPDATE account SET workspace_id = $evil || name");
	for my $command (['audit'], ['token', 'list'], ['status'], ['user', 'list']) {
		my $out = $t->run('tidemark', @$command)->{out};
		like(
			$out, qr/\\u001b\[2J\\u000a2026-01-01T00:00:00Z  root\\u009bx/,
			"@$command: told"
		);
		unlike($out, qr/[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]/, 'without its powers');
		unlike($out, qr/^2026-01-01T00:00:00Z/m, '... and no line of its own');
	}
};

subtest 'who guesses from many addresses keeps nobody out who has been here before' => sub {
	my $way = $t->link('gus', 'invite') =~ s{^http://[^/]+}{}r;
	elsewhere();
	my $home = $t->{http};
	my $set = $t->get($way, token => undef)->{headers}{'set-cookie'};
	my ($cookie) = $set =~ /^([^;]+)/;
	my $page = $t->get('/', token => undef, headers => { cookie => $cookie })->{content};
	my ($csrf) = $page =~ /name="csrf" value="([^"]+)"/;
	is(
		$t->post('/api/account/password', $phrase, token => undef,
			headers => { cookie => $cookie, 'x-csrf-token' => $csrf })->{status},
		204, 'a password'
	);
	my $try = sub {
		return $t->request(
			'POST', '/sign-in', undef, token => undef,
			form => { name => 'gus', password => $_[0] }
		)->{status};
	};
	elsewhere();
	is($try->('wrong wrong wrong'), 401, 'a stranger tries');
	# as a hundred more of them would
	$t->sql('UPDATE sign_in_limit SET failures = 120, until = 1000 * '
		    . '(strftime(\'%s\', \'now\') + 300) WHERE failures = 1');
	elsewhere();
	is($try->('wrong wrong wrong'), 429, 'strangers wait');
	$t->{http} = $home;
	is($try->($phrase->{password}), 303, 'gus comes in where he has been before');
};

subtest 'where a browser does not say who sent it, a link asks first' => sub {
	my $ask = sub {
		my ($host, %h) = @_;
		my $path = $t->link('carol') =~ s{^http://[^/]+}{}r;
		my $s = IO::Socket::INET->new(
			PeerAddr => '127.0.0.1', PeerPort => $t->port,
			LocalAddr => '127.0.0.' . ++$nth
		) or die $@;
		print $s join "\r\n", "GET $path HTTP/1.0", "Host: $host",
		    map({ "$_: $h{$_}" } keys %h), '', '';
		my $text = do { local $/; <$s> };
		return 'in' if $text =~ /^Set-Cookie: \w+=[^;]/mi;
		return $text =~ /name="key"/ ? 'asks' : $text;
	};
	is($ask->('sync.example.com'), 'asks', 'a host in the clear');
	is($ask->('127.evil.example'), 'asks', 'one that only looks like this machine');
	is($ask->('localhost.evil.example:8080'), 'asks', 'another one');
	is($ask->('sync.example.com', 'sec-fetch-site' => 'none'), 'in', 'unless it does');
	is($ask->($_), 'in', $_) for '127.0.0.1:8080', 'localhost:8080', '[::1]:8080';
};

subtest 'a user has at most a hundred sessions, and sees every one' => sub {
	my $first = session('hal');
	my $id = id_of('hal');
	$t->sql("UPDATE web_session SET seen_at = seen_at - 1000 WHERE owner = '$id'");
	$t->sql("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
		    . "WHERE i < 99) INSERT INTO web_session (hash, id, owner, csrf, created_at, "
		    . "seen_at, expires_at, address, agent) SELECT 'h' || i, 's' || i, '$id', 'c', "
		    . "1, s.seen_at + 1, s.expires_at, '', '' FROM n JOIN web_session s "
		    . "ON s.owner = '$id'");
	is(as($first, GET => '/api/account')->{status}, 200, 'a hundred');
	my $last = session('hal');
	is(as($first, GET => '/api/account')->{status}, 401,
		'with one more, the one that was not seen for the longest ends');
	is(scalar @{ as($last, GET => '/api/sessions')->{json}{data} }, 100, 'all are listed');
};

done_testing;
