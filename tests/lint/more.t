# A kind of source with an account is added by its own files and rows: no file of the house knows
# the one that tests add (tests/toy).
use strict;
use warnings;
use Test::More;
use File::Find ();
use Tidemark::Lint;

my @house;
File::Find::find(
	{ no_chdir => 1, wanted => sub { push @house, $_ if -f && !/\.(?:png|ico|woff2)$/ } },
	grep { -e } qw(lib cgi-src sql static nginx)
);
sub naming { my ($text) = @_; return scalar(() = $text =~ /\btoy|toy(?=box|_)|TOY_/gi) }

is(naming('#include "toy.h"'), 1, 'a mention is found');
cmp_ok(scalar @house, '>', 200, 'the files are found');
none_of('nothing of the house knows the toy', grep { naming(slurp($_)) } @house);

# What it brings, and that this is taken.
my %row = (
	kinds => 'lib/kind/kinds.def', providers => 'lib/provider/providers.def',
	oauth => 'lib/oauth/oauth.def', quota => 'lib/kind/quota.def', conf => 'lib/base/conf.def'
);
is_deeply(
	[sort map { m{/more_(\w+)\.def$} } glob 'tests/toy/more_*.def'], [sort keys %row],
	'rows for each table'
);
for my $name (sort keys %row) {
	like(
		slurp($row{$name}),
		qr/^#ifdef TIDEMARK_MORE\n#include "more_$name\.def"\n#endif\n\z/m,
		"$row{$name} takes more rows"
	);
}
done_testing;
