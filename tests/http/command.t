# The operator's command and the tick's command line: what they print, and their exit codes.
use strict;
use warnings;
use Test::More;
use Tidemark;

my $t = Tidemark->start(web => 0);
my $home = $t->home;

subtest 'migrate makes a private state directory, and again changes nothing' => sub {
	is((stat $home)[2] & 07777, 0700, 'directory');
	is((stat "$home/tidemark.db")[2] & 07777, 0600, 'database');
	is((stat "$home/master.key")[2] & 07777, 0600, 'key');
	my $key = file_text("$home/master.key");
	my $r = $t->run('tidemark', 'migrate');
	is($r->{rc}, 0, 'exit code') or diag $r->{err};
	is(file_text("$home/master.key"), $key, 'the key stays');
	unlike($r->{err}, qr/db\.migrated/, 'nothing was to be done');
	$r = $t->run({ env => { TIDEMARK_HOME => "$home/fresh" } }, 'tidemark', 'migrate');
	my @told = $r->{err} =~ /"event":"db\.migrated","from":(\d+),"version":(\d+)/g;
	is(scalar @told, 2, 'all steps are told in one line') or diag $r->{err};
	is($told[0], 0, 'from where');
	cmp_ok($told[1], '>', 30, 'to where');
};

subtest 'users' => sub {
	is($t->run('tidemark', 'user', 'list')->{out}, '', 'none at first');
	is($t->run('tidemark', 'user', 'add', 'ann', '--operator')->{rc}, 0, 'added');
	is($t->run('tidemark', 'user', 'add', 'bob')->{rc}, 0, 'and another');
	my $r = $t->run('tidemark', 'user', 'add', 'ann');
	isnt($r->{rc}, 0, 'a name is taken once');
	like($r->{err}, qr/already/, 'and says so');
	like(
		$t->run('tidemark', 'user', 'list')->{out}, qr/^ann +operator .*\nbob +member /,
		'listed'
	);
	like(
		$t->run(
			{ env => { APP_URL => 'https://sync.example.com/' } }, 'tidemark', 'user',
			'link', 'ann'
		)->{out},
		qr{^https://sync\.example\.com/sign-in\?key=[\w-]{40,}\n\z},
		'a link and nothing else'
	);
	is($t->run('tidemark', 'user', 'link', 'eve')->{rc}, 66, 'nobody of that name');
};

subtest 'tokens' => sub {
	my $r = $t->run(
		'tidemark', 'token', 'create', '--user', 'ann', '--scopes', 'read,sync,write',
		'--name', 'host app', '--days=7'
	);
	is($r->{rc}, 0, 'made') or diag $r->{err};
	like($r->{out}, qr/^\S{30,}\n\z/, 'the token and nothing else');
	my $token = $r->{out} =~ s/\n//r;
	for my $file (glob "$home/*") {
		next if -d $file;
		unlike(file_text($file), qr/\Q$token\E/, "$file does not hold it");
	}
	my $list = $t->run('tidemark', 'token', 'list', '--user', 'ann')->{out};
	like($list, qr/^(\S+)\s+ann\s+host app\s+read,sync,write/, 'listed without it');
	my ($id) = $list =~ /^(\S+)/;
	is($t->run('tidemark', 'token', 'revoke', $id)->{rc}, 0, 'revoked');
	like(
		$t->run('tidemark', 'token', 'list', '--user', 'ann')->{out},
		qr/^\Q$id\E\s.*  revoked$/m, 'and shown so'
	);
	is($t->run('tidemark', 'token', 'revoke', 'nothing')->{rc}, 66, 'an unknown one');
	is(
		$t->run('tidemark', 'token', 'create', '--user', 'ann', '--scopes', 'everything')
		    ->{rc},
		64, 'an unknown scope'
	);
	isnt(
		$t->run('tidemark', 'token', 'create', '--user', 'bob', '--scopes', 'operator')
		    ->{rc},
		0, 'a member gets no operator scope'
	);
	is($t->run('tidemark', 'token', 'create', '--scopes', 'read')->{rc}, 64, 'whose?');
};

subtest 'status' => sub {
	my $r = $t->run('tidemark', 'status', '--json');
	is($r->{rc}, 0, 'exit code');
	is_deeply(json($r->{out}), { lastTickAt => undef, connections => [] }, 'empty');
	$t->tick;
	like(
		json($t->run('tidemark', 'status', '--json')->{out})->{lastTickAt},
		qr/^20\d\d-.*Z$/,
		'a tick leaves its time'
	);
	is($t->run('tidemark', 'sync', 'nothing')->{rc}, 66, 'no such connection');
};

subtest 'backup' => sub {
	my $file = "$t->{dir}/copy.db";
	my $r = $t->run('tidemark', 'backup', $file);
	is($r->{rc}, 0, 'made') or diag $r->{err};
	is((stat $file)[2] & 07777, 0600, 'private');
	isnt($t->run('tidemark', 'backup', $file)->{rc}, 0, 'not over an existing file');
	my $other = $t->run({ env => { DATABASE_URL => $file } }, 'tidemark', 'user', 'list');
	like($other->{out}, qr/^ann .*\nbob /, 'it is a whole database');
};

subtest 'compact' => sub {
	my $r = $t->run('tidemark', 'compact');
	is $r->{rc}, 0, 'while all goes on' or diag $r->{err};
	like $r->{out}, qr{^The database took \d+ KB and takes \d+ KB\.$}, 'said';
};

subtest 'a backup that cannot be made says where the fault is' => sub {
	mkdir "$t->{dir}/closed";
	my $r = $t->run('tidemark', 'backup', '-');
	like($r->{err}, qr/goes into a file, not to standard output/, 'what others take for that');
	ok(!-e '-', 'is no name of a file');
	$r = $t->run('tidemark', 'backup', "$t->{dir}/none/copy.db");
	is($r->{rc}, 65, 'a directory that is not there');
	like($r->{err}, qr{/none/copy\.db cannot be made: No such file or directory}, 'is named');
	unlike($r->{err}, qr/disk/, 'the disk of the database is well');
	# One that takes only a part of it.
	local $SIG{XFSZ} = 'IGNORE';
	$r = $t->run(
		'/bin/sh', '-c', 'ulimit -f 100 && exec "$0" backup "$1"',
		Tidemark::build() . '/tidemark', "$t->{dir}/part.db"
	);
	isnt($r->{rc}, 0, 'too small a disk');
	like($r->{err}, qr{The copy could not .* the disk of \S+/part\.db is full}, 'which');
	unlike($r->{err}, qr/sync/, 'and nothing else stands still');
	ok(!-e "$t->{dir}/part.db", 'and half a backup is none');
	SKIP: {
		skip 'only root can act as the owner of the state directory', 4 if $>;
		# The state is a service user's; root's own directory is none that it could write.
		my $other = Tidemark->start(web => 0);
		my ($uid, $gid) = (getpwnam 'nobody')[2, 3];
		chmod 0755, "$other->{dir}";
		chown $uid, $gid, $other->home, glob $other->home . '/*';
		chmod 0700, "$t->{dir}/closed";
		my $file = "$t->{dir}/closed/copy.db";
		my $r = $other->run('tidemark', 'backup', $file);
		is($r->{rc}, 0, 'root keeps it where only root can write') or diag $r->{err};
		is(sprintf('%o', (stat $file)[2] & 07777), '600', 'private');
		is_deeply([glob $other->home . '/backup*'], [], 'nothing is left behind');
		is(
			$t->run({ env => { DATABASE_URL => $file } }, 'tidemark', 'user', 'list')
			    ->{rc},
			0, 'it is a whole database'
		);
	}
};

subtest 'a line that is no command says why, and not everything' => sub {
	for (
		[qr/There is no command "frobnicate"/, 'frobnicate'],
		[qr/There is no command "recall"/, 'recall', 'x'],
		[qr/"user" is one of several commands:\n  tidemark user add/, 'user'],
		[qr/no command "token make", but:\n  tidemark token create/, 'token', 'make'],
		[qr/status: There is no option --nope/, 'status', '--nope'],
		[qr/status: The option --json takes no value/, 'status', '--json=1'],
		[qr/audit: The option --limit needs a value/, 'audit', '--limit'],
		[qr/user add: "b" is one word too many\./, 'user', 'add', 'a', 'b'],
		[qr/user link: An argument is missing\./, 'user', 'link'],
		[qr/Say what is to be done/],
	) {
		my ($like, @line) = @$_;
		my $r = $t->run('tidemark', @line);
		is($r->{rc}, 64, "tidemark @line");
		like($r->{err}, $like, 'is told');
		cmp_ok(($r->{err} =~ tr/\n//), '<', 20, 'in a few lines');
		is($r->{out}, '', 'nothing on standard output');
	}
	for (['help', 'sync'], ['sync', '--help']) {
		my $r = $t->run('tidemark', @$_);
		is("$r->{rc} $r->{err}", '0 ', "tidemark @$_");
		is(($r->{out} =~ tr/\n//), 2, 'is about that one');
	}
	is($t->run('tidemark', 'help')->{out}, $t->run('tidemark', '--help')->{out}, 'help');
	my $help = $t->run('tidemark', 'help')->{out};
	like($help, qr/TIDEMARK_WORKERS .*\[4\]$/m, 'with what holds when nothing is set');
	unlike($help, qr/CREDENTIALS_DIRECTORY|TIDEMARK_RETRY_MS/,
	    'and nothing that is not for people');
};

subtest 'the settings in force are shown, secrets as such' => sub {
	my $r = $t->run(
		{ env => { TIDEMARK_WORKERS => 7, TIDEMARK_SMTP_PASSWORD => 'tell-nobody' } },
		'tidemark', 'config'
	);
	like($r->{out}, qr/^TIDEMARK_WORKERS +environment +7$/m, 'from the environment');
	like($r->{out}, qr/^TIDEMARK_KEEP_DAYS +built in +30$/m, 'built in');
	like($r->{out}, qr/^TIDEMARK_SMTP_PASSWORD +environment +\(set\)$/m, 'a secret');
	unlike($r->{out}, qr/tell-nobody/, 'is not shown');
};

subtest 'words' => sub {
	for my $program (qw(tidemark tidemark-tick tidemark-worker)) {
		my $r = $t->run($program, '--version');
		is($r->{rc}, 0, "$program --version");
		like($r->{out}, qr/^\Q$program\E \d+\.\d+\.\d+\n\z/, 'one line');
		$r = $t->run($program, '--help');
		is($r->{rc}, 0, "$program --help");
		like($r->{out}, qr/^usage: \Q$program\E /, 'on standard output');
		$r = $t->run($program, '--nonsense');
		is($r->{rc}, 64, "$program --nonsense");
		is($r->{out}, '', 'nothing on standard output');
	}
	is($t->run('tidemark', @$_)->{rc}, 64, "tidemark @$_")
	    for ['user'], ['user', 'add'], ['user', 'add', 'a', 'b'], ['status', '--nope'],
	    ['audit', '--limit'], ['audit', '--limit', 'x'];
	is($t->run('tidemark-tick', @$_)->{rc}, 64, "tidemark-tick @$_")
	    for [], ['--once', '--limit', '-1'], ['--once', '--limit'], ['--loop', '0'],
	    ['--loop', 'x'];
};

subtest 'each command takes what its usage says, and no word more or less' => sub {
	my $n = 0;
	for ($t->run('tidemark', '--help')->{out} =~ /^  tidemark (?!help)([a-z].*)$/mg) {
		my ($words, $usage) = /^([a-z-]+(?: [a-z]+)?)(.*)$/;
		my $bare = $usage;
		1 while $bare =~ s/\[[^\[\]]*\]//g;
		$bare =~ s/--[a-z-]+(?: (?!--)\S+)?//g;
		my @operands = map { "x$_" } 1 .. split ' ', $bare;
		my @call = split ' ', $words;
		for (
			['one more', @operands, 'more'], ['one less', @operands[1 .. $#operands]],
			['an option', @operands, '--nope'],
			map { ["--$_ alone", @operands, "--$_"] } $usage =~ /--([a-z-]+) [^-\[\]]/g
		) {
			my ($what, @args) = @$_;
			next if $what eq 'one less' && !@operands;
			my $r = $t->run('tidemark', @call, @args);
			is $r->{rc}, 64, "$words: $what";
			like $r->{err}, qr/^tidemark $words: .+\nusage: tidemark \Q$words\E/, 'why';
			$n++;
		}
	}
	cmp_ok $n, '>=', 60, 'calls';
};

subtest 'what needs no database works before there is one' => sub {
	my %o = (env => { TIDEMARK_HOME => "$t->{dir}/none" });
	mkdir "$t->{dir}/none";
	my $r = $t->run(\%o, 'tidemark', 'doctor');
	is $r->{rc}, 65;
	like $r->{out}, qr/^TROUBLE tick /m, 'all of it is looked at';
	$r = $t->run(\%o, 'tidemark', 'config');
	is $r->{rc}, 0;
	like $r->{out}, qr/^TIDEMARK_HOME +environment/m, 'the settings are shown';
	$r = $t->run(\%o, 'tidemark', 'restore', "$t->{dir}/no-such-backup");
	is $r->{rc}, 65;
	like $r->{err}, qr/no-such-backup cannot be read/, 'it is the file that is missing';
	for ('user list', 'rotate-key', 'compact', 'audit', 'sync x', 'undo x') {
		$r = $t->run(\%o, 'tidemark', split / /);
		is $r->{rc}, 78, "$_ needs one";
		like $r->{err}, qr/There is no database yet\. The operator runs: tidemark migrate/;
	}
};

subtest 'what cannot work says why' => sub {
	my $r = $t->run({ env => { TIDEMARK_WORKERS => 'many' } }, 'tidemark', 'status');
	is($r->{rc}, 78, 'a wrong setting');
	like($r->{err}, qr/TIDEMARK_WORKERS/, 'is named');
	$r = $t->run({ env => { TIDEMARK_HOME => '/nonexistent/here' } }, 'tidemark', 'migrate');
	isnt($r->{rc}, 0, 'a state directory that cannot be made');
	isnt(
		$t->run(
			{ env => { TIDEMARK_HOME => '/nonexistent/here' } }, 'tidemark-tick',
			'--once'
		)->{rc},
		0,
		'nor used by the tick'
	);
	mkdir "$t->{dir}/empty";
	$r = $t->run({ env => { TIDEMARK_HOME => "$t->{dir}/empty" } }, 'tidemark', 'status');
	isnt($r->{rc}, 0, 'before migrate');
	like($r->{err}, qr/migrate/, 'the way out is named');
};

done_testing;
