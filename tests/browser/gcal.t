# seconds: 27
# Google Calendar in both directions in a real browser, with a stand-in for Google that tells of
# changes at once. This program runs a private Tidemark for gcal.mjs, and does what it asks.
use strict;
use warnings;
use lib 'tests/lib';
use Tidemark;
use Tidemark::Browser;
use Tidemark::Google;

my $g = Tidemark::Google->start;
my $host = Tidemark::Source->start;
# As in the demo, so that it calls back without TLS.
my $t = Tidemark->start(
	web => 3, stream => 1, loop => 1,
	env => { $g->env, TIDEMARK_DEMO => 1, TIDEMARK_CORS_ORIGINS => $host->base }
);
$g->control({ quota => { calendar => { user => 0, project => 0 } } });
$g->control({ token => { value => 'elsewhere', email => 'ann@example.com' } });
my %do = (
	link => sub { return $t->link('admin') },
	Tidemark::Browser::host_pages($host),
	control => sub { return $g->control($_[0]) },
	# Ann, in her calendar at Google.
	ann => sub {
		my ($method, $path, $body) = @_;
		return $g->calendar('elsewhere', $method, "ann%40example.com/events$path", $body)
	},
);
exit Tidemark::Browser::run($t, 'gcal.mjs', \%do, google => $g->base);
