# What one user writes by requests has a limit, in bytes of what is kept of them: so much in a day.
# What is refused has changed nothing; others, and syncs, are not touched by it.
use strict;
use warnings;
use Test::More;
use Tidemark;

my $t = Tidemark->start(env => { TIDEMARK_USER_WRITE_MB => 1 });
my $src = $t->source;
$t->run('tidemark', 'user', 'add', $_) for qw(ann bob);
my ($ann, $bob, $old) = map { $t->token($_) } qw(ann bob ann);
my %ann = (token => $ann);
my $hour = 3_600_000;

sub meeting {
	return {
		title => $_[0], startDateTime => '2026-10-05T10:00:00Z',
		endDateTime => '2026-10-05T11:00:00Z', description => 'd' x 8_000,
		notes => $_[1] // 'x' x 8_000
	}
}
sub written { return $t->sql("SELECT written FROM account WHERE name = '$_[0]'") }
# All that there is of users, as it is.
sub all_rows {
	return join "\n", map { $t->sql("SELECT * FROM $_ ORDER BY 1, 2") }
	    qw(event change audit idempotency outbox link message connection webhook sync),
	    'account', 'record';
}
sub back { $t->sql("UPDATE account SET written_at = written_at - $_[0] WHERE name = 'ann'") }

sub refused {
	my ($what, $ask) = @_;
	my $before = all_rows();
	my $r = $ask->();
	is $r->{status}, 429, $what or diag $r->{content};
	ok all_rows() eq $before, "$what: nothing has changed";
	return $r;
}

# A source that is read by a schedule, and things to take away.
$src->put('/a.csv', "id,n\n1,one\n");
my $c = $t->connect(
	csv => $src->url('/a.csv'), name => 'A', config => { key => 'id' }, %ann,
	schedule => { enabled => true, frequency => 'hourly' }
);
$t->wait_run($c->{activeSyncId}, 60, %ann);
my $gone = $t->connect(
	csv => $src->url('/a.csv'), name => 'B', config => { key => 'id' }, %ann,
	schedule => { enabled => false }
);
$t->wait_run($gone->{activeSyncId}, 60, %ann);
my $hook = $t->post('/api/webhooks',
	{ url => $src->url('/hook'), events => ['sync.failed'] }, %ann);
is $hook->{status}, 201, 'a webhook' or diag $hook->{content};

my $token = $t->post('/api/tokens', { name => 'spare', scopes => ['read'] }, %ann)->{json}{id};
my ($id, $last);
subtest 'so much can be written, and no more' => sub {
	my $r = $t->post('/api/events', meeting('first'), %ann);
	$id = $r->{json}{event}{id};
	my ($before, $edits) = (written('ann'), 0);
	cmp_ok $before, '>', 16_000, 'what is kept of it is counted';
	# Each keeps what was before it.
	for ($edits = 0; $edits < 200; $edits++) {
		$r = $t->put("/api/events/$id", { notes => $edits x 4_000 }, %ann);
		last if $r->{status} != 200;
	}
	is $r->{status}, 429, 'then there is no more';
	cmp_ok written('ann'), '>=', 1024 * 1024, 'when it was as much';
	cmp_ok written('ann'), '<', 1024 * 1024 * 1.2, 'and hardly more';
	cmp_ok $edits, '<', 60, 'what history keeps is in it';
	is $r->{json}{code}, 'too_many_requests';
	like $r->{json}{detail}, qr/^You have written 1 MB within a day.*TIDEMARK_USER_WRITE_MB/;
	cmp_ok $r->{headers}{'retry-after'}, '>=', 1, 'how long to wait is said';
	$last = $edits - 1;
};

subtest 'what is refused has changed nothing' => sub {
	my %key = (headers => { 'idempotency-key' => 'k1' });
	refused('an event', sub { $t->post('/api/events', meeting('no', 'x'), %ann) });
	refused('with a key', sub { $t->post('/api/events', meeting('no', 'x'), %ann, %key) });
	refused('an edit', sub { $t->put("/api/events/$id", { title => 'no' }, %ann) });
	refused('a deletion', sub { $t->del("/api/events/$id", %ann) });
	refused('an undo', sub { $t->post("/api/events/$id/undo", {}, %ann) });
	my %new = (name => 'x', scopes => ['read']);
	refused('a token', sub { $t->post('/api/tokens', \%new, %ann) });
	refused('a token to follow a sync',
		sub { $t->post("/api/connections/$c->{id}/progress-token", {}, %ann) });
	my %start = (connectionId => $c->{id});
	refused('a sync by hand', sub { $t->post('/api/sync', \%start, %ann) });
	refused('settings', sub { $t->patch("/api/connections/$c->{id}", { name => 'Z' }, %ann) });
	refused('another token of the same user',
		sub { $t->put("/api/events/$id", { title => 'no' }, token => $old) });
	is $t->get("/api/events/$id", %ann)->{json}{event}{notes}, $last x 4_000, 'it is read';
	is $t->put("/api/events/$id", { notes => $last x 4_000 }, %ann)->{status}, 200,
	    'what changes nothing is nothing';
};

