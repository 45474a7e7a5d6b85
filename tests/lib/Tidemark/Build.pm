package Tidemark::Build;
# Where the programs under test are built.
use strict;
use warnings;
use Cwd ();
use Exporter 'import';
our @EXPORT = qw(built_in);

my ($root) = Cwd::abs_path(__FILE__) =~ m{^(.*)/tests/lib/};

# A build directory as an absolute path: TIDEMARK_BUILD, or build, unless another is named. One that
# is not absolute is in the root of the repository.
sub built_in {
	my $build = $_[0] // $ENV{TIDEMARK_BUILD} // 'build';
	return $build =~ m{^/} ? $build : "$root/$build";
}

1;
