# seconds: 18
# Nobody reaches what lies behind Tidemark through it: every form of address in
# tests/table/ssrf.txt, given directly, by a redirect and by a name that changes its mind, through
# the test of a source, the preview and the sync. tests/fake/net.c stands for the internet:
# whatever was not refused arrives at a listener that must hear nothing.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Copy ();
use File::Temp ();
use IO::Socket::INET;
use Test::More;
use Tidemark;

binmode Test::More->builder->$_, ':utf8' for qw(output failure_output);
my $PUBLIC = '93.184.216.34';
my $dir = File::Temp->newdir;
my $src = Tidemark::Source->start;
system(
	'cc', '-shared', '-fPIC', '-O1', '-Wall', '-o', "$dir/net.so",
	Tidemark->root . '/tests/fake/net.c', '-ldl'
    ) == 0
    or BAIL_OUT('the internet of the tests cannot be built');

# [{url, want, to, n}]
my @rows;
open my $table, '<:encoding(UTF-8)', Tidemark->root . '/tests/table/ssrf.txt' or die $!;
while (<$table>) {
	next if /^#|^\s*$/;
	my ($url, $want, $to) = map { s/^ +| +$//gr } split / \|/, s/\n//r;
	push @rows,
	    { url => $url . 'r' . @rows . '.csv', want => $want, to => $to, n => scalar @rows };
}
my @blocked = grep { $_->{want} eq 'blocked' } @rows;
my @refused = grep { $_->{want} eq 'refused' } @rows;
cmp_ok(scalar @rows, '>=', 120, 'addresses in the table');
is(@blocked + @refused, @rows, 'each is one or the other');

# The listener: one line in a file for each connection, what it asked for.
my $trap = do {
	my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 50) or die $@;
	my $pid = fork // die $!;
	if (!$pid) {
		$SIG{TERM} = 'DEFAULT';
		open my $heard, '>>', "$dir/heard" or die $!;
		while (my $c = $s->accept) {
			sysread $c, my $request, 4096;
			syswrite $heard,
			    ($request =~ /^GET \S*?r(\d+)\.csv/ ? $1 : 'no request') . "\n";
			print $c
			    "HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 5\r\n"
			    . "Connection: close\r\n\r\nid\n1\n";
			close $c;
		}
		POSIX::_exit(0);
	}
	{ pid => $pid, port => $s->sockport };
};
sub heard { return -s "$dir/heard" // 0 }
END { kill 'KILL', $trap->{pid} if $trap }

# Names: those of the table, and for every address a name that is public when it is first looked
# up and leads there from then on.
open my $names, '>:utf8', "$dir/names" or die $!;
print $names "source.example $PUBLIC\n";
my %ascii = ('prïvate' => 'xn--prvate-jwa');
for (@blocked) {
	my ($host) = $_->{url} =~ m{^https?://([^/:\[]+)};
	next if !defined $host;
	my $name = join '.', map { $ascii{$_} // $_ } split /\./, $host, -1;
	# What the C library takes for a number never gets as far as a name server; with a dot at
	# its end it does.
	print $names $name =~ s/\.$//r, " $_->{to}\n"
	    if $name =~ /[a-z]|\.$/i && $name !~ /^0x|[^\x21-\x7e]/;
}
my %seen;
my @turning = grep { $_->{to} ne '-' && !$seen{ $_->{to} }++ } @blocked;
print $names "turn$_->{n}.example $PUBLIC $_->{to}\n" for @turning;
close $names;

my $worlds = 0;
sub world {
	my (%env) = @_;
	# Where working files are, because a worker sees no other.
	my $home = "$dir/home" . ++$worlds;
	mkdir $_, 0700 for $home, "$home/spool", "$home/spool/counts";
	File::Copy::copy("$dir/names", "$home/spool/names") or die $!;
	my $t = Tidemark->start(
		web => 3,
		hook => 0,
		home => $home,
		env => {
			LD_PRELOAD => "$dir/net.so", FAKE_NAMES => "$home/spool/names",
			FAKE_COUNTS => "$home/spool/counts", FAKE_PUBLIC => $PUBLIC,
			FAKE_PUBLIC_PORT => $src->{port}, FAKE_TRAP_PORT => $trap->{port},
			TIDEMARK_WORKERS => 8, %env
		}
	);
	$t->token;
	return $t;
}
my $t = world(TIDEMARK_ALLOW_NETS => '');
sub question { my ($url) = @_; return { provider => 'csv', config => { url => $url } } }
# What the test of a source, or its preview, says: a code, or "ok".
sub asked {
	my ($t, $what, $url) = @_;
	my $r = $t->post("/api/$what", question($url));
	return $r->{status} == 200 ? 'ok' : $r->{json}{code} // "status $r->{status}"
}
# What a reply complains of; nothing: of something else, or otherwise than the test of a source.
sub typed {
	my ($t, $r, $field, $url) = @_;
	my ($e) = grep { $_->{field} eq $field } @{ $r->{json}{errors} // [] };
	return $e && $e->{message} eq ($t->post('/api/test', question($url))->{json}{detail} // '');
}
# What a new connection's first sync ends with, or "typed" where it does not come to that.
sub synced {
	my ($t, $url) = @_;
	my $r = $t->post('/api/connections', { %{ question($url) }, name => 'x' });
	return 'typed' if typed($t, $r, 'config.url', $url);
	return "status $r->{status}" if $r->{status} != 201;
	my $run = $t->wait_run($r->{json}{activeSyncId});
	return $run->{error}{code} // $run->{status};
}

# Asks about every row, three at once. The rows whose answer does not fit, with it.
sub wrong {
	my ($ask, $good, @rows) = @_;
	my @parts = map {
		my $part = $_;
		pipe(my $read, my $write) or die $!;
		my $pid = fork // die $!;
		if (!$pid) {
			$t->{http} = HTTP::Tiny->new(timeout => 30);
			print $write "$_ $rows[$_]{n} ", $ask->($rows[$_]), "\n"
			    for grep { $_ % 3 == $part } 0 .. $#rows;
			close $write;
			POSIX::_exit(0);
		}
		[$pid, $read];
	} 0 .. 2;
	my ($answers, @wrong) = 0;
	for my $part (@parts) {
		my $read = $part->[1];
		while (<$read>) {
			my ($i, $n, $code) = /^(\d+) (\d+) (.*)/ or die;
			$answers++;
			push @wrong, "$rows[$i]{url}: $code" if $code !~ $good;
		}
		waitpid $part->[0], 0;
	}
	push @wrong, "$answers answers" if $answers != @rows;
	return \@wrong;
}
my $BLOCKED = qr/^address_blocked$/;

subtest 'the table is about something' => sub {
	unlike((grep { /ALLOW_NETS/ } split /\n/, file_text(Tidemark->root . '/lib/base/conf.def'))
		[0], qr/TEXT, +"[^"]/, 'no network is allowed as shipped');
	$src->put('/ok.csv', "id\n1\n");
	is(asked($t, 'test', 'http://source.example/ok.csv'), 'ok', 'a public source is read');
	is(heard(), 0, 'and nobody else asked');
	my $open = world(TIDEMARK_ALLOW_NETS => '0.0.0.0/0,::/0');
	wrong(sub { asked($open, 'test', $_[0]{url}) }, qr//, @blocked);
	my %heard = map { $_ => 1 } split /\n/, file_text("$dir/heard");
	is_deeply(
		[
			map { $_->{url} } grep {
				$_->{to} ne '-'
				    && !$heard{ $_->{url} =~ /^https/ ? 'no request' : $_->{n} }
			} @blocked
		],
		[],
		'with every network allowed each blocked address is reached'
	);
	my $before = heard();
	is_deeply(
		wrong(
			sub { asked($open, 'test', $_[0]{url}) },
			qr/^(?:invalid_input|bad_address)$/, @refused
		),
		[],
		'and each refused one is refused nevertheless'
	);
	is(heard(), $before, 'nowhere');
	my $loop = world(TIDEMARK_ALLOW_NETS => '127.0.0.0/8');
	is(asked($loop, 'test', 'http://127.1/'), 'ok', 'a network that is allowed can be read');
	is(asked($loop, 'test', 'http://10.0.0.1/'), 'address_blocked', 'and no other');
};

my $before = heard();

subtest 'given directly' => sub {
	is_deeply(
		wrong(sub { asked($t, 'test', $_[0]{url}) }, $BLOCKED, @blocked), [],
		'refused by the test'
	);
	# The preview is the test with more bytes: some are enough.
	is_deeply(
		wrong(
			sub { asked($t, 'preview', $_[0]{url}) }, $BLOCKED,
			grep { $_->{n} % 8 == 0 } @blocked
		),
		[],
		'by the preview'
	);
	my ($named, $literal) = ([], []);
	push @{ $_->{url} =~ m{^https?://[0-9a-fx.:\[\]]+/}i ? $literal : $named }, $_ for @blocked;
	cmp_ok(scalar @$_, '>=', 15, 'addresses') for $named, $literal;
	is_deeply(wrong(sub { synced($t, $_[0]{url}) }, $BLOCKED, @$named), [], 'by the sync');
	is_deeply(
		wrong(sub { synced($t, $_[0]{url}) }, qr/^typed$/, @$literal),
		[], 'or in the same words as soon as it is typed, where it has no name'
	);
	is(heard(), $before, 'nothing was connected');
};

subtest 'by a redirect of a public source' => sub {
	for (@rows) {
		utf8::encode(my $to = $_->{url});
		$src->put("/go$_->{n}", '', redirect => $to);
	}
	my $go = sub { asked($t, 'test', "http://source.example/go$_[0]{n}") };
	is_deeply(wrong($go, $BLOCKED, @blocked), [], 'what is blocked stays so');
	# Of the others some are addresses when they are taken as relative to the source's own.
	is_deeply(
		wrong(
			$go, qr/^(?:bad_address|redirect_loop|source_not_found|address_blocked)$/,
			@refused
		),
		[],
		'what is refused leads nowhere'
	);
	is(heard(), $before, 'nothing was connected');
};

subtest 'by a name that leads elsewhere the second time' => sub {
	cmp_ok(scalar @turning, '>=', 45, 'addresses');
	is_deeply(
		wrong(
			sub { asked($t, 'test', "http://turn$_[0]{n}.example/ok.csv") }, qr/^ok$/,
			@turning
		),
		[],
		'the test finds it public'
	);
	is_deeply(
		wrong(sub { synced($t, "http://turn$_[0]{n}.example/ok.csv") }, $BLOCKED, @turning),
		[], 'the sync does not follow it'
	);
	is(heard(), $before, 'nothing was connected');
};

subtest 'as the address of a webhook' => sub {
	# The first delivery of each tells: where a name leads is looked at when it is connected to.
	# One user has a number of webhooks, so they are taken away again.
	my $told = sub {
		my ($url) = @_;
		my $r = $t->post(
			'/api/webhooks',
			{ url => $url, description => 'x', events => ['sync.failed'] }
		);
		return 'address_blocked' if typed($t, $r, 'url', $url);
		return $r->{json}{code} // "status $r->{status}" if $r->{status} != 201;
		my $hook = "/api/webhooks/$r->{json}{id}";
		$t->post("$hook/test");
		my $tried = wait_for {
			my $d = $t->get("$hook/deliveries")->{json}{data}[0];
			my $a = $d && $d->{attempts} ? $d->{attempts}[0] : undef;
			$a && ($a->{error}{code} // '') ne 'interrupted' ? $a : undef
		};
		$t->del($hook);
		return $tried && $tried->{error} ? $tried->{error}{code} // 'no code' : 'no error';
	};
	my @some = grep { $_->{n} % 2 == 0 || $_->{url} =~ /[a-z]\.|localhost|\[/ } @blocked;
	cmp_ok(scalar @some, '>=', 45, 'addresses');
	is_deeply(wrong(sub { $told->($_[0]{url}) }, $BLOCKED, @some), [], 'not connected');
	is_deeply(
		wrong(sub { $told->($_[0]{url}) }, qr/^(?:invalid_input|bad_address)$/, @refused),
		[], 'or not taken'
	);
	is(heard(), $before, 'nothing was connected');
};

done_testing;
