# seconds: 7
# Push channels of Google Drive: opened after the first read, messages that lead to runs, storms,
# forgeries, refusals, renewal.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(time);
use Tidemark;
use Tidemark::Google;

my $g = Tidemark::Google->start;
my $t = Tidemark->start(env => { $g->env, APP_URL => 'https://sync.example.com' });
$g->control({ push => { origin => $t->{base} } });
my $account = $g->connect($t);

sub conn { return $t->get("/api/connections/$_[0]{id}")->{json} }
sub runs { return @{ $t->get("/api/connections/$_[0]{id}/syncs?limit=100")->{json}{data} } }
sub records {
	my ($c) = @_;
	my $sets = $t->get("/api/connections/$c->{id}/datasets")->{json}{data};
	return $t->get("/api/datasets/$sets->[0]{id}/records?limit=500")->{json}{data};
}
# Waits until some record has this name.
sub seen {
	my ($c, $name) = @_;
	return wait_for {
		my @r = grep { $_->{name} eq $name } @{ records($c) };
		scalar @r
	}
	20
}
sub channel {
	my ($c) = @_;
	return wait_for { my $x = conn($c)->{channel}; $x && $x->{expiresAt} ? $x : undef } 20
}
sub idle {
	my ($c) = @_;
	wait_for {
		!grep { $_->{status} !~ /complete|error/ } runs($c)
	}
	20 or die 'never idle'
}

sub all_served {
	my ($c) = @_;
	my $waits = 'SELECT count(*) FROM schedule WHERE asked > served AND connection_id';
	return wait_for {
		my $p = $g->state->{push};
		$p->{delivered} + $p->{failed} >= $p->{sent} && !$t->sql("$waits = '$c->{id}'")
	}
	20
}

my $id = $g->sheet('people', [['id', 'name'], ['a1', 'Ann'], ['b2', 'Bob']]);
my $c = $t->connect(
	'google-sheets', undef, name => 'people', config => { spreadsheet => $id },
	schedule => { frequency => 'weekly' }
);
$t->wait_run($c->{lastSync}{syncId});

subtest 'a channel is opened by itself' => sub {
	my $ch = channel($c);
	ok($ch, 'open') or diag explain conn($c), $t->logs;
	ok($ch->{expiresAt} gt conn($c)->{createdAt}, 'with an end');
	my $by = sub {
		my ($trigger) = @_;
		return scalar grep { $_->{trigger} eq $trigger } runs($c);
	};
	# No poll comes for a week.
	ok(wait_for(sub { $by->('channel') }, 20), 'what was missed before is read once');
	ok(all_served($c), 'its first message has come');
	idle($c);
	is($by->('channel'), 1, 'as the channel was opened');
	is($by->('webhook'), 0, 'and the message starts nothing');
};

subtest 'a change arrives at once' => sub {
	my $began = time;
	$g->edit($id, 'Sheet1!B2', [['Anna']]);
	ok(seen($c, 'Anna'), 'the record has changed') or diag explain records($c);
	my $took = time - $began;
	diag(sprintf 'after %.2f s', $took);
	my ($run) = runs($c);
	is($run->{trigger}, 'webhook', 'by a run that says why');
	idle($c);
};

subtest 'a storm leads to few runs, and nothing is lost' => sub {
	my $before = runs($c);
	$g->control({ latency_ms => 300 });
	$g->edit($id, 'Sheet1!B3', [["Bob $_"]]) for 1 .. 20;
	$g->control({ latency_ms => 0 });
	ok(seen($c, 'Bob 20'), 'the last change is there');
	# Else what comes later starts a run of its own.
	ok(all_served($c), 'no message is on its way, or waits for a run');
	idle($c);
	cmp_ok(runs($c) - $before, '<=', 6, 'in a few runs');
	diag(runs($c) - $before, ' runs');
};

