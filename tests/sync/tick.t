# seconds: 14
# The tick: work starts at once, one process per sync, and whatever happens to a process its run
# is taken over without delay.
use strict;
use warnings;
use File::Copy qw(copy);
use File::Temp;
use List::Util qw(uniq);
use Test::More;
use Time::HiRes qw(time);
use Tidemark;

# Nothing here waits for the lease, which lasts far longer than all of it, but one: a worker that
# hangs is found by it.
my $LEASE = 200;
our $t = Tidemark->start(env => { TIDEMARK_LEASE_SECONDS => $LEASE }, crashes => 1);
my $src = $t->source;
my $rows = join '', "id,name\n", map { "$_,person $_\n" } 1 .. 2000;

sub runs { return @{ $t->get("/api/connections/$_[0]/syncs")->{json}{data} } }
sub start {
	my $r = $t->post('/api/sync', { connectionId => $_[0] });
	is($r->{status}, 202, 'started') or diag $r->{content};
	return $r->{json}{syncId}
}
sub state_of { return $t->get("/api/sync?syncId=$_[0]")->{json} }
# A connection whose source gives its first bytes and then a few at a time; fast($path) lets it go.
sub slow_conn {
	my ($path, %o) = @_;
	$src->put($path, $rows, drip => [200, 0.1], etag => 'auto', ranges => 1, %o);
	return $t->connect(
		csv => $src->url($path), name => $path, config => { key => 'id' },
		start => false
	);
}
sub fast { $src->put($_[0], $rows, etag => 'auto', ranges => 1) }
# Its worker, once it has brought more than the beginning that is looked at before it is kept.
sub worker_of {
	my ($id) = @_;
	return wait_for {
		(state_of($id)->{progress} // 0) > 10 ? ($t->pids('tidemark-worker'))[-1] : undef
	}
	10
}

subtest 'what is asked for starts at once, without a loop' => sub {
	$src->put('/quick.csv', $rows);
	my $c = $t->connect(csv => $src->url('/quick.csv'), start => false);
	my $run = $t->wait_run(start($c->{id}));
	is($run->{status}, 'complete', 'complete') or diag explain $run;
	is($run->{stats}{added}, 2000, 'rows');
	ok(
		wait_for(sub { !$t->pids('tidemark-tick') && !$t->pids('tidemark-worker') }, 3),
		'and no process stays'
	);
};

subtest 'what is to be sent a little later is sent without another tick' => sub {
	my $at = int(1000 * (time + 12));
	$t->sql("INSERT INTO lane (id, kind, owner, due_at) SELECT 'digest|' || id, 'digest', id, "
		    . "$at FROM account WHERE name = 'admin'");
	$src->put('/wakes.csv', $rows);
	my $c = $t->connect(csv => $src->url('/wakes.csv'), start => false);
	$t->wait_run(start($c->{id}));
	ok(
		wait_for(
			sub { !$t->sql("SELECT count(*) FROM lane WHERE due_at >= $at") }, 50
		),
		'it has had its turn'
	);
	cmp_ok(time, '>=', $at / 1000, 'and not before its time');
};

subtest 'a second tick leaves at once, and what is queued meanwhile does not wait for it' => sub {
	my $slow = slow_conn('/slow.csv');
	my $id = start($slow->{id});
	ok(worker_of($id), 'one is running');
	my $r = $t->tick;
	is($r->{rc}, 0, 'exit code');
	like(state_of($id)->{status}, qr/downloading/, 'while it runs');
	$src->put('/other.csv', $rows);
	my $c = $t->connect(csv => $src->url('/other.csv'), start => false);
	is($t->wait_run(start($c->{id}))->{status}, 'complete', 'another sync');
	like(state_of($id)->{status}, qr/downloading/, 'while the first one goes on');
	$t->post("/api/sync/$id/cancel", {});
	is($t->wait_run($id, 10)->{error}{code}, 'cancelled', 'until it is cancelled');
};

for my $case (
	['KILL', 'is killed', 'interrupted'], ['SEGV', 'crashes', 'crashed'],
	['STOP', 'hangs', 'timed_out']
) {
	my ($signal, $what, $code) = @$case;
	subtest "a worker that $what" => sub {
		local $t = Tidemark->start(env => { TIDEMARK_LEASE_SECONDS => 2 })
		    if $signal eq 'STOP';
		my $path = "/\L$signal.csv";
		my $c = slow_conn($path);
		my $id = start($c->{id});
		my $pid = worker_of($id) or return fail('no worker');
		fast($path);
		my $from = time;
		kill $signal, $pid;
		my $ended = $t->wait_run($id, 10);
		is($ended->{status}, 'error', 'ends its run');
		is($ended->{error}{code}, $code, "as $code");
		cmp_ok(time - $from, '<', $LEASE / 2, 'soon') if $signal ne 'STOP';
		my $next = wait_for {
			my ($r) = runs($c->{id});
			$r->{trigger} eq 'resume' && $r->{status} eq 'complete' ? $r : undef
		}
		10;
		ok($next, 'another run goes on') or return diag explain [runs($c->{id})];
		is($next->{stats}{added}, 2000, 'to the end');
		my ($last) = reverse $src->requests($path);
		like(
			$last->{headers}{range} // '', qr/^bytes=[1-9]/,
			'from where the first one was'
		) if $signal ne 'STOP';
		is(scalar keys %{ $t->records($c->{id}) }, 2000, 'every record is there once');
	};
}

subtest 'a worker that gets no more memory' => sub {
	# A sanitizer ends a process that gets none by itself.
	plan skip_all => 'with sanitizers' if Tidemark::build() =~ m{/san$};
	my $c = slow_conn('/memory.csv');
	my $id = start($c->{id});
	my $pid = worker_of($id) or return fail('no worker');
	is(system('prlimit', "--pid=$pid", '--as=1'), 0, 'from now on');
	fast('/memory.csv');
	my $ended = $t->wait_run($id, 10);
	is($ended->{error}{code}, 'out_of_memory', 'says so') or diag explain $ended, $t->logs;
	like($ended->{error}{advice}, qr/TIDEMARK_WORKER_MB/, 'and who can mend it');
	# Another run may have been begun by then.
	$t->post('/api/sync', { connectionId => $c->{id} });
	ok(
		wait_for(sub { (runs($c->{id}))[0]{status} eq 'complete' }, 20),
		'the next run goes on'
	);
	is(scalar keys %{ $t->records($c->{id}) }, 2000, 'every record is there once');
};

# When its processes were started, in hundredths of a second since the machine was, in order.
sub starts {
	my ($tm, $name) = @_;
	my @at;
	for my $pid ($tm->pids($name)) {
		open my $f, '<', "/proc/$pid/stat" or next;
		push @at, (split ' ', $1)[19] if (<$f> // '') =~ /\) (.*)/;
	}
	return sort { $a <=> $b } @at;
}

# On a machine that has other work some two of many are enough: who waits for the end of a turn gets
# none. Of the first ones some come early all the same, as something else has ended meanwhile.
subtest 'a process is started once the one before has its work, not with the next turn' => sub {
	local $t = Tidemark->start(env => { TIDEMARK_WORKERS => 8 });
	my $TURN = 10;
	my @conns = map {
		$src->put("/held$_.csv", $rows, hold => 1);
		$t->connect(csv => $src->url("/held$_.csv"), config => { key => 'id' },
			start => false)
	} 1 .. 7;
	my $least = 1000;
	my $soon = wait_for {
		my @runs = map { start($_->{id}) } @conns;
		my $at = wait_for {
			my @v = starts($t, 'tidemark-worker');
			@v == @conns ? \@v : undef
		};
		for my $i (4 .. $#$at) {
			my $gap = $at->[$i] - $at->[$i - 1];
			$least = $gap if $gap < $least;
		}
		$t->post("/api/sync/$_/cancel", {}) for @runs;
		wait_for { !$t->pids('tidemark-worker') };
		$t->cooled($_->{id}) for @conns;
		$least < $TURN - 2
	};
	ok($soon, "$least hundredths of a second");
};

subtest 'of workers that end at once there are few, and no two within a second' => sub {
	my $bin = File::Temp->newdir('tmXXXXXX', TMPDIR => 1);
	my $place = sub {
		my ($from, $name) = @_;
		copy($from, "$bin/$name") && chmod 0755, "$bin/$name" or die "$from: $!";
	};
	$place->(Tidemark::build() . '/tidemark-tick', 'tidemark-tick');
	$place->('/bin/false', 'tidemark-worker');
	local $t = Tidemark->start(env => { TIDEMARK_BIN => "$bin" });
	$src->put('/waits.csv', $rows);
	my $c = $t->connect(csv => $src->url('/waits.csv'), start => false);
	my $id = start($c->{id});
	ok(wait_for(sub { $t->logs =~ /"event":"tick.stuck"/ }, 20), 'the log says so');
	ok(wait_for(sub { !$t->pids('tidemark-tick') }), 'and the tick has ended');
	my @at = Tidemark::file_text($t->log_file('web')) =~
	    /"time":"([^"]+)"[^\n]*"event":"worker.ended"[^\n]*"code":1\b/g;
	cmp_ok(@at, '>=', 5, 'after a few of them');
	# One that a slow machine has not ended at once starts the count anew.
	@at = @at[-5 .. -1];
	is_deeply(\@at, [uniq @at], 'each in a second of its own');
	$place->(Tidemark::build() . '/tidemark-worker', 'tidemark-worker');
	is($t->tick->{rc}, 0, 'the next tick');
	is(state_of($id)->{status}, 'complete', 'does what has waited');
};

