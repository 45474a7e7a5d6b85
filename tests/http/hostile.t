# seconds: 14
# Servers that mean harm or are broken: certificates that prove nothing, bodies that never end or
# unpack to more than they seem, answers that lead on for ever.
# Each ends with its own error within its bound, and is not tried faster than anything else.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Temp ();
use IO::Compress::Deflate ();
use IO::Compress::Gzip ();
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(sleep time);
use Tidemark;
use Tidemark::Lint ();

my $dir = File::Temp->newdir;
chdir Tidemark->root or die $!;
system('cc', '-shared', '-fPIC', '-O1', '-Wall', '-o', "$dir/net.so", 'tests/fake/net.c', '-ldl')
    == 0
    or BAIL_OUT('the internet of the tests cannot be built');

# --- a server for what Tidemark::Source does not do: answers that have no end ---

my $bomb = do {
	my ($big, $gzip, $deflate) = ("id,v\n" . "1,x\n" x 4) . ("\0" x (200 << 20));
	IO::Compress::Gzip::gzip(\$big => \$gzip, -Level => 1);
	IO::Compress::Deflate::deflate(\$big => \$deflate, -Level => 1);
	my ($again, $twice) = $gzip;
	IO::Compress::Gzip::gzip(\$again => \$twice);
	{ gzip => $gzip, deflate => $deflate, 'gzip, gzip' => $twice };
};
my $server = do {
	my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 50) or die $@;
	my $pid = fork // die $!;
	if (!$pid) {
		$SIG{CHLD} = 'IGNORE';
		$SIG{TERM} = $SIG{PIPE} = 'DEFAULT';
		setpgrp 0, 0;
		while (my $c = $s->accept) {
			next if fork;
			answer($c);
			POSIX::_exit(0);
		}
	}
	{ pid => $pid, url => 'http://127.0.0.1:' . $s->sockport };
};
END { kill 'KILL', -$server->{pid} if $server && $server->{pid} }

