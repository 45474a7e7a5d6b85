# seconds: 8
# Requests as no client sends them, byte for byte through the real nginx: framing that two readers
# could understand differently, limits of the head, methods, and paths that want to lead out of
# where they belong. After each of them the service answers as before.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Select;
use IO::Socket::INET;
use Socket qw(MSG_NOSIGNAL);
use Test::More;
use Tidemark;

my $t = Tidemark->start(web => 2, hook => 1);
my $token = $t->token;
my $auth = "Authorization: Bearer $token\r\n";
my $json = "Content-Type: application/json\r\n";
my $body = '{"name":"smuggled","scopes":["read"]}';
my $n = length $body;
my $inner = "GET /api/tokens HTTP/1.1\r\nHost: x\r\n$auth\r\n";

# Everything the server says to these bytes until it closes or says nothing for a moment.
sub raw {
	my ($text, $patience) = @_;
	my $sock =
	    IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $t->port, Timeout => 5)
	    or die $@;
	my ($got, $sel) = ('', IO::Select->new($sock));
	for (my $at = 0; $at < length $text;) {
		my $done = send $sock, substr($text, $at), MSG_NOSIGNAL;
		last if !defined $done;
		$at += $done;
	}
	while ($sel->can_read($patience // 0.4)) {
		sysread $sock, my $part, 65536 or last;
		$got .= $part;
	}
	return $got;
}
sub statuses { my ($got) = @_; return join ' ', $got =~ m{(?:^|\n|\})HTTP/1\.[01] (\d\d\d)}g }
sub tokens {
	return scalar grep { $_->{name} eq 'smuggled' } @{ $t->get('/api/tokens')->{json}{data} }
}
sub alive {
	return $t->get('/healthz', token => undef)->{status} == 200
	    && $t->get('/api/connections')->{status} == 200
}

