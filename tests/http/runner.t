# nginx/run.sh: one command brings everything up in the foreground, says so only when it is true,
# and leaves nothing behind.
use strict;
use warnings;
use Test::More;
use Tidemark;

my $t = Tidemark->start(web => 0);
my $root = $t->root;
my @env = (PATH => "$ENV{PATH}:/usr/sbin:/sbin");
my $http = $t->{http};

# A port that is free now. The runner has to be given a number.
sub free_port {
	my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 1) or die;
	return $s->sockport;
}

my $n = 0;
# As root the runner changes to a user of its own; here it is the one that owns nothing.
sub runner {
	my (%env) = @_;
	my $out = "$t->{dir}/runner" . ++$n;
	my $pid = spawn(
		['/bin/sh', "$root/nginx/run.sh", $t->build], out => $out, err => $out,
		env => { @env, APP_URL => '', %env }
	);
	push @{ $t->{pids} }, $pid;
	wait_for { -e $out };
	return ($pid, $out);
}
sub ended {
	my ($pid, $seconds) = @_;
	return wait_for { waitpid($pid, 1) == $pid ? 'yes' : undef } $seconds // 10
}

# A directory that the service user can reach.
my $base = File::Temp->newdir('tmXXXXXX', TMPDIR => 1);
chmod 0755, "$base";
$ENV{TIDEMARK_USER} = 'nobody' if !$>;
my $port = free_port();
my $home = "$base/home";
my @secrets = file_text("$root/lib/base/conf.def") =~
    /^CONF\( \w+,\s+"(\w+)",\s+\w+,\s+"[^"]*",\s+[-\w]+,\s+[-\w]+,\s+[12],/mg;
my ($pid, $out) = runner(
	CRON_SECRET => 'a-secret-of-the-tests', TIDEMARK_SMTP_PASSWORD => 'another-secret',
	PORT => $port, TIDEMARK_HOME => $home, TIDEMARK_ALLOW_NETS => '127.0.0.0/8'
);
ok(wait_for(sub { file_text($out) =~ /Tidemark is up/ }, 20), 'it comes up')
    or diag file_text($out);

