# One hand: the C is as clang-format would write it (.clang-format; `make format` applies it).
use strict;
use warnings;
use Test::More;
use Tidemark::Lint;

my @c = files(qr/\.[ch]$/, 'lib', 'cgi-src', 'tests/unit', 'tests/fuzz');

sub foreign {
	my (@files) = @_;
	open my $pipe, '-|', 'sh', '-c', 'clang-format --dry-run "$@" 2>&1', 'sh', @files
	    or die "sh: $!";
	my %found;
	while (<$pipe>) {
		$found{$1}++
		    if /^(\S+):\d+:\d+: warning: code should be clang-formatted/
	}
	close $pipe;
	return map { "$_: $found{$_} places; make format" } sort keys %found;
}

use File::Temp ();
my $odd = File::Temp->new(SUFFIX => '.c', DIR => '.');
print $odd "int\nf(int a)\n{\n\treturn  a;\n}\n";
$odd->flush;
is(scalar foreign($odd->filename), 1, 'another hand is found');
undef $odd;
cmp_ok(scalar @c, '>', 250, 'the files are found');
my @wrong;
while (my @some = splice @c, 0, 40) { push @wrong, foreign(@some) }
none_of('the C is formatted', @wrong);

done_testing;
