# The seeds and past findings of the fuzz targets, each run once.
use strict;
use warnings;

my ($dir) = grep { defined && -x "$_/fuzz/replay" } @ENV{qw(TIDEMARK_STEPS_BUILD TIDEMARK_BUILD)},
    'build/steps', 'build';
die "the program fuzz/replay is not built\n" if !$dir;
exec "$dir/fuzz/replay" or die "$dir/fuzz/replay: $!\n";
