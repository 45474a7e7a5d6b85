# Tidemark.pm - a whole private Tidemark for one test file: own state directory, nginx, FastCGI
# processes. Core Perl only.
#
#	use lib 'tests/lib';
#	use Tidemark;
#	my $t = Tidemark->start;                         # options below; everything is gone at exit
#	my $src = $t->source;                            # see Tidemark::Source
#	$src->put('/people.csv', "id,name\n1,Ann\n");
#	my $c = $t->connect(csv => $src->url('/people.csv'), start => JSON::PP::false);
#	my $run = $t->sync_and_wait($c->{id});           # the finished run, as the API shows it
#	my $r = $t->get('/api/connections');             # {status, headers, content, json}
package Tidemark;

use strict;
use warnings;
use Exporter 'import';
use Cwd ();
use Fcntl qw(F_SETFD FD_CLOEXEC);
use File::Temp ();
use HTTP::Tiny;
use IO::Socket::INET;
use JSON::PP ();
use Tidemark::Json;
use POSIX ();
use Socket qw(IPPROTO_TCP SOMAXCONN TCP_NODELAY);
use Time::HiRes qw(sleep time);
use Tidemark::Build;
use Tidemark::Replica;
use Tidemark::Source;

our @EXPORT = qw(wait_for spawn json true false file_text);

my $JSON = Tidemark::Json->new->utf8->canonical->allow_nonref;
my ($ROOT) = Cwd::abs_path(__FILE__) =~ m{^(.*)/tests/lib/};
my $BUILD = built_in();
my (@ALL, @CRASHES);

# Head and body of a request are two writes: the second must not wait for an acknowledgement of
# the first.
{
	no warnings 'redefine';
	my $connect = \&HTTP::Tiny::Handle::connect;
	*HTTP::Tiny::Handle::connect = sub {
		my $h = $connect->(@_);
		setsockopt $h->{fh}, IPPROTO_TCP, TCP_NODELAY, 1;
		return $h
	};
}

sub true { JSON::PP::true }
sub false { JSON::PP::false }
sub json { $JSON->decode($_[0]) }
sub root { $ROOT }
sub build { $BUILD }
sub home { $_[0]{home} }
sub base { $_[0]{base} }
sub port { $_[0]{port} }

sub file_text {
	open my $f, '<', $_[0] or die "$_[0]: $!";
	local $/;
	return scalar <$f>;
}

# A machine that does much else at once is this many times slower than an idle one. Waiting that
# long costs nothing where all is well, for what is waited for ends the wait.
use constant PATIENCE => 8;

