# Nobody sees or changes what belongs to another: every route of the table, with every kind of id
# of another user, by session and by token; and who may not come in at all. A new route is tested
# without a change here, or fails until tests/lib/Tidemark/Routes.pm knows how to ask it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Tidemark;
use Tidemark::Routes;

my $nowhere = 'http://127.0.0.1:1';
my $t = Tidemark->start(
	stream => 1,
	web => 2,
	hook => 1,
	env => {
		GOOGLE_CLIENT_ID => 'x', GOOGLE_CLIENT_SECRET => 'y',
		GOOGLE_OAUTH_BASE => $nowhere, GOOGLE_ACCOUNTS_BASE => $nowhere
	}
);
$t->token('admin');
my ($ann, $bob) = populate($t, 'ann', 'bob');
my $admin = {
	name => 'admin', mark => 'ADMIN-MARK',
	token => $t->token('admin', 'read,sync,write,operator'), session => $t->sign_in('admin')
};
my @routes = routes();
# Open to everybody, after thought.
my %open = map { $_ => 1 } 'GET /healthz', 'GET /readyz', 'GET /api/openapi.json', 'GET /sign-in',
    'POST /sign-in', 'GET /confirm', 'POST /confirm', 'POST /api/webhooks/{receiver}',
    'POST /api/calendar/webhooks/google';
# What a person does in a browser only.
my %by_session = map { $_ => 1 } 'DELETE /api/sessions/{id}', 'POST /settings/account';
sub label { my ($r) = @_; return "$r->{method} $r->{path}" }
my @closed = grep { !$open{ label($_) } } @routes;

