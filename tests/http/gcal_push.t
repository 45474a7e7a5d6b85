# seconds: 5
# Push channels of Google Calendar: both addresses that Google may call, what a message starts and
# what it does not, forgeries, calendars that nobody is told of.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Google;

my $g = Tidemark::Google->start;
my $t = Tidemark->start(env => { $g->env, APP_URL => 'https://sync.example.com' });
$g->control({ push => { origin => $t->{base} } });
$g->connect($t, path => '/api/auth/google/start?for=google-calendar');

sub conn { return $t->get("/api/connections/$_[0]{id}")->{json} }
sub runs { return @{ $t->get("/api/connections/$_[0]{id}/syncs?limit=100")->{json}{data} } }
sub by {
	my ($trigger, @conn) = @_;
	return scalar grep { $_->{trigger} eq $trigger } runs(@conn);
}

sub by_message {
	return by('webhook', @_);
}

sub soon {
	my ($is) = @_;
	return wait_for { $is->() } 20;
}

sub idle {
	my ($c) = @_;
	soon(sub { !grep { $_->{status} !~ /complete|error/ } runs($c) }) or die 'never idle';
}

sub calendar {
	my ($name, $id) = @_;
	my $c = $t->connect(
		'google-calendar', undef, name => $name, config => { calendar => $id },
		schedule => { frequency => 'weekly' }
	);
	$t->wait_run($c->{lastSync}{syncId});
	return $c;
}
my $c = calendar('mine', 'primary');

# As Google sends it: no body, and nothing but headers says anything.
sub message {
	my ($path, %h) = @_;
	return $t->request('POST', $path, '', token => undef, headers => \%h);
}
my @paths = ('/api/calendar/webhooks/google', '/api/webhooks/google-calendar');

subtest 'a channel is opened by itself, and its first message starts nothing' => sub {
	ok(soon(sub { my $x = conn($c)->{channel}; $x && $x->{expiresAt} }), 'open')
	    or diag $t->logs;
	# No poll comes for a week.
	ok(soon(sub { by('channel', $c) }), 'what was missed before is read once');
	idle($c);
	is(by('channel', $c), 1, 'and no more');
	is(by_message($c), 0, 'which is said of no message');
	my ($run) = grep { $_->{trigger} eq 'channel' } runs($c);
	like(
		$t->get("/api/sync/$run->{syncId}/log")->{content},
		qr/tells of changes from now on/, 'its story says why'
	);
	like(
		$t->get(
			"/connections/$c->{id}",
			token   => undef,
			headers => { cookie => $t->sign_in->{cookie} }
		)->{content},
		qr/Notifications began/,
		'and so does the history'
	);
};

my ($ch) = grep { $_->{open} } @{ $g->state->{channels} };
my %good = (
	'x-goog-channel-id' => $ch->{id}, 'x-goog-channel-token' => $ch->{token},
	'x-goog-resource-id' => $ch->{resource}, 'x-goog-resource-state' => 'exists',
	'content-type' => 'application/json; utf-8'
);