# Calls sub until it answers true; gives its answer, or undef when it has not for timeout seconds
# (default 10) of an idle machine. Where nobody looks at the answer, waiting in vain is the end of
# the test: what follows would ask about something that has not happened.
sub wait_for(&;$) {
	my ($sub, $timeout) = @_;
	my $end = time + ($timeout // 10) * PATIENCE;
	for (my $pause = 0.005;; $pause = $pause < 0.1 ? $pause * 1.5 : 0.1) {
		my $got = $sub->();
		return $got if $got;
		if (time > $end) {
			return undef if defined wantarray;
			die sprintf "waited in vain at %s line %d\n", (caller)[1, 2];
		}
		sleep $pause;
	}
}

# Starts a program with files for standard input, output and error; gives its pid.
# in: a file handle; out, err: file names; env: further environment.
sub spawn {
	my ($cmd, %o) = @_;
	my $pid = fork // die "fork: $!";
	return $pid if $pid;
	$ENV{$_} = $o{env}{$_} for keys %{ $o{env} // {} };
	my $in = $o{in} // do { open my $n, '<', '/dev/null'; $n };
	POSIX::dup2(fileno $in, 0);
	open STDOUT, '>>', $o{out} // '/dev/null';
	open STDERR, '>>', $o{err} // '/dev/null';
	fcntl($o{keep}, F_SETFD, 0) if $o{keep};
	exec { $cmd->[0] } @$cmd or POSIX::_exit(127);
}

# start(web => 2, wait => 1, hook => 1, stream => 0, nginx => 1, loop => seconds, env => {...},
# home => dir): web, wait, hook: processes of the pools; stream: 1 for what tells browsers of syncs;
# nginx => 0: none is started; sso: the name of a proxy that signs people in over run/sso.sock;
# loop: a tick of its own (by default only the program's own wake-ups); home: an existing state
# directory; crashes => 1: the test makes programs crash.
sub start {
	my ($class, %o) = @_;
	my $self = bless {
		owner => $$, pids => [], web => $o{web} // 2, wait => $o{wait} // 1,
		hook => $o{hook} // 1, stream => $o{stream}, opt => \%o,
		http => HTTP::Tiny->new(
			timeout => 30 * PATIENCE, max_redirect => 0, keep_alive => 1
		),
	}, $class;
	# nginx asks these whether it is up.
	$self->{hook} ||= 1 if $self->{web} && ($o{nginx} // 1);
	$self->{dir} = File::Temp->newdir('tmXXXXXX', TMPDIR => 1);
	chmod 0700, "$self->{dir}";
	$self->{home} = $o{home} // "$self->{dir}/home";
	mkdir "$self->{dir}/run";
	my $listen = IO::Socket::INET->new(
		LocalAddr => '127.0.0.1', LocalPort => 0, Listen => SOMAXCONN,
		ReuseAddr => 1
	) or die "listen: $@";
	$self->{listen} = $listen;
	$self->{port} = $listen->sockport;
	$self->{base} = "http://127.0.0.1:$self->{port}";
	$self->{env} = {
		PATH => "$ENV{PATH}:/usr/sbin:/sbin", TIDEMARK_HOME => $self->{home},
		PORT => $self->{port}, APP_URL => $self->{base}, TIDEMARK_BIN => $BUILD,
		TIDEMARK_ALLOW_NETS => '127.0.0.0/8', CRON_SECRET => 'cron-secret-of-the-tests',
		TZ => 'UTC', %{ $o{env} // {} },
	};
	push @ALL, $self;
	my $r = $self->run('tidemark', 'migrate');
	die "tidemark migrate failed: $r->{err}" if $r->{rc};
	if ($self->{web}) {
		$self->pool($_) for grep { $self->{$_} } qw(web wait hook stream);
		$self->nginx if $o{nginx} // 1;
	}
	$self->loop($o{loop}) if $o{loop};
	return $self;
}

# Starts the processes of a pool on their socket; they are started again when they end.
sub pool {
	my ($self, $name) = @_;
	$self->{pool}{$name} = $self->keep(spawn(
		[
			$^X, "$ROOT/nginx/pool", "$self->{dir}/run/$name.sock", $self->{$name},
			$name eq 'stream'
			? "$BUILD/tidemark-stream"
			: ("$BUILD/tidemark-fcgi", '--pool', $name)
		],
		out => $self->log_file($name),
		err => $self->log_file($name),
		env => $self->{env}
	));
	wait_for { -S "$self->{dir}/run/$name.sock" }
	    or die "the pool $name did not start: " . $self->logs;
}

sub nginx {
	my ($self) = @_;
	my $run = "$self->{dir}/run";
	my %word = (
		RUN => $run, SOCKETS => $run, LISTEN => "127.0.0.1:$self->{port}",
		STATIC => "$ROOT/static", PROCESSES => 1, USER => $> ? '' : 'user root;'
	);
	my $conf = file_text("$ROOT/nginx/tidemark.conf.in");
	$conf =~ s/\@([A-Z]+)\@/$word{$1} \/\/ die "no \@$1\@"/ge;
	symlink "$ROOT/nginx/snippets", "$run/snippets";
	open my $f, '>', "$run/nginx.conf" or die $!;
	print $f $conf;
	close $f;
	if ($self->{opt}{sso}) {
		open $f, '>', "$run/sso.conf" or die $!;
		print $f "server {\n\tlisten unix:$run/sso.sock;\n\troot $ROOT/static;\n"
		    . "\tset \$tidemark_sso_proxy $self->{opt}{sso};\n\tset \$tidemark_sso_user "
		    . "\$http_x_forwarded_user;\n\tinclude snippets/tidemark-sso.conf;\n}\n";
		close $f;
	}
	# nginx takes the listening socket over by its number: no port is given up between
	# choosing and using it.
	$self->{nginx} = $self->keep(spawn(
		['/usr/sbin/nginx', '-c', "$run/nginx.conf", '-e', 'stderr'],
		keep => $self->{listen}, err => $self->log_file('nginx'),
		env => { %{ $self->{env} }, NGINX => fileno($self->{listen}) . ';' }
	));
	my $up = wait_for { $self->{http}->get("$self->{base}/healthz")->{status} == 200 } 10;
	die 'Tidemark did not come up: ' . $self->logs if !$up;
}

sub loop {
	my ($self, $seconds) = @_;
	return $self->{loop} = $self->keep(spawn(
		["$BUILD/tidemark-tick", '--loop', $seconds],
		err => $self->log_file('tick'), out => $self->log_file('tick'),
		env => $self->{env}
	));
}

sub keep { push @{ $_[0]{pids} }, $_[1]; return $_[1] }
sub log_file { return "$_[0]{dir}/$_[1].log" }
# The end of every log, for messages.
sub logs {
	my ($self) = @_;
	return join "",
	    map { -s $_ ? "--- $_\n" . (file_text($_) =~ m{(.{0,1500})\z}s)[0] . "\n" : "" }
	    glob "$self->{dir}/*.log";
}

# Runs a program of the build to its end: {rc, out, err, signal}. A hash reference first: {in =>
# text, env => {...}}.
sub run {
	my ($self, @cmd) = @_;
	my $o = ref $cmd[0] ? shift @cmd : {};
	my ($in, $out, $err) = map { File::Temp->new(DIR => "$self->{dir}") } 1 .. 3;
	print $in $o->{in} // '';
	$in->flush;
	open my $read, '<', "$in" or die $!;
	$cmd[0] = "$BUILD/$cmd[0]" if $cmd[0] !~ m{/};
	my $pid = spawn(
		\@cmd, in => $read, out => "$out", err => "$err",
		env => { %{ $self->{env} }, %{ $o->{env} // {} } }
	);
	waitpid $pid, 0;
	return {
		rc => $? >> 8, signal => $? & 127, out => file_text("$out"),
		err => file_text("$err")
	};
}

# Runs what is due now, to its end.
sub tick { my ($self, @args) = @_; return $self->run('tidemark-tick', '--once', @args) }

# An API token; user made when missing. token('admin', 'read,sync,write')
sub token {
	my ($self, $user, $scopes) = @_;
	($user, $scopes) = ($user // 'admin', $scopes // 'read,sync,write');
	return $self->{token}{"$user $scopes"} //= do {
		if (!$self->{user}{$user}++) {
			$self->run(
				'tidemark', 'user', 'add', $user,
				$user eq 'admin' ? '--operator' : ()
			);
		}
		my $r =
		    $self->run('tidemark', 'token', 'create', '--user', $user, '--scopes', $scopes);
		die "tidemark token create failed: $r->{err}"
		    if $r->{rc} || $r->{out} !~ /^(\S+)\n\z/;
		$1;
	};
}

# A one-time link of a user: to sign in, or (way: invite) to choose a password too.
sub link {
	my ($self, $user, $way) = @_;
	$self->run('tidemark', 'user', 'add', $user, $user eq 'admin' ? '--operator' : ())
	    if !$self->{user}{$user}++;
	my $r = $self->run('tidemark', 'user', $way // 'link', $user);
	die "tidemark user link failed: $r->{err}" if $r->{rc};
	return $r->{out} =~ /(\S+)\s*\z/ ? $1 : die 'no link';
}

# One request. body: a reference is sent as JSON, a text as it is. Options: token => text, a
# "user:scopes" text, or undef for none (default: admin with read,sync,write); headers => {}; form
# => {} (sent as a form). The answer: {status, headers, content, json (when it is JSON)}.
sub request {
	my ($self, $method, $path, $body, %o) = @_;
	my %h = %{ $o{headers} // {} };
	my $token = exists $o{token} ? $o{token} : $self->token;
	$token = $self->token(split /:/, $token) if defined $token && $token =~ /^\w+:[a-z,]+$/;
	$h{authorization} = "Bearer $token"
	    if defined $token && !grep { lc eq 'authorization' } keys %h;
	if ($o{form}) {
		$body = $self->{http}->www_form_urlencode($o{form});
		$h{'content-type'} //= 'application/x-www-form-urlencoded';
	} elsif (ref $body) {
		$body = $JSON->encode($body);
		$h{'content-type'} //= 'application/json';
	}
	my $r = $self->{http}->request(
		$method, $path =~ /^http/ ? $path : $self->{base} . $path,
		{ headers => \%h, defined $body ? (content => $body) : () }
	);
	$r->{json} = eval { $JSON->decode($r->{content}) }
	    if ($r->{headers}{'content-type'} // '') =~ m{^application/(?:[\w.-]+\+)?json};
	first_run($r->{json}) if $method eq 'POST' && ref $r->{json} eq 'HASH';
	return $r;
}

# A connection that was just made has a first run; a quick one has ended before that is told.
sub first_run {
	my ($j) = @_;
	$j->{activeSyncId} //= $j->{lastSync}{syncId}
	    if exists $j->{activeSyncId} && ref $j->{lastSync} eq 'HASH';
	return;
}

sub get { my ($self, $path, %o) = @_; return $self->request('GET', $path, undef, %o) }
sub del { my ($self, $path, %o) = @_; return $self->request('DELETE', $path, undef, %o) }
sub post { my ($self, $path, $body, %o) = @_; return $self->request('POST', $path, $body, %o) }
sub put { my ($self, $path, $body, %o) = @_; return $self->request('PUT', $path, $body, %o) }
sub patch { my ($self, $path, $body, %o) = @_; return $self->request('PATCH', $path, $body, %o) }

# A page's process waits a second for its turn to write; who is told so asks again.
sub post_until_taken {
	my ($self, @what) = @_;
	my $r;
	wait_for { $r = $self->post(@what); $r->{status} != 503 } 30;
	return $r;
}

# A browser's session: {cookie, csrf}; use with headers => {cookie => $s->{cookie}, 'x-csrf-token'
# => $s->{csrf}}, token => undef.
sub sign_in {
	my ($self, $user, $way) = @_;
	my $path = $self->link($user // 'admin', $way) =~ s{^https?://[^/]+}{}r;
	my $r = $self->get($path, token => undef);
	# The link may show a page with a button first, so that previews of mail programs do not
	# use it up.
	if ($r->{status} == 200 && $r->{content} =~ /name="key" value="([^"]+)"/) {
		$r = $self->post('/sign-in', undef, token => undef, form => { key => $1 });
	}
	my $set = $r->{headers}{'set-cookie'} // die "sign-in answered $r->{status}";
	my ($cookie) = map { /^([^;]+)/ } grep { !/max-age=0/i } ref $set ? @$set : $set;
	my $page = $self->get('/', token => undef, headers => { cookie => $cookie });
	my ($csrf) = $page->{content} =~ /name="csrf"\s+(?:value|content)="([^"]+)"/;
	return { cookie => $cookie, csrf => $csrf };
}

# Makes a connection: connect(csv => $url, name => ..., config => {...}, secret => {...}, schedule
# => {...}, start => false).
sub connect {
	my ($self, $provider, $url, %o) = @_;
	my $config = { defined $url ? (url => $url) : (), %{ delete $o{config} // {} } };
	my $r = $self->post_until_taken(
		'/api/connections',
		{
			provider => $provider, name => $o{name} // "a $provider source",
			config => $config,
			map { $_ => $o{$_} } grep { $_ ne 'name' && $_ ne 'token' } keys %o
		},
		exists $o{token} ? (token => $o{token}) : ()
	);
	die "connect: $r->{status} $r->{content}" if $r->{status} != 201;
	return $r->{json};
}

# Waits until a run has ended; dies after timeout (default 30 s).
sub wait_run {
	my ($self, $sync_id, $timeout, %o) = @_;
	my $last;
	die "there is no run to wait for\n" if !defined $sync_id;
	my $done = wait_for {
		$last = $self->get("/api/sync?syncId=$sync_id", %o);
		$last->{status} == 200
		    && $last->{json}{status} =~ /^(?:complete|error)$/ ? $last->{json} : undef;
	}
	$timeout // 30;
	die "sync $sync_id did not end: $last->{status} $last->{content}\n" . $self->logs if !$done;
	return $done;
}

# A connection may be started again three seconds after its last start: these have gone by. What
# the wait itself is like, tests/http/syncs.t tells.
sub cooled {
	my ($self, $conn_id) = @_;
	return $self->sql(
		"UPDATE sync SET created_at = created_at - 3000 WHERE connection_id = '$conn_id'")
}

# Starts a sync of a connection; gives its id. The three seconds after the last start are not
# waited for. A run that is on its way (a tick's, a message's) may have read before what the caller
# has changed: its end is awaited, and then another is started.
sub start_sync {
	my ($self, $conn_id, $timeout, %o) = @_;
	my $r;
	wait_for {
		$r = $self->post_until_taken('/api/sync', { connectionId => $conn_id }, %o);
		my $running = $r->{status} == 409 && $r->{json} && $r->{json}{syncId};
		$self->wait_run($running, $timeout, %o) if $running;
		$self->cooled($conn_id) if $r->{status} == 429;
		$r->{status} != 429 && !$running;
	}
	$timeout // 30;
	die "POST /api/sync: $r->{status} $r->{content}" if $r->{status} != 202;
	return $r->{json}{syncId};
}
sub sync_and_wait {
	my ($self, $conn_id, $timeout, %o) = @_;
	return $self->wait_run($self->start_sync($conn_id, $timeout, %o), $timeout, %o);
}

# Reads everything again (mode "refetch") or drops it first ("clear"), and waits for the end of that
# run. It is refused while another run is on its way: a tick, a message or a push that came just
# before may have begun one.
sub reset_and_wait {
	my ($self, $conn_id, $mode, $timeout) = @_;
	my $r;
	wait_for {
		$r = $self->post("/api/connections/$conn_id/reset", { mode => $mode });
		$r->{status} != 409;
	}
	$timeout // 30;
	die "reset: $r->{status} $r->{content}" if !$r->{json} || !$r->{json}{syncId};
	return $self->wait_run($r->{json}{syncId}, $timeout);
}

# All records of the only dataset of a connection, as GET .../records shows them, by "_meta" id;
# or of a dataset: records(undef, $dataset_id).
sub records {
	my ($self, $conn_id, $dataset_id, %o) = @_;
	$dataset_id //= $self->get("/api/connections/$conn_id/datasets", %o)->{json}{data}[0]{id}
	    // return {};
	my (%all, $cursor);
	do {
		my $r = $self->get("/api/datasets/$dataset_id/records?limit=500"
			    . (defined $cursor ? "&cursor=$cursor" : ''), %o);
		die "records: $r->{status} $r->{content}" if $r->{status} != 200;
		$all{ $_->{_meta}{id} } = $_ for @{ $r->{json}{data} };
		$cursor = $r->{json}{nextCursor};
	} while defined $cursor;
	return \%all;
}

# The same as a consumer of the feed has them, without "_meta".
sub copy_of {
	my ($self, @args) = @_;
	my %copy = %{ $self->records(@args) };
	for (keys %copy) { $copy{$_} = { %{ $copy{$_} } }; delete $copy{$_}{_meta} }
	return \%copy;
}

# A consumer of the feed; see Tidemark::Replica.
sub replica { my ($self, $conn_id, %o) = @_; return Tidemark::Replica->new($self, $conn_id, %o) }

# For another process: the same instance, by a connection of its own, that nothing is stopped by.
sub another_client {
	my ($self) = @_;
	return bless {
		%$self, owner => 0, pids => [],
		http => HTTP::Tiny->new(timeout => 30, max_redirect => 0, keep_alive => 1)
	}, ref $self;
}

# What the database answers to SQL, and changes made behind the programs' back.
sub sql {
	my ($self, $text) = @_;
	open my $p, '-|', 'sqlite3', '-cmd', '.timeout 60000', "$self->{home}/tidemark.db", $text
	    or die "sqlite3: $!";
	local $/;
	my $out = <$p> // '';
	close $p or die "sqlite3: $text";
	return $out =~ s/\n\z//r;
}

# The runs of a connection, newest first.
sub runs {
	my ($self, $conn_id) = @_;
	return @{ $self->get("/api/connections/$conn_id/syncs?limit=500")->{json}{data} }
}

# Its time has come: the run that follows, when it has ended; undef when the connection is not on
# the schedule. A run that is on its way sets the next time at its end: that is waited for.
sub poll {
	my ($self, $conn_id) = @_;
	my $before;
	wait_for {
		($before) = $self->runs($conn_id);
		!$before || $before->{status} =~ /^(?:complete|error)$/;
	};
	my $last = $before ? $before->{syncId} : '';
	my $newer = "SELECT 1 FROM sync WHERE connection_id = '$conn_id' AND no > "
	    . "(SELECT COALESCE(max(no), 0) FROM sync WHERE id = '$last')";
	my $run;
	# Another tick may be about to end: then this one leaves at once. And a run that a message
	# has begun sets the next time when it ends: so it is made due until a run begins, and no
	# longer, for what that run sets is looked at. A tick without a limit would stay for the
	# next attempt of one that fails, if that is due within a minute, which is left to chance.
	wait_for {
		my ($due, $begun) = split /\n/, $self->sql(
			"UPDATE schedule SET next_poll_at = 1 WHERE connection_id = '$conn_id' "
			    . "AND next_poll_at IS NOT NULL AND NOT EXISTS ($newer); "
			    . "SELECT changes(); SELECT EXISTS ($newer)");
		$self->tick('--limit', 1) if $due;
		($run) = $self->runs($conn_id);
		!($due || $begun) || $run->{syncId} ne $last;
	};
	return !$run || $run->{syncId} eq $last ? undef : $self->wait_run($run->{syncId});
}

# A source server on the loopback address that lives as long as this object.
sub source {
	my ($self) = @_;
	return $self->{source} //= Tidemark::Source->start;
}

# A file of a process, '' where it has ended or it may not be read.
sub proc_text {
	my ($path) = @_;
	open my $f, '<', $path or return '';
	local $/;
	return <$f> // '';
}

# The processes of this instance, all or by program name: pids('tidemark-worker'). They are known
# by the state directory in their environment, or, where that may not be read, by whose children
# they are.
sub pids {
	my ($self, $name) = @_;
	my (%comm, %parent, %mine);
	$mine{$_} = 1 for @{ $self->{pids} };
	# A tick that a request started is nobody's child once that process has ended; it signs
	# its lock.
	my ($tick) =
	    -s "$self->{home}/tick.lock" ? file_text("$self->{home}/tick.lock") =~ /(\d+)/ : ();
	for my $dir (glob '/proc/[0-9]*') {
		my ($pid) = $dir =~ /(\d+)$/;
		next if $pid == $$;
		proc_text("$dir/stat") =~ /^\d+ \((.*)\) ([A-Z]) (\d+)/s or next;
		next if $2 eq 'Z';
		($comm{$pid}, $parent{$pid}) = ($1, $3);
		$mine{$pid} = 1 if $comm{$pid} eq 'tidemark-tick' && $pid == ($tick // 0);
		# Of a machine's many other programs nothing more is asked.
		next if $name && $comm{$pid} !~ /^(?:tidemark|nginx|perl)/;
		my $env = "\0" . proc_text("$dir/environ");
		$mine{$pid} = 1 if $env =~ /\0TIDEMARK_HOME=\Q$self->{home}\E\0/;
	}
	for (1 .. 4) {
		$mine{$_} = 1 for grep { $mine{ $parent{$_} } } keys %parent;
	}
	my @found = sort { $a <=> $b }
	    grep { $comm{$_} && (!$name || $comm{$_} eq substr $name, 0, 15) } keys %mine;
	return @found;
}

# Sends a signal to the processes of a program of this instance; how many.
sub kill_all { my ($self, $signal, $name) = @_; return kill $signal, $self->pids($name) }

# Kills a worker at its work, a moment of at most so many seconds after it was seen: calls ask,
# which is to give it something to do, until one was there to be killed. How many were.
sub kill_working {
	my ($self, $within, $ask) = @_;
	return wait_for {
		$ask->();
		my $there = wait_for { scalar $self->pids('tidemark-worker') } 0.1;
		sleep rand $within if $there;
		$there && $self->kill_all(KILL => 'tidemark-worker');
	}
	60;
}

# Stops everything; the state directory stays until the object goes.
sub stop {
	my ($self) = @_;
	return if $self->{owner} != $$;
	kill 'TERM', @{ $self->{pids} };
	my $end = time + 3;
	my %left = map { $_ => 1 } @{ $self->{pids} };
	while (%left && time < $end) {
		for (keys %left) { delete $left{$_} if waitpid($_, POSIX::WNOHANG()) != 0 }
		sleep 0.01 if %left;
	}
	for (1 .. 100) {
		my @still = $self->pids;
		last if !@still;
		kill 'KILL', @still;
		waitpid $_, POSIX::WNOHANG() for keys %left;
		sleep 0.01;
	}
	$self->{pids} = [];
	delete $self->{source};
	push @CRASHES, $self->crashes if $self->{dir} && !$self->{opt}{crashes}++;
}

# Lines of the logs by which a program of ours has crashed, or met what cannot be: no test may pass
# over one, unless it was started with crashes => 1.
sub crashes {
	my ($self) = @_;
	my $bad = qr/"event":"bug"|"event":"worker.ended".*"signal":(?:4|6|7|8|11),/;
	return map { grep { /$bad/ } split /\n/, file_text($_) } glob "$self->{dir}/*.log";
}

sub DESTROY { my ($self) = @_; local ($?, $@); $self->stop if $self->{owner} == $$ }

END {
	my $rc = $?;
	for (grep { $_ && $_->{owner} == $$ } @ALL) {
		print STDERR $_->logs if $ENV{TIDEMARK_TEST_LOGS};
		$_->stop;
	}
	print STDERR "crashed: $_\n" for @CRASHES;
	$? = $rc || (@CRASHES ? 98 : 0);
}
$SIG{INT} = $SIG{TERM} = sub { exit 130 };

1;
