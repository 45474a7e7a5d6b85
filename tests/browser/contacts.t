# seconds: 35
# An address book in a real browser, with a stand-in for Google. Runs contacts.mjs as pages.t runs
# pages.mjs.
use strict;
use warnings;
use lib 'tests/lib';
use Tidemark;
use Tidemark::Browser;
use Tidemark::Google;

my $g = Tidemark::Google->start;
my $host = Tidemark::Source->start;
my $t = Tidemark->start(
	web => 3, stream => 1, loop => 1,
	env => { $g->env, TIDEMARK_DEMO => 1, TIDEMARK_CORS_ORIGINS => $host->base }
);
sub person {
	my ($id, $name, $label) = @_;
	return $g->control({
		person => {
			owner => $g->{email}, id => "people/$id", labels => [$label],
			content => {
				names => [{ givenName => $name }],
				emailAddresses => [{ value => lc($name) . '@example.com' }]
			}
		}
	});
}
person('c1', 'Ada', 'Tea');
person('c2', 'Bruno', 'Tea');
person('c3', 'Chiara', 'Coffee');
my %do = (
	link => sub { return $t->link($_[0] // 'admin') },
	Tidemark::Browser::host_pages($host),
	many => sub {
		$g->control({ fill_people => { owner => $g->{email}, count => 40 } });
		return 1;
	},
	merge => sub {
		$g->control({
			merge_people =>
			    { owner => $g->{email}, into => 'people/c1', from => ['people/c2'] }
		});
		return 1;
	},
);
exit Tidemark::Browser::run($t, 'contacts.mjs', \%do, google => $g->base);