subtest 'a message at either address starts a run, the same one twice no second one' => sub {
	like($ch->{address}, qr{^https://sync\.example\.com/api/webhooks/google-calendar$}, 'ours');
	for my $path (@paths) {
		my $before = by_message($c);
		is(message($path, %good)->{status}, 204, $path);
		is(message($path, %good)->{status}, 204, 'and again');
		ok(soon(sub { by_message($c) > $before }), 'a run');
		idle($c);
		cmp_ok(by_message($c) - $before, '<=', 2, 'and at most one more');
	}
	my $before = by_message($c);
	my %greeting = (%good, 'x-goog-resource-state' => 'sync');
	is(message($paths[0], %greeting)->{status}, 204, 'a greeting');
	idle($c);
	is(by_message($c), $before, 'starts nothing');
};

subtest 'what is not from the channel is refused, all in the same way' => sub {
	my $before = runs($c);
	my (%seen, $n);
	for my $path (@paths) {
		for (
			['x-goog-channel-id', 'nothing'], ['x-goog-channel-token', 'wrong'],
			['x-goog-channel-token', undef], ['x-goog-resource-id', 'other'],
			['x-goog-channel-id', undef]
		) {
			my %h = (%good, $_->[0] => $_->[1]);
			delete $h{ $_->[0] } if !defined $_->[1];
			my $r = message($path, %h);
			is($r->{status}, 404, "$path: $_->[0]");
			$seen{ $r->{json}{detail} }++;
		}
	}
	is(scalar keys %seen, 1, 'in the same words');
	is(scalar(runs($c)), $before, 'and nothing ran');
};

subtest 'a calendar that nobody is told of is read by schedule' => sub {
	my $id = 'en.german#holiday@group.v.calendar.google.com';
	$g->control({ account => { email => 'google@example.com' } });
	$g->control({
		calendar => { id => $id, owner => 'google@example.com', summary => 'Holidays' },
		calendar_share => { calendar => $id, email => 'ann@example.com', role => 'reader' },
		event => {
			calendar => $id, id => 'holiday1',
			content => {
				summary => 'Unity Day', start => { date => '2026-10-03' },
				end => { date => '2026-10-04' }
			}
		}
	});
	my $h = calendar('holidays', $id);
	my $watched = sub {
		return scalar grep {
			$_->{method} eq 'POST' && $_->{path} =~ m{holiday.*/watch$}
		} @{ $g->state->{log} };
	};
	ok(soon($watched), 'it is asked for');
	for (1 .. 3) { $t->tick; $t->sync_and_wait($h->{id}) }
	is($watched->(), 1, 'and not again');
	like(conn($h)->{channel}{refused}, qr/not supported/, 'it is said why there is no channel');
	is(conn($h)->{status}, 'active', 'and it is well');
	my ($e) = grep { $_->{title} eq 'Unity Day' }
	    @{ $t->get('/api/events?from=2026-10-01&to=2026-10-31')->{json}{data} };
	ok($e, 'what is in it is here') or return;
	is($t->put("/api/events/$e->{id}", { title => 'Mine' })->{status}, 200, 'edited here');
	$t->tick;
	my ($link) = grep { $_->{connectionId} eq $h->{id} }
	    @{ $t->get("/api/events/$e->{id}")->{json}{event}{links} };
	is($link->{state}, 'skipped', 'it stays here');
};

sub add {
	my ($to, $id) = @_;
	return $to->post(
		'/api/connections',
		{ provider => 'google-calendar', name => 'x', config => { calendar => $id } }
	);
}

subtest 'how often it is read until somebody says' => sub {
	$g->control({ calendar => { owner => 'ann@example.com', id => 'c2', summary => 'Two' } });
	is(add($t, 'c2')->{json}{schedule}{frequency}, '15min', 'where Google can call, seldom');
	my $u = Tidemark->start(env => { $g->env });
	$g->connect($u, path => '/api/auth/google/start?for=google-calendar');
	is(add($u, 'c2')->{json}{schedule}{intervalMinutes}, 5, 'where it cannot, more often');
};

subtest 'and for which no channel is open, is read more often as well' => sub {
	my $at = '/api/calendar/webhooks/google';
	my ($two) = grep { $_->{name} eq 'x' } @{ $t->get('/api/connections')->{json}{data} };
	my $pace = sub {
		my $s = conn($two)->{schedule};
		return "$s->{frequency} $s->{intervalMinutes}";
	};
	my $open = sub { ok(soon(sub { (conn($two)->{channel} // {})->{expiresAt} }), 'open') };
	my $refused = sub { ok(soon(sub { (conn($two)->{channel} // {})->{refused} }), 'none') };
	$open->();
	is($pace->(), '15min 15', 'told');
	is($t->del("$at?integrationId=$two->{id}")->{status}, 200, 'the channel is ended');
	is($pace->(), 'custom 5', 'not told');
	my $soon = "SELECT next_poll_at <= set_at + 300000 FROM schedule WHERE connection_id";
	is($t->sql("$soon = '$two->{id}'"), 1, 'from now on');
	$t->put($at, { integrationId => $two->{id} });
	$open->();
	is($pace->(), '15min 15', 'told again');
	$g->control({ push => { refuse => Tidemark::true } });
	$t->put($at, { integrationId => $two->{id} });
	$refused->();
	is($pace->(), 'custom 5', 'Google does not call');
	$g->control({ push => { refuse => Tidemark::false } });
	# What somebody has said stays.
	my %own = (enabled => Tidemark::true, frequency => 'custom', intervalMinutes => 7);
	is($t->put("/api/connections/$two->{id}/schedule", \%own)->{status}, 200, 'his own');
	$t->put($at, { integrationId => $two->{id} });
	$open->();
	is($pace->(), 'custom 7', 'told or not');
};

done_testing;
