# One user can have so much and no more of what is stored; the operator says how much, and others
# have theirs.
use strict;
use warnings;
use Test::More;
use Tidemark;

my $t = Tidemark->start(
	env => {
		TIDEMARK_USER_PROGRESS_TOKENS => 3, TIDEMARK_USER_DATASETS => 3,
		TIDEMARK_USER_RECORDS => 10, TIDEMARK_USER_MB => 1
	}
);
my $src = $t->source;
sub put { my ($path, @ids) = @_; return $src->put($path, join '', "id,n\n", map { "$_,1\n" } @ids) }
put("/$_.csv", 1 .. 4) for 'a' .. 'd';
$src->put('/f.csv', "id,n\n1," . 'y' x 200_000 . "\n");
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
	my ($id, $token) = ($_[0], $_[1] // $ann);
	my ($what, $r) = { connectionId => $id };
	wait_for { ($r = $t->post('/api/sync', $what, token => $token))->{status} == 202 };
	return $t->wait_run($r->{json}{syncId}, 60, token => $token);
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

# What a dataset is said to take is what its records take, whatever was done to them.
sub bytes_right {
	my ($what) = @_;
	my ($said, $is) = split /\|/, $t->sql(
		'SELECT sum(bytes), (SELECT sum(length(CAST(key AS BLOB)) '
		    . '+ length(CAST(payload AS BLOB))) FROM record r JOIN dataset d '
		    . 'ON d.no = r.dataset_no WHERE deleted IS NULL) FROM dataset');
	return is $said, $is, $what;
}

subtest 'bytes' => sub {
	bytes_right('what was added, changed and deleted is counted');
	my $large = sub {
		my $n = 0;
		my @rows = map { $n++; "$n," . $_ x 100_000 . "\n" } @_;
		$src->put('/e.csv', join '', "id,n\n", @rows);
	};
	$large->(('ü') x 4);
	my ($c, $run) = connected('e', $bob);
	is $run->{status}, 'complete', 'as many as there may be';
	bytes_right('letters of two bytes are two');
	$large->(('ü') x 6);
	$run = again($c, $bob);
	is $run->{status}, 'error', 'more';
	is $run->{error}{code}, 'source_too_large';
	like $run->{error}{detail},
	    qr/^You have 0 MB of records, of which one user can have 1\. .*TIDEMARK_USER_MB\.$/;
	bytes_right('nothing of it was taken');
	$large->(('ü') x 3, 'x');
	is again($c, $bob)->{status}, 'complete', 'a shorter one';
	bytes_right('is counted so');
	$large->(('ü') x 3, 'x', 'ü');
	is again($c, $bob)->{status}, 'complete', 'makes room for another';
	my ($d, $more) = connected('f', $bob);
	is $more->{status}, 'error', 'another source has none left';
	my %bob = (token => $bob);
	my $r = $t->post("/api/connections/$c/reset", { mode => 'clear' }, %bob);
	is $r->{status}, 202, 'cleared' or diag $r->{content};
	$large->('x');
	$t->wait_run($r->{json}{syncId}, 60, %bob);
	is again($d, $bob)->{status}, 'complete', 'then it has';
	bytes_right('after a clear');
	is $t->del("/api/connections/$c?data=delete", %bob)->{status}, 204, 'removed';
	bytes_right('after a removal');
};

put('/a.csv', 1 .. 9);
my ($id, $his) = connected('a', $bob);
is $his->{status}, 'complete', 'another user has his own';
is $t->post("/api/connections/$id/progress-token", {}, token => $bob)->{status}, 201;
done_testing;
