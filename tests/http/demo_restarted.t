# The demonstration is as it was after the stand-in was stopped, or killed, and started again: what
# is connected goes on where it was, in both directions, and nothing is taken for changed or gone.
use strict;
use warnings;
use File::Temp ();
use Test::More;
use Tidemark;
use Tidemark::Google;

my $dir = File::Temp->newdir;
my $g = Tidemark::Google->start(demo => 1, state => "$dir/fake.json");
my $t = Tidemark->start(env => { $g->env, TIDEMARK_DEMO => 1, TIDEMARK_RETRY_MS => 2 });

# What the stand-in is told anew each time: the settings of tests.
sub set_up {
	return $g->control({
		token => {
			value => 'somebody', email => 'demo@example.com',
			scope => 'https://www.googleapis.com/auth/calendar'
		},
		reset => true
	});
}
sub again {
	my ($signal) = @_;
	is($g->ended($signal), $signal eq 'KILL' ? 9 : 0, 'it ended');
	$g->begin;
	set_up();
	return;
}
sub until_so(&$) {
	my ($so, $name) = @_;
	my $v = wait_for { $t->tick; $so->() } 20;
	ok($v, $name) or diag $t->logs;
	return $v;
}
sub counts {
	my ($r) = @_;
	return join ' ', map { $r->{stats}{$_} // '-' } qw(added updated deleted);
}
# What the product changed there since it was started.
sub writes {
	return map { "$_->{method} $_->{path}" }
	    grep { $_->{method} ne 'GET' && $_->{path} !~ m{/watch$|token} }
	    grep { ($_->{token} // '') ne 'somebody' } @{ $g->state->{log} };
}
sub google { return $g->calendar('somebody', @_) }
sub events_there {
	my ($cal) = @_;
	return { map { $_->{id} => $_ } @{ google(GET => "$cal/events?maxResults=500")->{items} } };
}
sub titled {
	my ($cal, $title) = @_;
	my $all = events_there($cal);
	return (grep { ($_->{summary} // '') eq $title } values %$all)[0];
}
sub events_here {
	my $all = $t->get('/api/events?limit=500')->{json}{data};
	return { map { $_->{id} => { %$_, links => undef } } @$all };
}
sub here {
	my ($title) = @_;
	my $all = events_here();
	return (grep { ($_->{title} // '') eq $title } values %$all)[0];
}

set_up();
$g->connect(
	$t, path => '/api/auth/google/start?for=google-calendar',
	account => 'demo@example.com'
);
my ($shop) =
    map { $_->{id} } grep { $_->{summary} eq 'Demo: Tea shop' } @{ $g->state->{calendars} };
my @calendars = ('primary', $shop);
my @connections = map {
	my $c = $t->connect('google-calendar', undef, name => $_, config => { calendar => $_ });
	$t->wait_run($c->{activeSyncId} // $c->{lastSync}{syncId});
	$c->{id};
} @calendars;

# Both sides have written: an event of either, one meeting of a series moved, one deleted.
my %day = (startDateTime => '2027-03-01', endDateTime => '2027-03-02', allDay => true);
my $made = $t->post('/api/events', { title => 'Made here', %day })->{json}{event}{id};
my $home = until_so { (grep { titled($_, 'Made here') } @calendars)[0] } 'it is there';
my $series = titled('primary', 'Team round');
my $meetings = google(GET => "primary/events/$series->{id}/instances")->{items};
google(PATCH => "primary/events/$meetings->[1]{id}", { summary => 'Team round, small' });
google(DELETE => "primary/events/$meetings->[2]{id}");
google(DELETE => 'primary/events/' . titled('primary', 'Stocktaking')->{id});
google(
	POST => "$shop/events",
	{
		summary => 'Made there', start => { date => '2027-03-03' },
		end => { date => '2027-03-04' }
	}
);
$t->sync_and_wait($_) for @connections;
until_so { here('Made there') && !here('Stocktaking') } 'and that is here';

for my $signal (qw(TERM KILL)) {
	subtest "a calendar after SIG$signal" => sub {
		$t->sync_and_wait($_) for @connections;
		my %there = map { $_ => events_there($_) } @calendars;
		my $here = events_here();
		again($signal);
		is_deeply({ map { $_ => events_there($_) } @calendars }, \%there, 'all is there');
		for my $c (@connections) {
			my $r = $t->sync_and_wait($c);
			is("$r->{status} " . counts($r), 'complete 0 0 0', 'nothing has changed');
		}
		$t->tick;
		is_deeply([writes()], [], 'nothing is written there');
		is_deeply(events_here(), $here, 'nor here');
		my $r = $t->put("/api/events/$made", { description => $signal });
		is($r->{status}, 200, 'edited here');
		until_so { (titled($home, 'Made here')->{description} // '') eq $signal }
		'that arrives there';
		google(
			PATCH => "$shop/events/" . titled($shop, 'Made there')->{id},
			{ location => $signal }
		);
		# Without being asked to: its channel is open still.
		until_so { (here('Made there')->{location} // '') eq $signal }
		'and one there is told here';
	};
}

subtest 'a file that cannot be read is set aside' => sub {
	is($g->ended('TERM'), 0, 'it ended');
	my $text = substr file_text("$dir/fake.json"), 0, -20;
	open my $f, '>', "$dir/fake.json" or die $!;
	print $f $text;
	close $f;
	$g->begin;
	set_up();
	is(file_text("$dir/fake.json.damaged"), $text, 'it is kept for a person to look at');
	is(titled('primary', 'Dentist')->{summary}, 'Dentist', 'and the world begins anew');
};

done_testing;
