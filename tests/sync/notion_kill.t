# seconds: 25
# The worker is killed at any moment while pages of Notion are made, changed and put into the trash,
# with answers that are lost and an index that lags: in the end there is one page for each event,
# as it is here, and nothing more is written. TIDEMARK_TEST_SEED repeats a run.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Tidemark;
use Tidemark::Notion;
use Time::HiRes qw(sleep time);

my $seed = $ENV{TIDEMARK_TEST_SEED} // int time;
srand $seed;
diag "seed $seed";
my ($g, $n, $t) = Tidemark::Notion->beside(TIDEMARK_LEASE_SECONDS => 3);
my $s = $n->source('Killed', { When => { date => {} }, Place => { rich_text => {} } });
my $c = $t->connect('notion', undef, name => 'killed', config => { dataSource => $s });
$t->wait_run($c->{lastSync}{syncId});
$c = $c->{id};

# Somebody has answered beforehand whatever the guard would ask.
$t->request(PATCH => "/api/connections/$c", { guard => 'always' });
my (%want, $made);
sub event_of {
	return {
		title => $_[0], location => $_[1], startDateTime => '2026-10-05',
		endDateTime => '2026-10-06', allDay => Tidemark::true
	};
}
sub add {
	my $title = 'E' . ++$made;
	my $e = event_of($title, 'first');
	my $id = $t->post('/api/events', $e)->{json}{event}{id} // die 'not made';
	$want{$id} = $e;
}
sub change {
	my $id = (sort keys %want)[rand keys %want] // return;
	$want{$id} = event_of($want{$id}{title}, 'place ' . int rand 1000);
	$t->put("/api/events/$id", { location => $want{$id}{location} });
}
sub drop {
	my $id = (sort keys %want)[rand keys %want] // return;
	$t->del("/api/events/$id");
	delete $want{$id};
}
sub text { return join '', map { $_->{plain_text} } @{ $_[0] } }
sub there {
	my $r = $n->call(POST => "/data_sources/$s/query", {});
	return join ' ', sort map {
		my $p = $_->{properties};
		text($p->{Name}{title}) . '=' . text($p->{Place}{rich_text})
	} @{ $r->{results} };
}
sub wanted {
	return join ' ', sort map { "$_->{title}=$_->{location}" } values %want;
}
sub waits { return $t->sql('SELECT count(*) FROM outbox WHERE finished_at IS NULL') }
my $dead_at = 0;
sub hurry { return $n->hurry($t, $dead_at) }

# Whatever it is doing: a push, or a read that meets what was pushed.
sub work {
	hurry();
	$t->cooled($c);
	return waits() && rand() < 0.5 ? undef : $t->post('/api/sync', { connectionId => $c });
}

my @faults = (
	[], [], [{ kind => 'saved503', method => 'POST', path => '/v1/pages' }],
	[{ kind => 'lost', method => 'POST', path => '/v1/pages' }],
	[{ kind => 'cut', method => 'PATCH', path => '/v1/pages' }],
	[{ kind => '503', method => 'PATCH', path => '/v1/pages' }]
);
my $killed = 0;
my $loop = $t->loop(1);
# Each call takes a while, so that there is somebody to kill.
my %slow = (kind => 'slow', count => 1000, delay_ms => 40);
my $rounds = $ENV{TIDEMARK_TEST_KILLS} // 8;
for my $round (1 .. $rounds) {
	$g->control({ faults => [@{ $faults[rand @faults] }, \%slow] });
	(\&add, \&add, \&change, \&change, \&drop)[rand 5]->() for 1 .. 4;
	for (1 .. 2) {
		$killed += $t->kill_working(0.3, \&work) // 0;
		$dead_at = time;
	}
	$g->control({ faults => [] });
	my $level = wait_for { hurry(); !waits() } 60;
	ok($level, "round $round: all is written in the end")
	    or diag $t->sql('SELECT op, state, error_code, next_at FROM outbox
			WHERE finished_at IS NULL') or last;
	is(there(), wanted(), 'one page for each event, as it is here') or last;
	$t->cooled($c);
}
cmp_ok($killed, '>=', 2 * $rounds, 'workers were killed');
$t->sync_and_wait($c) for 1, 2;
wait_for { hurry(); !waits() } 60;
my $here = join ' ', sort map { "$_->{title}=$_->{location}" }
    @{ $t->get('/api/events?from=2026-10-01&to=2026-11-01&limit=500')->{json}{data} };
is($here, wanted(), 'here nothing was lost, or came twice');
$n->forget;
$t->sync_and_wait($c);
wait_for { !waits() } 60;
is(there(), wanted(), 'nor there');
is_deeply([grep { !/^GET / && !m{/query$} } $n->calls], [], 'and nothing more is written');
done_testing;
