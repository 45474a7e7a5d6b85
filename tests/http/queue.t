# What is to be sent to providers, over HTTP: how much, each item, tried now, held until a person
# has answered, forgotten; and the calendars that it goes to.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Twoway;

my $t = Tidemark->start;
$t->source->put('/a.csv', "id\n1\n");
my $conn =
    $t->connect(csv => $t->source->url('/a.csv'), name => 'Work', start => false)->{id};
my $path = '/api/calendar/sync/queue';
my $cookie = $t->sign_in('admin')->{cookie};

sub item {
	my (%row) = @_;
	my $event = made($t);
	my $link = twin_of($t, $event, $conn, state => 'queued');
	return (item_of($t, $link, %row), $event, $link);
}
sub stats { return $t->get($path)->{json}{stats} }
sub items { return @{ $t->get("$path?status=$_[0]")->{json}{data} } }
sub state_of { return $t->sql("SELECT state FROM outbox WHERE id = '$_[0]'") }
sub empty { $t->sql('DELETE FROM outbox') }

subtest 'an empty queue' => sub {
	my $r = $t->get($path);
	is_deeply $r->{json},
	    {
		success => true, oldestPendingAge => undef,
		stats => { map { $_ => 0 } qw(PENDING PROCESSING HELD COMPLETED FAILED) }
	    };
	is $t->get("$path?status=SOON")->{status}, 422;
};

subtest 'each state by its word, and how old the oldest is that waits' => sub {
	my $now = time * 1000;
	item(state => 'waiting', created_at => $now - 60_000);
	item(state => 'unsure', created_at => $now - 90_000);
	item(state => 'sending', created_at => 1);
	item(state => 'done', finished_at => 1, created_at => 1);
	my ($failed, $event) = item(
		state => 'failed', op => 'delete', attempts => 3, next_at => undef,
		error_code => 'source_forbidden'
	);
	is_deeply stats(),
	    { PENDING => 2, PROCESSING => 1, HELD => 0, COMPLETED => 1, FAILED => 1 };
	my $age = $t->get($path)->{json}{oldestPendingAge};
	ok $age >= 90_000 && $age < 600_000, "of those that wait: $age";
	is scalar(items('PENDING')), 2;
	my ($one) = items('FAILED');
	is $one->{id}, $failed;
	is $one->{eventId}, $event;
	is $one->{connectionId}, $conn;
	is $one->{operation}, 'DELETE';
	is $one->{attempts}, 3;
	is $one->{nextAttemptAt}, undef;
	is $one->{error}{code}, 'source_forbidden';
	is $one->{error}{detail}, 'The server refuses to show this.';
	my $page = $t->get("$path?status=PENDING&limit=1")->{json};
	is scalar @{ $page->{data} }, 1;
	$page = $t->get("$path?status=PENDING&limit=1&cursor=$page->{nextCursor}")->{json};
	is scalar @{ $page->{data} }, 1;
	is $page->{nextCursor}, undef;
	empty();
};

subtest 'what is made, changed and deleted there' => sub {
	my $fresh = made($t);
	my $link = twin_of($t, $fresh, $conn, base => undef, remote_id => undef);
	item_of($t, $link);
	item();
	is_deeply [sort map { $_->{operation} } items('PENDING')], [qw(CREATE UPDATE)];
	empty();
};

subtest 'what is done tells what it was, and in how many attempts' => sub {
	my %done = (state => 'done', finished_at => 2, next_at => undef, attempts => 1);
	my ($made) = item(%done, fields => undef, harms => 0);
	my ($changed) = item(%done, fields => '["title"]', harms => 1);
	my ($whole) = item(%done, fields => undef, harms => 1);
	my ($marks) = item(%done, fields => '[]', harms => 0);
	my ($deleted) = item(%done, op => 'delete', harms => 1);
	my %is = map { $_->{id} => "$_->{operation} $_->{attempts}" } items('COMPLETED');
	is $is{$made}, 'CREATE 1', 'it was made, though there is a twin now';
	is $is{$changed}, 'UPDATE 1';
	is $is{$whole}, 'UPDATE 1';
	is $is{$marks}, 'UPDATE 1';
	is $is{$deleted}, 'DELETE 1';
	empty();
};

