# Google: connecting an account through the consent page, and spreadsheets that are kept level.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Google;

my $g = Tidemark::Google->start;
my $t = Tidemark->start(env => { $g->env });
my $account;

sub records {
	my ($conn, $n) = @_;
	my $sets = $t->get("/api/connections/$conn->{id}/datasets")->{json}{data};
	return $t->get("/api/datasets/$sets->[$n // 0]{id}/records?limit=500")->{json}{data};
}

subtest 'an account is connected through the consent page' => sub {
	my $s = $t->sign_in('admin');
	my $r = $g->consent($t, $s);
	is($r->{status}, 303, 'back');
	is($r->{headers}{location}, '/settings?tab=accounts', 'on the page of accounts');
	is(Tidemark::Google::said($r), 'ann@example.com is connected.', 'which says so');
	($account) = @{ $t->get('/api/accounts')->{json}{data} };
	is($account->{address}, 'ann@example.com', 'its address');
	is($account->{health}, 'ok', 'is well');
	my $page = $t->get(
		'/settings?tab=accounts', token => undef,
		headers => { cookie => $s->{cookie} }
	);
	like($page->{content}, qr/ann\@example\.com/, 'shown');
};

subtest 'a spreadsheet is mirrored' => sub {
	my $id = $g->sheet(
		'people',
		[
			['id', 'name', 'phone', 'price', 'day'],
			['0003', 'Ann', '+49 30 1234', 12.5, '2026-11-21'],
			['0004', 'Bob', '', 3, '2026-12-24']
		]
	);
	my $c = $t->connect('google-sheets', undef, name => 'people', config =>
		    { spreadsheet => "https://docs.google.com/spreadsheets/d/$id/edit#gid=0" });
	is($c->{accountId}, $account->{id}, 'with the only account there is');
	my $run = $t->wait_run($c->{lastSync}{syncId});
	is($run->{status}, 'complete', 'read') or diag explain $run;
	my @rows = @{ records($c) };
	is(scalar @rows, 2, 'two rows');
	diag explain $rows[0];
	$run = $t->sync_and_wait($c->{id});
	is($run->{stats}{apiCalls}, 1, 'unchanged: one call') or diag explain $run;
	$g->edit($id, 'Sheet1!B2', [['Anna']]);
	$run = $t->sync_and_wait($c->{id});
	is($run->{stats}{updated}, 1, 'a change') or diag explain $run;
};

done_testing;