# name, bytes, which statuses (of all replies on the connection) are right, how many tokens may be
# made
my $post = "POST /api/tokens HTTP/1.1\r\nHost: x\r\n$auth$json";
my @cases = (
	[
		'content length and chunks',
		"${post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n$inner",
		qr/^400$/
	],
	[
		'chunks and content length',
		"${post}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n$inner",
		qr/^400$/
	],
	[
		'two content lengths',
		"${post}Content-Length: $n\r\nContent-Length: 0\r\n\r\n$body", qr/^400$/
	],
	[
		'two equal content lengths',
		"${post}Content-Length: $n\r\nContent-Length: $n\r\n\r\n$body", qr/^400$/
	],
	['a list of content lengths', "${post}Content-Length: $n, $n\r\n\r\n$body", qr/^400$/],
	['a negative content length', "${post}Content-Length: -1\r\n\r\n$body", qr/^400$/],
	['a signed content length', "${post}Content-Length: +$n\r\n\r\n$body", qr/^400$/],
	['a hexadecimal content length', "${post}Content-Length: 0x25\r\n\r\n$body", qr/^400$/],
	['a content length of words', "${post}Content-Length: many\r\n\r\n$body", qr/^400$/],
	['an empty content length', "${post}Content-Length: \r\n\r\n$body", qr/^400$/],
	[
		'a content length beyond 64 bits',
		"${post}Content-Length: 18446744073709551617\r\n\r\n$body", qr/^(?:400|413)$/
	],
	[
		'a huge content length', "${post}Content-Length: 9223372036854775807\r\n\r\n$body",
		qr/^(?:400|413)$/
	],
	[
		'a space before the colon of the transfer coding',
		"${post}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", qr/^400$/
	],
	[
		'a space before the colon of the content length',
		"${post}Content-Length : $n\r\n\r\n$body", qr/^400$/
	],
	[
		'a tab in the transfer coding',
		"${post}Transfer-Encoding:\tchunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n",
		qr/^(?:400|501)$/
	],
	[
		'an unknown transfer coding',
		"${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", qr/^501$/
	],
	[
		'two transfer codings',
		"${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
		qr/^(?:400|501)$/
	],
	[
		'a folded transfer coding',
		"${post}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", qr/^(?:400|501)$/
	],
	['a folded header', "GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\n\r\n", qr/^400$/],
	[
		'chunks in HTTP/1.0',
		"POST /api/tokens HTTP/1.0\r\nHost: x\r\n$auth${json}Transfer-Encoding: chunked\r\n"
		    . "\r\n0\r\n\r\n",
		qr/^(?:400|411|422|501)$/
	],
	[
		'a chunk with a negative size',
		"${post}Transfer-Encoding: chunked\r\n\r\n-1\r\n$body\r\n0\r\n\r\n", qr/^400$/
	],
	[
		'a chunk with a huge size',
		"${post}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n$body\r\n0\r\n\r\n",
		qr/^(?:400|413)$/
	],
	[
		'a chunk of words',
		"${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n$body\r\n0\r\n\r\n", qr/^400$/
	],
	['a zero byte in the path', "GET /health\0z HTTP/1.1\r\nHost: x\r\n\r\n", qr/^400$/],
	[
		'a zero byte in a header', "GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: b\0c\r\n\r\n",
		qr/^400$/
	],
	['a zero byte in a body', "${post}Content-Length: 4\r\n\r\n{\"\0\"", qr/^400$/],
	[
		'a lone carriage return',
		"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: b\rX-C: d\r\n\r\n", qr/^(?:400|200)$/
	],
	[
		'a header without a colon', "GET /healthz HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n",
		qr/^(?:400|200)$/
	],
	[
		'a header without a name',
		"GET /healthz HTTP/1.1\r\nHost: x\r\n: nonsense\r\n\r\n", qr/^(?:400|200)$/
	],
	['no host', "GET /healthz HTTP/1.1\r\n\r\n", qr/^400$/],
	['two hosts', "GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", qr/^400$/],
	['a host with a path', "GET /healthz HTTP/1.1\r\nHost: x/../y\r\n\r\n", qr/^400$/],
	['a host with a user', "GET /healthz HTTP/1.1\r\nHost: a\@b\r\n\r\n", qr/^(?:200|400)$/],
	[
		'an absolute address',
		"GET http://evil.example/healthz HTTP/1.1\r\nHost: x\r\n\r\n", qr/^200$/
	],
	[
		'an absolute address of another kind',
		"GET file:///etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", qr/^(?:400|404|405)$/
	],
	[
		'two thousand headers',
		"GET /healthz HTTP/1.1\r\nHost: x\r\n"
		    . join('', map { "X-$_: y\r\n" } 1 .. 2000)
		    . "\r\n", qr/^(?:400|431)$/
	],
	[
		'a header of 40 kB',
		"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: " . 'b' x 40_000 . "\r\n\r\n",
		qr/^(?:400|431)$/
	],
	['a path of 40 kB', 'GET /' . 'a' x 40_000 . " HTTP/1.1\r\nHost: x\r\n\r\n", qr/^414$/],
	[
		'a body of 70 kB',
		"POST /api/sync HTTP/1.1\r\nHost: x\r\n$auth${json}Content-Length: 70000\r\n\r\n"
		    . 'x' x 70_000, qr/^413$/
	],
	[
		'a body of two megabytes',
		"POST /api/sync HTTP/1.1\r\nHost: x\r\n$auth${json}Content-Length: 2000000\r\n\r\n"
		    . 'x' x 100_000, qr/^413$/
	],
	[
		'a body where none is taken',
		"DELETE /api/tokens/x HTTP/1.1\r\nHost: x\r\n$auth${json}Content-Length: $n\r\n\r\n"
		    . "$body",
		qr/^413$/
	],
	['TRACE', "TRACE / HTTP/1.1\r\nHost: x\r\n$auth\r\n", qr/^405$/],
	['CONNECT', "CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: x\r\n\r\n", qr/^(?:400|405)$/],
	['an unknown method', "FROB /healthz HTTP/1.1\r\nHost: x\r\n\r\n", qr/^(?:400|405)$/],
	['a method in lower case', "get /healthz HTTP/1.1\r\nHost: x\r\n\r\n", qr/^400$/],
	[
		'a method beside the method',
		"GET /api/connections HTTP/1.1\r\nHost: x\r\n${auth}X-HTTP-Method-Override: "
		    . "DELETE\r\n\r\n",
		qr/^200$/
	],
	[
		'a header that wants to be a proxy',
		"GET /healthz HTTP/1.1\r\nHost: x\r\nProxy: http://127.0.0.1:9\r\n\r\n", qr/^200$/
	],
	[
		'a credential in an underscored header',
		"GET /api/connections HTTP/1.1\r\nHost: x\r\nAuthorization_: Bearer $token\r\n\r\n",
		qr/^401$/
	],
	[
		'another path in a header',
		"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Original-URL: /api/tokens\r\n"
		    . "X-Rewrite-URL: /api/tokens\r\n\r\n",
		qr/^200$/
	],
	['HTTP/0.9', "GET /healthz\r\n", qr/^$/],
	['HTTP/3.0', "GET /healthz HTTP/3.0\r\nHost: x\r\n\r\n", qr/^505$/],
	['the beginning of HTTP/2', "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", qr/^(?:400|405|505)?$/],
	[
		'TLS where none is spoken',
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" . "\0" x 40, qr/^400$/
	],
	[
		'nothing but noise',
		join('', map { chr(($_ * 7919) % 256) } 1 .. 500) . "\r\n\r\n", qr/^400$/
	],
	[
		'an upgrade',
		"GET /api/connections HTTP/1.1\r\nHost: x\r\n${auth}Connection: Upgrade\r\n"
		    . "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
		qr/^200$/
	],
	[
		'a wish to be asked for the body',
		"${post}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}", qr/^(?:100 )?422$/
	],
);
my $was = tokens();
for my $case (@cases) {
	my ($name, $bytes, $want) = @$case;
	my $got = raw($bytes);
	like(statuses($got), $want, $name) or diag substr $got, 0, 600;
	unlike(
		$got, qr/"scopes":|smuggled|\Q$token\E/,
		"$name: nothing of what was smuggled comes back"
	);
	ok(alive(), "$name: the service goes on");
}
is(tokens(), $was, 'no token was made');