subtest 'a tick that is told to end' => sub {
	my $c = slow_conn('/term.csv');
	my $id = start($c->{id});
	worker_of($id);
	fast('/term.csv');
	$t->kill_all(TERM => 'tidemark-tick');
	ok(
		wait_for(sub { !$t->pids('tidemark-tick') && !$t->pids('tidemark-worker') }, 13),
		'ends with its workers'
	);
	is($t->tick->{rc}, 0, 'the next tick');
	my ($r) = runs($c->{id});
	is($r->{status}, 'complete', 'brings it to its end');
};

subtest 'a tick that is killed' => sub {
	my $c = slow_conn('/tick.csv');
	my $id = start($c->{id});
	worker_of($id);
	fast('/tick.csv');
	$t->kill_all(KILL => 'tidemark-tick');
	ok(wait_for(sub { !$t->pids('tidemark-worker') }, 3), 'takes its workers along');
	my $from = time;
	is($t->tick->{rc}, 0, 'the next tick');
	cmp_ok(time - $from, '<', $LEASE / 2, 'does not wait for the lease');
	# Or its guard's, which it leaves to.
	my $r = wait_for {
		my ($new) = runs($c->{id});
		$new->{status} eq 'complete' ? $new : undef
	};
	ok($r, 'and a new run comes to its end');
	is(state_of($id)->{error}{code}, 'interrupted', 'the old one has ended');
};

