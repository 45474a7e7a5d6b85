# seconds: 65
# The pages in a real browser. This program runs a private Tidemark and a source server for
# pages.mjs, and does what it asks.
use strict;
use warnings;
use lib 'tests/lib';
use Tidemark;
use Tidemark::Browser;

my $t = Tidemark->start(web => 3, stream => 1, loop => 60);
my $idle = Tidemark->start(web => 1, hook => 0);
my $src = $t->source;
my %do = (
	put => sub {
		my ($path, $body, $options) = @_;
		$src->put($path, $body, %{ $options // {} });
		return 1
	},
	gone => sub { $src->gone($_[0]); return 1 },
	requests => sub { return scalar $src->requests($_[0]) },
	link => sub { return $t->link('admin') },
	idle_link => sub { return $idle->link('admin') },
	stop => sub { return kill 'STOP', $t->pids('tidemark-fcgi') },
	go_on => sub { return kill 'CONT', $t->pids('tidemark-fcgi') },
);

exit Tidemark::Browser::run($t, 'pages.mjs', \%do, source => $src->base);
