# seconds: 35
# Pages that are told of syncs, and ask when they are not. Runs stream.mjs as pages.t runs
# pages.mjs.
use strict;
use warnings;
use lib 'tests/lib';
use Tidemark;
use Tidemark::Browser;
use Tidemark::Source;

# The host page lives elsewhere: another port is another origin.
my $host = Tidemark::Source->start;
my $t = Tidemark->start(
	web => 3, stream => 1, loop => 60, env => { TIDEMARK_CORS_ORIGINS => $host->base });
my $src = $t->source;
my %do = (
	Tidemark::Browser::common($t),
	host => sub { $host->put($_[0], $_[1], type => 'text/html'); return $host->base . $_[0] },
	crash => sub { return $t->kill_all(KILL => 'tidemark-worker') },
	kill => sub { return kill 'KILL', $t->pids('tidemark-stream') },
	stop => sub {
		kill 'TERM', $t->{pool}{stream};
		return wait_for { !$t->pids('tidemark-stream') } ? 1 : 0
	},
	go_on => sub { $t->pool('stream'); return 1 },
);
exit Tidemark::Browser::run($t, 'stream.mjs', \%do, source => $src->base);
