# seconds: 25
# The calendar in a real browser. This program runs a private Tidemark for calendar.mjs, and does
# what it asks.
use strict;
use warnings;
use lib 'tests/lib';
use Tidemark;
use Tidemark::Browser;
use Tidemark::Google;

my $g = Tidemark::Google->start;
my $t = Tidemark->start(web => 2, hook => 0, stream => 1, loop => 60, env => { $g->env });
$g->control({ token => { value => 'elsewhere', email => 'ann@example.com' } });
my %do = (
	link => sub { return $t->link('admin') },
	# The event has a twin at a connection, in a state.
	twin => sub {
		my ($event, $conn, $state, $why) = @_;
		$t->sql('INSERT INTO link (id, owner, connection_id, object_kind, dataset_no, '
			    . 'object_key, remote_id, state, rev, error_code, error_detail, '
			    . "created_at, updated_at) SELECT '$conn', owner, '$conn', 'event', 0, "
			    . "id, 'far', '$state', 1, 'code', '$why', 1, 1 "
			    . "FROM event WHERE id = '$event'");
		return 1
	},
	google => sub {
		return $g->connect($t, path => '/api/auth/google/start?for=google-calendar')->{id}
	},
	source => sub { $t->source->put('/a.csv', "id\n1\n"); return 1 },
);

exit Tidemark::Browser::run($t, 'calendar.mjs', \%do, source => $t->source->base,
	google => $g->base);
