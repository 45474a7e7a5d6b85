# seconds: 30
# The worker is killed at any moment while guests, reminders and organisers change at Google and
# Notion shows them, with answers that are lost: in the end each event has one page, which shows
# what Google has, and nothing was written at Google. TIDEMARK_TEST_SEED repeats a run.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Tidemark;
use Tidemark::Notion;
use Time::HiRes qw(sleep time);

my $seed = $ENV{TIDEMARK_TEST_SEED} // int time;
srand $seed;
diag "seed $seed";
my ($g, $n, $t) = Tidemark::Notion->beside(TIDEMARK_LEASE_SECONDS => 3);
my $ann = 'ann@example.com';
$g->control({ calendar => { id => $ann, owner => $ann, zone => 'Europe/Berlin' } });
$g->connect($t, path => '/api/auth/google/start?for=google-calendar');
$g->control({ token => { value => 'ann', email => $ann } });
my $s = $n->source(
	'Killed',
	{
		When => { date => {} },
		map { $_ => { rich_text => {} } } qw(Guests Reminders Organiser)
	}
);

# Somebody has answered beforehand whatever the guard would ask.
sub connected {
	my ($kind, %config) = @_;
	my $c = $t->connect($kind, undef, name => $kind, config => \%config,
		schedule => { frequency => 'weekly' });
	$t->wait_run($c->{lastSync}{syncId});
	$t->request(PATCH => "/api/connections/$c->{id}", { guard => 'always' });
	return $c->{id};
}
my $google = connected('google-calendar');
my $c = connected('notion', dataSource => $s);

# What Google has: each event is put there as a whole, as if it had come by mail.
my (%want, $made);
my @people = map {"$_\@example.com"} qw(bob eve dan);
my %answers = (
	accepted => ' (accepted)', declined => ' (declined)', tentative => ' (maybe)',
	needsAction => ''
);
sub pick { my @v = sort @_; return $v[rand @v] }
sub put_there {
	my ($id) = @_;
	my $e = $want{$id};
	my $day = sprintf '2026-12-%02d', $e->{day};
	$g->control(
		{
			event => {
				calendar => $ann, id => $id, organizer => $e->{organizer},
				content => {
					summary => $e->{title},
					start => { date => $day },
					end => { date => sprintf '2026-12-%02d', $e->{day} + 1 },
					attendees => $e->{guests},
					reminders => {
						useDefault => Tidemark::false,
						overrides => [
							map { { method => 'popup', minutes => $_ } }
							    @{ $e->{reminders} }
						]
					}
				}
			}
		}
	);
	return;
}
sub guests {
	return [map { { email => $_, responseStatus => pick(keys %answers) } }
		    grep { rand() < 0.6 } @people];
}
sub reminders { return [map { 60 * (1 + int rand 20) } 1 .. rand 3] }
sub add {
	my $id = 'facet' . ++$made;
	$want{$id} = {
		title => "E$made", day => 1 + int rand 28, organizer => pick($ann, @people),
		guests => guests(), reminders => reminders()
	};
	return put_there($id);
}
sub change {
	my ($what, $to) = @_;
	my $id = pick(keys %want) // return;
	$want{$id}{$what} = $to;
	return put_there($id);
}
sub invite { return change(guests => guests()) }
sub remind { return change(reminders => reminders()) }
sub hand_over { return change(organizer => pick($ann, @people)) }
sub rename_one { return change(title => 'R' . ++$made) }

sub before {
	my ($minutes) = @_;
	return '1 day before' if $minutes == 1440;
	my $hours = $minutes / 60;
	return "$hours hour" . ($hours == 1 ? '' : 's') . ' before';
}
sub shown {
	my ($e) = @_;
	my $guests = join ', ', map {"$_->{email}$answers{$_->{responseStatus}}"} @{ $e->{guests} };
	my $by = $e->{organizer};
	$by = @{ $e->{guests} } ? 'Ann' : '' if $by eq $ann;
	my $reminds = join(', ', map { before($_) } @{ $e->{reminders} }) || 'None';
	return "$e->{title}: $guests; $by; $reminds";
}
sub wanted { return join "\n", sort map { shown($_) } values %want }
sub text {
	my ($p, $name) = @_;
	my $v = $p->{properties}{$name};
	return join '', map { $_->{plain_text} } @{ $v->{ $v->{type} } };
}
sub there {
	my $r = $n->call(POST => "/data_sources/$s/query", {});
	return join "\n", sort map {
		my $p = $_;
		my @facets = map { text($p, $_) } qw(Guests Organiser Reminders);
		text($p, 'Name') . ': ' . join '; ', @facets
	} @{ $r->{results} };
}
sub invited {
	my $r = $g->calendar('ann', 'GET', 'primary/events');
	return { map { ($_->{id} => { map { ($_->{email} => $_->{responseStatus}) }
				@{ $_->{attendees} // [] } }) } @{ $r->{items} } };
}
sub waits { return $t->sql('SELECT count(*) FROM outbox WHERE finished_at IS NULL') }

my $dead_at = 0;
sub hurry { return $n->hurry($t, $dead_at) }
sub work {
	hurry();
	my $which = pick($google, $c);
	$t->cooled($which);
	return waits() && rand() < 0.5 ? undef : $t->post('/api/sync', { connectionId => $which });
}
# Read on either side until nothing is left to be written.
sub level {
	my $so = wait_for {
		$t->sync_and_wait($_) for $google, $c;
		wait_for { hurry(); !waits() } 20;
		there() eq wanted();
	} 60;
	return $so;
}

my @faults = (
	[], [], [{ kind => 'saved503', method => 'POST', path => '/v1/pages' }],
	[{ kind => 'lost', method => 'POST', path => '/v1/pages' }],
	[{ kind => 'cut', method => 'PATCH', path => '/v1/pages' }],
	[{ kind => '503', method => 'PATCH', path => '/v1/pages' }]
);
my $killed = 0;
my $loop = $t->loop(1);
# Each call takes a while, so that there is somebody to kill.
my %slow = (kind => 'slow', count => 1000, delay_ms => 40);
my $rounds = $ENV{TIDEMARK_TEST_KILLS} // 6;
for my $round (1 .. $rounds) {
	$g->control({ faults => [@{ $faults[rand @faults] }, \%slow] });
	add() for 1 .. 2;
	for (1 .. 2) {
		(\&invite, \&invite, \&remind, \&hand_over, \&rename_one)[rand 5]->() for 1 .. 3;
		$killed += $t->kill_working(0.3, \&work) // 0;
		$dead_at = time;
	}
	$g->control({ faults => [] });
	ok(level(), "round $round: one page for each event, as Google has it")
	    or is(there(), wanted()) or last;
}
cmp_ok($killed, '>=', 2 * $rounds, 'workers were killed');
$n->forget;
$t->sync_and_wait($_) for $google, $c, $google, $c;
wait_for { hurry(); !waits() } 60;
is(there(), wanted(), 'and so it stays');
is_deeply([grep { !/^GET / && !m{/query$} } $n->calls], [], 'nothing more is written in Notion');
is_deeply(
	invited(),
	{ map { ($_ => { map { ($_->{email} => $_->{responseStatus}) } @{ $want{$_}{guests} } }) }
		    keys %want },
	'the guests are invited as they were'
);
done_testing;
