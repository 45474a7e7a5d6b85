# seconds: 40
# An account that has to wait for its quota costs nobody else anything: its syncs are left where
# they are, in the order of coming, and go on by themselves.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Google;

my $g = Tidemark::Google->start;
# Two calls at once, and then one in some three seconds.
my $t = Tidemark->start(
	env => {
		$g->env, APP_URL => 'https://sync.example.com',
		TIDEMARK_GOOGLE_SHEETS_READS => 100000, TIDEMARK_GOOGLE_SHEETS_READS_USER => 24,
		TIDEMARK_WORKERS => 2
	}
);
$g->control({ quota => { 'sheets.read' => { user => 0, project => 0 } } });
my $account = $g->connect($t);
my $src = $t->source;
$src->put('/one.csv', "id,name\n1,Ann\n");

sub run_of { return $t->get("/api/sync?syncId=$_[0]")->{json} }
my @runs = map {
	my $file = $g->sheet("sheet $_", [['id', 'v'], ['a', $_]]);
	my $c = $t->connect(
		'google-sheets', undef, name => "sheet $_",
		config => { spreadsheet => $file }, schedule => { frequency => 'daily' }
	);
	$c->{lastSync}{syncId}
} 1 .. 6;

ok(
	wait_for(
		sub {
			3 <= grep { ($_->{message} // '') =~ /^Waiting for Google's quota/ }
			    map { run_of($_) } @runs
		},
		20
	),
	'most of them wait, and say for what'
) or diag explain [map { run_of($_)->{message} } @runs];
ok(
	wait_for(sub { (() = $t->pids('tidemark-worker')) <= 2 }, 10),
	'and no process waits with them'
);

my $c = $t->connect(
	csv => $src->url('/one.csv'), name => 'other', config => { key => 'id' },
	start => false, token => 'bob:read,sync,write'
);
my $id = $t->post('/api/sync', { connectionId => $c->{id} }, token => 'bob:read,sync,write')
    ->{json}{syncId};
my $ended;
wait_for {
	$ended = $t->get("/api/sync?syncId=$id", token => 'bob:read,sync,write')->{json};
	$ended->{status} =~ /complete|error/
};
is($ended->{status}, 'complete', "somebody else's sync is done meanwhile");
cmp_ok(
	scalar(grep { run_of($_)->{status} !~ /complete|error/ } @runs), '>=', 1,
	'while some of the others still wait'
);

# One whose turn comes at that very moment ends at its next step, and the next one is tried.
my (%stopped, $at_once);
for my $run (reverse @runs) {
	last if $at_once;
	next if run_of($run)->{status} =~ /complete|error/;
	is($t->post("/api/sync/$run/cancel", {})->{status}, 202, 'one that waits can be stopped')
	    or diag explain run_of($run);
	$stopped{$run} = 1;
	$at_once = (run_of($run)->{error} // {})->{code};
}
is($at_once, 'cancelled', 'at once');

for my $run (grep { !$stopped{$_} } @runs) {
	my $r = $t->wait_run($run, 120);
	is($r->{status}, 'complete', 'each comes to its end') or diag explain $r;
	is($r->{stats}{added}, 1, 'with its row');
}
my @refused = grep { ($_->{status} // 200) == 429 } @{ $g->state->{log} };
is(scalar @refused, 0, 'and nothing was refused');

done_testing;
