# seconds: 15
# A page that follows what happens while somebody uses it. Runs level.mjs as pages.t runs
# pages.mjs.
use strict;
use warnings;
use lib 'tests/lib';
use Tidemark;
use Tidemark::Browser;

my $t = Tidemark->start(web => 3, stream => 1, loop => 60);
my $src = $t->source;
my %do = (
	put => sub {
		my ($path, $body, $options) = @_;
		$src->put($path, $body, %{ $options // {} });
		return 1
	},
	link => sub { return $t->link($_[0] // 'admin') },
);
exit Tidemark::Browser::run($t, 'level.mjs', \%do, source => $src->base);