# Where nothing but cron looks after it: nobody starts the next one.
subtest 'a tick that is killed is back within seconds' => sub {
	my $c = slow_conn('/back.csv');
	my $id = start($c->{id});
	worker_of($id);
	fast('/back.csv');
	# Its guard is killed first, and another takes its place.
	my ($guard) = $t->pids('tidemark-guard') or return fail('no guard');
	kill 'KILL', $guard;
	ok(
		wait_for(sub { grep { $_ != $guard } $t->pids('tidemark-guard') }, 5),
		'another guard'
	);
	$t->kill_all(KILL => 'tidemark-tick');
	my $next = wait_for {
		my ($r) = runs($c->{id});
		$r->{trigger} eq 'resume' && $r->{status} eq 'complete' ? $r : undef
	}
	10;
	is($next && $next->{stats}{added}, 2000, 'what was interrupted comes to its end');
	ok(
		wait_for(sub { !$t->pids('tidemark-tick') && !$t->pids('tidemark-guard') }, 5),
		'and no process stays'
	);
};

subtest 'an idle tick is cheap' => sub {
	# What it computes, not how long that takes beside others.
	my ($best) = sort { $a <=> $b } map {
		my (undef, undef, @before) = times;
		is($t->tick->{rc}, 0, 'exit code');
		my (undef, undef, @after) = times;
		$after[0] + $after[1] - $before[0] - $before[1]
	} 1 .. 5;
	cmp_ok($best, '<', 0.1, 'in seconds of the processor');
	my $libs = `ldd @{[$t->build]}/tidemark-tick`;
	unlike($libs, qr/libcurl/, 'and loads no network library');
	unlike(
		`ldd @{[$t->build]}/tidemark-fcgi`, qr/libcurl/,
		'nor does the web program'
	);
};

subtest 'a loop starts what is asked for and ends on TERM' => sub {
	my $pid = $t->loop(1);
	ok(
		wait_for(
			sub { json($t->run('tidemark', 'status', '--json')->{out})->{lastTickAt} },
			5
		),
		'it ticks'
	);
	ok(!$t->tick->{rc}, 'between its turns others may work');
	kill 'TERM', $pid;
	ok(wait_for(sub { waitpid($pid, 1) == $pid }, 5), 'ends');
	is($?, 0, 'well');
};

subtest 'a loop finds what was queued although nobody woke it' => sub {
	my $pid = $t->loop(3600);
	$src->put('/unwoken.csv', $rows);
	my $c = $t->connect(csv => $src->url('/unwoken.csv'), start => false);
	ok(wait_for(sub { !$t->pids('tidemark-worker') }, 5), 'at rest');
	# What wakes it is gone.
	my $id = wait_for {
		$t->kill_all(KILL => 'tidemark-broker');
		$t->post('/api/sync', { connectionId => $c->{id} })->{json}{syncId}
	}
	10;
	is($t->wait_run($id, 20)->{status}, 'complete', 'within moments, not within the hour');
	kill 'TERM', $pid;
	wait_for { waitpid($pid, 1) == $pid } 5;
};

done_testing;
