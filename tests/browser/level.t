# seconds: 25
# A page that follows what happens while somebody uses it. Runs level.mjs as pages.t runs
# pages.mjs.
use strict;
use warnings;
use lib 'tests/lib';
use Tidemark;
use Tidemark::Browser;

my $t = Tidemark->start(web => 3, stream => 1, loop => 60);
my %do = Tidemark::Browser::common($t);
exit Tidemark::Browser::run($t, 'level.mjs', \%do, source => $t->source->base);
