# The stand-in for Google as a program: what goes over the wire, late answers side by side, broken
# ones, notifications.
use strict;
use warnings;
use Test::More;
use File::Temp ();
use IO::Select;
use IO::Socket::INET;
use Socket qw(SO_ERROR SOL_SOCKET);
use Time::HiRes qw(time);
use Tidemark;
use Tidemark::Google;

my $g = Tidemark::Google->start;
my ($address) = $g->base =~ m{^http://(.*)};
$g->control({
	token => { value => 't', email => $g->{email} },
	quota => { 'sheets.read' => { user => 0, project => 0 } }
});
my $id = $g->sheet('wire', [['name'], ['Ann']]);

sub dial { return IO::Socket::INET->new(PeerAddr => $address, Timeout => 10) // die "connect: $!" }
sub request {
	my ($path, %o) = @_;
	return
	      ($o{method} // 'GET')
	    . " $path HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\nContent-Length: "
	    . length($o{body} // '') . "\r\n"
	    . ($o{more} // '') . "\r\n"
	    . ($o{body} // '')
}

# All that comes until the other side ends the connection; undef when it was reset.
sub rest_of {
	my ($s) = @_;
	my $text = '';
	while (1) {
		my $n = sysread $s, $text, 65536, length $text;
		return undef if !defined $n;
		return $text if !$n;
	}
}

subtest 'a connection carries several requests, also in one packet' => sub {
	my $s = dial();
	print $s request("/fake/sheets/v4/spreadsheets/$id/values/A2")
	    . request("/fake/api/drive/v3/files/$id?fields=name")
	    . request('/nowhere', more => "Connection: close\r\n");
	my $text = rest_of($s);
	is_deeply([$text =~ m{HTTP/1\.1 (\d+)}g], [200, 200, 404], 'each is answered, in order');
	like(
		$text, qr/"values":\[\["Ann"\]\].*"name":"wire".*Connection: close/s,
		'with what was asked'
	);
};

subtest 'a command that would do nothing is refused, and a fault meets either address' => sub {
	my $control = sub {
		return $g->{http}->post($g->base . '/fake/control',
			{ content => $_[0], headers => { 'content-type' => 'application/json' } });
	};
	for (
		'{"quota": {"sheet.read": {"user": 1}}}',
		'{"faults": [{"kind": "503", "times": 2}]}',
		'{"faults": [{"kind": "503", "path": 5}]}', '{"fault": []}', '{"faults": [{}]}',
		'{"faults": [{"kind": "503", "count": "2"}]}'
	) {
		my $r = $control->($_);
		is $r->{status}, 400, $_ or diag $r->{content};
	}
	for my $path ('/v4/spreadsheets', '/fake/sheets/v4/spreadsheets') {
		is $control->(qq({"faults": [{"kind": "503", "path": "$path"}]}))->{status}, 200;
		my $s = dial();
		print $s request("/fake/sheets/v4/spreadsheets/$id/values/A2")
		    . request("/fake/sheets/v4/spreadsheets/$id/values/A2",
			more => "Connection: close\r\n");
		is_deeply [rest_of($s) =~ m{HTTP/1\.1 (\d+)}g], [503, 200], "$path: once";
	}
};

subtest 'requests that are none end the connection' => sub {
	for (
		"nonsense\r\n\r\n", "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
		"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "GET /" . 'x' x 70000
	) {
		my $s = dial();
		print $s $_;
		like(
			rest_of($s) // 'HTTP/1.1 431', qr{^HTTP/1\.1 4\d\d },
			substr($_, 0, 30) =~ s/\s+/ /gr
		);
	}
};

subtest 'a body that comes slowly, and one that asks first' => sub {
	my $body = '{"latency_ms": 0}';
	my $s = dial();
	syswrite $s,
	    substr(
		request(
			'/fake/control', method => 'POST', body => $body,
			more => "Expect: 100-continue\r\nConnection: close\r\n"
		),
		0,
		-length $body
	    );
	sysread $s, my $go_on, 1000;
	like($go_on, qr{^HTTP/1\.1 100 }, 'it is told to go on');
	syswrite $s, $_ for split //, $body;
	like(rest_of($s), qr{^HTTP/1\.1 200 }, 'and answered');
};

subtest 'late answers wait side by side' => sub {
	$g->control({ latency_ms => 300 });
	my $begin = time;
	my $select = IO::Select->new;
	for (1 .. 300) {
		my $s = dial();
		print $s request("/v4/spreadsheets/$id/values/A1", more => "Connection: close\r\n");
		$s->flush;
		$select->add($s);
	}
	my ($answers, $first) = 0;
	while ($select->count && time - $begin < 100) {
		for my $s ($select->can_read(1)) {
			$first //= time - $begin;
			sysread $s, my $text, 65536;
			$answers++ if $text =~ m{^HTTP/1\.1 200 };
			$select->remove($s);
		}
	}
	my $took = time - $begin;
	is($answers, 300, 'all are answered');
	cmp_ok($first, '>=', 0.1, 'none too early');
	cmp_ok($took, '<', 75, sprintf 'in %.2f s, where one after the other would take 90', $took);
	$g->control({ latency_ms => 0 });
};

subtest 'broken answers' => sub {
	my $url = "/v4/spreadsheets/$id/values/A1";
	my %length;
	for my $kind (qw(none cut lost reset)) {
		$g->control({ faults => [{ kind => $kind, path => '/v4/' }] }) if $kind ne 'none';
		my $s = dial();
		print $s request($url, more => "Connection: close\r\n");
		$s->flush;
		my $text = rest_of($s);
		$length{$kind} = defined $text ? length $text : -1;
	}
	cmp_ok($length{cut}, '<', $length{none}, 'cut in the middle');
	cmp_ok($length{cut}, '>', 50, 'after it began');
	is($length{lost}, 0, 'lost: not a byte');
	is($length{reset}, -1, 'reset by the other side');
	$g->control({ faults => [{ kind => 'slow', delay_ms => 300, path => '/v4/' }] });
	my $begin = time;
	my $s = dial();
	print $s request($url, more => "Connection: close\r\n");
	like(rest_of($s), qr{^HTTP/1\.1 200 }, 'slow: it comes');
	cmp_ok(time - $begin, '>=', 0.3, 'later');
};

subtest 'notifications are posted to the address of the channel' => sub {
	my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 10)
	    or die "listen: $@";
	my $take = sub {
		my ($status) = @_;
		return '' if !IO::Select->new($listen)->can_read(10);
		my $s = $listen->accept;
		my $text = '';
		sysread $s, $text, 4096, length $text until $text =~ /\r\n\r\n/;
		print $s "HTTP/1.1 $status x\r\nContent-Length: 0\r\n\r\n";
		return $text;
	};
	# The answer to watch is held back, so that the first message is there before it.
	$g->control({ push => { watch_delay_ms => 400 } });
	my $watch = dial();
	print $watch request(
		"/drive/v3/files/$id/watch", method => 'POST',
		more => "Connection: close\r\nContent-Type: application/json\r\n",
		body => sprintf '{"id": "c1", "type": "web_hook", "token": "secret", "address": '
		    . '"http://127.0.0.1:%d/hook?x=1"}',
		$listen->sockport
	);
	$watch->flush;
	my $sync = $take->(200);
	like($sync, qr{^POST /hook\?x=1 HTTP/1\.1\r\n}, 'to its path');
	like($sync, qr/^X-Goog-Resource-State: sync\r$/m, 'the first says sync');
	like($sync, qr/^Content-Length: 0\r$/m, 'without a body');
	ok(!IO::Select->new($watch)->can_read(0), 'before the answer to watch');
	like(rest_of($watch), qr/"resourceId"/, 'which comes then');

	$g->edit($id, 'A2', [['Bob']]);
	like(
		$take->(503), qr/^X-Goog-Resource-State: update\r\n.*^X-Goog-Changed: content\r$/ms,
		'a change is told'
	);
	like($take->(204), qr/^X-Goog-Resource-State: update\r$/m, 'again after an error');
	ok(
		wait_for { my $p = $g->state->{push}; $p->{delivered} == 2 && $p->{failed} == 0 },
		'and no more once it arrived'
	) or diag explain $g->state->{push};
};

subtest 'a person edits a spreadsheet on a page' => sub {
	my $http = HTTP::Tiny->new(timeout => 10);
	my ($link) =
	    $http->get($g->base . '/fake/edit')->{content} =~
	    m{href="(/fake/edit\?file=\Q$id\E&amp;tab=0)"}
	    or return fail('the tab is listed');
	my $url = $g->base . $link =~ s/&amp;/&/r;
	like(
		$http->post_form($url, { cell => 'B3', value => '<b>"new"</b>' })->{content},
		qr{<td>&lt;b&gt;&quot;new&quot;&lt;/b&gt;</td>}, 'what was entered is shown'
	);
	my $s = dial();
	print $s request("/v4/spreadsheets/$id/values/B3", more => "Connection: close\r\n");
	like(rest_of($s), qr{"values":\[\["<b>\\"new\\"</b>"\]\]}, 'and read by others');
	like(
		$http->post_form($url, { cell => 'nowhere', value => 1 })->{content},
		qr/There is no such cell/, 'a wrong cell is told'
	);
};

subtest 'every page of the demonstration is shown, and what stands on it can be changed' => sub {
	my $demo = Tidemark::Google->start(demo => 1);
	my $http = HTTP::Tiny->new(timeout => 10);
	my @left = map { "/fake/$_" } qw(edit calendar contacts notion);
	my (%seen, %did);
	while (defined(my $path = shift @left)) {
		next if $seen{$path}++;
		my $r = $http->get($demo->base . $path);
		is($r->{status}, 200, $path) or diag $r->{content};
		my @links = $r->{content} =~ m{href="(/fake/[^"]+)"}g;
		push @left, map { s/&amp;/&/gr } @links;
		# The first thing that stands there.
		my @forms = $r->{content} =~ m{(<form.*?</form>)}sg;
		my ($form) = grep { /type="hidden"/ } @forms or next;
		my %typed = $form =~ /<input\b[^>]*? name="([^"]+)"[^>]*? value="([^"]*)"/g;
		my ($do) = $form =~ /<button name="do" value="(\w+)"/;
		my ($name) = grep { /^(?:title|given)$/ } keys %typed;
		$r = $http->post_form($demo->base . $path, { %typed, do => $do, $name => 'Other' });
		like($r->{content}, qr/value="Other"/, "$do");
		$did{$do}++;
	}
	cmp_ok(scalar(keys %seen), '>', 10, 'all that there are');
	is_deeply([sort keys %did], [qw(change rename save)], 'pages, events, people');
	is($demo->ended('TERM'), 0, 'and it lives');
};

subtest 'grants are there after a restart' => sub {
	my $state = File::Temp->new;
	my $out = File::Temp->new;
	for my $round (1, 2) {
		my $pid = spawn(
			[
				Tidemark->build . '/tidemark-fake', '--demo', '--listen',
				'127.0.0.1:0', '--state', "$state"
			],
			out => "$out",
			err => "$out"
		);
		my ($base) = wait_for {
			my @all = file_text("$out") =~ m{(http://127\.0\.0\.1:\d+)}g;
			$all[$round - 1]
		} or die 'it did not start';
		my $http = HTTP::Tiny->new(
			timeout => 10,
			default_headers => { authorization => 'Bearer kept' }
		);
		$http->post(
			"$base/fake/control",
			{ content => '{"token": {"value": "kept", "email": "demo@example.com"}}' }
		) if $round == 1;
		my $r = $http->get("$base/drive/v3/files?fields=files(name)");
		is($r->{status}, 200, "round $round: the token is good");
		is_deeply(
			[sort map { $_->{name} } @{ json($r->{content})->{files} }],
			['Demo: Contacts', 'Demo: Large list', 'Demo: Tea shop'],
			'the demo account has its spreadsheets'
		);
		kill 'TERM', $pid;
		waitpid $pid, 0;
		is($?, 0, 'it ends when told to');
	}
};

subtest 'what was done a moment before it is killed is there when it starts again' => sub {
	my $dir = File::Temp->newdir;
	my $state = "$dir/fake.json";
	my $begin = sub {
		my $out = "$dir/" . shift;
		my @program = (Tidemark->build . '/tidemark-fake', '--demo', '--state', $state);
		my $pid = spawn([@program, '--listen', '127.0.0.1:0'], out => $out, err => $out);
		my $base = wait_for {
			-e $out && file_text($out) =~ m{(http://127\.0\.0\.1:\d+)} ? $1 : undef
		};
		return ($pid, $base);
	};
	# One connection for all that is asked, as programs have that talk to a service for long.
	my $http = HTTP::Tiny->new(timeout => 10, keep_alive => 1);
	my ($pid, $base) = $begin->('first');
	for my $name (qw(one two three)) {
		my $ask = qq({"token": {"value": "$name", "email": "demo\@example.com"}});
		my $r = $http->post("$base/fake/control", { content => $ask });
		is($r->{status}, 200, "$name is told");
		ok(wait_for(sub { -e $state && file_text($state) =~ /"$name"/ }, 10), 'and kept');
	}
	kill 'KILL', $pid;
	waitpid $pid, 0;
	($pid, $base) = $begin->('second');
	for my $name (qw(one two three)) {
		my $r = $http->get(
			"$base/drive/v3/files?fields=files(name)",
			{ headers => { authorization => "Bearer $name" } }
		);
		is($r->{status}, 200, "$name is known");
	}
	kill 'TERM', $pid;
	waitpid $pid, 0;
};

done_testing;
