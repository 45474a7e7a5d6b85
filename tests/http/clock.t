# A clock that is wrong for a while, by an hour or by a year, ahead or behind: nothing is deleted
# for it, and nothing waits longer for it. tests/fake/clock.c stands for the clock.
use strict;
use warnings;
use Test::More;
use File::Temp ();
use Tidemark;

my $dir = File::Temp->newdir;
system('cc', '-shared', '-fPIC', '-O1', '-Wall', '-o', "$dir/clock.so",
	Tidemark->root . '/tests/fake/clock.c') == 0
    or die 'no clock';
my $t = Tidemark->start;
my $src = $t->source;
use constant { MINUTE => 60, HOUR => 3600, DAY => 86400 };

sub wrong_tick {
	my ($shift) = @_;
	my $env = { LD_PRELOAD => "$dir/clock.so", CLOCK_SHIFT => $shift };
	return $t->run({ env => $env }, 'tidemark-tick', '--once');
}
sub number { return $t->sql("SELECT $_[0]") + 0 }
# What retention would take, once it is old.
sub kept {
	return join ' ',
	    map { number("count(*) FROM $_") } 'sync', 'change', 'record WHERE deleted IS NOT NULL',
	    'web_session', 'audit';
}
sub wait_of { return number("next_poll_at / 1000 - unixepoch() FROM schedule") }

$src->put('/people.csv', "id,name\n1,Ann\n2,Bo\n3,Cy\n");
my $c = $t->connect(csv => $src->url('/people.csv'), config => { key => 'id' });
$t->put("/api/connections/$c->{id}/schedule", { intervalMinutes => 10 });
$t->sync_and_wait($c->{id});
$src->put('/people.csv', "id,name\n1,Anna\n2,Bo\n");
$t->sync_and_wait($c->{id});
$t->tick;
my @before = split / /, kept();
ok($before[0] >= 2 && $before[1] && $before[2], 'runs, history and a deleted record')
    or diag "@before";

for my $shift (365 * DAY, -365 * DAY, 3650 * DAY, HOUR, -HOUR, 59 * MINUTE) {
	subtest "by $shift seconds" => sub {
		is(wrong_tick($shift)->{rc}, 0, 'the tick works');
		my @then = split / /, kept();
		is(scalar(grep { $then[$_] < $before[$_] } 0 .. $#then), 0, 'and deletes nothing')
		    or diag "@before, then @then";
		is($t->tick->{rc}, 0, 'so does the one that is right again');
		@then = split / /, kept();
		is(scalar(grep { $then[$_] < $before[$_] } 0 .. $#then), 0, 'which deletes nothing')
		    or diag "@before, then @then";
		cmp_ok(wait_of(), '<=', 11 * MINUTE, 'nothing waits longer than it is to');
		is($t->get("/api/connections/$c->{id}")->{json}{lastError}, undef, 'all is well');
		@before = @then;
	};
}

subtest 'what is old goes as ever' => sub {
	$t->sql("UPDATE sync SET finished_at = 1 WHERE no = (SELECT min(no) FROM sync)");
	my $runs = number('count(*) FROM sync');
	# The next hour has come.
	$t->sql("UPDATE meta SET value = value - 3600000 WHERE name = 'tick_at'");
	$t->tick;
	is(number('count(*) FROM sync'), $runs - 1, 'with the next hour');
};
done_testing();
