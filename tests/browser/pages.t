# seconds: 28
# Sources on the pages in a real browser. This program runs a private Tidemark and a source server
# for pages.mjs, and does what it asks.
use strict;
use warnings;
use lib 'tests/lib';
use Tidemark;
use Tidemark::Browser;

my $t = Tidemark->start(web => 3, stream => 1, loop => 60);
my %do = Tidemark::Browser::common($t);
exit Tidemark::Browser::run($t, 'pages.mjs', \%do, source => $t->source->base);
