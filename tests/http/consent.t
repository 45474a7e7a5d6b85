# The way through a provider's consent page, and keys of service accounts, as somebody uses them
# who means harm: what was begun in one session is ended in that one, once; nothing of another
# user is linked; nothing is asked of an address that a key names; no secret that came stays
# anywhere in the clear.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Google;
use Tidemark::Routes;

my $g = Tidemark::Google->start;
my $t = Tidemark->start(env => { $g->env, TIDEMARK_LOG_LEVEL => 7 });
$t->token($_) for qw(admin ann bob);
my %s = map { $_ => $t->sign_in($_) } qw(ann bob);
sub with { my ($s) = @_; return (token => undef, headers => { cookie => $s->{cookie} }) }
sub count { my @rows = rows($t, $_[0]); return scalar @rows }
sub accounts { return count('SELECT id FROM remote_account') }
# The address that the consent page leads back to, without going there.
sub back_of {
	my ($session) = @_;
	return $g->consent($t, $session, stop => 1)->{back} =~ s{^https?://[^/]+}{}r
}
sub refused {
	my ($r, $what) = @_;
	is($r->{status}, 303, "$what: a page follows");
	like(Tidemark::Google::said($r), qr/began in another session/, "$what: refused");
	is(accounts(), 0, "$what: nothing is linked");
}

subtest 'what one began another cannot end' => sub {
	my $back = back_of($s{ann});
	refused($t->get($back, with($s{bob})), 'in the session of another user');
	refused($t->get($back, with($t->sign_in('ann'))), 'in another session of the same user');
	refused($t->get($back, token => 'ann:read,sync,write'), 'with a token');
	like(
		$t->get($back, token => undef)->{headers}{'www-authenticate'} // '', qr/Bearer/,
		'without a session: who is it?'
	);
	refused($t->get($back =~ s/state=[^&]*/state=/r, with($s{ann})), 'with no state');
	refused($t->get($back =~ s/[?&]state=[^&]*//r, with($s{ann})), 'without one');
	refused(
		$t->get($back =~ s/state=[^&]*/'state=' . 'A' x 43/er, with($s{ann})),
		'with another one'
	);
};

subtest 'it is begun by a person, on a page of Tidemark' => sub {
	is(
		$t->get('/api/auth/google/start', token => 'ann:read,sync,write')->{status}, 403,
		'no token begins it'
	);
	for my $site ('cross-site', 'same-site') {
		is(
			$t->get(
				'/api/auth/google/start', token => undef,
				headers => { cookie => $s{ann}{cookie}, 'sec-fetch-site' => $site }
			)->{status},
			403,
			"nor does another site: $site"
		);
	}
	is(
		count(
			      "SELECT state FROM oauth_try t JOIN account u ON u.id = t.owner "
			    . "WHERE u.name = 'bob'"
		),
		0,
		'and nobody has begun anything for bob'
	);
};

subtest 'each way there is its own' => sub {
	my %seen;
	for (1 .. 3) {
		my $url = $t->get('/api/auth/google/start', with($s{ann}))->{headers}{location};
		like($url, qr/[?&]code_challenge_method=S256(?:&|$)/, 'with a challenge');
		$seen{$_}++ for $url =~ /[?&](?:state|code_challenge)=([\w-]{43,})/g;
		is(
			$url =~ /redirect_uri=([^&]*)/ ? $1 =~ s/%([0-9A-F]{2})/chr hex $1/ger : '',
			$t->base . '/api/auth/google/callback', 'back to one address'
		);
	}
	is_deeply([sort values %seen], [1, 1, 1, 1, 1, 1], 'no state and no challenge twice');
};

my @came;
subtest 'a state is good once, and what the address says is not repeated' => sub {
	my $back = back_of($s{ann});
	my $r =
	    $t->get(  "/api/auth/google/callback?state="
		    . ($back =~ /state=([^&]*)/)[0]
		    . '&error=%3Cscript%3Ealert(1)%3C/script%3E', with($s{ann}));
	unlike(Tidemark::Google::said($r), qr/script/, 'the words of an error are ours');
	refused($t->get($back, with($s{ann})), 'after that the state is used');
	$back = back_of($s{ann});
	push @came, $back =~ /(?:state|code)=([^&]*)/g;
	$r = $t->get($back, with($s{ann}));
	like(Tidemark::Google::said($r), qr/is connected/, 'the right way works');
	unlike($r->{headers}{location}, qr/code|state/, 'and leads to an address without the code');
	like(Tidemark::Google::said($t->get($back, with($s{ann}))), qr/used already/, 'once');
	is(accounts(), 1, 'one account');
	is(
		count(
			      "SELECT r.id FROM remote_account r JOIN account u ON u.id = r.owner "
			    . "WHERE u.name = 'ann'"
		),
		1,
		'hers'
	);
};

subtest 'an answer is for what was asked, and from who was asked' => sub {
	my $seen = sub {
		join ' ', map { "$_->{id} $_->{granted_at}" }
		    rows($t, 'SELECT id, granted_at FROM remote_account')
	};
	my $before = $seen->();
	my $said = sub {
		my ($how, $bent) = @_;
		$g->control({ client => { id => 'client', %$how } });
		my $back = back_of($s{ann});
		$back = $bent->($back) if $bent;
		return Tidemark::Google::said($t->get($back, with($s{ann})));
	};
	my ($foreign, $from) = (qr/not for this application/, qr/did not come from Google/);
	like($said->({ nonce => 'of another' }), $foreign, 'with the nonce of another question');
	like($said->({ nonce => '' }), $foreign, 'with an empty one');
	like($said->({ iss => $_ }), $from, "from $_")
	    for 'https://evil.example', 'https://accounts.google.com.evil.example',
	    'accounts.google.com';
	like($said->({}, sub { $_[0] =~ s/\biss=[^&]*/iss=/r }), $from, 'from nobody');
	is($seen->(), $before, 'nothing is linked');
	my $start = $t->get('/api/auth/google/start', with($s{ann}))->{headers}{location};
	like($start, qr/&nonce=[\w-]{43}(?:&|$)/, 'each question has a nonce');
	# Who says nothing of itself is known by the address that it sends back to.
	like($said->({}, sub { $_[0] =~ s/[?&]iss=[^&]*//r }), qr/is connected/, 'what is right');
	isnt($seen->(), $before, 'is taken');
};

subtest 'a key that names an address is not believed' => sub {
	my $src = $t->source;
	$src->put('/token', '{"access_token": "planted", "expires_in": 3600}');
	my $key = $g->control({ service_account => 'robot@example.iam.gserviceaccount.com' })
	    ->{service_account};
	push @came, ($key->{private_key} =~ /\n(\S{40,})\n/)[0];
	my %key = (
		%$key,
		map { $_ => $src->url('/token') }
		    qw(token_uri auth_uri auth_provider_x509_cert_url client_x509_cert_url
		    universe_domain)
	);
	my $r = $t->post('/api/accounts', { key => \%key }, token => 'ann:read,sync,write');
	is($r->{status}, 201, 'the key itself is good') or diag $r->{content};
	is_deeply([$src->requests('/token')], [], 'nobody asked there');
	unlike($r->{content}, qr/PRIVATE|private_key|planted/, 'and it is not shown');
	is(
		$t->get("/api/accounts/$r->{json}{id}", token => 'bob:read,sync,write')->{status},
		404,
		'nor known to others'
	);
	$key{private_key} =
	    "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIC\n-----END ENCRYPTED PRIVATE KEY-----\n";
	is(
		$t->post('/api/accounts', { key => \%key }, token => 'ann:read,sync,write')
		    ->{status},
		422, 'one that cannot be read is refused'
	);
};

subtest 'nobody reads with the account of another user' => sub {
	my ($theirs) =
	    map { $_->{id} } rows($t, "SELECT id FROM remote_account WHERE kind = 'oauth'");
	my %source = (
		provider => 'google-sheets',
		config => { spreadsheet => $g->sheet('hers', [['id'], [1]]) }
	);
	my @as = (token => 'bob:read,sync,write');
	is(
		$t->get("/api/auth/google/start?account=$theirs", with($s{bob}))->{status}, 404,
		'it is not there to be connected again'
	);
	is(
		$t->post($_, { %source, accountId => $theirs }, @as)->{json}{errors}[0]{field},
		'accountId', "nor for $_"
	) for qw(/api/connections /api/test /api/preview);
	$g->connect($t, user => 'bob', session => $s{bob});
	my $c =
	    $t->connect('google-sheets' => undef, config => $source{config}, start => false, @as);
	is(
		$t->request('PATCH', "/api/connections/$c->{id}", { accountId => $theirs }, @as)
		    ->{json}{errors}[0]{field}, 'accountId',
		'nor to be put in the place of an own one'
	);
	is($t->post("/api/connections/$c->{id}/$_", { accountId => $theirs }, @as)
		    ->{json}{errors}[0]{field}, 'accountId', "nor for one look: $_")
	    for qw(test preview);
	isnt(
		$t->get("/api/connections/$c->{id}", @as)->{json}{accountId}, $theirs,
		'the own one stays'
	);
};

subtest 'what came is nowhere in the clear' => sub {
	my $id = $g->sheet('people', [['id', 'name'], [1, 'Ann']]);
	my $c = $t->connect(
		'google-sheets' => undef,
		config => { spreadsheet => $id },
		accountId => (rows(
			$t,
			"SELECT r.id FROM remote_account r JOIN account u ON u.id = "
			    . "r.owner WHERE r.kind = 'oauth' AND u.name = 'ann'"
		))[0]{id},
		token => 'ann:read,sync,write'
	);
	is(
		$t->wait_run($c->{activeSyncId}, 30, token => 'ann:read,sync,write')->{status},
		'complete', 'after tokens were used'
	);
	my @files = (glob($t->home . '/tidemark.db*'), glob("$t->{dir}/*.log"));
	is(scalar(grep { length($_ // '') < 20 } @came), 0, 'secrets came') or diag explain \@came;
	my @found;
	for my $f (@files) {
		my $text = file_text($f);
		push @found, map { "a secret in $f" } grep { index($text, $_) >= 0 } @came;
		push @found, map { "$_ in $f" } $text =~ /((?:ya29\.|1\/\/)[\w-]{10,})/g;
	}
	is_deeply(\@found, [], 'no code, state, token or key in database and logs');
};

subtest 'who comes back with an ended session signs in, and the code goes nowhere' => sub {
	my $r = $t->get(
		'/api/auth/google/callback?state=s&code=secret-code', token => undef,
		headers => { accept => 'text/html,application/xhtml+xml' }
	);
	is($r->{status}, 303, 'no bare error');
	like($r->{headers}{location}, qr{/sign-in\?next=%2Fsettings}, 'but the way on');
	unlike($r->{headers}{location}, qr/secret-code/, 'without the code');
	$r = $t->get('/api/auth/google/callback?state=s&code=c', token => undef);
	is($r->{status}, 401, 'a program is told as ever');
};

done_testing;
