# seconds: 14
# Stored secrets: a change of keys while everything runs, killed anywhere; and what a key file
# that is missing, damaged or unreadable breaks: its connections alone.
use strict;
use warnings;
use Test::More;
use Tidemark;

my $t = Tidemark->start;
my $src = $t->source;
my $key_file = $t->home . '/master.key';
my %conn;
for my $n (qw(ann bo cy)) {
	$src->put("/$n.csv", "id,name\n1,$n\n");
	$conn{$n} = $t->connect(
		csv => $src->url("/$n.csv"), name => $n, config => { key => 'id' },
		secret => { authorization => "Bearer of-$n" }, schedule => { enabled => false },
		start => false
	);
}
$src->put('/open.csv', "id,name\n1,Open\n");
my $open = $t->connect(
	csv => $src->url('/open.csv'), name => 'open', config => { key => 'id' },
	schedule => { enabled => false }, start => false
);

sub put_text {
	my ($file, $text, $mode) = @_;
	unlink $file;
	open my $f, '>', $file or die "$file: $!";
	print $f $text;
	close $f;
	chmod $mode // 0600, $file;
}
my $webhook = $t->post('/api/webhooks', { url => $src->url('/hook'), events => ['sync.completed'] })
    ->{json}{id};

sub ids {
	return map { /^(\S+) / } split /\n/, file_text($key_file)
}
sub sql {
	my $out = `sqlite3 -batch -noheader '@{[$t->home]}/tidemark.db' '$_[0]'`;
	chomp $out;
	return $out;
}
sub sealed_with {
	my %n;
	$n{$_}++ for split /\n/,
	    sql(      'SELECT substr(t, 4, instr(substr(t, 4), ".") - 1) FROM (SELECT sealed AS t '
		    . 'FROM credential UNION ALL SELECT secret FROM webhook)');
	return join ' ', sort keys %n
}
# Does the source get what belongs to it?
sub opens {
	my ($n) = @_;
	my $before = () = $src->requests("/$n.csv");
	my $r = $t->post("/api/connections/$conn{$n}{id}/test", {});
	my @seen = $src->requests("/$n.csv");
	return
	       $r->{status} == 200
	    && $r->{json}{ok}
	    && @seen > $before
	    && ($seen[-1]{headers}{authorization} // '') eq "Bearer of-$n";
}
sub all_open {
	return 3 == grep { opens($_) } sort keys %conn
}
ok(all_open(), 'secrets reach their sources');

subtest 'a change of keys' => sub {
	my ($old) = ids();
	my $r = $t->run('tidemark', 'rotate-key');
	is($r->{rc}, 0, 'is done') or diag $r->{err};
	like($r->{out}, qr/^4 secrets were sealed/m, 'all are sealed anew');
	my @now = ids();
	is(scalar @now, 1, 'one key is left');
	isnt($now[0], $old, 'another one');
	is(sealed_with(), $now[0], 'that seals everything');
	is((stat $key_file)[2] & 07777, 0600, 'for the owner alone');
	ok(all_open(), 'and opens it');
	unlike($r->{out} . $r->{err}, qr/[0-9a-f]{64}/, 'no key is printed');
	like($t->run('tidemark', 'audit')->{out}, qr/ command .* key rotated/, 'the audit has it');
	$r = $t->run('tidemark', 'rotate-key', '--keep-old');
	is($r->{rc}, 0, 'with --keep-old');
	is_deeply([(ids())[1]], \@now, 'the old one stays, behind');
	is(sealed_with(), (ids())[0], 'the new one seals');
};

subtest 'while requests come and secrets are saved' => sub {
	my $enough = "$t->{dir}/enough";
	my $pid = fork;
	if (!$pid) {
		my $bad = 0;
		for (my $n = 0; $n < 4 || !-e $enough; $n++) {
			$bad ||= $t->run('tidemark', 'rotate-key')->{rc};
		}
		POSIX::_exit($bad);
	}
	my ($asked, $right, $saved, $well) = (0) x 4;
	while (waitpid($pid, POSIX::WNOHANG()) == 0) {
		$asked++;
		$right += opens('ann');
		$saved++;
		my $r = $t->patch(
			"/api/connections/$conn{bo}{id}",
			{ secret => { authorization => 'Bearer of-bo' } }
		);
		$well += $r->{status} == 200;
		next if $asked != 5;
		open my $f, '>', $enough or die;
		close $f;
	}
	is($?, 0, 'four changes and more are done');
	cmp_ok($asked, '>=', 5, 'with requests all the while');
	is($right, $asked, 'every secret opened');
	is($well, $saved, 'every secret was saved');
	ok(all_open(), 'and all open at the end');
	is(sealed_with(), (ids())[0], 'with the last key');
};

SKIP: {
	my $steps = $ENV{TIDEMARK_STEPS_BUILD};
	skip 'no build with points to kill at', 1 if !$steps || !-x "$steps/tidemark";
	$steps = Tidemark::root() . "/$steps" if $steps !~ m{^/};
	subtest 'killed at every point' => sub {
		my ($kills, $open, $r) = (0, 0);
		for (1 .. 200) {
			$r = $t->run(
				{ env => { TIDEMARK_STEP_KILL => $kills + 1 } },
				"$steps/tidemark", 'rotate-key'
			);
			last if $r->{signal} != 9;
			$kills++;
			$open += all_open();
		}
		cmp_ok($kills, '>', 2, 'killed a few times');
		is($open, $kills, 'and each time every secret opened');
		is($r->{rc}, 0, 'at last it ends well') or diag $r->{err};
		is(scalar(ids()), 1, 'and leaves one key');
		is(join(' ', glob "$key_file.*"), '', 'and no draft');
		is(sealed_with(), (ids())[0], 'that seals everything');
		ok(all_open(), 'and opens it');
	};
}

subtest 'a key that systemd hands over is not ours to write' => sub {
	my $dir = $t->home . '/credentials';
	mkdir $dir;
	my $old = file_text($key_file);
	rename $key_file, "$key_file.away";
	# With the rights that systemd gives: readable for the service by way of its group.
	put_text("$dir/tidemark.key", $old, 0440);
	my %env = (env => { CREDENTIALS_DIRECTORY => $dir });
	my $r = $t->run(\%env, 'tidemark', 'rotate-key');
	isnt($r->{rc}, 0, 'no new key');
	like($r->{err}, qr/new line in front.*openssl rand -hex 32/, 'but what to do');
	is(file_text("$dir/tidemark.key"), $old, 'the file is as it was');
	put_text("$dir/tidemark.key", 'fresh ' . '0123456789abcdef' x 4 . "\n$old", 0400);
	$r = $t->run(\%env, 'tidemark', 'rotate-key');
	is($r->{rc}, 0, 'with a line in front') or diag $r->{err};
	is(sealed_with(), 'fresh', 'it seals everything');
	my ($id) = $old =~ /^(\S+)/;
	like(
		$r->{out}, qr/^The key \Q$id\E is no longer needed: remove its line/m,
		'and the old one may go'
	);
	ok(!-e $key_file, 'no other key file is made');
	put_text($key_file, file_text("$dir/tidemark.key"));
	ok(all_open(), 'as the key file it opens all');
};

subtest 'texts that no key opens' => sub {
	system(
		'sqlite3', $t->home . '/tidemark.db',
		"UPDATE credential "
		    . "SET sealed = 'v1.nobody.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' "
		    . "WHERE connection_id = '$conn{cy}{id}'"
	);
	my $r = $t->run('tidemark', 'rotate-key');
	isnt($r->{rc}, 0, 'are reported');
	like($r->{err}, qr/^tidemark: 1 secrets cannot be opened/m, 'with their number');
	ok(opens('ann') && opens('bo'), 'the others are sealed anew');
	is(
		$t->patch(
			"/api/connections/$conn{cy}{id}",
			{ secret => { authorization => 'Bearer of-cy' } }
		)->{status},
		200,
		'its owner enters it again'
	);
	ok(opens('cy'), 'and it opens');
};

my $right = file_text($key_file);
my %broken = (
	missing => sub { unlink $key_file },
	damaged => sub { put_text($key_file, substr($right, 0, 40)) },
	another => sub { put_text($key_file, 'other ' . 'ab' x 32 . "\n") },
	'for all to read' => sub { put_text($key_file, $right, 0644) },
	'a directory' => sub { unlink $key_file; mkdir $key_file },
	empty => sub { put_text($key_file, '') },
);
for my $how (sort keys %broken) {
	subtest "a key file that is $how" => sub {
		$broken{$how}->();
		my $session = $t->sign_in;
		is($t->get($_, token => undef, headers => { cookie => $session->{cookie} })
			    ->{status}, 200, "the page $_")
		    for '/', "/connections/$conn{ann}{id}", '/settings';
		is($t->get('/api/connections')->{status}, 200, 'the list');
		is($t->get('/healthz')->{status}, 200, 'the service');
		my $run = $t->sync_and_wait($conn{ann}{id});
		is($run->{status}, 'error', 'its connection fails');
		is($run->{error}{code}, 'secret_unreadable', 'with the reason');
		is(
			$t->get("/api/connections/$conn{ann}{id}")->{json}{status}, 'attention',
			'and needs attention'
		);
		is($t->sync_and_wait($open->{id})->{status}, 'complete', 'the others go on');
		is($t->tick->{rc}, 0, 'the tick too');
		my ($doctor) = grep { $_->{name} eq 'key' }
		    @{ json($t->run('tidemark', 'doctor', '--json')->{out}) };
		is($doctor->{ok}, $how eq 'another' ? true : false, 'doctor says what it sees');
		rmdir $key_file;
		put_text($key_file, $right);
		ok(opens('ann'), 'with the right file it opens again');
		is($t->sync_and_wait($conn{ann}{id})->{status}, 'complete', 'and syncs');
	};
}
unlike($t->logs, qr/confine\.refused|Bearer of-/, 'nothing was refused, nothing told');
done_testing;
