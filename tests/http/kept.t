# seconds: 15
# Data that was kept when its source was disconnected can be seen, exported, connected again and
# deleted; and what is deleted is gone, whatever dies meanwhile.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Tidemark;

my $t = Tidemark->start;
my $src = $t->source;

sub rows { return "id,v\n" . join '', map { "$_,$_[0]\n" } @_[1 .. $#_] }

my $n = 0;
sub connected {
	my (@ids) = @_;
	$src->put('/' . ++$n . '.csv', rows('a', @ids));
	my $c = $t->connect(
		csv => $src->url("/$n.csv"), name => "Source $n",
		config => { key => 'id' }
	);
	$t->wait_run($c->{activeSyncId}, 60);
	$c->{file} = "/$n.csv";
	$c->{dataset} = $t->get("/api/connections/$c->{id}/datasets")->{json}{data}[0]{id};
	return $c;
}

sub nothing_left {
	my ($c) = @_;
	my $gone = wait_for {
		$t->tick;
		return $t->get("/api/kept/$c->{id}")->{status} == 404;
	}
	60;
	ok $gone, 'it is gone';
	my $none = 'WHERE dataset_no NOT IN (SELECT no FROM dataset)';
	is $t->sql("SELECT count(*) FROM connection WHERE id = '$c->{id}'"), 0, '... itself';
	is $t->sql("SELECT count(*) FROM record $none"), 0, '... its records';
	is $t->sql("SELECT count(*) FROM change $none"), 0, '... its history';
	is $t->sql("SELECT count(*) FROM sync WHERE connection_id = '$c->{id}'"), 0, '... its runs';
}

my $session = $t->sign_in('admin');
sub page {
	my ($path) = @_;
	return $t->get($path, token => undef, headers => { cookie => $session->{cookie} });
}
sub form {
	my ($path, %form) = @_;
	return $t->post(
		$path, undef, token => undef, headers => { cookie => $session->{cookie} },
		form => { csrf => $session->{csrf}, %form }
	);
}

subtest 'kept data is found, read, exported and deleted' => sub {
	my $c = connected(1 .. 5);
	is page('/kept')->{status}, 200;
	my $home = '/settings?tab=integrations';
	unlike page($home)->{content}, qr{href="/kept"}, 'nothing is kept yet';
	is $t->del("/api/connections/$c->{id}")->{status}, 204, 'disconnected';
	my $r = $t->get('/api/kept');
	is_deeply [map { "$_->{id} $_->{state} $_->{records}" } @{ $r->{json}{data} }],
	    ["$c->{id} kept 5"], 'it is listed';
	my $one = $t->get("/api/kept/$c->{id}")->{json};
	is "$one->{name} $one->{provider} $one->{datasets}[0]{id}", "Source 1 csv $c->{dataset}";
	ok $one->{disconnectedAt};
	is keys %{ $t->records(undef, $c->{dataset}) }, 5, 'its records are read as before';
	like page($home)->{content}, qr{href="/kept"}, 'the page leads there';
	like page('/kept')->{content}, qr{href="/kept/$c->{id}">Source 1<.*5 records}s;
	my $page = page("/kept/$c->{id}")->{content};
	like $page, qr{/api/datasets/$c->{dataset}/records\?format=csv}, 'with its export';
	like $page, qr{This deletes 5 records}, 'and says what deleting means';
	is $t->get("/api/kept/$c->{id}", token => 'bob:read')->{status}, 404, 'not to others';
	is $t->del("/api/kept/$c->{id}", token => 'bob:write')->{status}, 404;
	is $t->del("/api/kept/$c->{id}", token => 'admin:read')->{status}, 403;
	is form("/kept/$c->{id}", do => 'delete')->{status}, 303, 'deleted';
	is $t->get("/api/datasets/$c->{dataset}/records")->{status}, 404, 'nobody reads it now';
	nothing_left($c);
	is $t->del("/api/kept/$c->{id}")->{status}, 404, 'and there is nothing to delete';
};

subtest 'kept data is deleted by the address of the connection too' => sub {
	my $c = connected(1 .. 5);
	is $t->del("/api/connections/$c->{id}?data=keep")->{status}, 204;
	is $t->del("/api/connections/$c->{id}?data=keep")->{status}, 404, 'it is kept already';
	is $t->del("/api/connections/$c->{id}?data=delete")->{status}, 204;
	nothing_left($c);
};

subtest 'a source is connected again' => sub {
	my $c = connected(1 .. 5);
	my $replica = $t->replica($c->{id});
	$replica->follow;
	is $t->del("/api/connections/$c->{id}")->{status}, 204;
	$src->put($c->{file}, rows('b', 2 .. 6));
	my $r = $t->post("/api/kept/$c->{id}/reconnect", { config => { url => 'nonsense' } });
	is "$r->{status} $r->{json}{errors}[0]{field}", '422 config.url', 'what is wrong is said';
	$r = $t->post("/api/kept/$c->{id}/reconnect", {});
	is $r->{status}, 201;
	is $r->{json}{name}, $c->{name};
	is $r->{json}{schedule}{frequency}, 'hourly', 'with a schedule';
	my $run = $t->wait_run($r->{json}{activeSyncId});
	is_deeply [@{ $run->{stats} }{qw(added updated deleted)}], [1, 4, 1],
	    'what was kept is compared with the source';
	is_deeply $replica->follow, $t->copy_of($c->{id}), 'the feed goes on';
	is $replica->{refusals}, 0;
	is $t->get("/api/kept/$c->{id}")->{status}, 404, 'it is not among what is kept any more';
	is $t->post("/api/kept/$c->{id}/reconnect", {})->{status}, 404;
	is $t->del("/api/connections/$c->{id}")->{status}, 204;
	is form("/kept/$c->{id}", do => 'reconnect')->{headers}{location}, "/connections/$c->{id}",
	    'by the page too';
	$t->del("/api/connections/$c->{id}?data=delete");
	$r = $t->post("/api/kept/$c->{id}/reconnect", {});
	like $r->{status}, qr/^40[49]$/, 'not while it is being removed';
	nothing_left($c);
};

subtest 'a run that goes on while its source is disconnected writes no more' => sub {
	my $c = connected(1 .. 20);
	$src->put($c->{file}, rows('b', 1 .. 20), delay => 1);
	$t->cooled($c->{id});
	my $run = $t->post('/api/sync', { connectionId => $c->{id} })->{json}{syncId};
	is $t->del("/api/connections/$c->{id}?data=keep")->{status}, 204;
	my $end = $t->wait_run($run);
	is $end->{error}{code}, 'cancelled', 'it has ended';
	is join(' ', map { $_->{v} } values %{ $t->records(undef, $c->{dataset}) }),
	    join(' ', ('a') x 20), 'the data is as it was';
	is $t->sql("SELECT count(*) FROM schedule WHERE connection_id = '$c->{id}'"), 0;
	my $other = connected(1);
	is $t->sync_and_wait($other->{id})->{status}, 'complete', 'nobody else is held up';
};

subtest 'killed while it removes' => sub {
	my $c = connected(1 .. 30000);
	my $began = time;
	is $t->del("/api/connections/$c->{id}?data=delete")->{status}, 204, 'answered';
	is $t->get("/api/datasets/$c->{dataset}/records")->{status}, 404, 'nobody reads it now';
	for (1 .. 20) {
		$t->kill_all(KILL => $_) for qw(tidemark-fcgi tidemark-tick tidemark-worker);
		my $r = $t->get("/api/kept/$c->{id}");
		last if $r->{status} == 404;
		if ($r->{status} == 200) {
			is $r->{json}{state}, 'removing', "being removed: $r->{json}{records} left";
			$t->tick('--limit', 0);
		}
	}
	nothing_left($c);
};

subtest 'a user is removed with all' => sub {
	$src->put('/ann.csv', rows('a', 1 .. 50));
	my $as = $t->token('ann');
	my $op = $t->token('admin', 'read,write,operator');
	my $ann = $t->sign_in('ann');
	my $c = $t->connect(csv => $src->url('/ann.csv'), token => $as, config => { key => 'id' });
	$t->wait_run($c->{activeSyncId}, 30, token => $as);
	my $d = $t->get("/api/connections/$c->{id}/datasets", token => $as)->{json}{data}[0]{id};
	my ($user) = grep { $_->{name} eq 'ann' }
	    @{ $t->get('/api/users', token => $op)->{json}{data} };
	is $t->del("/api/users/$user->{id}")->{status}, 403, 'operators do it';
	my $asked = form('/settings/users', do => 'remove', id => $user->{id});
	like $asked->{content}, qr/Remove ann for good\?/, 'the page asks before';
	my $told = $t->run('tidemark', 'user', 'remove', 'ann');
	isnt $told->{rc}, 0, 'so does the command';
	like $told->{err}, qr/ann has 1 connection with 50 records/, '... and says what would go';
	is $t->get('/api/connections', token => $as)->{status}, 200, 'nothing has happened yet';
	is $t->del("/api/users/$user->{id}", token => $op)->{status}, 204, 'removed';
	is $t->get('/api/connections', token => $as)->{status}, 401, 'the token is none any more';
	is $t->get('/', token => undef, headers => { cookie => $ann->{cookie} })->{status}, 303,
	    'and the session';
	my $seen = $t->get("/api/users/$user->{id}", token => $op);
	ok $seen->{status} == 404 || $seen->{json}{removing}, 'it is seen as being removed';
	my $gone = wait_for {
		$t->tick;
		return $t->get("/api/users/$user->{id}", token => $op)->{status} == 404;
	}
	60;
	ok $gone, 'it is gone';
	is $t->sql(
		'SELECT count(*) FROM record WHERE dataset_no NOT IN (SELECT no FROM dataset)'), 0;
	for my $table (qw(connection dataset sync audit api_token web_session lane)) {
		is $t->sql("SELECT count(*) FROM $table WHERE owner = '$user->{id}'"), 0, $table;
	}
	like $t->run('tidemark', 'audit')->{out}, qr/user removed\s+$user->{id}\s+ann/,
	    'who did it is told';
	is $t->del("/api/users/$user->{id}", token => $op)->{status}, 404;
	is $t->run('tidemark', 'user', 'add', 'ann')->{rc}, 0, 'the name is free again';
	is $t->run('tidemark', 'user', 'remove', 'admin', '--yes')->{rc} == 0, '',
	    'the last operator stays';
};

subtest 'who follows a feed through clears has the mirror' => sub {
	my $c = connected(1 .. 3000);
	my $replica = $t->replica($c->{id})->run;
	for my $round (1 .. 4) {
		$src->put($c->{file}, rows("r$round", 1 .. 3000 - $round * 100));
		my $r;
		wait_for {
			$r = $t->post("/api/connections/$c->{id}/reset", { mode => 'clear' });
			return $r->{status} == 202;
		};
		$t->kill_all(KILL => 'tidemark-worker') if $round % 2;
		is $t->wait_run($r->{json}{syncId}, 60)->{status} =~ /complete|error/, 1, 'cleared';
		wait_for {
			$t->tick;
			return !@{ $t->get('/api/sync')->{json}{active} };
		}
		60;
	}
	$t->sync_and_wait($c->{id}, 60);
	is_deeply $replica->level, $t->copy_of($c->{id}), 'level';
	ok $replica->{refusals} >= 1, "it was told to start again: $replica->{refusals} times";
	is keys %{ $replica->{copy} }, 2600;
};

done_testing;
