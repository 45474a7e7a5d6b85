# seconds: 8
# What schedules cost of Google's quotas: the meter, and schedules that cannot work are refused
# before anything is read.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Google;

my $g = Tidemark::Google->start;
# Six reads of a small sheet a minute: each makes two calls to Sheets and one for its rows.
my $t = Tidemark->start(
	env => {
		$g->env, TIDEMARK_GOOGLE_SHEETS_READS_USER => 18,
		TIDEMARK_GOOGLE_SHEETS_READS => 24
	}
);
my $account = $g->connect($t);
my $id = $g->sheet('people', [['id', 'name'], ['a1', 'Ann']]);
my $n = 0;

sub add {
	my ($minutes, %o) = @_;
	return $t->post(
		'/api/connections',
		{
			provider => 'google-sheets', name => 'sheet ' . ++$n,
			config => { spreadsheet => $id },
			schedule => { enabled => \1, intervalMinutes => $minutes }, start => \0,
			exists $o{account} ? (accountId => $o{account}) : ()
		},
		exists $o{token} ? (token => $o{token}) : ()
	);
}
sub every {
	my ($c, $minutes) = @_;
	return $t->put("/api/connections/$c->{id}/schedule", { intervalMinutes => $minutes })
}
sub quota { return $t->get('/api/quota')->{json} }
sub complaint { my ($r) = @_; return ($r->{json}{errors} // [])->[0] // {} }

my @conn;
subtest 'without a schedule nothing is used' => sub {
	my $q = quota();
	my ($row) = grep { $_->{limitPerMinute} == 18 } @{ $q->{data} };
	ok($row, 'the account has a row for each quota') or diag explain $q;
	is_deeply(
		[@$row{qw(accountId plannedPerDay percent connections usedLastDay refusedLastDay)}],
		[$account->{id}, 0, 0, 0, 0, 0],
		'all of it nothing'
	);
};

sub account_row {
	return (grep { $_->{quota} eq 'sheets-reads' } @{ quota()->{data} })[0]
}
sub project_row {
	return (grep { $_->{quota} eq 'sheets-reads' } @{ quota()->{project} })[0]
}

subtest 'what was used is counted' => sub {
	my $c = $t->connect(
		'google-sheets', undef, name => 'by hand',
		config => { spreadsheet => $id }, schedule => { enabled => \0 }
	);
	my $run = $t->wait_run($c->{lastSync}{syncId});
	my $used = 0;
	$used += $_->{usedLastDay} for @{ quota()->{data} };
	is($used, $run->{stats}{apiCalls}, 'the calls of the run') or diag explain quota();
	is(account_row()->{connections}, 0, 'and no schedule reads');
	is(
		$t->get('/api/analytics')->{json}{data}[-1]{quotaPercent}, 1,
		'analytics show the busiest hour'
	);
};

subtest 'the meter adds up what the schedules read' => sub {
	for (1 .. 5) {
		my $r = add(1);
		is($r->{status}, 201, "number $_") or diag $r->{content};
		push @conn, $r->{json};
	}
	my $row = account_row();
	is($row->{connections}, 5, 'five');
	is($row->{plannedPerMinute}, 15, 'at three calls a minute');
	is($row->{plannedPerDay}, 15 * 1440, 'and a day');
	is($row->{percent}, 84, 'in percent, rounded up');
	is(project_row()->{plannedPerMinute}, 15, 'of the installation too');
	is(project_row()->{limitPerMinute}, 24, 'which has a limit of its own');
};

subtest 'what does not fit is refused, with the shortest interval that does' => sub {
	push @conn, add(2)->{json};
	my $r = add(1);
	is($r->{status}, 422, 'too often');
	is(complaint($r)->{field}, 'schedule.intervalMinutes', 'the field is named');
	like(complaint($r)->{message}, qr/Google allows 18\b/, 'with what Google allows');
	like(
		complaint($r)->{message}, qr/The shortest interval that fits is 2 minutes\./,
		'and what would do'
	);
	$r = every($conn[5], 1);
	is($r->{status}, 200, 'that one fits exactly') or diag $r->{content};
	is(account_row()->{percent}, 100, 'all is used');
	$r = add(576000);
	is($r->{status}, 422, 'nothing more fits');
	like(
		complaint($r)->{message}, qr/Read other sources less often first\./,
		'and no interval would do'
	);
	is(scalar @{ $t->get('/api/connections?limit=100')->{json}{data} }, 7, 'nothing was saved');
};

subtest 'a schedule that needs less always fits' => sub {
	is(every($conn[0], 2)->{status}, 200, 'half as often');
	is(every($conn[0], 1)->{status}, 200, 'and back');
	is(
		$t->patch("/api/connections/$conn[0]{id}", { name => 'renamed' })->{status}, 200,
		'other settings are not touched by it'
	);
	is(
		$t->put("/api/connections/$conn[0]{id}/schedule", { enabled => \0 })->{status}, 200,
		'switched off'
	);
	is(account_row()->{connections}, 5, 'it counts no more');
	is(add(1)->{status}, 201, 'another one has its place');
	my $r = $t->put("/api/connections/$conn[0]{id}/schedule", { enabled => \1 });
	is($r->{status}, 422, 'switched on again it does not fit') or diag $r->{content};
	is($t->post("/api/connections/$conn[0]{id}/resume")->{status}, 422, 'nor resumed')
	    or diag explain account_row();
};

subtest 'the quota of the installation is shared by all users' => sub {
	my $bob = 'bob:read,sync,write';
	# With the account of the first user what that one reads would count too.
	my $account = $g->connect($t, user => 'bob');
	my $r = add(1, token => $bob);
	is($r->{status}, 422, 'one account is not larger for two users');
	like(complaint($r)->{message}, qr/its account .*Google allows 18\b/, 'which is said');
	$t->del("/api/accounts/$account->{id}", token => $bob);
	$g->control({ account => { email => 'bob@example.com', name => 'Bob' } });
	$g->connect($t, user => 'bob', account => 'bob@example.com');
	is(add(1, token => $bob)->{status}, 201, 'a first one');
	is(add(1, token => $bob)->{status}, 201, 'a second one');
	$r = add(1, token => $bob);
	is($r->{status}, 422, 'a third one goes over it');
	like(complaint($r)->{message}, qr/this installation .*Google allows 24\b/, 'which is said');
	my $q = $t->get('/api/quota', token => $bob)->{json};
	is(
		(grep { $_->{quota} eq 'sheets-reads' } @{ $q->{data} })[0]{connections}, 2,
		'who sees only what is his'
	);
	is(
		(grep { $_->{quota} eq 'sheets-reads' } @{ $q->{project} })[0]{percent}, 100,
		'and that the whole is full'
	);
};

done_testing;
