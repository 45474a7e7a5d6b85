# A page shows and does what the interface would with the same credential, and no more: a token of
# an operator that was given few scopes is not an operator anywhere.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Routes;

my $t = Tidemark->start(env => { GOOGLE_CLIENT_ID => 'x', GOOGLE_CLIENT_SECRET => 'y' });
my ($ann) = populate($t, 'ann');
my %token = map { $_ => $t->token('admin', $_) } 'read', 'read,sync', 'write', 'read,sync,write',
    'operator', 'read,sync,write,operator';
my %own = map { $_ => $t->token('ann', $_) } 'read', 'read,sync', 'sync', 'write',
    'read,sync,write';
my $session = $t->sign_in('admin');
my $member = $t->sign_in('ann');
sub has {
	my ($scopes, $need) = @_;
	return scalar grep { $_ eq $need } split /,/, $scopes
}
sub browser {
	my ($s, $path) = @_;
	return $t->get($path, token => undef, headers => { cookie => $s->{cookie} })
}

# Pages, what the interface has of the same, and the scope for both besides read.
my @pairs = (
	['/settings?tab=users', '/api/users', 'operator'],
	['/settings?tab=activity&all=1', '/api/audit?all=1', 'operator'],
	['/settings?tab=tokens', '/api/tokens', 'write'],
	['/settings?tab=activity', '/api/audit', 'read'],
	['/settings?tab=accounts', '/api/accounts', 'read'],
	['/settings?tab=account', '/api/sessions', 'read'],
	['/settings?tab=webhooks', '/api/webhooks', 'read'],
	['/settings?tab=integrations', '/api/connections', 'read'],
);
subtest 'a page needs the scope that the interface needs' => sub {
	for my $scopes (sort grep { has($_, 'read') } keys %token) {
		for (@pairs) {
			my ($page, $api, $need) = @$_;
			my $want = has($scopes, $need) ? 200 : 403;
			is(
				$t->get($api, token => $token{$scopes})->{status}, $want,
				"$api with $scopes: $want"
			);
			my $r = $t->get($page, token => $token{$scopes});
			is($r->{status}, $want, "$page: the same");
			unlike($r->{content}, qr/ANN-MARK|>ann</, 'with nothing of others')
			    if $want == 403;
		}
	}
	is(browser($session, $_->[0])->{status}, 200, "$_->[0] in the operator's browser")
	    for @pairs;
	is(
		browser($member, $_->[0])->{status}, $_->[2] eq 'operator' ? 403 : 200,
		"$_->[0] in a member's"
	) for @pairs;
};

subtest 'the checks of the installation are for who may run them' => sub {
	for my $scopes (sort grep { has($_, 'read') } keys %token) {
		my $may = has($scopes, 'operator');
		is(
			$t->get('/api/doctor', token => $token{$scopes})->{status},
			$may ? 200 : 403,
			"the interface with $scopes"
		);
		my $page = $t->get('/settings?tab=accounts', token => $token{$scopes})->{content};
		is($page =~ m{/api/auth/google/callback} ? 1 : 0, $may ? 1 : 0, 'the page alike');
	}
	like(
		browser($session, '/settings?tab=accounts')->{content},
		qr{/api/auth/google/callback},
		'an operator sees them in a browser'
	);
	unlike(
		browser($member, '/settings?tab=accounts')->{content},
		qr{/api/auth/google/callback}, 'a member does not'
	);
};

subtest 'what is refused is not offered' => sub {
	for my $scopes (sort grep { has($_, 'read') } keys %token) {
		my $page = $t->get('/settings?tab=activity', token => $token{$scopes})->{content};
		for (['tab=users', 'operator'], ['all=1', 'operator'], ['tab=tokens', 'write']) {
			my ($link, $need) = @$_;
			is(
				$page =~ /\Q$link\E/ ? 1 : 0, has($scopes, $need) ? 1 : 0,
				"$link with $scopes"
			);
		}
	}
};

# Every row of the table: a credential without the scope of the row is refused before anything
# else is looked at, by pages and interface in one way.
subtest 'every route keeps its scope' => sub {
	my (@wrong, $asked);
	for my $r (grep { $_->{who} =~ /^(?:USER|CRON|PROGRESS)$/ } routes()) {
		my $path = $r->{path} =~ s/\{\w+\}/x/gr;
		for my $scopes (sort keys %own) {
			next if has($scopes, $r->{scope});
			my $a = $t->request(
				$r->{method}, $path,
				$r->{method} eq 'GET'
				    || $r->{method} eq 'DELETE'
				    || !$r->{api} ? undef : {},
				token => $own{$scopes},
				$r->{api} || $r->{method} eq 'GET' ? () : (form => { do => 'x' }),
				headers => { 'sec-fetch-site' => 'same-origin' }
			);
			$asked++;
			push @wrong, "$r->{method} $path with $scopes: $a->{status}"
			    if $a->{status} != 403;
		}
	}
	is_deeply(\@wrong, [], 'all of them');
	cmp_ok($asked, '>', 150, 'that is many');
};

