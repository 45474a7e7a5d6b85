# The running processes are confined, and everything that needs another process still works.
use strict;
use warnings;
use Test::More;
use Tidemark;

my $t = Tidemark->start;
my $src = $t->source;
$src->put('/people.csv', "id,name\n1,Ann\n2,Bo\n");
my $kernel = $t->run('tidemark', 'doctor', '--json');
my ($confined) = grep { $_->{name} eq 'confinement' } @{ json($kernel->{out}) };
my $sanitized = `nm @{[$t->build]}/tidemark-fcgi 2>/dev/null` =~ /__asan_init/;

sub status_of {
	my %s = map { /^(\w+):\s+(.*)/ ? ($1 => $2) : () } split /\n/,
	    file_text("/proc/$_[0]/status");
	return \%s;
}
sub limits_of {
	return file_text("/proc/$_[0]/limits") =~ /^Max core file size\s+(\S+)\s+(\S+)/m
	    ? "$1 $2"
	    : ''
}
# A process that is not dumpable belongs to root in /proc; for root itself this cannot be told
# from outside.
sub owner_of { return (stat "/proc/$_[0]/mem")[4] }

subtest 'web processes' => sub {
	my @pids = $t->pids('tidemark-fcgi');
	is(scalar @pids, 4, 'are there');
	for my $pid (@pids) {
		my $s = status_of($pid);
		is($s->{NoNewPrivs}, 1, 'gain nothing by exec');
		is(limits_of($pid), '0 0', 'leave no core');
		is(owner_of($pid), 0, 'are not to be looked into');
		SKIP: {
			skip 'no filter here', 1 if $sanitized || !$confined->{ok};
			is($s->{Seccomp}, 2, 'are filtered');
		}
	}
	is(
		scalar(
			grep { status_of($_)->{PPid} =~ /^(?:@{[join '|', @pids]})$/ }
			    $t->pids('tidemark-broker')
		),
		4,
		'each has its broker'
	);
};

subtest 'brokers hold nothing' => sub {
	for my $pid ($t->pids('tidemark-broker')) {
		my @open = map { readlink } glob "/proc/$pid/fd/*";
		is(readlink("/proc/$pid/fd/$_"), '/dev/null', 'no input, no output') for 0, 1;
		is(
			scalar(grep { /^socket:/ } @open), 1,
			'one channel, and not the listening socket'
		) or diag "@open";
		is(scalar(grep { /tidemark\.db/ } @open), 0, 'no database');
		is(status_of($pid)->{NoNewPrivs}, 1, 'gain nothing by exec');
		is(limits_of($pid), '0 0', 'leave no core');
	}
};

my $config = { provider => 'csv', config => { url => $src->url('/people.csv') } };
subtest 'what needs another process' => sub {
	is($t->post('/api/test', $config)->{json}{ok}, true, 'a source is tested');
	my $c = $t->connect(csv => $src->url('/people.csv'), config => { key => 'id' });
	is($t->post("/api/connections/$c->{id}/preview", {})->{status}, 200, 'previewed');
	# Nothing ticks here but what a request wakes.
	is($t->sync_and_wait($c->{id})->{status}, 'complete', 'and a sync starts by itself');
	is(scalar(keys %{ $t->records($c->{id}) }), 2, 'with its rows');
};

subtest 'what parses is confined once more' => sub {
	SKIP: {
		skip 'no filter here', 2
		    if $sanitized || !$confined->{ok} || !defined status_of($$)->{Seccomp_filters};
		my $rows = join '', map { "$_,x\n" } 1 .. 300_000;
		# It comes when its reader was seen, which has one filter until it parses.
		$src->put('/large.csv', "id,name\n$rows", hold => 400_000);
		my $c = $t->connect(csv => $src->url('/large.csv'), config => { key => 'id' });
		my (%seen, $run);
		wait_for {
			for my $pid ($t->pids('tidemark-worker')) {
				my $n = eval { status_of($pid)->{Seccomp_filters} } // next;
				$seen{$pid}{$n} = 1;
			}
			$src->release('/large.csv') if grep { $_->{1} } values %seen;
			$run = $t->get("/api/sync?syncId=$c->{activeSyncId}")->{json};
			$run->{status} =~ /^(?:complete|error)$/
		}
		120;
		is($run->{status}, 'complete', 'a large one is read');
		ok((grep { $_->{1} && $_->{2} } values %seen),
			'by a process that had one filter, and then two')
		    or diag explain \%seen;
	}
};

