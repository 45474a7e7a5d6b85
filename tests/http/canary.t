# One secret of every kind is planted in a running instance and everything is exercised: pages,
# interface, failures, crashes, commands. Then no secret may be found in any reply or header but
# the one that is there to show it, any log, any file of the state directory but the key file, any
# command line or environment, any core file.
use strict;
use warnings;
use Test::More;
use Cwd ();
use MIME::Base64 ();

# Cores are allowed here, so that it is the programs that leave none.
BEGIN {
	if (!$ENV{TIDEMARK_TEST_CORES}) {
		$ENV{TIDEMARK_TEST_CORES} = 1;
		exec 'sh', '-c', 'ulimit -c unlimited 2>/dev/null; exec "$@"', 'sh', $^X,
		    (map { "-I$_" } grep { !ref } @INC), $0;
	}
}
use Tidemark;

# --- what is planted ---
my $mark = join '', map { ('a' .. 'z', 0 .. 9)[rand 36] } 1 .. 20;
my %secret = map { $_ => "canary-$_-$mark" } qw(source address cron smtp password google);
# By what is known of them as well: {name => [forms]}.
sub forms {
	my ($name) = @_;
	my $s = $secret{$name};
	my @forms = ($s);
	push @forms, MIME::Base64::encode_base64($s, ''),
	    join('', map { sprintf '%%%02X', ord } split //, $s);
	push @forms, pack('H*', $s) if $name eq 'key';
	push @forms, MIME::Base64::decode_base64($s =~ s/^whsec_//r) if $name eq 'webhook';
	return @forms;
}
# The names of the secrets that a text holds.
sub found_in {
	my ($text, %but) = @_;
	return grep {
		my $name = $_;
		!$but{$name} && grep { length && index($text, $_) >= 0 } forms($name)
	} sort keys %secret;
}

# --- what is seen: every reply, and what commands print ---
my @replies;
{
	package Witness;
	our @ISA = ('HTTP::Tiny');
	sub request {
		my ($self, $method, $url, $o) = @_;
		my $r = HTTP::Tiny::request(@_);
		push @replies, {
			what => "$method " . $url =~ s{^http://[^/]+}{}r =~ s{\?.*}{}r,
			status => $r->{status}, content => $r->{content},
			head => join(
				"\n",
				map {
					my $v = $r->{headers}{$_};
					map { "$_ => $_[0]" } ref $v ? @$v : $v;
					"$_: " . (ref $v ? join ' ', @$v : $v)
				} sort keys %{ $r->{headers} }
			)
		};
		return $r;
	}
}
my $t = Tidemark->start(
	crashes => 1,
	env => {
		CRON_SECRET => $secret{cron}, TIDEMARK_SMTP_URL => 'smtp://127.0.0.1:1',
		TIDEMARK_SMTP_USER => 'tidemark',
		TIDEMARK_SMTP_PASSWORD => $secret{smtp}, GOOGLE_CLIENT_ID => 'canary',
		GOOGLE_CLIENT_SECRET => $secret{google},
		TIDEMARK_MAIL_FROM => 'tidemark@example.com', TIDEMARK_LOG_LEVEL => 7
	}
);
bless $t->{http}, 'Witness';
my @printed;
sub run_it {
	my (@args) = @_;
	my $r = $t->run(@args);
	push @printed, { what => join(' ', grep { !ref } @args), text => $r->{out} . $r->{err} };
	return $r;
}
my (@environ, %sampled);
# Once a program has read its configuration there is nothing in its environment; a worker filters
# its calls after that.
sub look_at_processes {
	for my $pid ($t->pids) {
		my ($comm, $cmdline, $environ, $status) = map {
			my $f;
			open($f, '<', "/proc/$pid/$_")
			    ? do { local $/; scalar <$f> }
			    // ''
			    : ''
		} qw(comm cmdline environ status);
		$comm =~ s/\n//;
		next if $comm !~ /^tidemark-(\w+)/;
		push @environ, { what => "$comm cmdline", text => $cmdline };
		next if $status !~ /^Seccomp:\s+2/m && $1 ne 'broker';
		$sampled{$comm}++;
		push @environ, { what => "$comm environ", text => $environ };
	}
}

my $src = $t->source;
$src->put('/private.csv', "id,name\n1,Ann\n2,=cmd()\n", delay => 0.3);
# Servers that throw back what they got.
$src->put(
	'/throws.csv', "You sent Authorization: Bearer $secret{source}\n", status => 500,
	headers => { 'X-Echo' => "Bearer $secret{source}" }
);
$src->put(
	'/denies.csv', "<html>Bearer $secret{source}</html>", status => 401,
	headers => { 'WWW-Authenticate' => "Bearer realm=\"$secret{source}\"" }
);
$src->put(
	'/moves.csv', '', status => 302,
	headers => { Location => "http://127.0.0.1:1/$secret{source}?key=$secret{address}" }
);

# --- everything is exercised ---
($secret{key}) = file_text($t->home . '/master.key') =~ / ([0-9a-f]{64})/;
my ($link) = $t->link('admin') =~ /(\S+)/;
($secret{link}) = $link =~ /([A-Za-z0-9_-]{43})/;
my $session = do {
	no warnings 'redefine';
	local *Tidemark::link = sub { $link };
	$t->sign_in('admin')
};
($secret{session}) = $session->{cookie} =~ /=(.+)/;
$secret{csrf} = $session->{csrf};
my %browser = (
	token => undef,
	headers => {
		cookie => $session->{cookie}, 'x-csrf-token' => $session->{csrf},
		origin => $t->base, 'sec-fetch-site' => 'same-origin'
	}
);
$secret{token} = $t->post(
	'/api/tokens', { name => 'canary', scopes => ['read', 'sync', 'write', 'operator'] },
	%browser
)->{json}{token};
# Somebody who is invited chooses a password. nginx lets one address sign in once a second: each
# attempt comes from another one.
sub from {
	$t->{http} =
	    Witness->new(timeout => 30, max_redirect => 0, local_address => "127.0.0.$_[0]")
}
sub cookie_in {
	return map { /^([^;]+)/ }
	    grep { !/max-age=0/i } map { ref ? @$_ : $_ } $_[0]{headers}{'set-cookie'} // ()
}
my $invited =
    $t->post('/api/users', { name => 'eve', invite => JSON::PP::true }, token => $secret{token})
    ->{json}{link};
($secret{invitation}) = $invited =~ /key=([A-Za-z0-9_-]{43})/;
from(31);
my ($eve) = cookie_in($t->get($invited, token => undef));
my ($mark_of_eve) = $t->get('/', token => undef, headers => { cookie => $eve })->{content} =~
    /name="csrf" value="([^"]+)"/;
is(
	$t->post(
		'/settings/account',
		undef,
		token => undef,
		headers => { cookie => $eve },
		form => {
			csrf => $mark_of_eve, do => 'password', password => $secret{password},
			again => $secret{password}
		}
	)->{status},
	303,
	'a password is set'
);
from(32);
my $in = $t->post(
	'/sign-in', undef, token => undef,
	form => { name => 'eve', password => $secret{password} }
);
is($in->{status}, 303, 'and signs in');
($secret{signed_in}) = map { /=(.+)/ } cookie_in($in);
for my $who ('eve', 'nobody') {
	from($who eq 'eve' ? 33 : 34);
	$t->post(
		'/sign-in', undef, token => undef,
		form => { name => $who, password => "$secret{password}x" }
	);
}
my $webhook = $t->post(
	'/api/webhooks',
	{
		url => $src->url('/hook'),
		events => ['sync.completed', 'sync.failed', 'records.changed']
	},
	token => $secret{token}
)->{json};
$secret{webhook} = $webhook->{secret};
is(
	scalar(grep { !defined || length($_) < 20 } values %secret), 0,
	'a secret of every kind is there'
) or diag explain \%secret;
my @as = (token => $secret{token});

my %c = map {
	$_ => $t->connect(
		csv => $src->url("/$_.csv?api_key=$secret{address}"), name => $_,
		config => { key => 'id' },
		secret => { authorization => "Bearer $secret{source}" }, start => false, @as
	)
} qw(private throws denies moves);
$secret{progress} =
    $t->post("/api/connections/$c{private}{id}/progress-token", {}, @as)->{json}{token} // '';
for my $name (sort keys %c) {
	my $path = "/api/connections/$c{$name}{id}";
	$t->post("$path/$_", {}, @as) for qw(test preview);
	my $sync = $t->post('/api/sync', { connectionId => $c{$name}{id} }, @as)->{json}{syncId};
	wait_for(sub {
		look_at_processes();
		$t->get("/api/sync?syncId=$sync", @as)->{json}{status} =~ /complete|error/
	});
	$t->get("/api/sync/$sync/log", @as);
	$t->get("/syncs/$sync", %browser);
	$t->get($_, @as) for $path, "$path/schedule", "$path/syncs", "$path/datasets";
	$t->get("/connections/$c{$name}{id}", %browser);
}
my $dataset = $t->get("/api/connections/$c{private}{id}/datasets", @as)->{json}{data}[0]{id};
$t->get("/api/datasets/$dataset/records$_", @as) for '', '?format=csv', '/1', '/1/history';
$t->get($_, @as)
    for qw(/metrics /api/doctor /api/openapi.json /api/tokens /api/account /api/sessions
    /api/users /api/audit /api/providers /api/connections /api/sync /readyz /healthz),
    '/api/webhooks', "/api/webhooks/$webhook->{id}", "/api/webhooks/$webhook->{id}/deliveries";
$t->get($_, %browser)
    for qw(/ /settings /settings?tab=account /settings?tab=tokens /settings?tab=users
    /settings?tab=webhooks /settings?tab=activity /integrations-overview),
    "/webhooks/$webhook->{id}";
$t->get('/api/connectors/sync', token => $secret{cron});
$t->post("/api/webhooks/$webhook->{id}/test", {}, @as);
# Mistakes, with secrets where they do not belong.
$t->post(
	'/api/connections',
	{
		provider => 'csv',
		config => {
			url => $src->url("/private.csv?api_key=$secret{address}"),
			unknown => $secret{source}
		}
	},
	@as
);
$t->request(
	'POST', '/api/connections', "{\"secret\": \"$secret{source}\", ", @as,
	headers => { 'content-type' => 'application/json' }
);
$t->get('/api/nothing/' . $_, @as) for 'here', $c{private}{id};
$t->get('/api/connections', token => "$secret{token}x");
$t->get('/api/connections', token => $secret{source});
$t->get("/sign-in?key=$secret{link}", token => undef);
$t->request('PATCH', "/api/connections/$c{private}{id}", { secret => 'no object' }, @as);
# Crashes.
$src->put('/slow.csv', "id,name\n1,Ann\n", delay => 5);
my $slow = $t->connect(
	csv => $src->url("/slow.csv?api_key=$secret{address}"), name => 'slow',
	config => { key => 'id' },
	secret => { authorization => "Bearer $secret{source}" }, @as
);
ok(
	wait_for(sub { look_at_processes(); ($src->requests('/slow.csv'))[0] }),
	'a worker holds secrets'
);
ok($t->kill_all('SEGV', 'tidemark-worker'), 'and crashes');
ok($t->kill_all('SEGV', 'tidemark-fcgi'), 'web processes crash');
ok(wait_for(sub { $t->get('/healthz')->{status} == 200 }), 'and are replaced');
run_it('tidemark-tick', '--once');
# Commands.
run_it('tidemark', @$_)
    for ['status'], ['status', '--json'], ['doctor'], ['doctor', '--json'], ['audit'],
    ['user', 'list'], ['token', 'list'], ['--help'], ['backup', $t->home . '/copy.db'],
    ['rotate-key'];
run_it({ env => { ENCRYPTION_KEY_FILE => '/nowhere/at/all' } }, 'tidemark', 'doctor');
run_it(
	{ in => "{\"provider\": \"csv\", \"secret\": {\"authorization\": \"$secret{source}\"" },
	'tidemark-worker', 'ask', 'test'
);
look_at_processes();

# --- the search ---
# The replies that are there to show one.
my %shows = (
	'POST /sign-in' => { session => 1, signed_in => 1 },
	'GET /sign-in' => { link => 1, session => 1 }, 'POST /api/users' => { invitation => 1 },
	'POST /api/tokens' => { token => 1 }, 'POST /api/webhooks' => { webhook => 1 },
	"POST /api/connections/$c{private}{id}/progress-token" => { progress => 1 },
);
my @hits;
for my $r (@replies) {
	my %but = %{ $shows{ $r->{what} } // {} };
	# A page carries the mark of its own session for its forms.
	$but{csrf} = 1
	    if $r->{head} =~ m{^content-type: text/html}m
	    && $r->{what} =~ m{^(?:GET|POST) /(?!api/)};
	push @hits,
	    map { "$_ in the reply to $r->{what} ($r->{status})" }
	    found_in("$r->{head}\n\n$r->{content}", %but);
}
cmp_ok(scalar @replies, '>', 90, 'replies were seen');
is(join("\n", @hits), '', 'no reply shows a secret');

@hits = map {
	my $p = $_;
	map { "$_ in what is printed by $p->{what}" } found_in($p->{text})
} @printed;
is(join("\n", @hits), '', 'no command prints one');

@hits = map {
	my $p = $_;
	map { "$_ in $p->{what}" } found_in($p->{text})
} @environ;
is(join("\n", @hits), '', 'no command line or environment holds one');
ok(
	$sampled{'tidemark-fcgi'} && $sampled{'tidemark-broker'} && $sampled{'tidemark-worker'},
	'environments of all kinds of process were seen'
) or diag explain \%sampled;

my @logs = glob "$t->{dir}/*.log";
@hits = map {
	my $f = $_;
	map { "$_ in $f" } found_in(file_text($f))
} @logs;
is(join("\n", @hits), '', 'no log holds one');
like(join('', map { file_text($_) } @logs), qr/http\.request/, 'and there are logs');

sub files_below {
	my @found;
	my @todo = @_;
	while (defined(my $f = shift @todo)) {
		if (-l $f) { next }
		elsif (-d $f) { push @todo, glob("$f/*"), glob("$f/.[!.]*") }
		elsif (-f $f) { push @found, $f }
	}
	return @found;
}
sub in_files {
	my @found;
	for my $f (@_) {
		# The database knows the mark of a session, which is worth nothing without its
		# cookie.
		push @found,
		    map { "$_ in " . $f =~ s{.*/}{}r }
		    found_in(file_text($f), $f =~ m{/(?:tidemark|copy)\.db} ? (csrf => 1) : ());
	}
	return @found;
}
my @files = grep { !m{/master\.key$} } files_below($t->home);
is(join("\n", in_files(@files)), '', 'no file of the state directory but the key file holds one');
ok(
	(grep { /tidemark\.db$/ } @files) && (grep { /copy\.db$/ } @files),
	'database and backup are among them'
);
$t->stop;
is(
	join("\n", in_files(grep { !m{/master\.key$} } files_below($t->home))), '',
	'nor when all has stopped'
);

my @cores = grep { m{/(?:vg)?core(?:\.\d+)?$} } files_below($t->home, "$t->{dir}"),
    glob(Cwd::getcwd() . '/core*'), glob('/tmp/core*'),
    glob('/var/lib/systemd/coredump/*tidemark*');
is(join("\n", @cores), '', 'no process has left its memory');

# --- the search finds what is there ---
my @kinds = sort keys %secret;
is_deeply(
	[
		map {
			my $n = $_;
			scalar grep {
				grep { $_ eq $n }
				    found_in("before$_ after")
			} forms($n)
		} @kinds
	],
	[map { scalar(my @f = forms($_)) } @kinds],
	'every form of every secret is found in a text'
);
for my $n (@kinds) {
	my $file = $t->home . "/planted";
	open my $f, '>', $file or die;
	print $f "\0" x 5000, $secret{$n}, "\n";
	close $f;
	is_deeply(
		[grep { /planted/ } in_files(files_below($t->home))], ["$n in planted"],
		"$n is found in a file"
	);
	unlink $file;
}
isnt(file_text($t->home . '/master.key'), '', 'the key file is where keys are');
done_testing;
