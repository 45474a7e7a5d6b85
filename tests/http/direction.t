# seconds: 10
# A connection that went one way goes both ways: edits that were left where they were made are
# brought over then, nothing is lost, and what was deleted here is asked about.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Google;
use Tidemark::Twoway qw(made somebody);

my $g = Tidemark::Google->start;
my $t = Tidemark->start(env => { $g->env, TIDEMARK_DEMO => 1 });
$g->connect($t, path => '/api/auth/google/start?for=google-calendar');
my $there = 'calendar/v3/calendars/primary/events';
my $queue = '/api/calendar/sync/queue';

sub google { return somebody($g, @_) }
# By their first titles: {Tea => id there}.
my (%id, %remote);
sub titles_there {
	my $got = google(GET => "$there?maxResults=500");
	return join ', ', sort grep { $_ ne 'Anchor' }
	    map { $_->{summary} } grep { $_->{status} ne 'cancelled' } @{ $got->{items} };
}
sub titles_here {
	return join ', ', sort grep { $_ ne 'Anchor' }
	    map { $_->{title} } @{ $t->get('/api/events?limit=100')->{json}{data} };
}
google(
	POST => $there,
	{ summary => 'Anchor', start => { date => '2020-01-01' }, end => { date => '2020-01-02' } }
);
my $c = $t->connect('google-calendar', undef, name => 'Work', config => { calendar => 'primary' });
$t->wait_run($c->{activeSyncId} // $c->{lastSync}{syncId});

# Between tests all goes.
sub guarded {
	my ($how) = @_;
	is($t->patch("/api/connections/$c->{id}", { guard => $how })->{status}, 200, "guard: $how");
	return;
}
guarded('always');

sub settled {
	wait_for {
		my $s = $t->get($queue)->{json}{stats};
		!$s->{PENDING} && !$s->{PROCESSING}
		    && !$t->sql('SELECT count(*) FROM sync WHERE finished_at IS NULL')
	} 60
	    or die 'never settled';
	return;
}
sub directed {
	my ($direction) = @_;
	my $r = $t->patch("/api/connections/$c->{id}", { config => { direction => $direction } });
	is($r->{status}, 200, "it is $direction now") or diag $r->{content};
	$t->post($queue);
	settled();
	$t->sync_and_wait($c->{id});
	settled();
	return;
}
sub events {
	my (@titles) = @_;
	my $all = $t->get('/api/events?limit=100')->{json}{data};
	$t->del("/api/events/$_->{id}") for grep { $_->{title} ne 'Anchor' } @$all;
	for my $title (@titles) {
		$id{$title} = made($t, title => $title);
	}
	$t->post($queue);
	settled();
	my $got = google(GET => "$there?maxResults=500");
	%remote = map { $_->{summary} => $_->{id} } @{ $got->{items} };
	is(titles_there(), join(', ', @titles), 'all of them are there');
	return;
}
sub changes {
	my ($config) = @_;
	my $r = $t->post("/api/connections/$c->{id}/preview", { config => $config });
	my $all = $r->{json}{changes};
	return join ', ', sort map { "$_->{side} $_->{action} $_->{item}" } @$all;
}

subtest 'what was deleted here while nothing was sent is kept there, and asked about' => sub {
	directed('both');
	events(qw(Cake Milk Tea));
	directed('pull');
	$t->del("/api/events/$id{Tea}");
	$t->put("/api/events/$id{Milk}", { title => 'Milk, ours' });
	settled();
	is(titles_there(), 'Cake, Milk, Tea', 'nothing is sent');
	is(changes({ direction => 'both' }), 'remote update Milk, ours', 'what would be is told');
	directed('both');
	is(titles_there(), 'Cake, Milk, ours, Tea', 'then the edit is, and nothing is deleted');
	is(titles_here(), 'Cake, Milk, ours', 'nor does it come back');
	guarded('ask');
	$t->reset_and_wait($c->{id}, 'ask');
	my $held = wait_for { $t->get("/api/connections/$c->{id}")->{json}{held} } 30;
	is($held->{changes}, 1, 'it is asked about');
	is($t->post("/api/sync/$held->{syncId}/approve")->{status}, 202, 'shall be so');
	$t->post($queue);
	settled();
	is(titles_there(), 'Cake, Milk, ours', 'it is deleted there');
	guarded('always');
	is(changes({}), '', 'both sides are level');
};

subtest 'one that was edited there meanwhile comes back instead' => sub {
	directed('both');
	events(qw(Cake Milk Tea));
	directed('pull');
	$t->del("/api/events/$id{Tea}");
	google(PATCH => "$there/$remote{Tea}", { summary => 'Tea, theirs' });
	$t->sync_and_wait($c->{id});
	is(titles_here(), 'Cake, Milk', 'what is deleted here stays so');
	directed('both');
	is(titles_there(), 'Cake, Milk, Tea, theirs', 'no edit is lost');
	is(titles_here(), 'Cake, Milk, Tea, theirs', 'here it is again');
	my ($conflict) = grep { $_->{eventId} eq $id{Tea} }
	    @{ $t->get('/api/conflicts?state=resolved')->{json}{data} };
	is($conflict->{fields}[0]{field}, 'deleted', 'which is listed');
};

subtest 'what was edited there while nothing was taken is taken once it is' => sub {
	directed('both');
	events(qw(Cake Milk Tea));
	directed('push');
	google(PATCH => "$there/$remote{Tea}", { summary => 'Tea, theirs' });
	google(PATCH => "$there/$remote{Cake}", { location => 'Kitchen' });
	google(
		POST => $there,
		{
			summary => 'New', start => { date => '2026-10-05' },
			end => { date => '2026-10-06' }
		}
	);
	$t->sync_and_wait($c->{id});
	settled();
	is(titles_here(), 'Cake, Milk, Tea', 'nothing is taken');
	is(
		changes({ direction => 'both' }),
		'local add New, local update Cake, local update Tea, theirs',
		'what would be is told before'
	);
	directed('both');
	is(titles_here(), 'Cake, Milk, New, Tea, theirs', 'and then it is');
	my $cake = $t->get("/api/events/$id{Cake}")->{json}{event};
	is($cake->{location}, 'Kitchen', 'every field of it');
	is(titles_there(), 'Cake, Milk, New, Tea, theirs', 'as it is there');
	is(changes({}), '', 'which is level');
};

subtest 'what was deleted there while nothing was taken is there again' => sub {
	directed('both');
	events(qw(Cake Milk Tea));
	directed('push');
	google(DELETE => "$there/$remote{Tea}");
	$t->sync_and_wait($c->{id});
	settled();
	is(titles_here(), 'Cake, Milk, Tea', 'nothing is taken');
	directed('both');
	is(titles_here(), titles_there(), 'then both sides are level');
	is(titles_here(), 'Cake, Milk, Tea', 'and nothing is lost');
};

subtest 'what was deleted there and edited here, unsent, is there again' => sub {
	directed('both');
	events(qw(Cake Milk Tea));
	directed('pull');
	$t->put("/api/events/$id{Tea}", { title => 'Tea, ours' });
	google(DELETE => "$there/$remote{Tea}");
	$t->sync_and_wait($c->{id});
	is(titles_here(), 'Cake, Milk, Tea, ours', 'here the edit stands');
	is(titles_there(), 'Cake, Milk', 'and nothing is sent');
	directed('both');
	is(titles_there(), 'Cake, Milk, Tea, ours', 'until it is');
	is(titles_here(), 'Cake, Milk, Tea, ours', 'and that is all');
	is(changes({}), '', 'which is level');
};

done_testing;
