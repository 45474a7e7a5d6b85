# seconds: 7
# A large sheet costs one call for each block of its rows and no memory; an unchanged one costs
# one call. A storm of messages costs two syncs.
use strict;
use warnings;
use Test::More;
use POSIX ();
use Time::HiRes qw(sleep);
use Tidemark;
use Tidemark::Google;

my $g = Tidemark::Google->start;
$g->control({ quota => { 'sheets.read' => { user => 0, project => 0 } } });
my $t = Tidemark->start(
	env => {
		$g->env, APP_URL => 'https://sync.example.com',
		TIDEMARK_GOOGLE_SHEETS_READS => 100_000,
		TIDEMARK_GOOGLE_SHEETS_READS_USER => 100_000
	}
);
$g->control({ push => { origin => $t->{base}, refuse => true } });
$g->connect($t);

sub peak {
	my ($pid) = @_;
	open my $f, '<', "/proc/$pid/status" or return 0;
	return (map { /^VmHWM:\s+(\d+)/ ? $1 / 1024 : () } <$f>)[0] // 0
}

# Watches by itself: a question of the test's may take as long as a small sync does. What it says
# at its end is the most memory that a worker had, in MB.
sub watcher {
	my $pid = open(my $says, '-|') // die "fork: $!";
	return ($pid, $says) if $pid;
	my ($most, $over) = (0);
	local $SIG{TERM} = sub { $over = 1 };
	until ($over) {
		for ($t->pids('tidemark-worker')) { my $mb = peak($_); $most = $mb if $mb > $most }
		sleep 0.002;
	}
	syswrite STDOUT, $most;
	POSIX::_exit(0);
}

# A sync to its end: the run, and the most memory its worker had.
sub watched {
	my ($id) = @_;
	my ($run, $sync);
	my ($pid, $says) = watcher();
	wait_for { ($sync = $t->post('/api/sync', { connectionId => $id })->{json}{syncId}) }
	    or die 'no sync';
	wait_for {
		$run = $t->get("/api/sync?syncId=$sync")->{json};
		$run->{status} =~ /^(?:complete|error)$/;
	}
	120 or die 'no end';
	kill TERM => $pid;
	return ($run, <$says>);
}

sub generated {
	my ($rows) = @_;
	my $id = $g->sheet(
		"$rows rows",
		tabs => [{
			title => 'Rows', rows => $rows + 1, cols => 10,
			generate => { rows => $rows + 1, cols => 10 }
		}]
	);
	return $t->connect(
		'google-sheets', undef, name => "$rows rows",
		config => { spreadsheet => $id, key => 'id' }, start => false
	)->{id};
}

subtest 'memory and calls of a large sheet' => sub {
	my ($small, $large) = map { generated($_) } 10_000, 100_000;
	my (undef, $mb_small) = watched($small);
	my ($run, $mb_large) = watched($large);
	is($run->{status}, 'complete', 'read') or diag explain $run;
	is($run->{stats}{fetched}, 100_000, 'to the last row');
	my $blocks = 6;
	# The version, the tabs, and each block as values and once more as the sheet shows its
	# dates.
	cmp_ok($run->{stats}{apiCalls}, '<=', 2 * $blocks + 2, "$run->{stats}{apiCalls} calls");
	SKIP: {
		skip 'a sanitizer has its own memory', 2
		    if `nm @{[Tidemark::build()]}/tidemark-worker 2>/dev/null` =~ /__asan_init/;
		cmp_ok($mb_large, '<', 32, sprintf 'at most %.1f MB', $mb_large);
		cmp_ok(
			$mb_large - $mb_small, '<', 8,
			sprintf 'not much more than the %.1f MB of a tenth of it', $mb_small
		);
	}
	my ($same) = watched($large);
	ok($same->{stats}{notModified}, 'unchanged');
	is($same->{stats}{apiCalls}, 1, 'by one call');
};

subtest 'a storm of messages leads to a sync and another, and the last change is there' => sub {
	$g->control({ push => { refuse => false } });
	my $id = $g->sheet('storm', [['id', 'name'], [1, 'Ann']]);
	my $c = $t->connect(
		'google-sheets', undef, name => 'storm',
		config => { spreadsheet => $id, key => 'id' },
		schedule => { frequency => 'weekly' }
	);
	$t->wait_run($c->{lastSync}{syncId});
	wait_for { $t->get("/api/connections/$c->{id}")->{json}{channel}{expiresAt} }
	    or die 'no channel';
	my $pushed = sub {
		return
		    grep { $_->{trigger} eq 'webhook' }
		    @{ $t->get("/api/connections/$c->{id}/syncs?limit=100")->{json}{data} }
	};
	my ($ch) = grep { $_->{file} eq $id && $_->{open} } @{ $g->state->{channels} };
	my %refused;
	my $message = sub {
		my $r = $t->request(
			'POST',
			'/api/webhooks/google-drive',
			'',
			token => undef,
			headers => {
				'x-goog-channel-id' => $ch->{id},
				'x-goog-channel-token' => $ch->{token},
				'x-goog-resource-id' => $ch->{resource},
				'x-goog-resource-state' => 'update'
			}
		);
		$refused{ $r->{status} }++ if $r->{status} != 204;
	};
	# The file is slow, so that the storm falls into a sync of it.
	$g->control({ latency_ms => 200 });
	$message->();
	wait_for { scalar $pushed->() } or die 'nothing started';
	$message->() for 1 .. 60;
	$g->control({
		push => { drop => 1 },
		edit => { file => $id, range => 'Sheet1!B2', values => [['Anna']] },
		latency_ms => 0
	});
	$message->();
	is_deeply(\%refused, {}, 'all are taken');
	# A storm that lasts longer than a sync leads to the next one.
	my $over = grep { $_->{status} =~ /complete|error/ } $pushed->();
	# No message comes any more that could wake anybody.
	ok(
		wait_for(
			sub { my ($r) = values %{ $t->records($c->{id}) }; $r->{name} eq 'Anna' },
			20
		),
		'the record has changed'
	);
	wait_for {
		!grep { $_->{status} !~ /complete|error/ } $pushed->()
	} or die 'never idle';
	cmp_ok(scalar $pushed->(), '<=', $over + 2, 'one sync at a time, and one that follows');
};

done_testing;