sub answer {
	my ($c) = @_;
	$c->autoflush(1);
	while (1) {
		my ($head, $line) = '';
		while (defined($line = <$c>) && $line =~ /\S/) { $head .= $line }
		my ($path) = $head =~ /^GET (\S+)/ or return;
		open my $log, '>>', "$dir/asked";
		syswrite $log, "$path\n";
		my $start = "HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\n";
		my $whole = sub {
			my ($body, $more, $status) = @_;
			print $c "HTTP/1.1 "
			    . ($status // '200 OK') . "\r\n"
			    . ($more // "Content-Type: application/json\r\n")
			    . 'Content-Length: '
			    . length($body)
			    . "\r\n\r\n$body"
		};
		if ($path eq '/endless') {
			print $c "$start\r\nid,v\n";
			1 while print $c "1,x\n" x 5000
		} elsif ($path eq '/endless-header') {
			print $c "${start}X-A: " . 'x' x 8000 . "\r\n" while 1
		} elsif ($path eq '/endless-line') {
			print $c $start;
			1 while print $c 'x' x 8000
		} elsif ($path eq '/endless-chunks') {
			print $c "${start}Transfer-Encoding: chunked\r\n\r\n";
			1 while print $c "4\r\n1,x\n\r\n" x 5000
		} elsif ($path eq '/drip') {
			print $c "$start\r\nid,v\n";
			while (print $c "1,x\n") { sleep 0.1 }
		} elsif ($path eq '/mute') {
			sleep 60
		} elsif ($path =~ m{^/bomb/(.*)}) {
			(my $how = $1) =~ s/%20/ /g;
			return $whole->(
				$bomb->{$how},
				"Content-Type: text/csv\r\nContent-Encoding: $how\r\n"
			)
		}
		# So large that it moves also on a slow machine.
		elsif ($path =~ m{^/pages\?p=(\d+)}) {
			$whole->(     '{"items":[{"id":'
				    . $1
				    . '}],"next":"/pages?p='
				    . ($1 + 1) . '"}'
				    . ' ' x 500)
		} elsif ($path =~ m{^/circle\?p=(\d+)}) {
			$whole->(     '{"items":[{"id":'
				    . $1
				    . '}],"next":"/circle?p='
				    . ($1 + 1) % 3 . '"}')
		} elsif ($path =~ m{^/on/(\d+)}) {
			$whole->('', 'Location: /on/' . ($1 + 1) . "\r\n", '302 Found')
		} elsif ($path eq '/round') {
			$whole->('', "Location: /round\r\n", '302 Found')
		} elsif ($path eq '/deep') {
			$whole->('[' x 200_000)
		} elsif ($path eq '/long') {
			print $c "${start}Content-Length: 9223372036854775807\r\n\r\nid,v\n"
		} elsif ($path eq '/minus') {
			print $c "${start}Content-Length: -5\r\n\r\nid,v\n"
		} elsif ($path eq '/early') {
			$whole->("id\n1\n", "Content-Type: text/csv\r\n", '103 Early Hints')
		} else {
			$whole->("id\n1\n", "Content-Type: text/csv\r\n")
		}
		return if $path !~ /^\/(?:pages|circle|on)/;
	}
}
sub asked {
	my ($path) = @_;
	return scalar grep { /^\Q$path\E/ } split /\n/, file_text("$dir/asked")
}

# What a worker reads lies among its working files.
mkdir $_, 0700 for "$dir/home", "$dir/home/spool";
my $t = Tidemark->start(
	web => 2,
	hook => 0,
	home => "$dir/home",
	env => {
		TIDEMARK_MAX_SOURCE_MB => 8, TIDEMARK_WORKER_MB => 256,
		LD_PRELOAD => "$dir/net.so",
		# Long enough for a server that shares its processor with all the endless ones.
		TIDEMARK_RUN_SECONDS => 15, TIDEMARK_SILENCE_SECONDS => 10,
		FAKE_CA => "$dir/home/spool/ca.crt",
		TIDEMARK_WORKERS => 16,
		# Here it is the number of pages that ends a list without an end.
		TIDEMARK_SOURCE_REQUESTS_MINUTE => 1_000_000
	}
);

my %run;
sub begin {
	my ($name, $provider, $url, %config) = @_;
	my $c = $t->connect($provider => $url, name => $name, config => \%config);
	$run{$name} = { conn => $c->{id}, run => $c->{activeSyncId}, at => time }
}
sub code {
	my ($name) = @_;
	my $run = $t->wait_run($run{$name}{run}, 180);
	$run{$name}{done} = time;
	$run{$name}{reply} = $run;
	return $run->{error}{code} // $run->{status}
}

my @cases = (
	['a gzip bomb of 200 MB', csv => '/bomb/gzip', 'source_too_large'],
	['a deflate bomb', csv => '/bomb/deflate', 'source_too_large'],
	['a bomb in a bomb', csv => '/bomb/gzip,%20gzip', 'source_too_large'],
	['a body without an end', csv => '/endless', 'source_too_large'],
	['chunks without an end', csv => '/endless-chunks', 'source_too_large'],
	[
		'headers without an end', csv => '/endless-header',
		qr/^(?:network|source_status|source_too_large|truncated)$/
	],
	[
		'a header line without an end', csv => '/endless-line',
		qr/^(?:network|source_status|source_too_large|truncated)$/
	],
	['a promise of more than there can be', csv => '/long', 'source_too_large'],
	['a negative length', csv => '/minus', qr/./],
	['a body that drips', csv => '/drip', qr/^(?:timed_out|source_silent)$/],
	['silence', csv => '/mute', 'source_silent'],
	['redirects without an end', csv => '/on/1', 'redirect_loop'],
	['a redirect in a circle', csv => '/round', 'redirect_loop'],
	['an interim answer as the last', csv => '/early', qr/./],
	['pages in a circle', json => '/circle?p=0', 'page_loop'],
	['JSON without a floor', json => '/deep', qr/./],
	['pages without an end', json => '/pages?p=0', 'page_loop'],
);
begin(
	$_->[0], $_->[1] => $server->{url} . $_->[2],
	$_->[1] eq 'json' ? (records => 'items', next => 'next', key => 'id') : ()
) for @cases;

# --- TLS ---

sub openssl {
	system("openssl $_[0] 2>>$dir/log") == 0
	    or BAIL_OUT("openssl $_[0]: " . file_text("$dir/log"))
}
sub certificate {
	my ($name, $for, $valid) = @_;
	openssl(      "req -newkey rsa:2048 -nodes -keyout $dir/$name.key -out $dir/$name.csr "
		    . "-subj /CN=$for");
	open my $ext, '>', "$dir/ext" or die $!;
	print $ext 'subjectAltName=' . ($for =~ /^[\d.]+$/ ? 'IP' : 'DNS') . ":$for\n";
	close $ext;
	# "openssl x509" dates from now only; "ca" takes any dates.
	openssl("ca -batch -config $dir/ca.conf -in $dir/$name.csr -out $dir/$name.crt -notext "
		    . "-startdate $valid->[0] -enddate $valid->[1] -extfile $dir/ext >/dev/null");
}
openssl(
	"req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=Authority -keyout $dir/ca.key -out "
	    . "$dir/home/spool/ca.crt");
open my $ca, '>', "$dir/ca.conf" or die $!;
print $ca "[ca]\ndefault_ca=a\n[a]\ndatabase=$dir/index\nserial=$dir/serial\nnew_certs_dir=$dir\n"
    . "certificate=$dir/home/spool/ca.crt\nprivate_key=$dir/ca.key\ndefault_md=sha256\npolicy=p\n"
    . "unique_subject=no\n[p]\ncommonName=supplied\n";
close $ca;
open my $empty, '>', "$dir/$_" for 'index';
open my $serial, '>', "$dir/serial" or die $!;
print $serial "01\n";
close $serial;
my @now = ('20200101000000Z', '20991231000000Z');
certificate('good', '127.0.0.1', \@now);
certificate('other', 'other.example', \@now);
certificate('expired', '127.0.0.1', ['20200101000000Z', '20200201000000Z']);
certificate('future', '127.0.0.1', ['20980101000000Z', '20991231000000Z']);
openssl(      "req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=127.0.0.1 -addext "
	    . "subjectAltName=IP:127.0.0.1 -keyout $dir/self.key -out $dir/self.crt");
my %tls = (
	good => undef, other => qr/another name/, expired => qr/has expired/,
	future => qr/not valid yet/, self => qr/not issued by an authority/, old => qr/too old/
);
my (%port, @listen);
my $conf =
      "daemon off; pid $dir/nginx.pid; error_log $dir/nginx.log; "
    . ($> ? '' : 'user root; ')
    . "events {}\nhttp { access_log off; "
    . join(' ', map { "${_}_temp_path $dir/$_;" } qw(client_body proxy fastcgi uwsgi scgi)) . "\n";
for my $name (sort keys %tls) {
	my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 50, ReuseAddr => 1)
	    or die $@;
	fcntl $s, Fcntl::F_SETFD(), 0;
	push @listen, $s;
	$port{$name} = $s->sockport;
	my $cert = $name eq 'old' ? 'good' : $name;
	$conf .=
	      "server { listen 127.0.0.1:$port{$name} ssl; ssl_certificate $dir/$cert.crt; "
	    . "ssl_certificate_key $dir/$cert.key; "
	    . ($name eq 'old' ? 'ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;' : '')
	    . " location / { default_type text/csv; return 200 \"id\\n1\\n\"; } }\n";
}
open my $f, '>', "$dir/nginx.conf" or die $!;
print $f "$conf}\n";
close $f;
$t->keep(spawn(
	['/usr/sbin/nginx', '-c', "$dir/nginx.conf", '-e', "$dir/nginx.log"],
	err => "$dir/log", env => { NGINX => join('', map { fileno($_) . ';' } @listen) }
));

subtest 'certificates' => sub {
	my $test = sub {
		my ($name) = @_;
		return $t->post(
			'/api/test',
			{
				provider => 'csv',
				config => { url => "https://127.0.0.1:$port{$name}/a.csv" }
			}
		)
	};
	my $r = wait_for { my $r = $test->('good'); $r->{status} == 200 ? $r : undef };
	ok($r, 'a good one is read')
	    or diag file_text("$dir/nginx.log"), $test->('good')->{content};
	for my $name (grep { $tls{$_} } sort keys %tls) {
		my $r = $test->($name);
		is($r->{json}{code}, 'tls', "$name: refused");
		like($r->{json}{detail}, $tls{$name}, "$name: and why");
		begin("tls $name", csv => "https://127.0.0.1:$port{$name}/a.csv");
	}
	for my $name (grep { $tls{$_} } sort keys %tls) {
		is(code("tls $name"), 'tls', "$name: by the sync too");
		my $c = $t->get("/api/connections/$run{\"tls $name\"}{conn}")->{json};
		my $in =
		    !defined $c->{nextPollAt} ? 'never' : `date -ud '$c->{nextPollAt}' +%s` - time;
		ok($in eq 'never' || $in > 14 * 60, "$name: not tried again before its time")
		    or diag $in;
	}
	my $text = join '',
	    map { Tidemark::Lint::bare_c(Tidemark::Lint::slurp($_)) }
	    Tidemark::Lint::files(qr/\.[ch]$/, 'lib', 'cgi-src');
	my @verify = $text =~ /(CURLOPT_\w*SSL_VERIFY\w*, \w+)/g;
	is_deeply(
		[sort @verify], ['CURLOPT_SSL_VERIFYHOST, 2L', 'CURLOPT_SSL_VERIFYPEER, 1L'],
		'checking is switched on in one place, and nowhere off'
	);
	is(() = $text =~ /SSL_VERIFY(?!RESULT)/g, 2, 'nothing else speaks of it');
};

for my $case (@cases) {
	my ($name, undef, $path, $want) = @$case;
	my $code = code($name);
	ref $want ? like($code, $want, $name) : is($code, $want, $name)
	    or diag explain $run{$name}{reply};
	isnt($code, 'crashed', "$name: within the memory of a worker");
	isnt($code, 'complete', "$name: is no success") if $name !~ /interim|negative/;
}
cmp_ok(asked('/on/'), '<=', 12, 'redirects are followed a few times');
cmp_ok(asked('/circle'), '<=', 8, 'a circle is seen when it closes');
cmp_ok(asked('/pages'), '<=', 10_001, 'pages are counted');
is($t->get('/api/connections')->{status}, 200, 'the service goes on');

done_testing;
