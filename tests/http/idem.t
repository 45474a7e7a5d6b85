# seconds: 15
# Idempotency-Key: what it names is done once, whatever dies at whatever moment.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Tidemark;
use Time::HiRes qw(sleep);

my $t = Tidemark->start;
my $src = $t->source;
$src->put('/a.csv', "id\n1\n");
my $seed = $ENV{TIDEMARK_TEST_SEED} // time;
srand $seed;
diag "seed $seed";
$t->token;

# Kills the web processes again and again, in a process of its own, until told to end.
sub killing(&) {
	my ($work) = @_;
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		$SIG{TERM} = 'DEFAULT';
		while (1) {
			sleep rand 0.03;
			$t->kill_all(KILL => 'tidemark-fcgi');
		}
	}
	$work->();
	kill 'KILL', $pid;
	waitpid $pid, 0;
}

# Asks until it is answered by Tidemark: the statuses that came, and the last answer.
sub insist {
	my ($path, $body, $key) = @_;
	my ($r, %seen);
	wait_for {
		$r = $t->post($path, $body, headers => { 'idempotency-key' => $key });
		$seen{ $r->{status} }++;
		return $r->{status} < 500;
	}
	60;
	return ($r, \%seen);
}

subtest 'connections are made once each' => sub {
	my (%id, %seen);
	killing {
		for my $n (1 .. 60) {
			my ($r, $seen) = insist(
				'/api/connections',
				{
					provider => 'csv', name => "n$n", start => false,
					config => { url => $src->url('/a.csv') }
				},
				"c$n"
			);
			$seen{$_} += $seen->{$_} for keys %$seen;
			is $r->{status}, 201, "$n" if $r->{status} != 201;
			$id{ $r->{json}{id} }++;
			like $r->{headers}{location}, qr/\Q$r->{json}{id}\E$/, 'with its address'
			    if $n % 10 == 0;
		}
	};
	is keys %id, 60, 'each has its own';
	is $t->sql('SELECT count(*) FROM connection'), 60, 'and there are no others';
	is $t->sql("SELECT count(*) FROM audit WHERE action = 'connected'"), 60;
	diag join ', ', map { "$_: $seen{$_}" } sort keys %seen;
};

subtest 'syncs are started once each' => sub {
	my @conns = map { $_->{id} } @{ $t->get('/api/connections?limit=20')->{json}{data} };
	my %sync;
	killing {
		for my $c (@conns) {
			my ($r) = insist('/api/sync', { connectionId => $c }, "s$c");
			is $r->{status}, 202, 'started' if $r->{status} != 202;
			$sync{ $r->{json}{syncId} }++;
		}
	};
	is keys %sync, 20, 'each has its own';
	$t->wait_run($_) for keys %sync;
	is $t->sql('SELECT count(*) FROM sync'), 20, 'and there are no others';
};

subtest 'a secret is changed once' => sub {
	my $hook;
	wait_for {
		$hook = $t->post(
			'/api/webhooks',
			{ url => $src->url('/a.csv'), events => ['sync.failed'] }
		);
		return $hook->{status} == 201;
	};
	$hook = $hook->{json};
	killing {
		for my $n (1 .. 10) { insist("/api/webhooks/$hook->{id}/rotate", {}, "r$n") }
	};
	my $changed = "object = '$hook->{id}' AND action LIKE '%secret%'";
	is $t->sql("SELECT count(*) FROM audit WHERE $changed"), 10, 'for each key';
};

# Earlier programs reserved a key before they did anything.
subtest 'a key that was reserved and never answered is as good as new' => sub {
	$t->sql(
		'INSERT INTO idempotency (owner, key, request, status, body, created_at) '
		    . "SELECT id, 'reserved', 'x', 0, '', " . int(time * 1000) . ' FROM account'
	);
	my %body = (
		provider => 'csv', name => 'reserved', start => false,
		config => { url => $src->url('/a.csv') }
	);
	my ($one, $two) = map {
		$t->post('/api/connections', \%body, headers => { 'idempotency-key' => 'reserved' })
	} 1 .. 2;
	is $one->{status}, 201, 'done' or diag $one->{content};
	is $two->{json}{id}, $one->{json}{id}, 'and kept';
};

subtest 'the answer is there as soon as what it tells of' => sub {
	my $start = $t->post(
		'/api/connections',
		{ provider => 'csv', name => 'x', config => { url => $src->url('/a.csv') } },
		headers => { 'idempotency-key' => 'start' }
	)->{json};
	is $t->wait_run($start->{activeSyncId})->{status}, 'complete',
	    'and what it begins is begun';
	my $met = $t->post(
		'/api/sync',
		{ connectionId => 'nothing' },
		headers => { 'idempotency-key' => 'bad' }
	);
	is $met->{status}, 404, 'what is refused';
	is $t->sql("SELECT count(*) FROM idempotency WHERE key = 'bad'"), 0, 'is not kept';
};

done_testing;