# The other way round: who has the scope of the row is not refused for its sake, whatever else comes
# of the request. Some rows are for people alone, and say so.
subtest 'with its scope no route is refused, and without it each is, also for an operator' => sub {
	my (%wrong, $asked);
	for my $r (grep { $_->{who} =~ /^(?:USER|PROGRESS)$/ } routes()) {
		my $path = $r->{path} =~ s/\{\w+\}/x/gr;
		my $sends = $r->{method} =~ /^(?:POST|PUT|PATCH)$/;
		for my $scopes (sort keys %token) {
			my $a = $t->request(
				$r->{method}, $path,
				$sends && $r->{api} ? {} : undef,
				token => $token{$scopes},
				!$sends || $r->{api} ? () : (form => { do => 'x' }),
				headers => { 'sec-fetch-site' => 'same-origin' }
			);
			my $may = has($scopes, $r->{scope})
			    && $r->{summary} !~ /by session only/
			    # A browser is sent on from there.
			    && !($r->{who} eq 'USER' && $r->{guard} eq 'ORIGIN');
			$asked++;
			push @{ $wrong{"$r->{method} $path"} }, "$scopes: $a->{status}"
			    if ($a->{status} == 403) == !!$may;
		}
	}
	is(join('; ', map { "$_ (@{ $wrong{$_} })" } sort keys %wrong), '', 'all of them');
	cmp_ok($asked, '>', 900, 'that is many');
};

# A row of the table that changes something is no row for readers.
subtest 'what changes something needs more than read' => sub {
	my %fine = ('POST /sign-out' => 'ends the session of the cookie, which a token has not');
	is_deeply(
		[
			grep { !$fine{$_} } map { "$_->{method} $_->{path}" } grep {
				       $_->{who} ne 'OPEN'
				    && $_->{method} ne 'GET'
				    && $_->{scope} eq 'read'
			} routes()
		],
		[],
		'by the table'
	);
};

subtest 'who acts for somebody has no more than that one' => sub {
	my $op = $token{'read,sync,write,operator'};
	for my $page ('/settings?tab=users', '/settings?tab=activity&all=1') {
		is($t->get("$page&workspace_id=ann", token => $op)->{status}, 403, $page);
	}
	is(
		$t->get('/settings?tab=activity&workspace_id=ann', token => $op)->{status}, 200,
		'and that one\'s'
	);
};

subtest 'a token is not traded for a stronger one, however many there are' => sub {
	my $list =
	    $t->get('/api/tokens', token => $token{'read,sync,write,operator'})->{json}{data};
	my ($strong) = map { $_->{id} } grep {
		grep { $_ eq 'operator' } @{ $_->{scopes} }
		    and @{ $_->{scopes} } == 4
	} @$list;
	my ($sync) = map { $_->{id} } grep { "@{$_->{scopes}}" eq 'read sync' } @$list;
	my $rotate = sub {
		my ($id, $scopes) = @_;
		return $t->post(
			"/api/tokens/$id/rotate", { overlapHours => 24 },
			token => $token{$scopes}
		)
	};
	my $form = sub {
		my ($id, $scopes) = @_;
		return $t->request(
			'POST', '/settings/tokens', undef, token => $token{$scopes},
			form => { do => 'rotate', id => $id }
		);
	};
	my $try = sub {
		my ($when) = @_;
		for my $id ($strong, $sync) {
			is($rotate->($id, 'write')->{status}, 403, "$when: by the interface");
			my $r = $form->($id, 'write');
			is($r->{status}, 403, 'by the page');
			unlike($r->{content}, qr/tm_\w{43}/, 'which shows none');
		}
		is($rotate->($strong, 'read,sync,write')->{status}, 403, 'nor with a few more');
	};
	$try->('a handful');
	my ($admin) = $t->sql("SELECT id FROM account WHERE name = 'admin'");
	$t->sql(
		"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 1010) "
		    . "INSERT INTO api_token "
		    . "(id, owner, name, hash, scopes, created_at) SELECT 'ffffffff-' || i, "
		    . "'$admin', 'x', 'hash' || i, 'write', 1 FROM c");
	$try->('more than a list holds');
	is(
		$t->post(
			'/api/tokens', { name => 'x', scopes => ['write'] }, token => $token{write}
		)->{status},
		409,
		'there is an end to them'
	);
	$t->sql("UPDATE api_token SET revoked_at = 1 WHERE id > 'ffffffff-'");
	$try->('revoked ones');
	my %shown =
	    map { $_->{id} => 1 } @{ $t->get('/api/tokens', token => $token{write})->{json}{data} };
	ok($shown{$strong}, 'what is live is in the list');
	is($rotate->($strong, 'read,sync,write,operator')->{status}, 201, 'who has as much may');
};

done_testing;