subtest 'one body is one request' => sub {
	# What is inside a body of the right length is never a request of its own.
	my $hidden =
	      "POST /api/sync HTTP/1.1\r\nHost: x\r\n$auth${json}Content-Length: "
	    . length($inner)
	    . "\r\n\r\n$inner";
	is(statuses(raw($hidden)), '400', 'a request within a body');
	my $two = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" x 2;
	is(statuses(raw($two)), '200 200', 'two in a row are two');
	my $chunked =
	    "${post}Transfer-Encoding: chunked\r\n\r\n" . sprintf("%x;ext=\"\r\n\"\r\n", $n);
	unlike(
		raw("$chunked$body\r\n0\r\n\r\n$inner"), qr/"scopes":\["read"\].*"scopes"/s,
		'a chunk extension hides nothing'
	);
};

subtest 'a header of the reply is one line' => sub {
	for my $path (
		'/sign-in?next=%0d%0aSet-Cookie:%20a=b', '/%0d%0aSet-Cookie:%20a=b',
		'/api/connections/%0d%0aSet-Cookie:%20a=b',
		'/api/datasets/x%0aLocation:%20x/records?format=csv',
		'/settings?tab=%0d%0aSet-Cookie:%20a=b', '/static/%0d%0aSet-Cookie:%20a=b',
		'/static/%E5%98%8A%E5%98%8DSet-Cookie:%20a=b'
	) {
		my ($head) = split /\r\n\r\n/,
		    raw("GET $path HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
		unlike($head, qr/\nSet-Cookie: a=b/i, $path);
	}
};

subtest 'paths stay where they are' => sub {
	my @up = (
		'..', '%2e%2e', '.%2e', '%2e.', '..;', '%2e%2e%3b', '..%00', '..%c0%af',
		'%252e%252e',
		'..\\', '..%5c', '%c0%ae%c0%ae', '....//', '.../'
	);
	my @files = (
		'Makefile', 'nginx/tidemark.conf.in', 'etc/passwd', 'home/master.key',
		'home/tidemark.db'
	);
	my @from = ('/static/', '/static/css/', '/static/0123456789ab/', '/error/', '/');
	my @bad;
	for my $from (@from) {
		for my $up (@up) {
			for my $slash ('/', '%2f', '//', '/./') {
				for my $file (@files[0, 2, 4]) {
					my $path = $from . ("$up$slash" x 3) . $file;
					my $got = raw(
						      "GET $path HTTP/1.1\r\nHost: x\r\n"
						    . "Connection: close\r\n\r\n",
						2
					);
					push @bad, "$path: " . statuses($got)
					    if statuses($got) !~ /^(?:400|404|303)$/
					    || $got =~ /^all:|root:x:|SQLite format|location ~/m;
				}
			}
		}
	}
	is_deeply(\@bad, [], scalar(@from) * @up * 4 * 3 . ' ways up');
	my @hidden = (
		'/.git/config', '/static/.git/config', '/static/css', '/static/css/', '/static//',
		'/static/%2e', '/home/tidemark.db', '/run/web.sock', '/nginx.conf',
		'/static/error', '/error/unavailable.html',
		'/api/../tokens', '/api/%2e%2e/settings', '/api/tokens%2f', '/api/tokens/%2e%2e',
		'/API/tokens', '/api\\tokens', '/%61pi/tokens/..;/', '/settings/..;/api/tokens',
		'/healthz/../api/tokens', '/;/api/tokens'
	);
	my @open = grep {
		my $got = raw("GET $_ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 2);
		statuses($got) !~ /^(?:400|401|403|404|405|303)$/
		    || $got =~ /SQLite format|repositoryformat|"scopes"/
	} @hidden;
	is_deeply(\@open, [], 'nothing else is served');
	is(
		statuses(raw(
			      "GET /static/css/../css/app.css HTTP/1.1\r\nHost: x\r\n"
			    . "Connection: close\r\n\r\n"
		)),
		'200',
		'a way that stays within is one'
	);
};

ok(alive(), 'the service goes on');
done_testing;
