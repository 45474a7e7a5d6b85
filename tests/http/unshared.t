# seconds: 20
# A calendar that is not shown to the account any more: what is edited here waits, nothing of it is
# taken for deleted there, and nothing is doubled or comes back when it is shown again.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Google;
use Tidemark::Twoway qw(made);

my $g = Tidemark::Google->start;
my $t = Tidemark->start(env => { $g->env });
my $team = 'team@group.calendar.google.com';
$g->control({ account => { email => 'bob@example.com', name => 'Bob' } });
$g->control({ calendar => { owner => 'bob@example.com', id => $team, summary => 'Team' } });
$g->control({ token => { value => 'bob', email => 'bob@example.com' } });

# undef: no longer.
sub may {
	my ($role) = @_;
	my %share = (calendar => $team, email => 'ann@example.com', role => $role);
	$g->control({ calendar_share => \%share });
}

sub there {
	my $list = $g->calendar('bob', 'GET', "$team/events?maxResults=50");
	return join ', ', sort map { $_->{summary} // () } @{ $list->{items} };
}

# Nothing runs, and nothing is due.
sub quiet {
	my $due = 'SELECT count(*) FROM outbox WHERE finished_at IS NULL AND (next_at IS NULL OR '
	    . 'next_at <= ' . int(time * 1000) . ')';
	ok wait_for {
		!@{ $t->get('/api/sync')->{json}{active} }
		    && !$t->sql('SELECT count(*) FROM lane WHERE pid <> 0')
		    && !$t->sql($due)
	}
	60;
	return $t->get('/api/calendar/sync/queue')->{json}{stats};
}

may('writer');
my $account = $g->connect($t, path => '/api/auth/google/start?for=google-calendar')->{id};
my $conn = $t->connect('google-calendar', undef, accountId => $account, name => 'Team',
	config => { calendar => $team })->{id};
$t->wait_run($t->get("/api/connections/$conn")->{json}{lastSync}{syncId});
my ($edited, $deleted, $kept) = map { made($t, title => $_) } qw(Edited Deleted Kept);
my @series = map {
	made($t,
		title => $_,
		startDateTime => '2026-10-05T10:00:00',
		endDateTime => '2026-10-05T11:00:00',
		recurrence => ['RRULE:FREQ=DAILY;COUNT=5'])
} qw(Series Gone);
$t->put("/api/events/$_/occurrences/20261006T080000Z?scope=this", { title => 'Another' })
    for @series;
ok wait_for { there() eq 'Another, Another, Deleted, Edited, Gone, Kept, Series' } 60;
quiet();

subtest 'while it is not shown, what is done here waits' => sub {
	may(undef);
	is $t->put("/api/events?id=$edited", { title => 'Edited here' })->{status}, 200;
	is $t->put("/api/events?id=$series[0]", { title => 'Series here' })->{status}, 200;
	is $t->request(DELETE => "/api/events?id=$_")->{status}, 200 for $deleted, $series[1];
	made($t, title => 'New');
	my $stats = quiet();
	is_deeply [@$stats{qw(PENDING FAILED)}], [5, 0] or diag explain $stats;
	is $t->sync_and_wait($conn)->{error}{code}, 'source_not_found';
	is there(), 'Another, Another, Deleted, Edited, Gone, Kept, Series', 'all is there';
	my $link = $t->get("/api/events?id=$edited")->{json}{event}{links}[0];
	ok $link->{externalId}, 'the event still has its twin';
};

subtest 'when it is shown again, all that waited is there, once' => sub {
	may('writer');
	is $t->sync_and_wait($conn)->{status}, 'complete';
	is $t->post('/api/calendar/sync/queue', {})->{status}, 200;
	ok wait_for { there() eq 'Another, Edited here, Kept, New, Series here' } 60;
	is_deeply [@{ quiet() }{qw(PENDING FAILED)}], [0, 0];
	is there(), 'Another, Edited here, Kept, New, Series here';
	is $t->sync_and_wait($conn)->{status}, 'complete';
	is join(', ', sort map { $_->{title} } @{ $t->get('/api/events')->{json}{data} }),
	    'Edited here, Kept, New, Series here', 'nothing has come back here';
};

done_testing;
