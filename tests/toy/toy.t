# seconds: 10
# A kind of source with an account of its own, added by the files and rows of this directory
# alone: it is connected, read, told of changes and shown.
use strict;
use warnings;
BEGIN { $ENV{TIDEMARK_BUILD} = $ENV{TIDEMARK_TEST_TOY} // 'build/toy' }
use File::Temp ();
use HTTP::Tiny;
use JSON::PP ();
use List::Util qw(sum);
use Test::More;
use Tidemark;

my $out = File::Temp->new;
my $server = Tidemark::spawn(['perl', Tidemark->root . '/tests/toy/toy_server.pl'], out => "$out");
my ($base) = wait_for { file_text("$out") =~ m{^(http://\S+)$}m ? $1 : undef }
    or BAIL_OUT('the service did not start');
my $http = HTTP::Tiny->new(timeout => 20, max_redirect => 0);
my $t = Tidemark->start(
	env => {
		TOY_BASE => $base, TOY_CLIENT_ID => 'toy-client',
		TOY_CLIENT_SECRET => 'toy-secret', APP_URL => 'https://sync.example.com'
	}
);

sub control {
	return json($http->post("$base/control", { content => JSON::PP::encode_json($_[0] // {}) })
		    ->{content})
}
sub records {
	my ($c) = @_;
	my ($set) = @{ $t->get("/api/connections/$c->{id}/datasets")->{json}{data} };
	return { map { ($_->{_meta}{id} => $_->{name}) }
		    @{ $t->get("/api/datasets/$set->{id}/records")->{json}{data} } };
}
sub runs { return @{ $t->get("/api/connections/$_[0]{id}/syncs")->{json}{data} } }

subtest 'it is one of the kinds' => sub {
	my ($kind) = grep { $_->{id} eq 'toy' } @{ $t->get('/api/providers')->{json}{data} };
	is_deeply($kind->{capabilities}, ['pull', 'push', 'webhook'], 'what it can');
	is($kind->{account}, 'toy', 'needs an account');
	is_deeply([map { $_->{name} } @{ $kind->{fields} }], ['shelf'], 'its fields');
	my $doc = $t->get('/api/openapi.json')->{json};
	is(
		$doc->{paths}{'/api/webhooks/toybox'}{post}{operationId}, 'receiveToybox',
		'its receiver is described'
	);
	my %checks = map { ($_->{name} => $_) }
	    @{ json($t->run({}, 'tidemark', 'doctor', '--json', '--online')->{out}) };
	ok($checks{toy}{ok}, 'the operator sees that it is set up');
	my $callback = 'https://sync.example.com/api/auth/toy/callback';
	like(
		$checks{'toy-redirect'}{detail},
		qr{Toybox must know this redirect address: \Q$callback\E$},
		'and what it must know'
	);
	like(
		$checks{'toy-push'}{detail},
		qr{^Toybox tells of changes at https://sync\.example\.com/api/webhooks/toybox,},
		'where it calls'
	);
	ok($checks{'toy-online'}{ok}, 'and that it takes the credentials')
	    or diag explain $checks{'toy-online'};
};

my $session = $t->sign_in('admin');
my @as = (token => undef, headers => { cookie => $session->{cookie} });
subtest 'somebody signs in there' => sub {
	my $page = $t->get('/settings?tab=integrations&add=toy', @as);
	is($page->{status}, 200, 'the form asks for an account first');
	my $r = $t->get('/api/auth/toy/start?add=1', @as);
	is($r->{status}, 302, 'the way begins');
	like(
		$r->{headers}{location},
		qr{^\Q$base\E/authorize\?.*&scope=toys\.read%2Ctoys\.write&toys=yes&},
		'with scopes as it wants them'
	);
	my $back = $http->get($r->{headers}{location})->{headers}{location};
	like($back, qr{^https://sync\.example\.com/api/auth/toy/callback\?}, 'and leads back');
	$r = $t->get($back =~ s{^https://[^/]+}{}r, @as);
	is($r->{status}, 303, 'and on');
	is($r->{headers}{location}, '/settings?tab=integrations&add=toy#add', 'to where it began');
	my ($account) = @{ $t->get('/api/accounts')->{json}{data} };
	is($account->{provider}, 'toy', 'an account of that provider') or diag $t->logs;
	is($account->{address}, 'ann@toy.example', 'it is hers');
	is_deeply(
		[sort @{ $account->{scopes} }], ['toys.read', 'toys.write'],
		'with what was allowed'
	);
	is(
		$t->get('/api/auth/none/start', @as)->{status}, 404,
		'there is no way to a provider that does not exist'
	);
};

control({ toy => { id => "t$_", name => "Toy $_", colour => 'red' } }) for 1 .. 7;
is(
	$t->post('/api/connections', { provider => 'toy', config => { shelf => 'Red 1' } })
	    ->{status},
	422, 'its settings are checked'
);
my $c = $t->connect(
	'toy', undef, name => 'toys', config => { shelf => 'red' },
	schedule => { frequency => 'weekly' }
);
$t->wait_run($c->{lastSync}{syncId});

subtest 'it is read' => sub {
	is_deeply(records($c), { map { ("t$_" => "Toy $_") } 1 .. 7 }, 'in pages, by its own keys');
	my ($page) = $t->get("/connections/$c->{id}", @as)->{content};
	like($page, qr{Open the shelf}, 'its page leads to it');
	like($page, qr{/api/auth/toy/start\?connection=}, 'and to the provider');
	unlike($page, qr/Google/, 'and speaks of nobody else');
	unlike($t->get('/settings?tab=integrations&add=toy', @as)->{content} =~
		    s{<ul class="picks".*?</ul>}{}rs, qr/Google(?! Sheet)/, 'nor does the form');
};

subtest 'then only what has changed' => sub {
	control({ toy => { id => 't2', name => 'Two' } });
	control({ throw => 't3' });
	my $run = $t->sync_and_wait($c->{id});
	is($run->{status}, 'complete', 'read again') or diag explain $run;
	is($run->{stats}{apiCalls}, 1, 'by one request');
	# The channel may have opened, and all been read once more, in between.
	my @since = grep { $_->{syncId} ne $c->{lastSync}{syncId} } runs($c);
	is(sum(map { $_->{stats}{updated} } @since), 1, 'one has changed');
	is(sum(map { $_->{stats}{deleted} } @since), 1, 'and one is gone');
	is_deeply(
		records($c), { (map { ("t$_" => "Toy $_") } 1, 4 .. 7), t2 => 'Two' },
		'and nothing else'
	);
};

subtest 'and everything when its mark is forgotten' => sub {
	control({ throw => 't4' });
	control({ forget => 1 });
	my $run = $t->sync_and_wait($c->{id});
	is($run->{status}, 'complete', 'read again') or diag explain $run;
	is_deeply(
		records($c),
		{ (map { ("t$_" => "Toy $_") } 1, 5 .. 7), t2 => 'Two', marker => 'M' },
		'no gap, no doubles'
	);
};

subtest 'it calls' => sub {
	my $watch = wait_for { control()->{watch} } 20;
	ok($watch, 'a channel is opened') or diag $t->logs;
	is(
		$watch->{address}, 'https://sync.example.com/api/webhooks/toybox',
		'to its own receiver'
	);
	ok(
		(
			wait_for {
				my $at = $t->get("/api/connections/$c->{id}")->{json}{channel};
				$at && $at->{expiresAt}
			}
			20
		),
		'and known to be open'
	);
	wait_for {
		my @busy = grep { $_->{status} !~ /complete|error/ } runs($c);
		!@busy
	}
	20;
	my $before = runs($c);
	my %from = (
		'x-toy-channel' => $watch->{channel}, 'x-toy-token' => $watch->{token},
		'x-toy-shelf' => 'shelf-red'
	);
	my $call = sub {
		return $t->post(
			'/api/webhooks/toybox', undef, token => undef,
			headers => { %from, @_ }
		)->{status}
	};
	is($call->('x-toy-event' => 'hello'), 204, 'a greeting is taken');
	is($call->('x-toy-event' => 'changed', 'x-toy-token' => 'x'), 404, 'a forged one is not');
	is($call->(), 404, 'nor one that says nothing');
	is(runs($c), $before, 'none of them starts anything');
	control({ toy => { id => 't9', name => 'Nine' } });
	is($call->('x-toy-event' => 'changed'), 204, 'a call is taken');
	ok((wait_for { my $all = records($c); $all->{t9} } 20), 'and the change is read');
	is((runs($c))[0]{trigger}, 'webhook', 'by a run that says why');
};

subtest 'its quota is counted' => sub {
	my ($toy) = grep { $_->{quota} eq 'toy' } @{ $t->get('/api/quota')->{json}{data} };
	cmp_ok($toy->{usedLastDay}, '>', 5, 'calls of it');
};

kill 'TERM', $server;
waitpid $server, 0;
done_testing;