subtest 'tried now: one, or all that wait or have failed' => sub {
	my ($failed) = item(state => 'failed', next_at => undef);
	my ($later) = item();
	my ($busy) = item(state => 'sending');
	my $r = $t->post("$path?id=$failed");
	is_deeply $r->{json}, { success => true, processed => 1 } or diag $r->{content};
	is state_of($failed), 'waiting';
	ok $t->sql("SELECT next_at FROM outbox WHERE id = '$later'") > 8e12, 'the other waits';
	is $t->post("$path?id=$busy")->{status}, 409;
	is $t->post("$path?id=00000000-0000-7000-8000-000000000000")->{status}, 404;
	is $t->post($path)->{json}{processed}, 2;
	ok $t->sql("SELECT next_at FROM outbox WHERE id = '$later'") < 8e12;
	is state_of($busy), 'sending';
	empty();
};

subtest 'forgotten is what is over' => sub {
	my $old = (time - 8 * 86400) * 1000;
	item(state => 'done', finished_at => $old, next_at => undef);
	item(state => 'done', finished_at => time * 1000, next_at => undef);
	item(state => 'failed', updated_at => $old, next_at => undef);
	my ($waits) = item(updated_at => $old);
	is_deeply $t->del("$path?olderThan=7")->{json}, { success => true, deleted => 2 };
	is_deeply stats(),
	    { PENDING => 1, PROCESSING => 0, HELD => 0, COMPLETED => 1, FAILED => 0 };
	is $t->del($path)->{json}{deleted}, 0, 'a week, when it is not said';
	is $t->del("$path?olderThan=0")->{json}{deleted}, 1;
	is $t->del("$path?olderThan=x")->{status}, 422;
	is state_of($waits), 'waiting';
	empty();
};

# As the guard asks, about three deletions.
my $runs = 0;
sub question {
	my $run = sprintf '00000000-0000-7000-8000-0000000000%02d', ++$runs;
	my @held = map { [item(state => 'held', next_at => undef, question => $run, op => 'delete',
		harms => 1)] } 1 .. 3;
	my $review = '{"side":"remote","stored":4,"deletions":3,"replaced":0,'
	    . '"items":["Tea (2026-10-05)"],"changes":[]}';
	$t->sql("INSERT INTO sync (no, id, connection_id, owner, trigger, state, phase, message, "
		. "created_at, started_at, updated_at, finished_at, review, error_code) SELECT "
		. "${\(1000 + $runs)}, '$run', id, owner, 'guard', 'error', 'error', 'Held', 1, 1, "
		. "1, 1, '$review', 'needs_approval' FROM connection WHERE id = '$conn'");
	return ($run, @held);
}

subtest 'held items name the sync that asks, and go when it is approved' => sub {
	my ($run, @held) = question();
	is stats()->{HELD}, 3;
	my ($one) = items('HELD');
	is $one->{syncId}, $run;
	my $sync = $t->get("/api/sync?syncId=$run")->{json};
	is $sync->{error}{code}, 'needs_approval';
	is $sync->{review}{side}, 'remote';
	my $html =
	    $t->get("/syncs/$run", token => undef, headers => { cookie => $cookie })->{content};
	like $html, qr/3 of 4 events would be deleted in the other calendar/;
	like $html, qr/value="approve"/;
	my $r = $t->post("/api/sync/$run/approve");
	is $r->{status}, 202 or diag $r->{content};
	is $r->{json}{status}, 'complete';
	is state_of($_->[0]), 'waiting' for @held;
	is $t->post("/api/sync/$run/approve")->{status}, 409;
	empty();
};

