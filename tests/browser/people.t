# seconds: 35
# Users, tokens, sessions and activity in a real browser. Runs people.mjs as pages.t runs pages.mjs.
use strict;
use warnings;
use lib 'tests/lib';
use Tidemark;
use Tidemark::Browser;

# Also the host application: a page of another origin that follows a sync.
my $host = Tidemark::Source->start;
my $t = Tidemark->start(
	web => 3, stream => 1, loop => 60, env => { TIDEMARK_CORS_ORIGINS => $host->base });
my %do = Tidemark::Browser::common($t, $host);
exit Tidemark::Browser::run($t, 'people.mjs', \%do, source => $host->base);
