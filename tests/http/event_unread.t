# seconds: 4
# Times of events at Google that cannot be read here: what there is of the event stays, however it
# is met, and whoever looks is told.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Google;

my $g = Tidemark::Google->start;
my $t = Tidemark->start(env => { $g->env });
my $email = $g->{email};
$g->control({
	quota => { calendar => { user => 0, project => 0 } },
	token => { value => 'cal', email => $email },
	calendar => { id => $email, owner => $email, zone => 'America/Los_Angeles' }
});
$g->connect($t, path => '/api/auth/google/start?for=google-calendar');
my $c = $t->connect('google-calendar', undef, name => 'c', config => { calendar => 'primary' });
$t->wait_run($c->{lastSync}{syncId});
my $list = 'primary/events';

# Somebody else, at Google.
sub google { return $g->calendar('cal', @_) }
sub starts { return event($_[0])->{json}{event}{startDateTime} // '' }
sub link_of { return event($_[0])->{json}{event}{links}[0] }
sub event { return $t->get("/api/events/$_[0]") }
# In Los Angeles that day; in Greenwich it is another year already.
my %far = (
	start => { dateTime => '9999-12-31T23:30:00-08:00' },
	end => { dateTime => '9999-12-31T23:40:00-08:00' }
);
my %near = (startDateTime => '2026-12-02T10:00:00Z', endDateTime => '2026-12-02T11:00:00Z');

my $made = $t->post('/api/events', { title => 'Made here', %near });
is($made->{status}, 201, 'an event of the application');
my ($id, $key) = ($made->{json}{event}{id}, $made->{json}{externalSync}[0]{externalId});
my $theirs = google(
	POST => $list,
	{
		summary => 'Made there', start => { dateTime => '2026-12-03T10:00:00Z' },
		end => { dateTime => '2026-12-03T11:00:00Z' }
	}
);
$t->sync_and_wait($c->{id});
my ($other) = map { $_->{id} }
    grep { $_->{title} eq 'Made there' } @{ $t->get('/api/events')->{json}{data} };
ok($other, 'and one of theirs');

google(PATCH => "$list/$_", \%far) for $key, $theirs->{id};
for my $how ('by what has changed', 'as a part of all') {
	my $run = $how =~ /all/
	    ? $t->reset_and_wait($c->{id}, 'refetch')
	    : $t->sync_and_wait($c->{id});
	is($run->{status}, 'complete', "read $how");
	my $warned = join ' ', map { $_->{detail} // $_->{message} } @{ $run->{warnings} };
	like($warned, qr/The time of "Made (here|there)"/, 'whoever looks is told');
	like(starts($_), qr/^2026-12-0/, 'and stay as they are') for $id, $other;
}

$t->put("/api/events/$id", { title => 'Edited here' });
my $why;
ok(
	wait_for {
		$t->tick;
		($why) = map { $_->{error}{detail} // () }
		    @{ $t->get('/api/calendar/sync/queue?status=PENDING')->{json}{data} };
	},
	'an edit of one does not get there'
);
like($why, qr/Its start cannot be read/, 'the queue says why');
is(event($id)->{json}{event}{title}, 'Edited here', 'and it is kept');

google(
	PATCH => "$list/$key",
	{
		start => { dateTime => '2026-12-04T10:00:00Z' },
		end => { dateTime => '2026-12-04T11:00:00Z' }
	}
);
$t->sync_and_wait($c->{id});
$t->post('/api/calendar/sync/queue', {});
ok(wait_for { $t->tick; link_of($id)->{state} eq 'synced' }, 'once it can be read there');
like(starts($id), qr/^2026-12-04/, 'its time comes');
is(google(GET => "$list/$key")->{summary}, 'Edited here', 'and the edit gets there');
done_testing;