subtest 'what reads has somebody else open its secrets' => sub {
	$src->put('/secret.csv', "id,name\n1,Ann\n", delay => 2);
	my $c = $t->connect(
		csv => $src->url('/secret.csv'),
		config => { key => 'id' },
		secret => { authorization => 'Bearer of the tests' },
		start => false
	);
	$t->post('/api/sync', { connectionId => $c->{id} });
	my $keeper;
	ok(
		wait_for(sub {
			($keeper) = $t->pids('tidemark-keeper');
			$keeper && (status_of($keeper)->{Seccomp} // 0) == 2
		}),
		'a process beside it, which was asked'
	);
	my @open = map { readlink // '' } glob "/proc/$keeper/fd/*";
	is_deeply([grep { /tidemark\.db/ } @open], [], 'and needs no database for it');
	is(status_of($keeper)->{NoNewPrivs}, 1, 'gains nothing by exec');
	is(limits_of($keeper), '0 0', 'leaves no core');
	is(readlink("/proc/$keeper/fd/$_"), '/dev/null', 'no input, no output') for 0, 1;
	ok(wait_for(sub { !$t->pids('tidemark-keeper') }, 30), 'it ends with what it serves');
	# It may end a moment before the run is settled.
	my $run = wait_for {
		my $now = $t->get("/api/connections/$c->{id}")->{json};
		$now->{status} ne 'syncing' && $now
	};
	is($run->{status}, 'active', 'and the source was read with its secret');
	my ($seen) = $src->requests('/secret.csv');
	is($seen->{headers}{authorization}, 'Bearer of the tests', 'which it was sent');
};

subtest 'what parses holds nothing' => sub {
	my $rows = "id,name\n1,Ann\n";
	$src->put('/parsed.csv', $rows, hold => 5);
	my $c = $t->connect(
		csv => $src->url('/parsed.csv'), config => { key => 'id' },
		start => false
	);
	my $id = $t->post('/api/sync', { connectionId => $c->{id} })->{json}{syncId};
	my ($parser, @open);
	ok(
		wait_for(sub {
			($parser) = $t->pids('tidemark-parser') or return;
			@open = map { readlink // () } glob "/proc/$parser/fd/*";
			@open == 4
		}),
		'a process beside what reads, with one descriptor more than the usual'
	) or diag "@open";
	is(scalar(grep { /^socket:/ } @open), 1, 'by which it is talked to');
	is(status_of($parser)->{NoNewPrivs}, 1, 'gains nothing by exec');
	is(limits_of($parser), '0 0', 'leaves no core');
	is(readlink("/proc/$parser/fd/$_"), '/dev/null', 'no input, no output') for 0, 1;
	kill KILL => $parser;
	$src->release('/parsed.csv');
	my $run = $t->wait_run($id);
	is($run->{error}{code}, 'unavailable', 'when it is killed, the sync ends');
	like($run->{error}{detail}, qr/process that parses/, 'with a sentence');
	$src->put('/parsed.csv', $rows);
	$t->cooled($c->{id});
	is($t->sync_and_wait($c->{id})->{status}, 'complete', 'and the next one has its own');
	is(scalar(keys %{ $t->records($c->{id}) }), 1, 'of which all is kept');
	ok(wait_for(sub { !$t->pids('tidemark-parser') }, 30), 'it ends with what it serves');
};

subtest 'a question whose word comes first' => sub {
	my $r = $t->run(
		{ in => "test\n" . JSON::PP->new->encode($config) },
		'tidemark-worker', 'ask'
	);
	ok(json($r->{out})->{ok}{ok}, 'is answered, as a service on a socket gets it');
	$r = $t->run({ in => 'x' x 1000 }, 'tidemark-worker', 'ask');
	is($r->{rc}, 64, 'a word without end is none');
};

subtest 'doctor sees what others can reach' => sub {
	my $modes = sub {
		my ($m) = grep { $_->{name} eq 'modes' }
		    @{ json($t->run(@_, 'tidemark', 'doctor', '--json')->{out}) };
		return $m
	};
	is($modes->()->{ok}, true, 'nothing at first');
	for (
		['tidemark.db', 0644, 0600], ['tidemark.db-wal', 0640, 0600],
		['master.key', 0604, 0600], ['', 0755, 0700]
	) {
		my ($file, $open, $own) = @$_;
		next if !-e $t->home . "/$file";
		chmod $open, $t->home . "/$file";
		my $m = $modes->();
		is($m->{ok}, false, $file || 'the directory');
		like($m->{detail}, $file ? qr/\Q$file\E/ : qr/state directory/, 'by its name');
		chmod $own, $t->home . "/$file";
	}
	my $file = "$t->{dir}/tidemark.conf";
	open my $f, '>', $file or die $!;
	print $f "PORT = 8080\n";
	close $f;
	chmod 0644, $file;
	my %env = (env => { TIDEMARK_CONFIG => $file });
	is($modes->(\%env)->{ok}, true, 'a configuration file without secrets is for all to read');
	open $f, '>>', $file or die $!;
	print $f "TIDEMARK_SMTP_PASSWORD = of the tests\n";
	close $f;
	like($modes->(\%env)->{detail}, qr/configuration file/, 'one with a secret is not');
	chmod 0640, $file;
	is($modes->(\%env)->{ok}, true, 'but for a group');
};

subtest 'workers and ticks' => sub {
	$src->put('/slow.csv', "id,name\n1,Ann\n", delay => 3);
	my $c =
	    $t->connect(csv => $src->url('/slow.csv'), config => { key => 'id' }, start => false);
	$t->post('/api/sync', { connectionId => $c->{id} });
	my ($worker, $tick);
	ok(
		wait_for(sub {
			($worker) = $t->pids('tidemark-worker');
			($tick) = $t->pids('tidemark-tick');
			$worker && $tick && (status_of($worker)->{NoNewPrivs} // 0)
		}),
		'are at work'
	);
	is(limits_of($_), '0 0', 'leave no core') for $worker, $tick;
	is(status_of($tick)->{NoNewPrivs}, 1, 'gain nothing by exec');
	SKIP: {
		skip 'no filter here', 1 if $sanitized || !$confined->{ok};
		ok(
			wait_for(sub { (status_of($worker)->{Seccomp} // 0) == 2 }),
			'a worker is filtered'
		);
	}
	wait_for(sub { !$t->pids('tidemark-worker') }, 20);
};

subtest 'a web process that is killed leaves nothing behind' => sub {
	my @web = $t->pids('tidemark-fcgi');
	my @brokers = $t->pids('tidemark-broker');
	kill 'KILL', @web;
	# Others take their place; PIDs of the old ones may be zombies of somebody else by then.
	my $old = sub {
		grep { my $f; open($f, '<', "/proc/$_/stat") && <$f> !~ /\) Z / } @web, @brokers
	};
	ok(wait_for(sub { !$old->() }), 'nor does its broker stay') or diag join ' ', $old->();
	ok(wait_for(sub { my @now = $t->pids('tidemark-fcgi'); @now == 4 }), 'others come');
	is($t->get('/api/connections')->{status}, 200, 'and answer');
};

subtest 'a broker that is killed' => sub {
	my %old = map { $_ => 1 } $t->pids('tidemark-broker'), $t->pids('tidemark-fcgi');
	my $others = sub {
		grep { !$old{$_} } $t->pids($_[0])
	};
	my $config = { provider => 'csv', config => { url => $src->url('/people.csv') } };
	kill 'KILL', $t->pids('tidemark-broker');
	# Before anybody has needed it.
	ok(
		wait_for(sub {
			4 == $others->('tidemark-broker') && 4 == $others->('tidemark-fcgi')
		}),
		'is replaced with its process'
	) or diag join ' ', $t->pids('tidemark-broker'), '|', $t->pids('tidemark-fcgi');
	is_deeply(
		[grep { $_ != 200 } map { $t->post('/api/test', $config)->{status} } 1 .. 12], [],
		'and nobody is the worse for it'
	);
};

subtest 'brokers that end as soon as they are there' => sub {
	my (%old, $killed);
	ok(
		wait_for(
			sub {
				my @now = grep { !$old{$_}++ } $t->pids('tidemark-broker');
				$killed += kill KILL => @now;
				$t->logs =~ /tidemark-fcgi .*the lines above say why/;
			},
			60
		),
		'there is an end to starting others'
	);
	cmp_ok($killed, '<=', 4 + 5 + 3 * 4, 'soon');
	like($t->logs, qr/broker\.ended_at_once/, 'and the reason is told');
	ok(wait_for(sub { 4 == $t->pids('tidemark-broker') }, 30), 'they are tried again later');
	is($t->get('/api/connections')->{status}, 200, 'and then all is well');
};

unlike($t->logs, qr/confine\.refused/, 'nothing of all this was refused');
$t->stop;
is(join(' ', $t->pids), '', 'the end is the end of all');
done_testing;