subtest 'others write as before' => sub {
	is $t->post('/api/events', meeting('his'), token => $bob)->{status}, 201;
	cmp_ok written('bob'), '<', 100_000, 'and have their own';
};

subtest 'syncs go on' => sub {
	my $before = written('ann');
	$src->put('/a.csv', join '', "id,n\n", map { "$_," . 'y' x 2_000 . "\n" } 1 .. 600);
	$t->sql("UPDATE schedule SET next_poll_at = 1 WHERE connection_id = '$c->{id}'");
	my $rows = "SELECT sum(rows) FROM dataset WHERE connection_id = '$c->{id}'";
	wait_for { $t->tick; $t->sql($rows) == 600 } 60;
	is $t->sql($rows), 600, 'more than could be written is read';
	is written('ann'), $before, 'and not counted';
};

subtest 'a form is refused as well' => sub {
	my $s = $t->sign_in('ann');
	my %as = (token => undef, headers => { cookie => $s->{cookie} });
	my %remove = (csrf => $s->{csrf}, do => 'remove', sure => 1);
	my $r = refused('a form', sub { $t->post("/events/$id", undef, %as, form => \%remove) });
	like $r->{content}, qr/You have written 1 MB/, 'and says why';
	my $page = $t->get('/calendar/new', %as)->{content};
	my ($new) = $page =~ m{(<form[^>]+/calendar/new.*?</form>)}s;
	my %form = $new =~ /name="(\w+)"[^>]* value="([^"]*)"/g;
	$r = refused('an event by hand', sub {
		$t->post('/calendar/new', undef, %as,
			form => { %form, csrf => $s->{csrf}, title => 'Typed by hand' })
	});
	like $r->{content}, qr/You have written 1 MB/, 'and says why';
	like $r->{content}, qr/value="Typed by hand"/, 'beside what was typed';
	is $t->get('/', %as)->{status}, 200, 'pages are read';
	is $t->post('/sign-out', undef, %as, form => { csrf => $s->{csrf} })->{status}, 303,
	    'and left';
	is $t->get('/', %as)->{status}, 303, 'for good';
};

subtest 'what takes away is not refused' => sub {
	my $set = "UPDATE account SET written = %d WHERE name = 'ann'";
	$t->sql(sprintf $set, 3 * 1024 * 1024 + 100_000);
	refused('not even that for ever', sub { $t->del("/api/tokens/$token", %ann) });
	$t->sql(sprintf $set, 2 * 1024 * 1024);
	is $t->del("/api/connections/$gone->{id}?data=delete", %ann)->{status}, 204, 'a connection';
	is $t->del("/api/webhooks/$hook->{json}{id}", %ann)->{status}, 204, 'a webhook';
	is $t->del("/api/tokens/$token", %ann)->{status}, 204, 'a token';
};

subtest 'it comes back, bit by bit' => sub {
	$t->sql("UPDATE account SET written = 1024 * 1024 WHERE name = 'ann'");
	back($hour);
	my $n = 0;
	my $edit = sub { $t->put("/api/events/$id", { notes => $_[0] }, %ann)->{status} };
	$n++ while $n < 100 && $edit->("a$n") == 200;
	cmp_ok $n, '>=', 1, 'after an hour there is some';
	cmp_ok $n, '<', 100, 'and not all';
	back(25 * $hour);
	is $edit->('b'), 200, 'after a day, all';
	cmp_ok written('ann'), '<', 100_000;
};

subtest 'what is taken back later is counted, and not stopped' => sub {
	$src->put('/a.csv', join '', "id,n\n", map { "$_," . 'z' x 2_000 . "\n" } 1 .. 600);
	my $run = $t->sync_and_wait($c->{id}, 60, %ann);
	is $run->{status}, 'complete';
	my $r = $t->post("/api/sync/$run->{syncId}/undo", {}, %ann);
	is $r->{status}, 202;
	is $t->wait_run($r->{json}{syncId}, 60, %ann)->{status}, 'complete';
	cmp_ok written('ann'), '>', 1024 * 1024, 'more than there is in a day';
	cmp_ok written('ann'), '<=', 2 * 1024 * 1024, 'but not for longer than another one';
	refused('not once more', sub { $t->post("/api/sync/$r->{json}{syncId}/undo", {}, %ann) });
};

done_testing;
