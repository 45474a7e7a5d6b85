# One user can have so much and no more of what is stored; the operator says how much, and others
# have theirs.
use strict;
use warnings;
use Test::More;
use Tidemark;

my $t = Tidemark->start(
	env => {
		TIDEMARK_USER_PROGRESS_TOKENS => 3, TIDEMARK_USER_DATASETS => 3,
		TIDEMARK_USER_RECORDS => 10
	}
);
my $src = $t->source;
sub put { my ($path, @ids) = @_; return $src->put($path, join '', "id,n\n", map { "$_,1\n" } @ids) }
put("/$_.csv", 1 .. 4) for 'a' .. 'd';
$t->run('tidemark', 'user', 'add', $_) for qw(ann bob);
my ($ann, $bob) = map { $t->token($_) } qw(ann bob);

sub connected {
	my ($name, $token) = @_;
	my $c = $t->connect(
		csv => $src->url("/$name.csv"), name => $name, token => $token,
		config => { key => 'id' }, schedule => { enabled => false }
	);
	return ($c->{id}, $t->wait_run($c->{activeSyncId}, 60, token => $token));
}
sub again {
	my ($id) = @_;
	my ($what, $r) = { connectionId => $id };
	wait_for { ($r = $t->post('/api/sync', $what, token => $ann))->{status} == 202 };
	return $t->wait_run($r->{json}{syncId}, 60, token => $ann);
}

my ($a, $run) = connected('a', $ann);
is $run->{status}, 'complete';
(my $b, $run) = connected('b', $ann);
is $run->{status}, 'complete';

subtest 'records' => sub {
	put('/b.csv', 1 .. 6);
	is again($b)->{status}, 'complete', 'as many as there may be';
	put('/b.csv', 1 .. 5, 7, 8);
	my $run = again($b);
	is $run->{status}, 'error', 'one more';
	is $run->{error}{code}, 'source_too_large';
	like $run->{error}{detail},
	    qr/^You have 10 records, of which one user can have 10\. .*TIDEMARK_USER_RECORDS\.$/;
	is $t->sql("SELECT sum(rows) FROM dataset WHERE connection_id = '$b'"), 6,
	    'what there was is there';
	put('/b.csv', 1 .. 5, 7);
	is again($b)->{status}, 'complete', 'another in the place of one';
	put('/a.csv', 1, 2, 3);
	is again($a)->{status}, 'complete', 'fewer';
	put('/b.csv', 1 .. 5, 7, 8);
	is again($b)->{status}, 'complete', 'make room';
};

subtest 'datasets' => sub {
	put('/c.csv');
	put('/d.csv');
	my ($c, $run) = connected('c', $ann);
	is $run->{status}, 'complete', 'as many as there may be';
	($c, $run) = connected('d', $ann);
	is $run->{status}, 'error', 'one more';
	like $run->{error}{detail}, qr/^You have 3 datasets, .*TIDEMARK_USER_DATASETS\.$/;
};

subtest 'progress tokens' => sub {
	my @got = map { $t->post("/api/connections/$a/progress-token", {}, token => $ann) } 1 .. 4;
	is_deeply [map { $_->{status} } @got], [201, 201, 201, 409];
	like $got[3]{json}{detail},
	    qr/^You have 3 progress tokens, .*TIDEMARK_USER_PROGRESS_TOKENS/;
};

put('/a.csv', 1 .. 9);
my ($id, $his) = connected('a', $bob);
is $his->{status}, 'complete', 'another user has his own';
is $t->post("/api/connections/$id/progress-token", {}, token => $bob)->{status}, 201;
done_testing;
