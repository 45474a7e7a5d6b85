# seconds: 40
# A few rounds of what tests/soak/kills does for long: syncs of several kinds that are killed at any
# moment, consumers that follow, clears, forgotten deletions and restores in between.
# TIDEMARK_TEST_SEED repeats a run.
use strict;
use warnings;
use Test::More;
use Tidemark::Sweep;

my $seed = $ENV{TIDEMARK_TEST_SEED} // time;
diag "seed $seed";
my $s = Tidemark::Sweep->new(seed => $seed);
for (1 .. $ENV{TIDEMARK_TEST_SYNCS} // 8) { $s->round or last }
$s->finish;
done_testing;