# Every row of every table, without what keeps count of use.
my %count = map { $_ => 1 } qw(last_used_at last_used_from seen_at);
sub dump_all {
	my %all;
	for my $table (
		map { $_->{name} } rows(
			$t,
			"SELECT name FROM sqlite_schema WHERE type = 'table' "
			    . "AND name NOT LIKE 'sqlite_%'"
		)
	) {
		for my $row (rows($t, "SELECT * FROM \"$table\"")) {
			next if $table eq 'meta' && $row->{name} =~ /heartbeat|tick/;
			$all{
				join "\t", $table,
				map { "$_=" . ($row->{$_} // 'NULL') }
				    grep { !$count{$_} } sort keys %$row
			}++;
		}
	}
	return \%all;
}
sub difference {
	my ($before, $after) = @_;
	return [
		(map { "- $_" } grep { !$after->{$_} } sort keys %$before),
		(map { "+ $_" } grep { !$before->{$_} } sort keys %$after)
	];
}

# A request as a user, by session or by token.
sub ask {
	my ($r, $q, $who, $how, %headers) = @_;
	if ($how eq 'session') {
		%headers = (
			cookie => $who->{session}{cookie}, 'x-csrf-token' => $who->{session}{csrf},
			%headers
		);
		delete @headers{ grep { !defined $headers{$_} } keys %headers };
	}
	return $t->request(
		$r->{method}, $q->{path}, $q->{body},
		token => $how eq 'session' || !$who ? undef : $who->{$how}, headers => \%headers,
		$q->{form} ? (form => { %{ $q->{form} } }) : ()
	);
}
# The first request of a route, or one with made-up ids: for what must be refused before anybody
# looks at it.
sub any_request {
	my ($r) = @_;
	my $list = requests_for($t, $r, $ann);
	my $path = $r->{path} =~ s/\{provider\}/google/r =~ s/\{receiver\}/google-drive/r =~
	    s/\{\w+\}/x/gr;
	return
	      $list && @$list ? $list->[0]
	    : $r->{method} =~ /GET|DELETE/ ? { path => $path }
	    : $r->{api} ? { path => $path, body => {} }
	    : { path => $path, form => {} };
}

my @unknown = grep { !defined requests_for($t, $_, $bob) } @routes;
is_deeply(
	[map { label($_) } @unknown], [],
	'every route can be filled with what belongs to somebody'
);
is_deeply(
	[map { label($_) } grep { ($_->{who} eq 'OPEN') != ($open{ label($_) } // 0) } @routes],
	[], 'the routes that are open are those that should be'
);
is_deeply(
	[
		map { label($_) } grep {
			       $_->{method} ne 'GET'
			    && $_->{guard} ne 'CSRF'
			    && !($open{ label($_) } && $_->{guard} =~ /^(?:ORIGIN|RAW)$/)
		} @routes
	],
	[],
	'what changes something asks where it comes from, and for the token of the session'
);
is_deeply(
	[map { label($_) } grep { $_->{who} !~ /^(?:OPEN|USER|CRON|PROGRESS)$/ } @routes], [],
	'who may ask is one of those this test knows'
);

subtest 'the data of the owner can be had by the owner' => sub {
	for my $r (grep { $_->{method} eq 'GET' && $_->{scope} ne 'operator' } @closed) {
		for my $q (@{ requests_for($t, $r, $bob) // [] }) {
			like(
				ask($r, $q, $bob, 'session')->{status},
				$r->{path} =~ /start$/ ? qr/^302$/ : qr/^200$/,
				"$r->{method} $q->{path}"
			);
		}
	}
};

my $before = dump_all();
cmp_ok(scalar keys %$before, '>', 100, 'rows are there');

subtest 'ids of another user' => sub {
	my (@wrong, @told, %asked);
	for my $r (@closed) {
		for my $who ($ann, $admin) {
			next if $r->{scope} eq 'operator';
			for my $q (@{ requests_for($t, $r, $bob) // [] }) {
				for my $how ('session', 'token') {
					my $a = ask($r, $q, $who, $how);
					my $want =
					    $how eq 'token' && $by_session{ label($r) } ? 403 : 404;
					push @wrong,
					    "$r->{method} $q->{path} "
					    . join(' ', %{ $q->{form} // {} })
					    . " as $who->{name} by $how: $a->{status}"
					    if $a->{status} != $want;
					push @told,
					    "$r->{method} $q->{path} as $who->{name} by $how"
					    if $a->{content} =~ /BOB-MARK/;
					$asked{ label($r) }++;
				}
			}
		}
	}
	is_deeply(\@wrong, [], 'are not found');
	is_deeply(\@told, [], 'nothing of it is told');
	cmp_ok(scalar keys %asked, '>=', 25, 'routes with ids');
	is_deeply(difference($before, dump_all()), [], 'no row has changed');
};

subtest 'a foreign id and one that does not exist are answered alike' => sub {
	my @wrong;
	for my $r (grep { $_->{scope} ne 'operator' } @closed) {
		my ($q) = @{ requests_for($t, $r, $bob) // [] } or next;
		my ($id) = $q->{path} =~ /([0-9a-f]{8}-[0-9a-f-]{27})/;
		my $none =
		    { %$q, path => $q->{path} =~ s/[0-9a-f]{8}(-[0-9a-f-]{27})/00000000$1/r };
		if (!$id) {
			$none->{body} = {
				map { $_ => ($q->{body}{$_} =~ s/^[0-9a-f]{8}-/00000000-/r) }
				    keys %{ $q->{body} }
			}
		}
		my ($a, $b) = map { ask($r, $_, $ann, 'token') } $q, $none;
		my ($x, $y) = map {
			($_->{content} // '') =~
			    s/[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f-]{27}|\d+ (?:ms|seconds?)//gr
		} $a, $b;
		push @wrong, "$r->{method} $q->{path}: $a->{status} $b->{status}"
		    if $a->{status} != $b->{status} || $r->{api} && $x ne $y;
	}
	is_deeply(\@wrong, [], 'the same words');
};

subtest 'the name of another user' => sub {
	my (@wrong, @told);
	for my $r (grep { $_->{api} && $_->{scope} ne 'operator' } @closed) {
		my $q = any_request($r);
		for my $name ($bob->{name}, $bob->{id}) {
			my $asked =
			    $q->{body}
			    ? { %$q, body => { %{ $q->{body} }, workspace_id => $name } }
			    : {       path => $q->{path}
				    . ($q->{path} =~ /\?/ ? '&' : '?')
				    . "workspace_id=$name" };
			for my $how ('session', 'token') {
				my $a = ask($r, $asked, $ann, $how);
				push @wrong, label($r) . " by $how: $a->{status}"
				    if $a->{status} != 403;
				push @told, label($r) if $a->{content} =~ /BOB-MARK/;
			}
		}
	}
	is_deeply(\@wrong, [], 'opens nothing to who may not act for others');
	is_deeply(\@told, [], 'and tells nothing');
	is_deeply(difference($before, dump_all()), [], 'no row has changed');
};

subtest 'lists and pages show nothing of another user' => sub {
	my (@told, @failed);
	for my $r (grep { $_->{method} eq 'GET' && $_->{path} !~ /\{/ && $_->{scope} ne 'operator' }
		@closed) {
		next if $r->{path} eq '/api/sync/stream';    # it has no end: stream.t reads it
		for my $how ('session', 'token') {
			my $a = ask($r, { path => $r->{path} }, $ann, $how);
			push @failed, label($r) . " $a->{status}" if $a->{status} >= 500;
			push @told, label($r) . " by $how"
			    if $a->{content} =~ /BOB-MARK|\Q$bob->{conn}\E/;
		}
	}
	is_deeply(\@told, [], 'nothing');
	is_deeply(\@failed, [], 'all of them answer');
	like(
		ask({ method => 'GET' }, { path => '/' }, $bob, 'session')->{content}, qr/BOB-MARK/,
		'which the owner does see'
	);
};

subtest 'nobody' => sub {
	my @wrong;
	for my $r (@closed) {
		my $a = ask($r, any_request($r), undef, 'nobody');
		my $ok = $r->{api} ? $a->{status} == 401 : $a->{status} == 303
		    && $a->{headers}{location} =~ m{^/sign-in(?:\?next=|$)};
		push @wrong, label($r) . ": $a->{status} " . ($a->{headers}{location} // '')
		    if !$ok;
	}
	is_deeply(\@wrong, [], 'is sent to sign in');
};

subtest 'a scope too few' => sub {
	my (@wrong, %token);
	my @all = qw(read sync write operator);
	for my $r (@closed) {
		my $scopes = join ',', grep { $_ ne $r->{scope} } @all;
		$token{$scopes} //= $t->token('admin', $scopes);
		my $a = ask($r, any_request($r), { token => $token{$scopes} }, 'token');
		push @wrong, label($r) . " with $scopes: $a->{status}" if $a->{status} != 403;
		push @wrong, label($r) . ' does not name it'
		    if $r->{api} && ($a->{json}{detail} // '') !~ /"$r->{scope}"/;
	}
	is_deeply(\@wrong, [], 'is refused');
};

subtest 'a member on what is the operator\'s' => sub {
	my @theirs = grep { $_->{scope} eq 'operator' } @closed;
	cmp_ok(scalar @theirs, '>=', 2, 'there is something');
	my @wrong;
	for my $r (@theirs) {
		for my $how ('session', 'token') {
			my $a = ask($r, any_request($r), $ann, $how);
			push @wrong, label($r) . " by $how: $a->{status}" if $a->{status} != 403;
		}
	}
	is_deeply(\@wrong, [], 'is refused');
	my $r =
	    $t->run('tidemark', 'token', 'create', '--user', 'ann', '--scopes', 'read,operator');
	chomp(my $token = $r->{out});
	is(
		$t->get('/metrics', token => $token)->{status}, $token ? 403 : 401,
		'a token that claims more than its user is worth no more'
	);
};

subtest 'another site in the browser of the owner' => sub {
	my @wrong;
	for my $r (grep { $_->{method} ne 'GET' } @closed) {
		next if $r->{scope} eq 'operator';
		my $q = any_request($r);
		for my $h (
			{ 'x-csrf-token' => undef }, { 'x-csrf-token' => 'x' x 43 },
			{ 'x-csrf-token' => $bob->{session}{csrf} },
			{ 'sec-fetch-site' => 'cross-site' }, { 'sec-fetch-site' => 'same-site' },
			{ origin => 'https://evil.example' }, { origin => 'null' }
		) {
			my $a = ask($r, $q, $ann, 'session', %$h);
			push @wrong,
			    label($r) . ' '
			    . join(' ', map { $_ // 'none' } %$h)
			    . ": $a->{status}"
			    if $a->{status} != 403;
		}
		my $a = ask(
			$r, $q, undef, 'nobody', cookie => $ann->{session}{cookie},
			origin => 'https://evil.example', 'content-type' => 'text/plain'
		);
		push @wrong, label($r) . " as a simple request: $a->{status}"
		    if $a->{status} != 403 && $a->{status} != 415;
	}
	is_deeply(\@wrong, [], 'is refused');
};

# Going to a provider's consent page is noted.
is_deeply(
	[
		grep { !/^\+ (?:api_token|account|audit|oauth_try)\t/ }
		    @{ difference($before, dump_all()) }
	],
	[],
	'after all of it no row has changed'
);

done_testing;
