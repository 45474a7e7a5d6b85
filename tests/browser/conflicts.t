# seconds: 12
# Conflicts in a real browser. This program runs a private Tidemark for conflicts.mjs, and does what
# it asks.
use strict;
use warnings;
use lib 'tests/lib';
use Tidemark;
use Tidemark::Browser;
use Tidemark::Twoway;

my $t = Tidemark->start(web => 2, hook => 0);
$t->source->put('/a.csv', "id\n1\n");
my $conn =
    $t->connect(csv => $t->source->url('/a.csv'), name => 'Work', start => false)->{id};
my %do = (
	link => sub { return $t->link('admin') },
	# An event of which both sides have edited these fields: the conflict's id.
	asked => sub {
		my ($title, @fields) = @_;
		my $event = made($t, title => $title);
		return [$event, conflict_of($t, twin_of($t, $event, $conn), \@fields)]
	},
);

exit Tidemark::Browser::run($t, 'conflicts.mjs', \%do, source => $t->source->base);