subtest 'what is not from the channel is refused, all in the same way' => sub {
	my $before = runs($c);
	my $row = $g->state;
	my $send = sub {
		my %h = @_;
		return $t->request(
			'POST', '/api/webhooks/google-drive', '', token => undef,
			headers => { 'x-goog-resource-state' => 'update', %h }
		)
	};
	my $ch = conn($c)->{channel};
	my @bad = (
		{ 'x-goog-channel-id' => 'nothing', 'x-goog-channel-token' => 'x' },
		{ 'x-goog-channel-id' => $ch->{id}, 'x-goog-channel-token' => 'wrong' },
		{ 'x-goog-channel-id' => $ch->{id} }, {}
	);
	my %seen;
	for (@bad) {
		my $r = $send->(%$_);
		is($r->{status}, 404, 'refused');
		$seen{ $r->{json}{detail} }++;
	}
	is(scalar keys %seen, 1, 'in the same words');
	is($t->get('/api/webhooks/google-drive', token => undef)->{status}, 405, 'only POST');
	is(scalar(runs($c)), $before, 'and nothing ran');
};

subtest 'when Google does not call back it is polled' => sub {
	$g->control({ push => { refuse => true } });
	my $id2 = $g->sheet('quiet', [['id'], ['x']]);
	my $q =
	    $t->connect('google-sheets', undef, name => 'quiet', config => { spreadsheet => $id2 });
	is($t->wait_run($q->{lastSync}{syncId})->{status}, 'complete', 'read');
	my $why = wait_for { my $x = conn($q)->{channel}; $x ? $x->{refused} : undef } 20;
	ok($why, 'the refusal is told') or diag explain conn($q);
	is(conn($q)->{status}, 'active', 'and the connection is well');
	$t->sync_and_wait($q->{id});
	$g->control({ push => { refuse => false } });
	ok(!conn($q)->{channel}{id}, 'it is not asked again at once');
};

# How many channels of this spreadsheet Google would still call.
sub open_for {
	my ($sheet) = @_;
	return scalar grep { $_->{file} eq $sheet && $_->{open} } @{ $g->state->{channels} };
}

sub told {
	my ($sheet) = @_;
	return wait_for { !open_for($sheet) } 20;
}

# A connection that is called back.
sub called_back {
	my ($name) = @_;
	my $sheet = $g->sheet($name, [['id'], ['x']]);
	my $one =
	    $t->connect('google-sheets', undef, name => $name, config => { spreadsheet => $sheet });
	$t->wait_run($one->{lastSync}{syncId});
	ok(channel($one), "$name is called back");
	is(open_for($sheet), 1, 'by one channel');
	return ($one, $sheet);
}

subtest 'what is read in place of another is called back for, and the other no more' => sub {
	my ($one, $was) = called_back('was');
	my $is = $g->sheet('is', [['id'], ['x']]);
	my $r = $t->patch("/api/connections/$one->{id}", { config => { spreadsheet => $is } });
	like($r->{status}, qr/^20[02]$/, 'another spreadsheet') or diag $r->{content};
	ok(wait_for(sub { open_for($is) }, 20), 'is called back for');
	ok(told($was), 'Google is told that nobody listens to the other one');
};

# Somebody else at Google who may read these sheets, connected by the same user.
sub another {
	my ($email, @sheets) = @_;
	$g->control({ account => { email => $email, name => 'Another' } });
	$g->control({ share => { file => $_, email => $email, role => 'reader' } }) for @sheets;
	return $g->connect($t, account => $email);
}

sub moved_to {
	my ($one, $account) = @_;
	my $r = $t->patch("/api/connections/$one->{id}", { accountId => $account->{id} });
	like($r->{status}, qr/^20[02]$/, 'another account reads it') or diag $r->{content};
	return;
}

sub open_ids {
	my ($sheet) = @_;
	my @open = grep { $_->{file} eq $sheet && $_->{open} } @{ $g->state->{channels} };
	return map { $_->{id} } @open;
}

# Is it called back by one channel, and not by the one before?
sub another_than {
	my ($was, $sheet) = @_;
	return wait_for { my @now = open_ids($sheet); @now == 1 && $now[0] ne $was } 20;
}

