# seconds: 77
# Sources that hang, drip or fail cost the others nothing, and schedules of a minute keep to it.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(time);
use Tidemark;

my $t = Tidemark->start(env => { TIDEMARK_WORKERS => 2, TIDEMARK_SILENCE_SECONDS => 60 });
my $src = $t->source;
my $rows = join '', "id,name\n", map { "$_,person $_\n" } 1 .. 50;

sub conn {
	my ($path, %o) = @_;
	return $t->connect(
		csv => $src->url($path), name => $path, config => { key => 'id' },
		start => false, %o
	)
}
sub start { return $t->post('/api/sync', { connectionId => $_[0]{id} })->{json}{syncId} }
sub state_of { return $t->get("/api/sync?syncId=$_[0]")->{json} }

$src->put('/hang.csv', $rows, hang => 20);
$src->put('/drip.csv', $rows, drip => [1, 1]);
$src->put('/well.csv', $rows);

# More of them than there are places: they are let in one after the other, two seconds each.
my @bad = map { start(conn($_)) } ('/hang.csv') x 3, ('/drip.csv') x 3;
ok(
	wait_for(sub { (() = $t->pids('tidemark-worker')) >= 6 }, 30),
	'all of those that hang or drip are being read, each by a process of its own'
);
my $well = conn('/well.csv');
my $run = $t->wait_run(start($well), 10);
is($run->{status}, 'complete', 'one that is well is read at once beside them');
is(scalar(grep { state_of($_)->{status} ne 'downloading' } @bad), 0, 'while they are waited for');
$t->post("/api/sync/$_/cancel", {}) for @bad;
$t->wait_run($_, 10) for @bad;

# Schedules of a minute: a tick without a loop stays as long as something is due.
my @minute = map {
	conn("/well.csv?$_", schedule => { frequency => 'custom', intervalMinutes => 1 })
} 1 .. 5;
$t->wait_run(start($_), 20) for @minute;
ok(
	wait_for(
		sub {
			5 == grep {
				@{ $t->get("/api/connections/$_->{id}/syncs")->{json}{data} } > 1
			} @minute
		},
		70
	),
	'each is read again within the minute, although nobody ticks'
);
for my $c (@minute) {
	my ($last) = @{ $t->get("/api/connections/$c->{id}/syncs")->{json}{data} };
	is($last->{trigger}, 'schedule', 'by its schedule');
}
$t->del("/api/connections/$_->{id}") for @minute;
ok(wait_for(sub { !$t->pids('tidemark-tick') }, 10), 'and the tick ends when nothing is due soon');

# The only place is held by a run of a schedule that works: here its process stands still.
my $one = Tidemark->start(loop => 60, env => { TIDEMARK_WORKERS => 1 });
my ($held, $asked) = map {
	$one->connect(
		csv => $src->url($_), name => $_, config => { key => 'id' }, start => false,
		schedule => { frequency => 'custom', intervalMinutes => 1 }
	)
} '/well.csv?held', '/well.csv?asked';
$src->put('/well.csv', $rows, hang => 20);
$one->sql("UPDATE schedule SET next_poll_at = 1 WHERE connection_id = '$held->{id}'");
ok(wait_for(sub { $one->sql('SELECT state FROM sync') eq 'running' }), 'a schedule has begun one');
my ($pid) = $one->pids('tidemark-worker');
kill STOP => $pid;
$one->sql('UPDATE sync SET wait_until = 0');
$src->put('/well.csv', $rows);
is($one->sync_and_wait($asked->{id})->{status}, 'complete', 'what is asked for waits not for it');
is($one->sql('SELECT trigger, state FROM sync ORDER BY no LIMIT 1'),
	'schedule|running', 'which works still');
kill CONT => $pid;

done_testing;
