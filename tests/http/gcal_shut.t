# seconds: 15
# What Google has told one calendar of an account to wait for, the others of that account know:
# nothing is asked before that time but what a person asks for, and nothing is lost.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Google;
use Tidemark::Twoway qw(made somebody);

my $g = Tidemark::Google->start;
my $t = Tidemark->start(env => { $g->env, TIDEMARK_DEMO => 1 });
$g->control({ push => { origin => $t->{base}, refuse => JSON::PP::true } });
$g->connect($t, path => '/api/auth/google/start?for=google-calendar');

sub calendar {
	my ($name, $id) = @_;
	my %new = (owner => $g->{email}, summary => $name);
	$id //= $g->control({ calendar => \%new })->{calendar};
	my $c = $t->connect(
		'google-calendar', undef, name => $name, config => { calendar => $id },
		schedule => { frequency => 'daily' }
	);
	$t->wait_run($c->{lastSync}{syncId});
	return ($c->{id}, $id);
}
sub titles {
	my ($calendar) = @_;
	my $got = somebody($g, GET => "calendar/v3/calendars/$calendar/events");
	return join ' ', sort map { $_->{summary} } @{ $got->{items} };
}
sub ours {
	my $log = $g->state->{log};
	return scalar grep { $_->{path} =~ m{^/calendar/v3/calendars/[^/]+/events} } @$log;
}
sub quiet {
	return wait_for {
		!$t->sql("SELECT count(*) FROM sync WHERE finished_at IS NULL")
		    && !$t->sql('SELECT count(*) FROM lane WHERE pid <> 0')
	}
	60;
}
sub seconds_until { return `date -ud '$_[0]' +%s` - time }
sub waiting {
	return $t->sql("SELECT count(*) FROM outbox WHERE state = 'waiting' "
		    . 'AND next_at > 1000 * unixepoch() + 600000')
}

my ($told, undef) = calendar('Told', 'primary');
my ($other, $there) = calendar('Other');
made($t, title => 'Tea');
ok((wait_for { titles('primary') eq 'Tea' && titles($there) eq 'Tea' } 60), 'all is level');
ok(quiet(), 'and quiet');

$g->control({
	reset => JSON::PP::true,
	faults => [{
		kind => '429', path => '/calendar/v3/calendars/primary/events', count => 1,
		retry_after => 1200
	}]
});
is($t->poll($told)->{error}{code}, 'rate_limited', 'one is told to wait');
is(ours(), 1, 'by its only call');
my $run = $t->poll($other);
is($run->{error}{code}, 'quota', 'the other waits too');
like($run->{error}{detail}, qr/asked to be left alone/, 'and says why');
made($t, title => 'Walk');
ok((wait_for { waiting() == 2 } 60), 'what is made here waits for both') or diag
    $t->sql('SELECT state, next_at, error_code FROM outbox');
ok(quiet(), 'quiet');
is(ours(), 1, 'nothing more was asked');
is($t->sync_and_wait($other)->{status}, 'complete', 'but what a person asks for');
is(titles($there), 'Tea', 'and nothing else');
my $look = $t->post("/api/connections/$other/preview");
is($look->{status}, 200, 'who looks at it is answered') or diag $look->{content};

# What a person has tried again is tried, and a new answer of the same kind counts as well.
my ($item) = grep { $_->{connectionId} eq $other }
    @{ $t->get('/api/calendar/sync/queue?status=PENDING')->{json}{data} };
is($item->{error}{code}, 'quota', 'what waits says why');
like($item->{error}{detail}, qr/asked to be left alone/);
cmp_ok(seconds_until($item->{nextAttemptAt}), '>', 600, 'and until when');
my ($here) = grep { m{/events$} && !/primary/ } map { $_->{path} } @{ $g->state->{log} };
$g->control({ faults => [{ kind => '429', path => $here, count => 1, retry_after => 1500 }] });
my $asked = ours();
is($t->post("/api/calendar/sync/queue?id=$item->{id}")->{json}{processed}, 1, 'tried now');
ok((wait_for { ours() > $asked } 60), 'it is tried now');
ok(quiet(), 'quiet');
is(ours(), $asked + 1, 'once');
is(waiting(), 2, 'and waits again');
$t->post("/api/calendar/sync/queue?id=$item->{id}");
ok((wait_for { titles($there) eq 'Tea Walk' } 60), 'and when it is taken now, it is sent');
ok(quiet(), 'quiet');
is(titles('primary'), 'Tea', 'nothing else is');
is(waiting(), 1);

# The time has come.
$t->sql('DELETE FROM rate_bucket');
$t->post('/api/calendar/sync/queue');
my $both = 'Tea Walk';
ok((wait_for { titles('primary') eq $both && titles($there) eq $both } 60), 'all is sent');
is($t->poll($_)->{status}, 'complete', 'and read') for $told, $other;
done_testing;
