# seconds: 20
# Events and Google Calendar, through the interface: what a call answers of the providers, what
# waits in the queue, what is held before it leaves.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(time);
use Tidemark;
use Tidemark::Google;
use Tidemark::Twoway qw(made somebody);

my $g = Tidemark::Google->start;
my $t = Tidemark->start(env => { $g->env, TIDEMARK_DEMO => 1 });
$g->control({ push => { origin => $t->{base} } });
$g->connect($t, path => '/api/auth/google/start?for=google-calendar');
my $there = 'calendar/v3/calendars/primary/events';
my $queue = '/api/calendar/sync/queue';
my %tea = (
	title => 'Tea', startDateTime => '2026-10-05T10:00:00+02:00',
	endDateTime => '2026-10-05T11:00:00+02:00', timeZone => 'Europe/Berlin'
);

sub google { return somebody($g, @_) }
sub titles {
	my $got = google(GET => "$there?maxResults=500");
	return [
		sort grep { $_ ne 'Anchor' }
		    map { $_->{summary} }
		    grep { $_->{status} ne 'cancelled' } @{ $got->{items} }
	];
}
sub stats { return $t->get($queue)->{json}{stats} }

# Stays: a calendar that lacks all that it had is asked about.
google(
	POST => $there,
	{ summary => 'Anchor', start => { date => '2020-01-01' }, end => { date => '2020-01-02' } }
);
my $c = $t->connect('google-calendar', undef, name => 'Work', config => { calendar => 'primary' });
$t->wait_run($c->{activeSyncId} // $c->{lastSync}{syncId});

subtest 'a calendar is an integration with a channel' => sub {
	my ($one) = wait_for {
		my ($i) = @{ $t->get('/api/calendar/integrations')->{json}{data} };
		$i->{webhookId} ? $i : undef
	} 20;
	is $one->{id}, $c->{id};
	is_deeply [@$one{qw(provider name lastSyncError)}], ['GOOGLE', 'Work', undef];
	ok $one->{isActive} && $one->{lastSyncAt} && $one->{webhookExpiry};
	my $hook = '/api/calendar/webhooks/google';
	my $r = $t->put($hook, { integrationId => $c->{id} });
	is $r->{status}, 200 or diag $r->{content};
	ok $r->{json}{success};
	isnt $r->{json}{webhookId}, $one->{webhookId}, 'a new one';
	$r = $t->del("$hook?integrationId=$c->{id}");
	is $r->{status}, 200 or diag $r->{content};
	is_deeply [grep { $_->{open} } @{ $g->state->{channels} }], [], 'none is open there';
	($one) = @{ $t->get('/api/calendar/integrations')->{json}{data} };
	is $one->{webhookId}, undef;
	$r = $t->put($hook, { integrationId => $c->{id} });
	is $r->{json}{success}, true;
	$t->cooled($c->{id});
	$r = $t->post("/api/calendar/integrations/$c->{id}/sync");
	is $r->{status}, 202 or diag $r->{content};
	$t->wait_run($r->{json}{syncId});
};

my $id;
subtest 'a call answers when the provider has it' => sub {
	my $r = $t->post('/api/events', {%tea}, headers => { 'idempotency-key' => 'one' });
	is $r->{status}, 201 or diag $r->{content};
	my ($sync) = @{ $r->{json}{externalSync} };
	is_deeply [@$sync{qw(provider connectionId success queued)}],
	    ['GOOGLE', $c->{id}, true, false]
	    or diag explain $r->{json}, $t->logs;
	$id = $r->{json}{event}{id};
	is $r->{json}{event}{links}[0]{externalId}, $sync->{externalId};
	is google(GET => "$there/$sync->{externalId}")->{summary}, 'Tea';
	my $again = $t->post('/api/events', {%tea}, headers => { 'idempotency-key' => 'one' });
	is_deeply $again->{json}, $r->{json}, 'the first reply again';
	$r = $t->put("/api/events/$id", { title => 'Coffee' });
	ok $r->{json}{externalSync}[0]{success};
	is google(GET => "$there/$sync->{externalId}")->{summary}, 'Coffee';
};

subtest 'the story says of a provider what that has, also while somebody is asked' => sub {
	my $conn = "/api/connections/$c->{id}";
	my $e = $t->post('/api/events', { %tea, title => 'First' })->{json}{event};
	my $link = sub { $t->get("/api/events/$e->{id}")->{json}{event}{links}[0] };
	ok &wait_for(sub { $link->()->{state} eq 'synced' }, 20), 'there';
	my $told = sub {
		my @all = @{ $t->get("/api/events/$e->{id}/history")->{json}{data} };
		my @titles = grep { $_->{field} eq 'title' && $_->{side} eq 'provider' }
		    map { @{ $_->{changes} } } @all;
		return [map { ($_->{before} // '-') . " > $_->{after}" } @titles];
	};
	is_deeply $told->(), ['- > First'], 'as it was written';
	google(PATCH => "$there/" . $link->()->{externalId}, { summary => 'Second' });
	my $here = sub { $t->get("/api/events/$e->{id}")->{json}{event}{title} };
	ok &wait_for(sub { $here->() eq 'Second' }, 20), 'somebody edits it there';
	is_deeply $told->(), ['- > First'], 'which Tidemark had not written';
	google(PATCH => "$there/" . $link->()->{externalId}, { summary => 'First' });
	ok &wait_for(sub { $here->() eq 'First' }, 20), 'and back';
	is $t->patch($conn, { config => { conflicts => 'ask' } })->{status}, 200, 'asks';
	$t->post("$conn/pause");
	# What runs is over, and nothing more begins: neither side hears of the other's edit.
	ok &wait_for(sub { !$t->sql('SELECT count(*) FROM sync WHERE finished_at IS NULL') }, 30);
	google(PATCH => "$there/" . $link->()->{externalId}, { summary => 'Theirs' });
	$t->put("/api/events/$e->{id}", { title => 'Ours', location => 'Here' });
	$t->post("$conn/resume");
	my $open = wait_for { $t->get('/api/conflicts?state=open')->{json}{data}[0] } 20;
	ok $open, 'it is asked' or return;
	is_deeply $told->(), ['- > First'], 'ours was not written there';
	is $t->post("/api/conflicts/$open->{id}", { choice => 'local' })->{status}, 200, 'ours';
	ok &wait_for(sub { $link->()->{state} eq 'synced' }, 20), 'goes there';
	is_deeply $told->(), ['Theirs > Ours', 'First > Theirs', '- > First'], 'over theirs'
	    or diag explain $told->();
	$t->del("/api/events/$e->{id}");
	$t->patch($conn, { config => { conflicts => undef } });
	ok &wait_for(sub { "@{ titles() }" !~ /Ours|Theirs/ }, 20), 'gone';
};

subtest 'the story says who has changed or deleted what somebody is asked about' => sub {
	my $conn = "/api/connections/$c->{id}";
	my $cookie = $t->sign_in->{cookie};
	$t->patch($conn, { config => { conflicts => 'ask' } });
	my $shown = sub {
		my $page = $t->get($_[0], token => undef, headers => { cookie => $cookie });
		my ($why) = $page->{content} =~ m{(<section[^>]* id="why".*)}s;
		return $why =~ s/<[^>]*>//gr =~ s/\s+/ /gr;
	};
	my $asked = sub {
		my ($how, $there_do, $here_do) = @_;
		my $e = $t->post('/api/events', { %tea, title => $how })->{json}{event};
		my $link = sub { $t->get("/api/events/$e->{id}")->{json}{event}{links}[0] };
		ok &wait_for(sub { $link->()->{state} eq 'synced' }, 20), "$how is there";
		my $at = "$there/" . $link->()->{externalId};
		$t->post("$conn/pause");
		my $runs = 'SELECT count(*) FROM sync WHERE finished_at IS NULL';
		ok &wait_for(sub { !$t->sql($runs) }, 30);
		$there_do->($at);
		$here_do->("/api/events/$e->{id}");
		$t->post("$conn/resume");
		my $open = wait_for { $t->get('/api/conflicts?state=open')->{json}{data}[0] } 20;
		ok $open, 'it is asked';
		my $story = $shown->("/events/$e->{id}");
		my ($last) = @{ $t->get("/api/events/$e->{id}/history")->{json}{data} };
		is $t->post("/api/conflicts/$open->{id}", { choice => 'remote' })->{status}, 200,
		    'as it is there';
		return ($story, $last, "/api/events/$e->{id}");
	};
	my ($story, $last) = $asked->('gone', sub { google(DELETE => $_[0]) },
		sub { $t->put($_[0], { title => 'Ours' }) });
	like $story, qr/$c->{name} deleted it\b.*?It was deleted there and changed here/,
	    'deleted there';
	unlike $story, qr/received the change/;
	is "$last->{action} $last->{actor}", "KEPT $c->{id}", 'and here nothing was done';
	($story, $last, my $event) = $asked->('back',
		sub { google(PATCH => $_[0], { summary => 'Theirs' }) }, sub { $t->del($_[0]) });
	is "$last->{action} $last->{reason}", 'KEPT It was changed there and deleted here: '
	    . 'somebody is asked what becomes of it.', 'the other way round';
	ok &wait_for(sub { $t->get($event)->{json}{event} }, 20), 'and back';
	$story = $shown->($event =~ s{^/api}{}r);
	like $story, qr/$c->{name} changed it\b.*?It was changed there and deleted here/;
	unlike $story, qr/received the change/;
	$t->del($event);
	$t->patch($conn, { config => { conflicts => undef } });
	ok &wait_for(sub { !grep { /gone|Ours|Theirs/ } @{ titles() } }, 20), 'level';
};

subtest 'the record of an event leads to it' => sub {
	$t->sync_and_wait($c->{id});
	my ($set) = @{ $t->get("/api/connections/$c->{id}/datasets")->{json}{data} };
	my ($key) = map { $_->{links}[0]{externalId} } $t->get("/api/events/$id")->{json}{event};
	my $page = $t->get("/datasets/$set->{id}/records/$key",
		token => undef, headers => { cookie => $t->sign_in->{cookie} })->{content};
	like $page, qr{href="/events/\Q$id\E">Open the event<};
};

subtest 'what is edited while it is disconnected goes there once it is connected again' => sub {
	my $r = $t->post('/api/events', { %tea, title => 'Kept' });
	my $kept = $r->{json}{event}{id};
	my $key = $r->{json}{externalSync}[0]{externalId};
	is $t->del("/api/connections/$c->{id}")->{status}, 204;
	$r = $t->put("/api/events/$kept", { title => 'Kept and changed' });
	is $r->{status}, 200;
	is google(GET => "$there/$key")->{summary}, 'Kept', 'nothing is sent to what is none';
	$r = $t->post("/api/kept/$c->{id}/reconnect", {});
	is $r->{status}, 201 or diag $r->{content};
	is $t->wait_run($r->{json}{activeSyncId})->{status}, 'complete';
	ok wait_for { google(GET => "$there/$key")->{summary} eq 'Kept and changed' } 60;
	is $t->get("/api/events/$kept")->{json}{event}{title} // '', 'Kept and changed', 'as here';
	ok $t->del("/api/events/$kept")->{json}{externalSync}[0]{success};
};

subtest 'a provider that is down never fails the call, nor holds it up' => sub {
	$g->control({ faults => [{ kind => '503', method => 'PATCH', count => 1000 }] });
	my $began = time;
	my $r = $t->put("/api/events/$id", { title => 'Cocoa' });
	my $took = time - $began;
	is $r->{status}, 200;
	ok $took < 8, "it took $took s";
	my ($sync) = @{ $r->{json}{externalSync} };
	is_deeply [@$sync{qw(success queued)}], [false, true] or diag explain $sync;
	ok((wait_for { stats()->{PENDING} == 1 } 20), 'it waits for another try');
	$g->control({ faults => [] });
	# It may have arrived: that is looked up when it is sure to be seen.
	$t->sql('UPDATE outbox SET next_at = 1 WHERE finished_at IS NULL');
	is $t->post($queue)->{status}, 200;
	ok wait_for { stats()->{PENDING} + stats()->{PROCESSING} == 0 } 20;
	is_deeply titles(), ['Cocoa'];
};

subtest 'nothing is written anywhere by settings that are damaged' => sub {
	my $config = $t->sql("SELECT config FROM connection WHERE id = '$c->{id}'");
	$t->sql("UPDATE connection SET config = '{\"calen' WHERE id = '$c->{id}'");
	$t->put("/api/events/$id", { title => 'Chai' });
	my $lane = "FROM lane WHERE kind = 'outbox'";
	ok wait_for { $t->sql("SELECT count(*) $lane AND failures > 0 AND pid = 0") }, 'tried';
	is_deeply titles(), ['Cocoa'], 'and not sent to whatever calendar is the usual one';
	$t->sql("UPDATE connection SET config = '$config' WHERE id = '$c->{id}'");
	is $t->post($queue)->{status}, 200;
	ok wait_for { stats()->{PENDING} + stats()->{PROCESSING} == 0 };
	is_deeply titles(), ['Chai'], 'with sound ones it goes where it belongs';
};

subtest 'deleted here it is deleted there' => sub {
	my $r = $t->del("/api/events/$id");
	is $r->{status}, 200;
	ok $r->{json}{externalSync}[0]{success} or diag explain $r->{json};
	is_deeply titles(), [];
};

# Nothing is read or sent from now on, also not by who had begun.
sub paused {
	$t->post("/api/connections/$c->{id}/pause");
	wait_for {
		!@{ $t->get('/api/sync')->{json}{active} }
		    && !$t->sql('SELECT count(*) FROM lane WHERE pid <> 0')
	}
	20 or die 'it goes on';
}
sub preview {
	my ($config) = @_;
	my $r = $t->post(
		"/api/connections/$c->{id}/preview", $config ? { config => $config } : {}
	);
	is $r->{status}, 200 or diag $r->{content};
	return $r->{json};
}
sub counted {
	my ($counts) = @_;
	return join ', ', map {
		my $side = $_;
		map { $counts->{$side}{$_} ? "$side $_ $counts->{$side}{$_}" : () }
		    qw(add update delete)
	} qw(local remote);
}

subtest 'a preview says what a sync would do here and there, and does nothing' => sub {
	is counted(preview()->{counts}), '', 'all is level';
	my $tea = made($t, title => 'Tea');
	my $cake = made($t, title => 'Cake');
	ok wait_for { @{ titles() } == 2 } 20;
	paused();
	my ($it) = grep { $_->{summary} eq 'Cake' } @{ google(GET => $there)->{items} };
	google(PATCH => "$there/$it->{id}", { location => 'Kitchen' });
	google(
		POST => $there,
		{
			summary => 'Theirs', start => { date => '2026-10-05' },
			end => { date => '2026-10-06' }
		}
	);
	$t->put("/api/events/$tea", { title => 'Green tea', notes => 'hot' });
	made($t, title => 'Ours');
	my $before = $t->sql('SELECT (SELECT count(*) FROM change), (SELECT count(*) FROM event), '
		    . '(SELECT sum(rev) FROM link), (SELECT sum(edits) FROM outbox)');
	my $plan = preview();
	is counted($plan->{counts}), 'local add 1, local update 1, remote add 1, remote update 1';
	my %by = map { ("$_->{side} $_->{action}" => $_) } @{ $plan->{changes} };
	is $by{'local add'}{item}, 'Theirs';
	is_deeply $by{'local update'}{fields},
	    [{ field => 'location', before => undef, after => 'Kitchen' }];
	is $by{'remote add'}{item}, 'Ours';
	is_deeply [
		sort { $a->{field} cmp $b->{field} } @{ $by{'remote update'}{fields} }
	    ],
	    [
		{ field => 'notes', before => undef, after => 'hot' },
		{ field => 'title', before => 'Tea', after => 'Green tea' }
	    ];
	is counted(preview({ direction => 'pull' })->{counts}), 'local add 1, local update 1',
	    'with another direction';
	is counted(preview({ direction => 'push' })->{counts}), 'remote add 1, remote update 1';
	is $t->sql('SELECT (SELECT count(*) FROM change), (SELECT count(*) FROM event), '
		    . '(SELECT sum(rev) FROM link), (SELECT sum(edits) FROM outbox)'),
	    $before, 'nothing is written';
	$t->post("/api/connections/$c->{id}/resume");
	$t->sync_and_wait($c->{id});
	$t->post($queue);
	ok wait_for { stats()->{PENDING} + stats()->{PROCESSING} == 0 } 30;
	is_deeply titles(), ['Cake', 'Green tea', 'Ours', 'Theirs'], 'and then it is done';
	is counted(preview()->{counts}), '';
	$t->del("/api/events/$_->{id}")
	    for grep { $_->{title} ne 'Anchor' } @{ $t->get('/api/events')->{json}{data} };
	ok wait_for { !@{ titles() } } 30;
};

# 20 events, and 16 of them deleted while nothing is sent.
sub loss {
	$t->sql('DELETE FROM outbox WHERE finished_at IS NOT NULL');
	my @ids = map { made($t, title => "Event $_") } 'a' .. 't';
	ok wait_for { stats()->{PENDING} + stats()->{PROCESSING} == 0 } 60;
	paused();
	$t->del("/api/events/$_") for @ids[0 .. 15];
	$t->post("/api/connections/$c->{id}/resume");
	$t->post($queue);
	wait_for { stats()->{HELD} } 20;
	return @ids;
}

subtest 'much that would be deleted there is held, and goes when it is approved' => sub {
	my @ids = loss();
	is scalar @{ titles() }, 20, 'all of it is there' or diag explain stats();
	is stats()->{HELD}, 16;
	my ($held) = @{ $t->get("$queue?status=HELD")->{json}{data} };
	is $held->{operation}, 'DELETE';
	my $sync = $t->get("/api/sync?syncId=$held->{syncId}")->{json};
	is $sync->{error}{code}, 'needs_approval';
	like $sync->{error}{detail},
	    qr/^Of 21 events in Google Calendar, 16 would be deleted and 0 overwritten/;
	unlike join(' ', grep {defined} $sync->{message}, values %{ $sync->{error} }), qr/source/,
	    'it is not the source that has changed';
	is_deeply [@{ $sync->{review} }{qw(stored deletions replaced)}], [21, 16, 0];
	like $sync->{review}{items}[0], qr/^Event . \(2026-10-05\)$/;
	$t->sync_and_wait($c->{id});
	my $told = sub { $t->get("/api/connections/$c->{id}")->{json} };
	ok((wait_for { $told->()->{status} eq 'attention' } 20), 'that it waits is told with it');
	is_deeply $told->()->{held}, { syncId => $held->{syncId}, changes => 16 }, 'and where';
	is $told->()->{lastError}{code}, 'needs_approval';
	like $told->()->{lastError}{detail}, qr/^16 changes wait until somebody has said/;
	# Not while a message has it read once more.
	my $status;
	wait_for {
		$status = $t->run(qw(tidemark status --failed))->{out};
		$status =~ /^attention .*\n +needs_approval: So much/m
	}
	20 or diag $status;
	like $status, qr/^attention .*\n +needs_approval: So much/m, 'the command does too';
	my $r = $t->post('/api/events', { %tea, title => 'Harmless' });
	ok $r->{json}{externalSync}[0]{success}, 'what harms nothing goes on';
	is $t->post("/api/sync/$held->{syncId}/approve")->{status}, 202;
	ok wait_for { stats()->{HELD} + stats()->{PENDING} + stats()->{PROCESSING} == 0 } 60;
	is_deeply titles(), [(map { "Event $_" } 'q' .. 't'), 'Harmless'];
	ok((wait_for { $told->()->{status} eq 'active' } 20), 'all is well');
	is_deeply [@{ $told->() }{qw(held lastError)}], [undef, undef];
	$t->del("/api/events/$_") for @ids[16 .. 19], $r->{json}{event}{id};
	ok wait_for { !@{ titles() } } 60;
};

subtest 'rejected it is kept there, and a sync does not bring it up again' => sub {
	loss();
	my ($held) = @{ $t->get("$queue?status=HELD")->{json}{data} };
	is $t->post("/api/sync/$held->{syncId}/reject")->{status}, 202;
	$t->reset_and_wait($c->{id}, 'refetch') for 1, 2;
	is scalar @{ titles() }, 20;
	is stats()->{HELD} + stats()->{PENDING}, 0;
	is scalar @{ $t->get('/api/events?limit=100')->{json}{data} }, 5, 'here they stay deleted';
};

subtest 'what is held in two calendars is told of each by itself' => sub {
	$t->del("/api/events/$_->{id}")
	    for grep { $_->{title} ne 'Anchor' }
	    @{ $t->get('/api/events?limit=100')->{json}{data} };
	my $team = $g->control({ calendar => { owner => 'ann@example.com', summary => 'Team' } })
	    ->{calendar};
	my $d =
	    $t->connect('google-calendar', undef, name => 'Team', config => { calendar => $team });
	$t->wait_run($d->{activeSyncId} // $d->{lastSync}{syncId});
	my @both = ($c->{id}, $d->{id});
	my $on_way = sub { stats()->{PENDING} + stats()->{PROCESSING} };
	ok wait_for { !$on_way->() } 60;
	$t->sql('DELETE FROM outbox WHERE finished_at IS NOT NULL');
	my @ids = map { made($t, title => "Pair $_") } 'a' .. 'z';
	ok wait_for { !$on_way->() } 60;
	$t->post("/api/connections/$_/pause") for @both;
	paused();
	$t->del("/api/events/$_") for @ids[0 .. 23];
	$t->post("/api/connections/$_/resume") for @both;
	$t->post($queue);
	ok((wait_for { stats()->{HELD} == 48 && !$on_way->() } 30), 'held in both')
	    or return diag explain stats();
	my %held = map { $_ => $t->get("/api/connections/$_")->{json}{held} } @both;
	is_deeply [map { $_->{changes} } values %held], [24, 24], 'each says how much';
	my $sync = $t->get("/api/sync?syncId=$held{$both[0]}{syncId}")->{json};
	is $sync->{review}{deletions}, 24, 'the question is about one of them';
	my %names = map { $_ => 1 } @{ $sync->{review}{items} };
	is_deeply [sort keys %names], [sort @{ $sync->{review}{items} }], 'and names each once';
	my $in = { token => undef, headers => { cookie => $t->sign_in('admin')->{cookie} } };
	my %questions = map { $_->{syncId} => 1 } values %held;
	for my $page ('/conflicts', map {"/syncs/$_"} keys %questions) {
		my $html = $t->get($page, %$in)->{content};
		ok $html =~ /24 (?:changes )?for $_/, "$page says so of $_" for qw(Work Team);
		# A time of day may have that number, too.
		ok $html !~ /(?<![\d:])48(?![\d:])/, 'and does not add them up';
	}
	is $t->post("/api/sync/$_/approve")->{status}, 202 for keys %questions;
	ok wait_for { stats()->{HELD} + $on_way->() == 0 } 60;
	is_deeply [grep {/^Pair/} @{ titles() }], ['Pair y', 'Pair z'], 'what is left is there';
};

subtest 'what one calendar has asked for another is asked by that one when it is gone' => sub {
	my $cal = sub {
		my ($name) = @_;
		my %new = (owner => 'ann@example.com', summary => $name);
		my $id = $g->control({ calendar => \%new })->{calendar};
		my $c = $t->connect('google-calendar', undef,
			name => $name, config => { calendar => $id });
		$t->wait_run($c->{activeSyncId} // $c->{lastSync}{syncId});
		return $c->{id}
	};
	my @both = map { $cal->($_) } 'Stays', 'Goes';
	my $on_way = sub { stats()->{PENDING} + stats()->{PROCESSING} };
	ok wait_for { !$on_way->() } 60;
	my @ids = map { made($t, title => "Other $_") } 'a' .. 'z';
	ok wait_for { !$on_way->() } 60;
	my $held = sub { $t->get("/api/connections/$_[0]")->{json}{held} };
	$t->post("/api/connections/$_/pause") for $both[0], $c->{id};
	paused();
	$t->del("/api/events/$_") for @ids[0 .. 23];
	ok((wait_for { $held->($both[1]) } 30), 'one has asked');
	$t->post("/api/connections/$both[0]/resume");
	$t->post($queue);
	ok((wait_for { ($held->($both[0]) // {})->{changes} } 30), 'also for the other');
	is $held->($both[0])->{syncId}, $held->($both[1])->{syncId}, 'in one question';
	is $t->del("/api/connections/$both[1]?data=delete")->{status}, 204, 'it goes';
	my $question = wait_for {
		my $h = $held->($both[0]) // { changes => 0 };
		my $asked = $t->get("/api/sync?syncId=" . ($h->{syncId} // ''))->{status} == 200;
		$asked && $h->{changes} == 24 ? $h->{syncId} : undef
	} 30;
	ok $question, 'the other has a question of its own' or diag explain $held->($both[0]);
	is $t->post("/api/sync/$question/approve")->{status}, 202, 'that is answered';
	ok((wait_for { !$held->($both[0]) } 60), 'and over');
	$t->post("/api/connections/$c->{id}/resume");
};

is_deeply $g->state->{mails} // [], [], 'no mail to anybody';
done_testing;
