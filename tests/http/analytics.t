# Analytics by day: the numbers are those of the runs.
use strict;
use warnings;
use List::Util qw(sum0);
use Test::More;
use Tidemark;

my $t = Tidemark->start;
my $src = $t->source;
$src->put('/a.csv', "id,name\n1,Ann\n2,Bob\n");
$src->put('/b.csv', "id\n1\n");
my ($a, $b) = map { $t->connect(csv => $src->base . $_) } '/a.csv', '/b.csv';
$t->wait_run($_->{lastSync}{syncId}) for $a, $b;
$src->put('/a.csv', "id,name\n1,Anna\n2,Bob\n3,Cy\n");
$t->sync_and_wait($a->{id});
$src->put('/b.csv', 'gone', status => 404);
$t->sync_and_wait($b->{id});

sub runs { return @{ $t->get("/api/connections/$_[0]{id}/syncs?limit=100")->{json}{data} } }
sub total {
	my @runs = @_;
	return {
		runs => scalar @runs,
		complete => scalar(grep { $_->{status} eq 'complete' } @runs),
		failed => scalar(
			grep { $_->{error} && $_->{error}{code} !~ /^(?:cancel|needs_approval)/ }
			    @runs
		),
		durationMs => sum0(map { $_->{durationMs} } @runs),
		fetched => sum0(map { $_->{stats}{fetched} } @runs),
		changed => sum0(map { @{ $_->{stats} }{qw(added updated deleted)} } @runs),
		apiCalls => sum0(map { $_->{stats}{apiCalls} } @runs)
	};
}
# Midnight may have passed meanwhile: summed up over the days.
sub told {
	my ($path, %o) = @_;
	my %sum;
	for my $day (@{ $t->get($path, %o)->{json}{data} }) {
		like($day->{day}, qr/^\d{4}-\d\d-\d\d$/, 'a day');
		is($day->{quotaPercent}, 0, 'no quota is used');
		$sum{$_} += $day->{$_} for grep { !/^(?:day|quotaPercent)$/ } keys %$day;
	}
	return \%sum;
}

subtest 'of one connection' => sub {
	is_deeply(
		told("/api/analytics?connection=$a->{id}"), total(runs($a)),
		'what its runs add up to'
	);
	is_deeply(told("/api/analytics?connection=$b->{id}"), total(runs($b)), 'failures too');
	is(total(runs($b))->{complete}, 1, 'which there are');
};

subtest 'of all' => sub {
	is_deeply(told('/api/analytics'), total(runs($a), runs($b)), 'the sum');
};

subtest 'what was stopped, or asked about, is no failure' => sub {
	my $session = $t->sign_in('admin');
	my $success = sub {
		$t->get('/analytics', token => undef, headers => { cookie => $session->{cookie} })
		    ->{content} =~ m{>Success</span>\s*<b class="num">(\d+) %}
		    ? $1
		    : undef;
	};
	cmp_ok($success->(), '<', 100, 'one has failed');
	for my $code (qw(cancelled needs_approval)) {
		$t->sql("UPDATE sync SET error_code = '$code' WHERE state = 'error'");
		is(told('/api/analytics')->{failed}, 0, $code);
		is($success->(), 100, 'is not counted');
	}
	$t->sql("UPDATE sync SET error_code = 'source_not_found' WHERE state = 'error'");
	is(told('/api/analytics')->{failed}, 1, 'what failed is');
};

subtest 'of others nothing' => sub {
	is_deeply($t->get('/api/analytics', token => 'bob:read')->{json}{data}, [], 'no day');
	is(
		$t->get("/api/analytics?connection=$a->{id}", token => 'bob:read')->{status}, 404,
		'and no connection'
	);
};

subtest 'the pages show the same' => sub {
	my $s = $t->sign_in('admin');
	my @as = (token => undef, headers => { cookie => $s->{cookie} });
	my $page = $t->get('/analytics', @as)->{content};
	like($page, qr{<svg class="chart"[^>]*role="img" aria-label="Duration by day}, 'drawn');
	like($page, qr/>4 syncs</, 'counted');
	like($page, qr/>75 %</, 'three of four went well');
	$page = $t->get("/connections/$b->{id}", @as)->{content};
	like($page, qr/>50 %</, 'on the page of a connection');
};

subtest 'records are a line over the syncs that went well, the newest at the right edge' => sub {
	my $s = $t->sign_in('admin');
	my $drawn = sub {
		my $page = $t->get(
			"/connections/$_[0]{id}",
			token => undef, headers => { cookie => $s->{cookie} }
		)->{content};
		my ($chart) = $page =~ m{(<svg class="chart".*?</figure>)}s;
		my ($line) = $chart =~ m{<path class="rows" d="([^"]*)"/>};
		my ($most) = $chart =~ m{records, up to ([\d,]+)<};
		my @bars = $chart =~ m{<rect class="bar" x="(\d+)"}g;
		my @bad = $chart =~ m{<path class="bad" d="M(\d+) }g;
		return { line => $line, most => $most, bars => "@bars", bad => "@bad" };
	};
	$src->put('/line.csv', "id\n1\n");
	my $c = $t->connect(csv => $src->url('/line.csv'));
	$t->wait_run($c->{lastSync}{syncId});
	is_deeply(
		$drawn->($c), { line => undef, most => undef, bars => '548', bad => '' },
		'one point is none'
	);
	$src->put('/line.csv', '', status => 404);
	$t->sync_and_wait($c->{id});
	is_deeply(
		$drawn->($c), { line => undef, most => undef, bars => '534', bad => '548' },
		'nor does a failure make one'
	);
	$src->put('/line.csv', "id\n1\n2\n3\n4\n5\n");
	$t->sync_and_wait($c->{id});
	is_deeply(
		$drawn->($c),
		{ line => 'M524 48L552 8', most => '5', bars => '520 548', bad => '534' },
		'over it there is a line'
	);
};

subtest 'a sync that goes on is not drawn: it has no length yet' => sub {
	my $s = $t->sign_in('admin');
	my @as = (token => undef, headers => { cookie => $s->{cookie} });
	my $page = sub { return $t->get("/connections/$_[0]", @as)->{content} };
	$src->put('/hangs.csv', "id,name\n1,Ann\n", hang => 4);
	my $c = $t->connect(csv => $src->base . '/hangs.csv');
	my $run = $t->get("/api/connections/$c->{id}")->{json}{activeSyncId};
	ok $run, 'it goes on';
	unlike $page->($c->{id}), qr/duration, up to/, 'nothing is drawn of the first';
	$t->post("/api/sync/$run/cancel");
	$t->wait_run($run);
	like $page->($c->{id}), qr/duration, up to/, 'until it has ended';
};

done_testing;
