# seconds: 45
# Google accounts and spreadsheets in a real browser, with a stand-in for Google. Runs google.mjs
# as pages.t runs pages.mjs.
use strict;
use warnings;
use lib 'tests/lib';
use Tidemark;
use Tidemark::Browser;
use Tidemark::Google;

my $g = Tidemark::Google->start;
# As in the demo, so that it calls back without TLS.
my $t = Tidemark->start(web => 3, stream => 1, loop => 1, env => { $g->env, TIDEMARK_DEMO => 1 });
my $shop = $g->sheet(
	'Tea shop',
	tabs => [
		{
			title => 'Customers',
			values => [
				['No.', 'Name', 'E-mail', 'Phone'],
				[q('0042), 'Ada', 'ada@example.com', '+49 30 1'],
				[q('0043), 'Bruno', '', ''],
				[q('0044), 'Chiara', 'chiara@example.com', '']
			]
		},
		{ title => 'Orders', values => [['Order', 'Total'], ['A-1', 12.5], ['A-2', 3]] },
	]
);
my %do = (
	link => sub { return $t->link($_[0] // 'admin') },
	control => sub { return $g->control($_[0]) },
	edit => sub { my ($range, $value) = @_; $g->edit($shop, $range, [[$value]]); return 1 },
	revoke => sub { $g->control({ expire => 'all', email => $g->{email} }); return 1 },
);
exit Tidemark::Browser::run($t, 'google.mjs', \%do, shop => $shop, google => $g->base);