subtest 'that somebody must answer is said wherever the event is' => sub {
	my ($run, @held) = question();
	my $of = $held[0][1];
	my ($link) = @{ $t->get("/api/events/$of")->{json}{event}{links} };
	my ($item) = items('HELD');
	my $r = $t->put("/api/events/$of", {});
	my ($sync) = @{ $r->{json}{externalSync} };
	is_deeply [@$sync{qw(success queued)}, $link->{state}], [false, true, 'queued'];
	for my $e ($link->{error}, $item->{error}, $sync->{error}) {
		is_deeply [@$e{qw(code syncId)}], ['needs_approval', $run] or diag explain $e;
		like $e->{detail}, qr/^This change waits until somebody has said .* approve or/;
	}
	my %as = (token => undef, headers => { cookie => $cookie });
	my $html = $t->get("/events/$of", %as)->{content};
	like $html, qr/Waiting for your answer/;
	like $html, qr{href="/syncs/$run"[^>]*>See what is asked<};
	unlike $html, qr/Being written|on its way/;
	like $t->get('/calendar?view=agenda&date=2026-10-05', %as)->{content},
	    qr/Waiting for your answer/, 'in the calendar';
	$html = $t->get('/conflicts', %as)->{content};
	like $html, qr/No edit needs a decision/;
	unlike $html, qr/Nothing needs a decision/, 'where something does';
	$html = $t->get('/calendar/queue', %as)->{content};
	like $html, qr{href="/syncs/$run"[^>]*>See what is asked<};
	unlike $html, qr/approve or reject it/, 'without words for programs';
	empty();
	($link) = @{ $t->get("/api/events/$of")->{json}{event}{links} };
	ok !$link->{error}, 'it is over with the question';
};

subtest 'rejected they are dropped, and what is there is kept' => sub {
	my ($run, @held) = question();
	is $t->post("/api/sync/$run/reject")->{status}, 202;
	is_deeply stats(), { map { $_ => 0 } qw(PENDING PROCESSING HELD COMPLETED FAILED) };
	my ($link) = @{ $t->get("/api/events/$held[0][1]")->{json}{event}{links} };
	is $link->{state}, 'skipped';
	is $link->{error}{code}, 'kept';
	$t->put("/api/events/$held[0][1]", { title => 'Again' });
	is stats()->{PENDING}, 1, 'edited anew it is sent';
	($link) = @{ $t->get("/api/events/$held[0][1]")->{json}{event}{links} };
	is $link->{state}, 'queued';
	ok !$link->{error};
	empty();
};

# A row once more, n times (i), but for what is said of its columns.
sub again {
	my ($table, $id, $n, %as) = @_;
	my @names = split /\n/, $t->sql("SELECT name FROM pragma_table_info('$table')");
	$t->sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $n) "
		. "INSERT INTO $table (@{[join ', ', @names]}) "
		. "SELECT @{[join ', ', map { $as{$_} // $_ } @names]} "
		. "FROM n, $table WHERE id = '$id'");
}

# More than follow in the write that answers.
for my $many (
	[approve => 'waiting', { PENDING => 120 }, qr/: what was held is sent\.$/],
	[reject => undef, {}, qr/: what is in .* is kept\.$/]
) {
	my ($answer, $state, $counts, $says) = @$many;
	subtest "many that are held follow the answer to $answer them" => sub {
		my ($run, $item) = question();
		my ($id, undef, $link) = @$item;
		my $other = "'$run-' || i";
		again('link', $link, 117, map { $_ => $other } qw(id object_key remote_id));
		again('outbox', $id, 117, map { $_ => $other } qw(id link_id));
		is stats()->{HELD}, 120;
		is $t->post("/api/sync/$run/$answer")->{status}, 202;
		my $none = { map { $_ => 0 } qw(PENDING PROCESSING HELD COMPLETED FAILED) };
		is_deeply stats(), { %$none, %$counts }, 'they count as answered from then on';
		is $t->post("/api/sync/$run/$answer")->{status}, 409, 'once';
		ok((wait_for { !$t->sql("SELECT 1 FROM outbox WHERE state = 'held'") } 60),
			'the tick has them follow');
		is $t->sql('SELECT group_concat(DISTINCT state) FROM outbox'), $state // '';
		is_deeply stats(), { %$none, %$counts }, 'and nothing else has changed';
		my $sync = $t->get("/api/sync?syncId=$run")->{json};
		like $sync->{message}, $says, 'which the run tells';
		is $t->sql('SELECT count(*) FROM ruling'), 0;
		empty();
	};
}

subtest 'one of those that are held goes by itself' => sub {
	my ($run, @held) = question();
	is $t->post("$path?id=$held[1][0]")->{json}{processed}, 1;
	is state_of($held[1][0]), 'waiting';
	is state_of($held[0][0]), 'held';
	is $t->post($path)->{json}{processed}, 1, 'all: what is held stays so';
	is state_of($held[0][0]), 'held';
	empty();
};

