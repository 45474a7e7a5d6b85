#!/usr/bin/perl
# seconds: 25
# The plug is pulled at random moments of real syncs: workers, the tick, web processes, nginx.
# Every sync ends, the data is the source's, nothing is doubled, and the database is sound.
# TIDEMARK_TEST_KILLS says how often (default 25); TIDEMARK_TEST_SEED repeats a run.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Tidemark;
use Time::HiRes qw(sleep time);

my $kills = $ENV{TIDEMARK_TEST_KILLS} // 25;
my $seed = $ENV{TIDEMARK_TEST_SEED} // time;
srand $seed;
diag "seed $seed";

my $t = Tidemark->start(env => { TIDEMARK_LEASE_SECONDS => 3 });
my $src = $t->source;
my %row = map { $_ => "value $_" } 1 .. 6000;

sub publish {
	my $text = "id,v,filler\n" . join '',
	    map { "$_,$row{$_}," . 'x' x 40 . "\n" } sort { $a <=> $b } keys %row;
	$src->put('/big.csv', $text, etag => 'auto', ranges => 1, drip => [20_000, 0.03]);
}

publish();
my $c = $t->connect(csv => $src->url('/big.csv'), config => { key => 'id' });
my $replica = $t->replica($c->{id})->run;
my $loop = $t->loop(1);
$t->wait_run($c->{activeSyncId}, 60);

my %done;
for my $round (1 .. $kills) {
	$row{ 1 + int rand 6000 } = "round $round" for 1 .. 40;
	delete $row{ 1 + int rand 6000 } for 1 .. 5;
	publish();
	my $start = $t->post('/api/sync', { connectionId => $c->{id} });
	my $who =
	    qw(tidemark-worker tidemark-worker tidemark-worker tidemark-tick tidemark-fcgi nginx)
	    [int rand 6];
	sleep rand 0.8;
	$done{$who} += $t->kill_all(KILL => $who);
	# What a supervisor does outside: the tick and nginx are started again.
	$loop = $t->loop(1) if $who eq 'tidemark-tick';
	$t->nginx if $who eq 'nginx';
	my $ended = wait_for {
		my $r = eval { $t->get('/api/sync') };
		$r && $r->{status} == 200 && $r->{json} && !@{ $r->{json}{active} };
	}
	60;
	ok $ended, "round $round: everything ended after $who was killed" or last;
	$t->cooled($c->{id});
}
diag join ', ', map { "$_ $done{$_}" } sort keys %done;
my $all = 0;
$all += $_ for values %done;
cmp_ok $all, '>=', $kills / 4, 'processes were killed';

publish();
my $r = $t->sync_and_wait($c->{id}, 60);
is $r->{status}, 'complete', 'a last sync is complete';
my $have = $t->records($c->{id});
is_deeply {
	map { $_ => $have->{$_}{v} } keys %$have
}, \%row, 'the data is the source';
is_deeply $replica->level, $t->copy_of($c->{id}), 'and who followed the feed meanwhile has it too';
is $replica->{refusals}, 0, 'without starting again';
diag "$replica->{polls} polls";
$r = $t->sync_and_wait($c->{id}, 60);
is join(' ', map { $r->{stats}{$_} } qw(added updated deleted)), '0 0 0',
    'and a further sync changes nothing';
is $t->get('/api/connections/' . $c->{id} . '/datasets')->{json}{data}[0]{rows}, scalar keys %row,
    'the count of rows is right';
my $doctor = $t->run('tidemark', 'doctor', '--json');
my ($database) = grep { $_->{name} eq 'database' } @{ json($doctor->{out}) };
ok $database && $database->{ok}, 'the database file is sound'
    or diag $doctor->{out}, $doctor->{err};

done_testing;
