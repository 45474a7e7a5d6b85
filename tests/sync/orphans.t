# seconds: 45
# Whoever is killed while something is sent keeps it from nobody: what a dead process had claimed is
# taken up within seconds, not when its claim lapses, and nothing is there twice.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep time);
use Tidemark;
use Tidemark::Google;
use Tidemark::Source;

# A lane is claimed for a minute longer than this; an item of the outbox for three.
my $LEASE = 300;
my $SOON = 120;
my $g = Tidemark::Google->start;
my $t = Tidemark->start(env => { $g->env, TIDEMARK_LEASE_SECONDS => $LEASE }, crashes => 1);
$g->control({ token => { value => 'cal', email => $g->{email} } });
my $account = $g->connect($t, path => '/api/auth/google/start?for=google-calendar');
my $c = $t->connect(
	'google-calendar', undef, name => 'Ann', accountId => $account->{id},
	config => { calendar => 'primary' }
);
$t->wait_run($c->{lastSync}{syncId});
# Somebody has answered beforehand whatever the guard would ask.
$t->request(PATCH => "/api/connections/$c->{id}", { guard => 'always' });

sub titles {
	my $all = $g->calendar('cal', 'GET', 'primary/events')->{items};
	return sort map { $_->{summary} } @$all;
}
sub waits { return $t->sql('SELECT count(*) FROM outbox WHERE finished_at IS NULL') }
sub sender {
	return $t->sql("SELECT l.pid FROM lane l, outbox o WHERE l.kind = 'outbox' AND l.pid <> 0
		AND o.state = 'sending' AND o.mark IS NOT NULL");
}
sub event {
	return {
		title => $_[0], startDateTime => '2026-10-05T10:00:00+02:00',
		endDateTime => '2026-10-05T11:00:00+02:00', timeZone => 'Europe/Berlin'
	};
}
# What somebody does, by $ask, is on its way to Google and waits for its answer there: who sends it.
sub on_its_way {
	my ($method, $ask) = @_;
	$g->control({
		faults => [
			{ kind => 'slow', count => 1000, delay_ms => 20_000, method => $method,
				path => '/calendar/v3' }
		]
	});
	$ask->();
	return wait_for { sender() || undef } 30;
}
sub let_go { $g->control({ faults => [] }) }
sub soon {
	my ($what, $cond) = @_;
	my $from = time;
	ok(wait_for(sub { $cond->() }, $SOON + 60), $what)
	    or diag $t->sql('SELECT op, state, error_code, next_at - updated_at FROM outbox');
	cmp_ok(time - $from, '<', $SOON, 'soon, not when its claim lapses');
	return;
}

my $id = $t->post('/api/events', event('First'))->{json}{event}{id};
ok(wait_for(sub { !waits() }, 30), 'an event is there');

for my $case (
	[ 'PATCH', 'an edit', sub { $t->put("/api/events/$id", { title => 'Edited' }) }, 'Edited' ],
	[ 'POST', 'a new event', sub { $t->post('/api/events', event('New')) }, 'Edited New' ],
	[ 'DELETE', 'a deletion', sub { $t->del("/api/events/$id") }, 'New' ]
) {
	my ($method, $what, $ask, $want) = @$case;
	subtest "$what whose sender is killed is there soon" => sub {
		my $pid = on_its_way($method, $ask) or return fail('nobody sends it');
		ok(kill('KILL', $pid), 'killed while it sends');
		let_go();
		soon('it is there', sub { !waits() });
		is(join(' ', titles()), $want, 'once');
	};
}

subtest 'so is what was being sent when the tick was killed with all that it had started' => sub {
	on_its_way('POST', sub { $t->post('/api/events', event('With the tick')) })
	    or return fail('nobody sends it');
	$t->kill_all(KILL => $_) for qw(tidemark-guard tidemark-tick tidemark-worker);
	let_go();
	soon('the next tick sends it', sub { $t->tick; !waits() });
	is(join(' ', titles()), 'New With the tick', 'once');
};

subtest 'a call of a webhook whose sender is killed is made again soon' => sub {
	my $src = $t->source;
	$src->put('/hook', 'ok', delay => 30);
	my $hook = $t->post(
		'/api/webhooks', { url => $src->url('/hook'), events => ['sync.completed'] }
	);
	is($hook->{status}, 201, 'a webhook') or diag $hook->{content};
	$t->post("/api/webhooks/$hook->{json}{id}/test", {});
	my $pid = wait_for {
		$t->sql("SELECT pid FROM lane WHERE kind = 'webhook' AND pid <> 0") || undef
	}
	30;
	ok($pid && wait_for(sub { $src->requests('/hook') }, 30), 'it is called');
	$src->put('/hook', 'ok');
	ok(kill('KILL', $pid), 'killed while it calls');
	soon(
		'it is called again',
		sub { $t->sql("SELECT count(*) FROM delivery WHERE state = 'done'") }
	);
};

done_testing;