subtest 'what is held at a connection that was disconnected is none of the question' => sub {
	my ($run) = question();
	$t->source->put('/b.csv', "id\n1\n");
	my $gone = $t->connect(
		csv => $t->source->url('/b.csv'), name => 'Gone', start => false
	)->{id};
	my $link = twin_of($t, made($t), $gone, state => 'queued');
	my $held = item_of(
		$t, $link, state => 'held', next_at => undef, question => $run, op => 'delete',
		harms => 1
	);
	is $t->del("/api/connections/$gone?data=keep")->{status}, 204;
	my $r = $t->get("/syncs/$run", token => undef, headers => { cookie => $cookie });
	like $r->{content}, qr/value="approve"/, 'it is asked';
	like $r->{content}, qr/Held until you decide: \D*3/, 'of the other alone';
	unlike $r->{content}, qr/Gone/;
	is $t->post("/api/sync/$run/reject")->{status}, 202, 'and answered';
	is state_of($held), '', 'for both';
	empty();
};

subtest 'connections that are no calendars are none' => sub {
	is_deeply $t->get('/api/calendar/integrations')->{json},
	    { success => true, data => [], nextCursor => undef };
	is $t->post("/api/calendar/integrations/$conn/sync")->{status}, 404;
	my $hook = '/api/calendar/webhooks/google';
	is $t->put($hook, { integrationId => $conn })->{status}, 404;
	is $t->put($hook, {})->{status}, 422;
	is $t->del("$hook?integrationId=$conn")->{status}, 404;
};

subtest 'what is sent ever more rarely says so where the event is' => sub {
	my $why = 'It goes to and fro between the same two contents.';
	my ($id, $event) = item(error_code => 'by_turns', error_detail => $why);
	my ($link) = @{ $t->get("/api/events/$event")->{json}{event}{links} };
	is_deeply $link->{error}, { code => 'by_turns', detail => $why };
	my %as = (token => undef, headers => { cookie => $cookie });
	my $html = $t->get("/events/$event", %as)->{content};
	like $html, qr/Changes again and again/;
	like $html, qr/\Q$why\E/;
	unlike $html, qr/Being written|on its way/;
	empty();
};

subtest 'what a paused connection holds up is not said to be on its way, nor tried' => sub {
	my ($id, $event) = item();
	my ($failed) = item(state => 'failed', next_at => undef);
	$t->post("/api/connections/$conn/pause");
	my ($sync) = @{ $t->put("/api/events/$event", {})->{json}{externalSync} };
	my ($link) = @{ $t->get("/api/events/$event")->{json}{event}{links} };
	my ($waits) = items('PENDING');
	ok $sync->{queued};
	for my $e ($sync->{error}, $link->{error}, $waits->{error}) {
		is $e->{code}, 'paused' or diag explain $e;
		like $e->{detail}, qr/^Auto-sync .* is off\. Switch it on/;
	}
	is $waits->{nextAttemptAt}, undef, 'no time is told at which nothing happens';
	for my $one ($id, $failed) {
		my $r = $t->post("$path?id=$one");
		is_deeply [$r->{status}, $r->{json}{code}], [409, 'paused'];
	}
	is $t->post($path)->{json}{processed}, 0;
	is state_of($failed), 'failed';
	my %as = (token => undef, headers => { cookie => $cookie });
	my $html = $t->get("/events/$event", %as)->{content};
	like $html, qr/Waiting for auto-sync/;
	like $html, qr/Auto-sync of this calendar is off/;
	unlike $html, qr/Being written|on its way/;
	unlike $t->get('/calendar?view=agenda&date=2026-10-05', %as)->{content},
	    qr/Being written/;
	$t->sql("DELETE FROM outbox WHERE id = '$failed'");
	$html = $t->get('/calendar/queue', %as)->{content};
	like $html, qr/Auto-sync of this connection is off/;
	unlike $html, qr/next try|Try now|Retry all/;
	$t->post("/api/connections/$conn/resume");
	($link) = @{ $t->get("/api/events/$event")->{json}{event}{links} };
	ok !$link->{error}, 'resumed it is as before';
	is $t->post($path)->{json}{processed}, 1;
	empty();
};

done_testing;