subtest 'what it says is so' => sub {
	my $text = file_text($out);
	like($text, qr{http://127\.0\.0\.1:$port/\n}, 'the address');
	is($http->get("http://127.0.0.1:$port/healthz")->{status}, 200, 'answers');
	my ($link) = $text =~ m{(http://127\.0\.0\.1:$port/sign-in\?key=\S+)}
	    or return fail('no link');
	like($http->get($link)->{status}, qr/^(?:200|303)$/, 'the sign-in link');
	is((stat $home)[2] & 07777, 0700, 'the state is private');
	is(
		scalar(
			() = $t->run(
				{ env => { TIDEMARK_HOME => $home } }, 'tidemark', 'user', 'list'
			)->{out} =~ /^admin +operator/mg
		),
		1,
		'the operator admin was made'
	);
	ok(
		wait_for(
			sub {
				json(
					$t->run(
						{ env => { TIDEMARK_HOME => $home } }, 'tidemark',
						'status', '--json'
					)->{out}
				)->{lastTickAt}
			},
			5
		),
		'the tick runs'
	);
};

# The first page, for somebody who has signed in.
sub first_page {
	my ($home) = @_;
	my $link = $t->run(
		{ env => { TIDEMARK_HOME => $home, APP_URL => "http://127.0.0.1:$port" } },
		'tidemark', 'user', 'link', 'admin'
	)->{out} =~ s/\s+\z//r;
	my $set = $http->get($link)->{headers}{'set-cookie'};
	my ($cookie) = map { /^([^;]+)/ } ref $set ? @$set : $set // '';
	return $http->get("http://127.0.0.1:$port/", { headers => { cookie => $cookie } })
	    ->{content};
}
# The stand-ins that run with this state.
sub stand_ins {
	my ($home) = @_;
	return grep {
		my $f;
		open($f, '<', "$_/cmdline") && (
			do { local $/; <$f> }
			// ''
		) =~ m{tidemark-fake\0.*\Q$home\E}
	} glob '/proc/[0-9]*';
}

subtest 'without credentials of Google it is a demo, and says so' => sub {
	like(file_text($out), qr/Demo: GOOGLE_CLIENT_ID is not set/, 'where it is started');
	like(first_page($home), qr{<p class="demo"><b>Demo</b>.*stand-in}, 'on every page');
	is(scalar(my ($proc) = stand_ins($home)), 1, 'a stand-in runs');
	my $has = file_text("$proc/environ");
	cmp_ok(scalar(@secrets), '>', 4, 'of the secrets of the installation');
	unlike($has, qr/\b$_=./, "it has not been given $_") for @secrets;
};

subtest 'of the stand-in for Google visitors reach the pages for people and nothing else' => sub {
	my $get = sub { $http->get("http://127.0.0.1:$port$_[0]") };
	is($get->("/fake/$_")->{status}, 200, "the page of its $_") for qw(edit calendar contacts);
	like(
		$get->('/fake/accounts/o/oauth2/v2/auth?client_id=none')->{content},
		qr/invalid_client/, 'the page of consent'
	);
	my @left = (
		'/fake/control', '/fake/accounts/fake/control', '/fake/accounts/fake/edit',
		'/fake/edit/../control', '/fake/control/../edit/../control', '/fake//control',
		'/fake/%63ontrol', '/fake/accounts/../control',
		'/fake/accounts/v4/spreadsheets/x', '/fake/accounts/drive/v3/files',
		'/fake/accounts/token', '/fake/oauth2/token', '/fake/sheets/v4/spreadsheets/x',
		'/fake/contacts/people', '/fake/people/v1/people/me/connections'
	);
	is_deeply(
		[grep { !$get->($_)->{headers}{'x-request-id'} } @left], [],
		'everything else is answered by Tidemark'
	);
	my $r = $http->post(
		"http://127.0.0.1:$port/fake/accounts/fake/control",
		{ content => '{"token": {"value": "stolen"}}' }
	);
	is($r->{status}, 404, 'and nobody commands it');
	my $way = sub {
		$get->(       '/fake/accounts/o/oauth2/v2/auth?response_type=code&scope=openid&'
			    . 'prompt=none&client_id=Tidemark&redirect_uri='
			    . $_[0])
	};
	is(
		$way->("http://127.0.0.1:$port/api/auth/google/callback")->{status}, 302,
		'it sends people back to Tidemark'
	);
	is_deeply(
		[
			grep { $way->($_)->{status} != 400 } 'https://evil.example/',
			"http://127.0.0.1:$port.evil.example/", "http://127.0.0.1:$port/elsewhere"
		],
		[],
		'and nowhere else'
	);
};

# A shell that knows nothing but where the state is, and what else is said.
sub from_elsewhere {
	my ($say, @line) = @_;
	my %not = map { $_ => '' } keys %{ $t->{env} };
	delete @not{qw(PATH TZ)};
	return $t->run({ env => { %not, TIDEMARK_HOME => $home, %$say } }, 'tidemark', @line);
}
sub one_line { return $_[0]{out} =~ s/\n\z//r }

subtest 'the command speaks to what runs, from whatever shell it is called' => sub {
	my $link = one_line(from_elsewhere({}, 'user', 'link', 'admin'));
	like($link, qr{^http://127\.0\.0\.1:$port/sign-in\?key=}, 'the address of a link');
	my $token = one_line(
		from_elsewhere({}, 'token', 'create', '--user=admin', '--scopes=read,sync,write')
	);
	my %as = (authorization => "Bearer $token", 'content-type' => 'application/json');
	my $doctor = from_elsewhere({}, 'doctor')->{out};
	like($doctor, qr{^ok +address +APP_URL is http://127\.0\.0\.1:$port$}m, 'its own address')
	    or diag $doctor;
	unlike($doctor, qr/Google is not set up/, 'and its Google');
	is((stat "$home/run/env")[2] & 07777, 0600, 'what it knows that from is private');
	my $src = $t->source;
	$src->put("/$_.csv", "id,name\n1,Ann\n") for qw(one two);
	my %made;
	for my $name (qw(one two)) {
		my $r = $http->post(
			"http://127.0.0.1:$port/api/connections",
			{
				headers => \%as,
				content => JSON::PP::encode_json(
					{
						provider => 'csv', name => $name, start => false,
						config => { url => $src->url("/$name.csv") }
					}
				)
			}
		);
		$made{$name} = json($r->{content})->{id} or diag $r->{content};
	}
	my $r = from_elsewhere({ APP_URL => 'https://wrong.example.com' }, 'sync', 'one', '--wait');
	is($r->{rc}, 0, 'a private source that only the installation may reach is read')
	    or diag $r->{err};
	like($r->{out}, qr/^complete: \+1 /, 'with its outcome');
	like($r->{err}, qr/APP_URL of this shell is passed over/, 'what is not heeded is said');
	unlike($r->{err}, qr/"time":/, 'no lines of a log among it');
	my $state = json(from_elsewhere({}, 'status', '--json')->{out});
	my %of = map { $_->{id} => $_ } @{ $state->{connections} };
	ok(!$of{ $made{two} }{sync}, 'the other one is left alone');
	like(
		from_elsewhere({}, 'status')->{out}, qr/^2 connections: 2 active$/m,
		'the sum of all is said'
	);
};

subtest 'none of it runs as root' => sub {
	my @root;
	for my $p (glob '/proc/[0-9]*') {
		open my $f, '<', "$p/cmdline" or next;
		my $cmd = do { local $/; <$f> }
		    // '';
		next if $cmd !~ m{\Q$home\E};
		push @root, $cmd if (stat $p)[4] == 0 && $cmd !~ /tests/;
	}
	# A process that gives up its core dumps shows as root's; what counts is the real user.
	@root = grep { !/tidemark-(?:fcgi|worker)/ } @root;
	is_deeply(\@root, [], 'no process');
};

subtest 'a second one is refused' => sub {
	my ($p2, $o2) = runner(PORT => free_port(), TIDEMARK_HOME => $home);
	ended($p2);
	is($? >> 8, 75, 'on the same state');
	like(file_text($o2), qr/running already/, 'says why');
	($p2, $o2) = runner(PORT => $port, TIDEMARK_HOME => "$base/other");
	ended($p2);
	is($? >> 8, 73, 'on the same port');
	like(file_text($o2), qr/port $port is taken; try: make run PORT=\d+/, 'names another');
	is(
		$http->get("http://127.0.0.1:$port/healthz")->{status}, 200,
		'the first one is not disturbed'
	);
};

subtest 'TERM ends it and leaves nothing' => sub {
	kill 'TERM', $pid;
	ok(ended($pid, 15), 'it ends');
	is($?, 0, 'well');
	my @left = grep {
		my $f;
		open($f, '<', "$_/cmdline") && (
			do { local $/; <$f> }
			// ''
		) =~ /\Q$home\E/
	} glob '/proc/[0-9]*';
	is_deeply(\@left, [], 'no process is left');
	is_deeply([glob "$home/run/*.sock"], [], 'no socket either');
	is($http->get("http://127.0.0.1:$port/healthz")->{status}, 599, 'nobody answers');
};

subtest 'what has ended decides nothing any more' => sub {
	like(
		from_elsewhere({ APP_URL => 'https://new.example.com' }, qw(user link admin))
		    ->{out},
		qr{^https://new\.example\.com/}, 'this shell does'
	);
	# Both would be stopped by the settings of this shell.
	system 'sqlite3', "$home/tidemark.db",
	    'UPDATE schedule SET next_poll_at = 1 WHERE next_poll_at IS NOT NULL';
	my $r = from_elsewhere({}, 'sync', 'one', '--wait');
	is($r->{rc}, 65, 'a sync that could not work here is not begun');
	like(
		$r->{err}, qr/another (?:APP_URL|TIDEMARK_ALLOW_NETS) than this shell/,
		'and says why'
	);
	my %of = map { $_->{name} => $_ }
	    @{ json(from_elsewhere({}, 'status', '--json')->{out})->{connections} };
	is($of{$_}{state}, 'active', "$_ is well") for qw(one two);
	# With the same settings the one that is named runs, and none that is merely due.
	my %same = map { /^(\w+)="(.*)"$/ ? ($1 => $2) : () } split /\n/,
	    file_text("$home/tick.env");
	wait_for {
		$r = from_elsewhere({ %same, GOOGLE_CLIENT_SECRET => 'demo' }, 'sync', 'one',
			'--wait');
		$r->{err} !~ /a moment ago/
	};
	is($r->{rc}, 0, 'with the same ones it works') or diag $r->{err};
	%of = map { $_->{name} => $_ }
	    @{ json(from_elsewhere({}, 'status', '--json')->{out})->{connections} };
	ok(!$of{two}{sync}, 'and another that is due is left to its tick');
};

subtest 'it starts again on the same state, also where paths are long' => sub {
	my $long = "$base/" . 'x' x 120;
	rename $home, $long or die $!;
	my ($p, $o) = runner(PORT => $port, TIDEMARK_HOME => $long);
	ok(wait_for(sub { file_text($o) =~ /Tidemark is up/ }, 20), 'up') or diag file_text($o);
	is(
		scalar(
			() = $t->run(
				{ env => { TIDEMARK_HOME => $long } }, 'tidemark', 'user', 'list'
			)->{out} =~ /admin/g
		),
		1,
		'with its one user'
	);
	kill 'INT', $p;
	ok(ended($p, 15), 'INT ends it as well');
	is($?, 0, 'well');
};

subtest 'with credentials of Google there is no stand-in' => sub {
	my $home = "$base/real";
	my ($p, $o) = runner(
		PORT => $port, TIDEMARK_HOME => $home,
		GOOGLE_CLIENT_ID => '1-a.apps.googleusercontent.com',
		GOOGLE_CLIENT_SECRET => 'secret'
	);
	ok(wait_for(sub { file_text($o) =~ /Tidemark is up/ }, 20), 'up') or diag file_text($o);
	unlike(file_text($o), qr/demo/i, 'no word of a demo');
	my $page = first_page($home);
	like($page, qr/Sign out/, 'a page');
	unlike($page, qr/class="demo"/, 'without the label');
	is(scalar(stand_ins($home)), 0, 'none runs');
	is($http->get("http://127.0.0.1:$port/fake/edit")->{status}, 404, 'none is reached');
	kill 'TERM', $p;
	ended($p, 15);
};

subtest 'settings that cannot work are refused before anything starts' => sub {
	for (['PORT', 'eighty'], ['PORT', '0'], ['PORT', '70000']) {
		my ($p, $o) = runner(TIDEMARK_HOME => "$base/third", $_->[0] => $_->[1]);
		ended($p);
		is($? >> 8, 78, "$_->[0]=$_->[1]");
		like(file_text($o), qr/PORT=/, 'is named');
	}
};

subtest 'root follows no link that the service user has left in its state directory' => sub {
	plan skip_all => 'only root changes to another user' if $>;
	my $theirs = "$base/theirs";
	my ($file, $none) = ("$base/of-root", "$base/of-nobody-yet");
	my ($uid, $gid) = (getpwnam 'nobody')[2, 3];
	for my $name ('run.lock', '.tidemark', 'run', 'tidemark.db') {
		mkdir $theirs;
		open my $f, '>', $file or die;
		print $f 'kept';
		close $f;
		chmod 0600, $file;
		chown $uid, $gid, $theirs;
		symlink $file, "$theirs/$name" or die;
		my $other = $name eq '.tidemark' ? 'run.lock' : '.tidemark';
		symlink $none, "$theirs/$other" or die;
		my ($p, $o) = runner(PORT => free_port(), TIDEMARK_HOME => $theirs);
		kill 'TERM', $p if !ended($p, 5);
		is((stat $file)[4], 0, "$name: the file stays root's");
		is((stat _)[2] & 07777, 0600, 'and closed');
		is(file_text($file), 'kept', 'and as it was');
		ok(!-e $none, 'none is made');
		system 'rm', '-rf', $theirs;
	}
	mkdir $theirs;
	symlink '/etc', "$base/link";
	my ($p, $o) = runner(PORT => free_port(), TIDEMARK_HOME => "$base/link");
	ended($p);
	is($? >> 8, 78, 'nor is a link a state directory');
};

# Copies of the programs go with their state directories.
END {
	for (glob '/var/lib/tidemark-app/*/home') {
		my $of = file_text($_);
		system 'rm', '-rf', s{/home\z}{}r if $base && index($of, "$base/") == 0;
	}
}

done_testing;
