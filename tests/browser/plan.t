# seconds: 25
# Previews, and changes of settings that wait, in a real browser. This program runs a private
# Tidemark for plan.mjs, and does what it asks.
use strict;
use warnings;
use lib 'tests/lib';
use Tidemark;
use Tidemark::Browser;

my $t = Tidemark->start(web => 2, hook => 0, loop => 60);
my %do = (
	link => sub { return $t->link('admin') },
	put => sub { $t->source->put(@_); return 1 },
);

exit Tidemark::Browser::run($t, 'plan.mjs', \%do, source => $t->source->base);
