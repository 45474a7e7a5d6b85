# seconds: 20
# The worker is killed at any moment while series have a page of Notion for each of their
# occurrences and are edited in every scope, here and there, with answers that are lost: in the end
# there is one page for each occurrence, as it is here, and nothing more is written.
# TIDEMARK_TEST_SEED repeats a run.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use POSIX qw(strftime);
use Test::More;
use Tidemark;
use Tidemark::Notion;
use Time::HiRes qw(sleep time);

my $seed = $ENV{TIDEMARK_TEST_SEED} // int time;
srand $seed;
diag "seed $seed";
my ($g, $n, $t) = Tidemark::Notion->beside(TIDEMARK_LEASE_SECONDS => 3);
my $s = $n->source('Killed', { When => { date => {} }, Place => { rich_text => {} } });
my $c = $t->connect('notion', undef, name => 'killed',
	config => { dataSource => $s, series => 'each' },
	schedule => { frequency => 'weekly' });
$t->wait_run($c->{lastSync}{syncId});
$c = $c->{id};

# Somebody has answered beforehand whatever the guard would ask.
$t->request(PATCH => "/api/connections/$c", { guard => 'always' });

my $now = int time;
sub day { return strftime('%Y-%m-%d', gmtime $now + 86400 * $_[0]) }
sub pick { my @v = sort @_; return $v[rand @v] }
my (%alive, %touched, $made);
sub add {
	my $first = -int rand 7;
	my $id = $t->post(
		'/api/events',
		{
			title => 'S' . ++$made, startDateTime => day($first),
			endDateTime => day($first + 1), allDay => Tidemark::true,
			recurrence => ['RRULE:FREQ=DAILY;COUNT=5;INTERVAL=' . (10 + int rand 3)]
		}
	)->{json}{event}{id} // die 'not made';
	$alive{$id} = $first;
}
sub occurrences {
	my ($id) = @_;
	my $r = $t->get('/api/events?expand=1&limit=500&from=' . day(-7) . '&to=' . day(61));
	return grep { !$id || $_->{eventId} eq $id } @{ $r->{json}{data} };
}
sub one {
	my $id = pick(keys %alive) // return;
	my $o = (occurrences($id))[rand 3] // return;
	return ($id, "/api/events/$id/occurrences/" . ($o->{occurrence} =~ s/-//gr));
}
sub name { my ($id, $at) = one() or return; return $t->put($at, { title => 'N' . int rand 100 }) }
sub leave_out { my ($id, $at) = one() or return; return $t->del($at) }
sub move {
	my $id = pick(keys %alive) // return;
	my $first = $alive{$id} = -int rand 7;
	return $t->put("/api/events/$id",
		{ startDateTime => day($first), endDateTime => day($first + 1) });
}
sub drop {
	my $id = pick(keys %alive) // return;
	delete $alive{$id};
	return $t->del("/api/events/$id");
}
sub text { return join '', map { $_->{plain_text} } @{ $_[0] // [] } }
sub all { return @{ $n->call(POST => "/data_sources/$s/query", {})->{results} } }
sub start { return substr $_[0]{properties}{When}{date}{start} // '', 0, 10 }
# What somebody wrote in while its series was deleted here stays with them.
sub left { return text($_[0]{properties}{Tidemark}{rich_text}) =~ /"left"/ }
sub there {
	return join ' ', sort map { text($_->{properties}{Name}{title}) . '@' . start($_) }
	    grep { start($_) && !left($_) } all();
}
sub here {
	return join ' ', sort map { "$_->{title}\@" . substr $_->{startDateTime}, 0, 10 }
	    occurrences();
}
sub edit_there {
	my @p = grep { start($_) } all();
	my $p = $p[rand @p] // return;
	$touched{ $p->{id} } = 1;
	# A fault may meet the person instead.
	return eval { $n->edit($p->{id}, Place => { rich_text => $n->text('P' . int rand 100) }) };
}
sub page {
	my ($p) = @_;
	return join ' ', $p->{id}, text($p->{properties}{Name}{title}) . '@' . start($p),
	    text($p->{properties}{Tidemark}{rich_text});
}
sub waits { return $t->sql('SELECT count(*) FROM outbox WHERE finished_at IS NULL') }
my $dead_at = 0;
sub hurry { return $n->hurry($t, $dead_at) }
# The index of the stand-in tells all that there is: what waits for that has waited long enough.
sub told {
	for my $p (all()) {
		my $mark = text($p->{properties}{Tidemark}{rich_text});
		next unless $mark =~ s/,"making":\d+//;
		$mark =~ s/"next":\d+/"next":1/;
		my @pieces = map { @{ $n->text($_) } } unpack '(a2000)*', $mark;
		$n->call(PATCH => "/pages/$p->{id}",
			{ properties => { Tidemark => { rich_text => \@pieces } } },
			token => $n->{token});
	}
	return;
}
sub work {
	hurry();
	$t->cooled($c);
	return $t->post('/api/sync', { connectionId => $c });
}
sub level {
	return wait_for {
		hurry();
		return 0 if waits();
		$t->sync_and_wait($c);
		told();
		return !waits() && there() eq here();
	} 60;
}

my @faults = (
	[], [], [{ kind => 'saved503', method => 'POST', path => '/v1/pages' }],
	[{ kind => 'lost', method => 'POST', path => '/v1/pages', skip => 2 }],
	[{ kind => 'cut', method => 'PATCH', path => '/v1/pages' }],
	[{ kind => '503', method => 'PATCH', path => '/v1/pages' }]
);
my $killed = 0;
my $loop = $t->loop(1);
my %slow = (kind => 'slow', count => 1000, delay_ms => 30);
add();
my $rounds = $ENV{TIDEMARK_TEST_KILLS} // 6;
for my $round (1 .. $rounds) {
	$g->control({ faults => [@{ $faults[rand @faults] }, \%slow] });
	(\&add, \&name, \&leave_out, \&move, \&edit_there, \&drop)[rand 6]->() for 1 .. 3;
	for (1 .. 2) {
		$killed += $t->kill_working(0.3, \&work) // 0;
		$dead_at = time;
	}
	$g->control({ faults => [] });
	ok(level(), "round $round: a page for each occurrence, and none beside")
	    or diag join "\n", 'there: ' . there(), 'here: ' . here(), map { page($_) } all()
	    or last;
}
cmp_ok($killed, '>=', 2 * $rounds, 'workers were killed');
$t->sync_and_wait($c) for 1, 2;
$n->forget;
$t->sync_and_wait($c);
is(there(), here(), 'it stays so');
is_deeply([grep { !/^GET / && !m{/query$} } $n->calls], [], 'and nothing more is written');
my @left = grep { left($_) } all();
is_deeply([grep { !$touched{ $_->{id} } } @left], [], 'what is left somebody has written in');
# A series that somebody edited there while it was deleted here is there again.
my @series = map { $_->{id} } @{ $t->get('/api/events?limit=500')->{json}{data} };
my @undated = grep { !start($_) && !left($_) } all();
is(scalar(@undated), scalar(@series), 'of each series there is one page');
is_deeply([grep { my $id = $_; !grep { $_ eq $id } @series } keys %alive], [], 'none is lost');
done_testing;
