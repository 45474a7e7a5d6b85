# What a list of the calendars says of each: whether it is polled or pushed to, since when it is as
# it is there, and what is the matter.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Google;
use Tidemark::Notion;

my $g = Tidemark::Google->start;
my $n = Tidemark::Notion->new($g);
my $t = Tidemark->start(
	env => { $g->env, $n->env, NOTION_API_KEY => 'ntn_test', TIDEMARK_RETRY_MS => 1 });
$g->control({ quota => { notion => { user => 0 } } });
$g->connect($t, path => '/api/auth/google/start?for=google-calendar');

my %at = ('google-calendar' => '/calendar/v3/', notion => '/v1/');
my %config = (
	'google-calendar' => { calendar => 'primary' },
	notion => { dataSource => $n->source('Days', { When => { date => {} } }) }
);
my %word = ('google-calendar' => 'GOOGLE', notion => 'NOTION');

my $id;

sub all { return @{ $t->get('/api/calendar/integrations')->{json}{data} } }
sub one { return (grep { $_->{id} eq $id } all())[0] }
sub standing { my $i = one(); return ($i->{isActive} ? 'on' : 'off') . ' ' . !!$i->{lastSyncError} }
sub act { return $t->post("/api/connections/$id/$_[0]")->{status} }
# What a run ends with while the service answers so.
sub answered {
	my ($at, $kind) = @_;
	$g->control({ faults => $kind ? [{ kind => $kind, path => $at, count => -1 }] : [] });
	my $status = $t->sync_and_wait($id)->{status};
	$g->control({ faults => [] });
	return $status;
}

for my $kind (sort keys %config) {
	subtest $kind => sub {
		my $c = $t->connect($kind, undef, name => "My $kind", config => $config{$kind});
		$id = $c->{id};
		is $t->wait_run($c->{activeSyncId} // $c->{lastSync}{syncId})->{status}, 'complete';
		my $well = one();
		is_deeply [@$well{qw(provider name lastSyncError)}],
		    [$word{$kind}, "My $kind", undef];
		ok $well->{isActive} && $well->{lastSyncAt}, 'polled, and read';
		is act('pause'), 200;
		is standing(), 'off ', 'paused';
		is act('resume'), 200;
		is standing(), 'on ', 'resumed';
		is $t->put("/api/connections/$id/schedule", { enabled => Tidemark::false })
		    ->{status}, 200;
		is standing(), 'off ', 'switched off';
		is $t->put("/api/connections/$id/schedule", { enabled => Tidemark::true })
		    ->{status}, 200;
		is answered($at{$kind}), 'complete';
		$well = one();
		is answered($at{$kind}, '503'), 'error';
		is standing(), 'on 1', 'a failure that passes: it is tried again';
		like one()->{lastSyncError}, qr/^[A-Z].*\.$/, 'a sentence';
		is one()->{lastSyncAt}, $well->{lastSyncAt}, 'read before it';
		is answered($at{$kind}, 'forbidden'), 'error';
		is standing(), 'off 1', 'one that does not: it is stopped';
		like one()->{lastSyncError}, qr/^[A-Z].*\.$/, 'a sentence';
		is one()->{lastSyncAt}, $well->{lastSyncAt}, 'and no success';
		is answered($at{$kind}), 'complete', 'by hand';
		is standing(), 'on ', 'it works again';
		is $t->del("/api/connections/$id")->{status}, 204;
		is one(), undef, 'disconnected it is none';
	};
}

subtest 'a calendar is named, and nothing else is' => sub {
	my ($at, $none) = ('/api/calendar/webhooks/google', '00000000-0000-7000-8000-00000000ffff');
	my $wrong = sub {
		my ($r, $field, $what) = @_;
		is $r->{status}, 422, $what;
		is $r->{json}{errors}[0]{field}, $field, "$what: which";
	};
	$wrong->($t->put($at, {}), 'integrationId', 'a channel of nothing');
	$wrong->($t->put($at, { integrationId => $none, days => 3 }), 'days', 'and more');
	$wrong->($t->put($at, { integrationId => $none, x => undef }), 'x', 'and nothing more');
	is $t->put($at, { integrationId => $none })->{status}, 404, 'one that is not there';
	$wrong->($t->del($at), 'integrationId', 'the end of the channel of nothing');
	is $t->del("$at?integrationId=$none")->{status}, 404, 'of one that is not there';
	$wrong->($t->get('/api/calendar/sync/notion/pull'), 'integrationId', 'is nothing ready?');
	my %new = (provider => 'google-calendar', start => Tidemark::false);
	my %from = (calendar => 'primary', write => 'selected');
	my $r = $t->post('/api/connections', { %new, config => { %from, writeFrom => [$none] } });
	$wrong->($r, 'config.writeFrom', 'events of a connection that is not there');
	my $c = $t->connect('google-calendar', undef, config => { calendar => 'primary' });
	my $patch = sub {
		$t->patch("/api/connections/$c->{id}", { config => { %from, writeFrom => $_[0] } })
	};
	$wrong->($patch->([$c->{id}, $none]), 'config.writeFrom', 'nor later');
	$wrong->($patch->(['x']), 'config.writeFrom', 'of what is no id');
	is $patch->([$c->{id}])->{status}, 200, 'of one that is';
	is $t->del("/api/connections/$c->{id}")->{status}, 204;
};

subtest 'what waits is counted for each, and a progress token sees the one it is for' => sub {
	my @c = map { $t->connect($_, undef, name => '', config => $config{$_}) } sort keys %config;
	is_deeply [map { $_->{name} } @c], ['Google Calendar', 'Notion'], 'named after its kind';
	my ($one, $other) = map { $_->{id} } @c;
	is $t->wait_run($_->{activeSyncId} // $_->{lastSync}{syncId})->{status}, 'complete' for @c;
	$t->post("/api/connections/$other/pause");
	my %away = (kind => '503', method => 'POST', path => '/calendar/v3/', count => -1);
	$g->control({ faults => [\%away] });
	is $t->post('/api/events',
		{ title => $_, startDateTime => '2020-01-01T10:00:00Z',
			endDateTime => '2020-01-01T11:00:00Z' })
	    ->{status}, 201
	    for qw(Tea Cake);
	$id = $one;
	is_deeply [@{ one() }{qw(waiting held failed conflicts)}], [2, 0, 0, 0];
	my $token = $t->post("/api/connections/$one/progress-token", {})->{json}{token};
	my $seen = sub { $t->get($_[0], token => $token) };
	is_deeply [map { $_->{id} } @{ $seen->('/api/calendar/integrations')->{json}{data} }],
	    [$one], 'that one';
	is $seen->('/api/calendar/sync/queue')->{status}, 403, 'but not what is in the queue';
	is $t->post("/api/connections/$one/pause")->{status}, 200;
	ok wait_for(
		sub {
			$t->sql("UPDATE outbox SET state = 'failed', next_at = NULL
				WHERE connection_id = '$one' AND finished_at IS NULL");
			return "@{ one() }{qw(waiting held failed conflicts)}" eq '0 0 2 0'
		}
	    ),
	    'what has failed is told apart';
	$g->control({ faults => [] });
	is $t->del("/api/connections/$_")->{status}, 204 for $one, $other;
};

subtest 'what is read as a table is no calendar' => sub {
	$id = $t->connect('notion', undef, name => 'Table',
		config => { %{ $config{notion} }, mode => 'table' })->{id};
	is_deeply [all()], [];
};
done_testing;
