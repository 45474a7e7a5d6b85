# The headers that protect people in their browsers: on every route and method, every error and
# every file, from the one place that states them; cookies; and where a redirect may lead.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Find ();
use File::Temp ();
use IO::Socket::INET;
use Test::More;
use Tidemark;
use Tidemark::Routes;

my $root = Tidemark->root;
my $t = Tidemark->start(web => 2, hook => 1);
my ($ann) = populate($t, 'ann');
my $n = 1;
# nginx lets one address sign in once a second: each part comes from another one.
sub from_elsewhere {
	my ($on) = @_;
	($on // $t)->{http} =
	    HTTP::Tiny->new(timeout => 30, max_redirect => 0, local_address => '127.0.1.' . ++$n)
}

# The one place.
my $snippet = file_text("$root/nginx/snippets/tidemark-headers.conf");
my %want;
while ($snippet =~ /^add_header (\S+) (?:"([^"]*)"|(\S+)) always;$/mg) { $want{ lc $1 } = $2 // $3 }
my $hsts = delete $want{'strict-transport-security'};
# Only what other people's pages may embed is for them.
is($want{'cross-origin-resource-policy'}, '$tidemark_resource_policy', 'who may embed is a map');
sub policy { return $_[0] =~ m{/static/(?:\w+/)?embed/} ? 'cross-origin' : 'same-origin' }

# What is wrong with the headers of a reply.
sub complaints {
	my ($r, $what) = @_;
	my $h = $r->{headers};
	local $want{'cross-origin-resource-policy'} = policy($what);
	my @bad = map {
		my $v = $h->{$_};
		     !defined $v ? "$what: no $_"
		    : ref $v ? "$what: $_ twice"
		    : $v ne $want{$_} ? "$what: $_ is $v"
		    : ()
	} sort keys %want;
	push @bad, "$what: HSTS without https" if exists $h->{'strict-transport-security'};
	push @bad, "$what: " . $h->{server} if ($h->{server} // '') ne 'nginx';
	push @bad, "$what: $_"
	    for grep { exists $h->{$_} } qw(x-powered-by x-frame-options public-key-pins),
	    $what =~ m{/static/} ? () : 'access-control-allow-origin';
	push @bad, "$what: no type for a body"
	    if length($r->{content} // '') && !$h->{'content-type'};
	push @bad, "$what: no charset"
	    if ($h->{'content-type'} // '') =~ m{^text/} && $h->{'content-type'} !~ /charset=utf-8/;
	return @bad;
}
sub personal {
	my ($r, $what) = @_;
	my $c = $r->{headers}{'cache-control'} // 'none';
	return $c eq 'no-store' ? () : "$what: Cache-Control $c"
}

subtest 'what they say' => sub {
	my %csp = map { /^(\S+) (.*)$/ ? ($1 => $2) : ($_ => '') } split /; /,
	    $want{'content-security-policy'};
	is($csp{'default-src'}, "'none'", 'nothing that is not named');
	is_deeply(
		[
			grep { !/^'(?:self|none|script)'$|^data:$|^tidemark$/ }
			map { split / / } values %csp
		],
		[],
		'from here, and from nowhere else'
	);
	is($csp{'script-src'}, "'self'", 'scripts are files of ours');
	is($csp{'style-src'}, "'self'", 'so are styles');
	is($csp{$_}, "'none'", $_) for qw(frame-ancestors base-uri trusted-types);
	is($csp{'form-action'}, "'self'", 'forms stay here');
	is($csp{'require-trusted-types-for'}, "'script'", 'no text becomes markup');
	is_deeply(
		[sort keys %want],
		[qw(content-security-policy cross-origin-opener-policy
			cross-origin-resource-policy permissions-policy referrer-policy
			x-content-type-options)],
		'all of them'
	);
	like($hsts, qr/\$tidemark_hsts/, 'HSTS by scheme');
	my @names = (
		qw(Content-Security-Policy X-Content-Type-Options Referrer-Policy Permissions-Policy
		    Strict-Transport-Security X-Frame-Options), 'Cross-Origin-\w+-Policy'
	);
	my $header = join '|', @names;
	my @elsewhere;
	File::Find::find(
		{
			no_chdir => 1,
			wanted => sub {
				return if !-f || /tidemark-headers\.conf$/;
				my $text = file_text($_);
				push @elsewhere, "$File::Find::name: $1"
				    while $text =~ /^[^*#\n]*?\b($header)\b/mgi;
			}
		},
		map { "$root/$_" } qw(nginx cgi-src lib/web static)
	);
	is_deeply(\@elsewhere, [], 'and stated once');
};

subtest 'every route, by every method' => sub {
	my (@bad, %status);
	my %cookie = (cookie => $ann->{session}{cookie}, 'x-csrf-token' => $ann->{session}{csrf});
	my %paths = map { $_->{path} => $_ } routes();
	for my $path (sort keys %paths) {
		next if $path eq '/sign-out' || $path eq '/sign-in';
		my $list = requests_for($t, $paths{$path}, $ann);
		my $real =
		    $list && @$list ? $list->[0]{path} =~ s/\?.*//r : $path =~ s/\{\w+\}/x/gr;
		for my $how (\%cookie, {}) {
			# DELETE, PUT and POST without a right body change nothing that the next
			# one needs.
			for my $method (
				qw(GET HEAD OPTIONS PROPFIND TRACE),
				$path =~ /connectors/ ? () : qw(POST PUT PATCH),
				$path =~ /\{/ ? () : 'DELETE'
			) {
				my $r = $t->request(
					$method, $real, $method =~ /^P[OUA]/ ? '!' : undef,
					token => undef,
					headers => { %$how, 'content-type' => 'application/json' }
				);
				my $what =
				      "$method $path"
				    . (%$how ? '' : ' by nobody')
				    . ": $r->{status}";
				$status{ $r->{status} }++;
				push @bad, complaints($r, $what),
				    $path =~ m{^/healthz}
				    || $r->{status} == 405
				    && $method eq 'TRACE' ? () : personal($r, $what);
			}
		}
	}
	is_deeply(\@bad, [], 'has them all, once, and is kept by nobody');
	cmp_ok($status{$_} // 0, '>', 0, "answers of $_") for 200, 303, 400, 401, 405;
};

subtest 'every kind of error' => sub {
	my (@bad, %status);
	my $json = { 'content-type' => 'application/json' };
	for (
		['GET', '/%'], ['GET', '/none'], ['GET', '/api/none'],
		['GET', '/api/connections/none'], ['POST', '/api/sync', '{}', $json],
		['POST', '/api/sync', 'x' x 5000, $json],
		['POST', '/api/sync', 'x' x 1_100_000, $json],
		['POST', '/settings/add', 'x' x 1_100_000, $json],
		['POST', '/api/sync', '<x/>', { 'content-type' => 'text/xml' }],
		['GET', '/metrics'], ['GET', '/' . 'a' x 40_000],
		['GET', '/', undef, { 'x-long' => 'x' x 40_000 }],
		['GET', '/static/none.js'], ['GET', '/api/calendar/webhooks/none'],
		['GET', '/api/datasets/none/records?format=csv'], ['TRACE', '/'],
		['GET', '/favicon.ico'], ['POST', '/static/css/app.css', 'x']
	) {
		my ($method, $path, $body, $headers) = @$_;
		my $r = $t->request($method, $path, $body, headers => { %{ $headers // {} } });
		my $what = "$method " . substr($path, 0, 60) . ": $r->{status}";
		$status{ $r->{status} }++;
		push @bad, complaints($r, $what),
		    $path =~ /static|favicon/
		    || $r->{status} == 405
		    || $headers && $headers->{'x-long'} ? () : personal($r, $what);
	}
	is_deeply(\@bad, [], 'has them too');
	cmp_ok($status{$_} // 0, '>', 0, "answers of $_")
	    for 400, 403, 404, 405, 413, 414, 415, 422;
	from_elsewhere();
	my $r = wait_for {
		my $r = $t->get('/sign-in?key=x', token => undef);
		$r->{status} == 429 ? $r : undef
	}
	20;
	is_deeply([complaints($r, '429')], [], 'too many');
	from_elsewhere();
};

subtest 'every file' => sub {
	my (@bad, @files);
	File::Find::find(
		{
			no_chdir => 1,
			wanted => sub { push @files, substr $_, length "$root/static/" if -f }
		},
		"$root/static"
	);
	for my $file (@files) {
		for my $path ("/static/$file", "/static/0123456789ab/$file") {
			my $r = $t->get($path, token => undef);
			push @bad, "$path: $r->{status}" if $r->{status} != 200;
			push @bad, complaints($r, $path);
			push @bad, "$path: sets a cookie" if $r->{headers}{'set-cookie'};
			push @bad, "$path: " . ($r->{headers}{'content-type'} // 'no type')
			    if ($r->{headers}{'content-type'} // '') !~ m{^(?:
				text/(?:css|javascript|html|plain);[ ]charset=utf-8
				|application/(?:javascript;[ ]charset=utf-8|problem\+json|json)
				|image/(?:svg\+xml|png|x-icon)
			    )$}x;
		}
	}
	is_deeply(\@bad, [], scalar(@files) . ' of them');
};

subtest 'a download cannot be shown as a page' => sub {
	my $d = $t->get("/api/connections/$ann->{conn}/datasets", token => $ann->{token})
	    ->{json}{data}[0];
	for my $format (qw(csv ndjson)) {
		my $r = $t->get(
			"/api/datasets/$d->{id}/records?format=$format",
			token => $ann->{token}
		);
		is_deeply([complaints($r, $format), personal($r, $format)], [], "$format: headers");
		like(
			$r->{headers}{'content-disposition'},
			qr/^attachment; filename="[A-Za-z0-9_-]+\.$format"$/,
			"$format: attachment"
		);
	}
};

# --- over https ---

subtest 'over https browsers are told to stay there' => sub {
	my $dir = File::Temp->newdir;
	system(
		"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "
		    . "/CN=localhost -days 2 -keyout $dir/key -out $dir/cert 2>/dev/null") == 0
	    or return fail('no certificate');
	my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 50, ReuseAddr => 1)
	    or die $@;
	my $port = $listen->sockport;
	my $run = "$t->{dir}/run";
	mkdir "$dir/run";
	my %word = (
		RUN => "$dir/run", SOCKETS => $run, STATIC => "$root/static", PROCESSES => 1,
		USER => $> ? '' : 'user root;',
		LISTEN => "127.0.0.1:$port ssl;\n\t\tssl_certificate $dir/cert;\n"
		    . "\t\tssl_certificate_key $dir/key"
	);
	(my $conf = file_text("$root/nginx/tidemark.conf.in")) =~ s/\@([A-Z]+)\@/$word{$1}/g;
	symlink "$root/nginx/snippets", "$dir/run/snippets";
	open my $f, '>', "$dir/run/nginx.conf" or die $!;
	print $f $conf;
	close $f;
	$t->keep(spawn(
		['/usr/sbin/nginx', '-c', "$dir/run/nginx.conf", '-e', 'stderr'],
		keep => $listen, err => "$dir/log",
		env => { NGINX => fileno($listen) . ';' }
	));
	for my $path ('/healthz', '/sign-in', '/none', '/static/css/app.css', '/api/connections') {
		my $say = wait_for {
			my $ask = "GET $path HTTP/1.1\\r\\nHost: localhost\\r\\n"
			    . 'Connection: close\r\n\r\n';
			my $client = "openssl s_client -connect 127.0.0.1:$port -quiet -ign_eof";
			my $text = `printf '$ask' | $client 2>/dev/null`;
			$text =~ m{^HTTP/1\.1} ? $text : undef;
		};
		is_deeply(
			[
				($say // file_text("$dir/log")) =~
				    /^strict-transport-security: ([^\r\n]*)/mig
			],
			['max-age=31536000'],
			$path
		);
	}
};

# --- cookies ---

sub cookies { my ($r) = @_; my $c = $r->{headers}{'set-cookie'} // []; return ref $c ? @$c : $c }
subtest 'cookies' => sub {
	for my $scheme ('http', 'https') {
		my $on =
		      $scheme eq 'http'
		    ? $t
		    : Tidemark->start(
			web => 1, hook => 0,
			env => { APP_URL => 'https://sync.example.com' }
		    );
		my $safe = sub {
			my ($c) = @_;
			return
			       $c =~ /; HttpOnly(?:;|$)/
			    && $c =~ /; SameSite=Lax(?:;|$)/
			    && $c =~ m{; Path=/(?:;|$)}
			    && $c !~ /; Domain/i
			    && (
				  $scheme eq 'http'
				? $c !~ /; Secure|^__/
				: $c =~ /^__Host-.*; Secure(?:;|$)/
			    )
		};
		from_elsewhere($on);
		my @all = my ($in) =
		    cookies($on->get($on->link('admin') =~ s{^https?://[^/]+}{}r, token => undef));
		my ($cookie) = $in =~ /^([^;]+)/;
		my ($csrf) =
		    $on->get('/', token => undef, headers => { cookie => $cookie })->{content} =~
		    /name="csrf"\s+(?:value|content)="([^"]+)"/;
		my $id = $on->post(
			'/api/connections',
			{
				provider => 'csv', name => 'x',
				config => { url => 'http://127.0.0.1:1/' }, start => false
			},
			token => 'admin:read,sync,write'
		)->{json}{id};
		my $r = $on->post(
			"/connections/$id", undef, token => undef,
			headers => { cookie => $cookie }, form => { csrf => $csrf, do => 'pause' }
		);
		is($r->{status}, 303, "$scheme: a form");
		push @all, my ($say) = cookies($r);
		push @all,
		    cookies($on->get(
			"/connections/$id",
			token => undef,
			headers => { cookie => join '; ', $cookie, $say ? $say =~ /^([^;]+)/ : () }
		    ));
		$r = $on->post(
			'/sign-out', undef, token => undef,
			headers => { cookie => $cookie }, form => { csrf => $csrf }
		);
		is(
			$r->{headers}{'clear-site-data'}, '"cache", "storage"',
			"$scheme: nothing stays behind when one signs out"
		);
		push @all, cookies($r);
		cmp_ok(scalar @all, '>=', 4, "$scheme: cookies were set and taken back");
		is_deeply(
			[grep { !$safe->($_) } @all], [],
			"$scheme: each is bound to this host, out of reach of scripts "
			    . "and other sites"
		);
		from_elsewhere($on);
		(my $other = $cookie) =~
		    s/(=.*)/=chosen-by-somebody-else-0123456789012345678901234/;
		my ($fresh) = cookies($on->get(
			$on->link('admin') =~ s{^https?://[^/]+}{}r, token => undef,
			headers => { cookie => $other }
		));
		unlike(
			$fresh // '', qr/chosen/,
			"$scheme: a session that somebody planted is not taken over"
		);
		unlike($fresh // 'none', qr/none/, "$scheme: but replaced");
	}
};

# --- redirects ---

subtest 'a redirect stays here' => sub {
	my @next = (
		'//evil.example', '///evil.example', '/\\evil.example', '\\\\evil.example',
		'/\\/evil.example', "/\t/evil.example", "/\n/evil.example", "/\r/evil.example",
		"\t//evil.example", ' //evil.example', '%2f%2fevil.example',
		'/%2f%2fevil.example', '/%5cevil.example', 'https:evil.example',
		'https:/evil.example', 'https://evil.example', 'HTTPS://EVIL.EXAMPLE',
		'http:\\\\evil.example', 'javascript:alert(1)', 'JaVaScRiPt:alert(1)',
		'data:text/html,x',
		'vbscript:x', 'evil.example', '@evil.example', '/@evil.example', '.evil.example',
		'?//evil.example', '#//evil.example', "/\x00/evil.example",
		"/\xe3\x80\x82evil.example", "/\xef\xbc\x8fevil.example",
		"/\xe2\x81\x84/evil.example",
		"\xef\xbc\x8f\xef\xbc\x8fevil.example", '/..//evil.example', '/.//evil.example',
		'/;//evil.example', "/x\r\nLocation: https://evil.example", '/' . 'a' x 9000,
		'//' . 'a' x 9000, '/?next=//evil.example'
	);
	my @bad;
	for my $next (@next) {
		from_elsewhere();
		my $escaped = $next =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ger;
		my $r = $t->get($t->link('admin') . "&next=$escaped", token => undef);
		my $to = $r->{headers}{location} // '';
		# What a browser makes of it: a path of ours has one slash at its beginning and
		# then none of either kind.
		next
		    if $r->{status} == 400
		    || $r->{status} == 414
		    || $to =~ m{^/(?![/\\])[\x21-\x5b\x5d-\x7e]*$};
		push @bad, substr($next, 0, 80) . ": $r->{status} " . substr $to, 0, 80;
	}
	is_deeply(\@bad, [], 'wherever next= wants to lead');
	my @back;
	for my $back (
		'//evil.example', '/settings//evil.example', '/settings.evil.example',
		'/settings/../..//evil.example', "/settings\r\nX: y", '/settings\\evil',
		'https://evil.example', '/integrations-overview@evil.example'
	) {
		my $r = $t->post(
			"/connections/$ann->{conn}", undef, token => undef,
			headers => { cookie => $ann->{session}{cookie} },
			form => { csrf => $ann->{session}{csrf}, do => 'pause', back => $back }
		);
		my $to = $r->{headers}{location} // '';
		push @back, "$back: $to" if $to !~ m{^/(?![/\\])[^\s\\]*$};
	}
	is_deeply(\@back, [], 'or a form');
};

done_testing;
