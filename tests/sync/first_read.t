# seconds: 6
# The first read of a large calendar: what is whole by itself is taken in while the next page is
# asked for. When it does not come to its end, what was taken in is there, and the next one has it
# all, once.
use strict;
use warnings;
use Test::More;
use JSON::PP ();
use Tidemark;
use Tidemark::Google;

my ($plain, $all) = (900, 902);
my $g = Tidemark::Google->start;
my $t = Tidemark->start(env => { $g->env, TIDEMARK_RETRY_MS => 2 });
my $account = $g->connect($t, path => '/api/auth/google/start?for=google-calendar');
my $json = JSON::PP->new->utf8->canonical;
my $cal = $g->control({ calendar => { owner => $g->{email}, summary => 'Large' } })->{calendar};
my $path = "/calendar/v3/calendars/$cal/events";

sub google {
	my ($method, $what, $body) = @_;
	my $r = $g->{http}->request(
		$method,
		"$g->{base}/fake/api$path$what",
		{
			headers => {
				authorization => 'Bearer cal', 'content-type' => 'application/json'
			},
			$body ? (content => $json->encode($body)) : ()
		}
	);
	die "$method $what: $r->{status} $r->{content}" if $r->{status} >= 300;
	return $json->decode($r->{content});
}
sub events { return $t->sql('SELECT count(*) FROM event WHERE deleted_at IS NULL') }
sub links { return $t->sql('SELECT count(DISTINCT remote_id) FROM link') }

# A series of which one occurrence is moved, before and behind the rest.
sub series {
	my ($title, $day) = @_;
	my $e = google(
		'POST', '',
		{
			summary => $title, recurrence => ['RRULE:FREQ=DAILY;COUNT=4'],
			start => { dateTime => "${day}T08:00:00Z", timeZone => 'UTC' },
			end => { dateTime => "${day}T09:00:00Z", timeZone => 'UTC' }
		}
	);
	my $one = google('GET', "/$e->{id}/instances")->{items}[1];
	google('PATCH', "/$one->{id}", { summary => "$title, one of them" });
	return;
}
$g->control({ token => { value => 'cal', email => $g->{email} } });
series('Before', '2026-10-05');
$g->control({ fill => { calendar => $cal, count => $plain } });
series('Behind', '2026-10-06');
$g->control({ brief_pages => JSON::PP::true });

my $c = $t->connect(
	'google-calendar', undef, name => 'Large', accountId => $account->{id},
	config => { calendar => $cal, write => 'application' }, start => JSON::PP::false
);
$g->control({ faults => [{ kind => '503', path => '/calendar/v3/', skip => 3, count => 6 }] });
my $run = $t->sync_and_wait($c->{id});
is($run->{status}, 'error', 'a first read that breaks off has failed') or diag explain $run;
my $had = events();
cmp_ok($had, '>', 0, 'what had come by then is there');
cmp_ok($had, '<', $all, 'and no more than that');
is($t->sql('SELECT count(*) FROM link WHERE remote_id IS NULL'), 0, 'each with its twin');
is($t->sql('SELECT cursor IS NULL FROM connection'), 1, 'nothing says that all was read');

$t->cooled($c->{id});
$run = $t->sync_and_wait($c->{id});
is($run->{status}, 'complete', 'the next one reads all') or diag explain $run;
is(events(), $all, 'all are there, once');
is(links(), $all, 'each is one twin');
is($t->sql("SELECT count(*) FROM event WHERE value LIKE '%one of them%'"), 2,
	'series have what differs in them');
is($t->sql('SELECT count(*) FROM outbox'), 0, 'nothing goes back');
is($t->sql('SELECT max(rev) FROM event'), 1, 'none was written twice');

done_testing;