subtest 'what another account reads from now on is stopped by the one that opened it' => sub {
	my ($one, $sheet) = called_back('moves');
	my ($was) = open_ids($sheet);
	my $bea = another('bea@example.com', $sheet);
	isnt($bea->{id}, conn($one)->{accountId}, 'a second account');
	moved_to($one, $bea);
	ok(another_than($was, $sheet), 'it is called back by one channel, and that is another one')
	    or diag explain $g->state->{channels}, $t->logs;
	($was) = open_ids($sheet);
	moved_to($one, $account);
	ok(another_than($was, $sheet), 'and so it is when the first account reads it again');
	($was) = open_ids($sheet);
	$g->control({ push => { refuse => true } });
	moved_to($one, $bea);
	ok(told($sheet), 'a refusal of the new one leaves none of the old account open');
	ok(wait_for(sub { conn($one)->{channel}{refused} }, 20), 'and is told');
	$g->control({ push => { refuse => false } });
	is($t->del("/api/connections/$one->{id}")->{status}, 204, 'it is removed');
	is($t->del("/api/accounts/$bea->{id}")->{status}, 204, 'and so is its account');
};

subtest 'what is paused at once after its account was changed is called by none' => sub {
	my ($one, $sheet) = called_back('moves and rests');
	my $cho = another('cho@example.com', $sheet);
	moved_to($one, $cho);
	is($t->post("/api/connections/$one->{id}/pause")->{status}, 200, 'paused');
	ok(told($sheet), 'Google is told, whichever account it was');
	is($t->del("/api/connections/$one->{id}")->{status}, 204, 'it is removed');
	is($t->del("/api/accounts/$cho->{id}")->{status}, 204, 'and so is its account');
};

subtest 'a channel that is refused leaves no other one open' => sub {
	my ($one, $sheet) = called_back('refused');
	$g->control({ push => { refuse => true } });
	$t->sql("UPDATE lane SET due_at = 1 WHERE id LIKE 'watch|%$one->{id}'");
	ok(wait_for(sub { $t->tick; conn($one)->{channel}{refused} }, 20), 'it is told');
	ok(told($sheet), 'and the old one is stopped');
	$g->control({ push => { refuse => false } });
};

subtest 'what is paused, removed or loses its account is not called any more' => sub {
	my ($paused, $sheet1) = called_back('paused');
	my ($removed, $sheet2) = called_back('removed');
	my ($cleared, $sheet3) = called_back('cleared');
	my ($left, $sheet4) = called_back('left');
	is($t->post("/api/connections/$paused->{id}/pause")->{status}, 200, 'paused');
	ok(told($sheet1), 'Google is told');
	is($t->del("/api/connections/$removed->{id}?data=keep")->{status}, 204, 'removed');
	ok(told($sheet2), 'Google is told');
	is($t->del("/api/connections/$cleared->{id}")->{status}, 204, 'removed with its data');
	ok(told($sheet3), 'Google is told');
	$t->post("/api/connections/$paused->{id}/resume");
	my $again = wait_for { open_for($sheet1) } 30;
	ok($again, 'gone on with, it is called back again');

	is($t->del("/api/accounts/" . conn($left)->{accountId})->{status}, 204, 'disconnected');
	is(open_for($_), 0, 'no channel is left') for $sheet1, $sheet4;
	my $now = conn($left);
	is($now->{status}, 'attention', 'its connections say so at once');
	is($now->{lastError}{code}, 'reconnect');
	like($now->{lastError}{detail}, qr/was disconnected/);
	is($now->{nextPollAt}, undef, 'and are not read');
};

subtest 'a user who is deleted leaves no channel of any account' => sub {
	my $op = $t->token('admin', 'read,write,operator');
	my $r = $t->post('/api/users', { name => 'dan' }, token => $op);
	is($r->{status}, 201, 'a user') or diag $r->{content};
	my @sheets;
	for my $email ('dan@example.com', 'dora@example.com') {
		my $sheet = $g->sheet($email, [['id'], ['x']]);
		$g->control({ account => { email => $email, name => 'D' } });
		$g->control({ share => { file => $sheet, email => $email, role => 'reader' } });
		my $login = $g->connect($t, user => 'dan', account => $email);
		$t->connect(
			'google-sheets', undef,
			name => $email,
			config => { spreadsheet => $sheet },
			accountId => $login->{id},
			token => 'dan:read,sync,write'
		);
		push @sheets, $sheet;
		ok(wait_for(sub { open_for($sheet) == 1 }, 20), "$email is called back");
	}
	is($t->del("/api/users/$r->{json}{id}", token => $op)->{status}, 204, 'deleted');
	ok(told($_), 'Google is told') for @sheets;
	unlike($t->logs, qr/keeper\.refused/, 'each by a process of its own');
};

done_testing;
