# seconds: 18
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
my %do = (
	link => sub { return $t->link($_[0] // 'admin') },
	put => sub {
		my ($path, $body, $options) = @_;
		$host->put($path, $body, %{ $options // {} });
		return 1
	},
	release => sub { $host->release($_[0]); return 1 },
);
exit Tidemark::Browser::run($t, 'people.mjs', \%do, source => $host->base);
