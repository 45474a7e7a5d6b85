# seconds: 30
# The pages as they are used in many ways, in a real browser. Runs using.mjs as pages.t runs
# pages.mjs.
use strict;
use warnings;
use lib 'tests/lib';
use Tidemark;
use Tidemark::Browser;

my $t = Tidemark->start(web => 3, stream => 1, loop => 60);
my $idle = Tidemark->start(web => 1, hook => 0);
my %do = (
	Tidemark::Browser::common($t),
	idle_link => sub { return $idle->link('admin') },
);
exit Tidemark::Browser::run($t, 'using.mjs', \%do, source => $t->source->base);
