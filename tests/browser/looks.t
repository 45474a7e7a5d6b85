# seconds: 38
# How every page looks in a real browser. Runs looks.mjs as pages.t runs pages.mjs.
use strict;
use warnings;
use lib 'tests/lib';
use Tidemark;
use Tidemark::Browser;

my $t = Tidemark->start(web => 3, stream => 1, loop => 60);
my %do = Tidemark::Browser::common($t);
exit Tidemark::Browser::run($t, 'looks.mjs', \%do, source => $t->source->base);
