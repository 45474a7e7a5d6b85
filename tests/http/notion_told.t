# seconds: 25
# Messages of Notion: who may send them, what they start and what they do not. The index, which
# answers queries, lags all the while: what a message names is seen all the same.
use strict;
use warnings;
use Digest::SHA qw(hmac_sha256_hex);
use IO::Socket::INET;
use JSON::PP ();
use POSIX qw(strftime);
use Test::More;
use Tidemark;
use Tidemark::Notion;

my ($g, $n, $t) = Tidemark::Notion->beside(APP_URL => 'https://sync.example.com');
$g->control({ push => { origin => $t->{base} } });
my $path = '/api/webhooks/notion';
my $operator = $t->token('admin', 'read,sync,write,operator');
my $json = JSON::PP->new->canonical;

my $s = $n->source('Plans', { When => { date => {} }, Done => { checkbox => {} } });
my %page = map {
	$_ => $n->page($s, $_, When => { date => { start => '2026-10-05' } })
} qw(Tea Cake Milk);
my $c = $t->connect('notion', undef, name => 'plans', config => { dataSource => $s },
	schedule => { frequency => 'weekly' })->{id};

sub runs { return @{ $t->get("/api/connections/$c/syncs?limit=200")->{json}{data} } }
sub by_message { return scalar grep { $_->{trigger} eq 'webhook' } runs() }
sub soon(&) { my ($is) = @_; return wait_for { $is->() } 60 }
sub idle { soon { !grep { $_->{status} !~ /complete|error/ } runs() } or die 'never idle' }
sub titles {
	return join ' ', sort map { $_->{title} }
	    @{ $t->get('/api/events?from=2026-10-01&to=2026-11-01&limit=500')->{json}{data} }
}
sub offers { return @{ $t->get('/api/subscriptions', token => $operator)->{json}{data} } }
sub send_signed {
	my ($body, $key, %headers) = @_;
	my $text = ref $body ? $json->encode($body) : $body;
	my %h = defined $key
	    ? ('x-notion-signature' => 'sha256=' . hmac_sha256_hex($text, $key))
	    : ();
	return $t->request(
		POST => $path, $text, token => undef,
		headers => { 'content-type' => 'application/json', %h, %headers }
	);
}
# As Notion writes times: so many seconds from now.
sub at { return strftime('%Y-%m-%dT%H:%M:%S.000Z', gmtime time + $_[0]) }
my $told = 0;
sub message {
	my ($page, %o) = @_;
	return {
		id => 'message-' . ++$told, timestamp => at(0),
		type => 'page.content_updated', entity => { id => $page, type => 'page' },
		data => { parent => { type => 'database', id => $s, data_source_id => $s } }, %o
	};
}
idle();
is(titles(), 'Cake Milk Tea', 'three pages with a date');

my ($key, $id);
subtest 'Notion introduces itself, and counts when an operator says so' => sub {
	my $r = $g->control({
		notion_webhook =>
		    { token => 'ntn_test', address => "https://sync.example.com$path" }
	});
	$key = $r->{verification_token};
	ok(soon { offers() }, 'the token has come') or return;
	my ($offer) = offers();
	$id = $offer->{id};
	is($offer->{token}, $key, 'the one to paste');
	is($offer->{state}, 'offered', 'it does not count yet');
	is(send_signed({ verification_token => $key }, $key)->{status}, 204, 'sent once more');
	is(send_signed({ verification_token => $key })->{status}, 204, 'and without a signature');
	is(scalar offers(), 1, 'it is the same one');
	is(send_signed({ verification_token => 'other' }, 'third')->{status}, 401, 'a false one');
	is(send_signed(message($page{Tea}), $key)->{status}, 401, 'and it may say nothing');
	my $session = $t->sign_in('admin');
	my $seen = $t->get('/settings?tab=accounts', token => undef,
		headers => { cookie => $session->{cookie} });
	like($seen->{content}, qr/\Q$key\E/, 'an operator sees it');
	unlike($t->logs, qr/\Q$key\E/, 'no log does');
	$t->run('tidemark', 'user', 'add', 'ann');
	my $ann = $t->token('ann', 'read,sync,write');
	is($t->get('/api/subscriptions', token => $ann)->{status}, 403, 'others do not');
	is($t->post("/api/subscriptions/$id/confirm", undef, token => $ann)->{status}, 403,
		'and confirm nothing');
	is($t->post("/api/subscriptions/$id/confirm", undef, token => $operator)->{status}, 204,
		'confirmed');
	$g->control({ notion_webhook => { verify => $key } });
	my ($now) = offers();
	is_deeply([@$now{qw(state token)}], ['confirmed', undef], 'nobody sees it any more');
	$t->sync_and_wait($c);
	ok($t->get("/api/connections/$c")->{json}{channel}{id}, 'the connection listens');
};

subtest 'what is edited there is here at once, though its index knows nothing yet' => sub {
	$g->control({ notion_lag_ms => 60_000 });
	my $before = by_message();
	$n->edit($page{Tea}, Name => $n->title('Tea with Ann'));
	ok(soon { titles() eq 'Cake Milk Tea with Ann' }, 'an edit') or diag titles();
	$n->trash($page{Cake});
	ok(soon { titles() eq 'Milk Tea with Ann' }, 'a page in the trash');
	$n->trash($page{Cake}, 0);
	ok(soon { titles() eq 'Cake Milk Tea with Ann' }, 'taken out of it');
	$page{New} = $n->page($s, 'New', When => { date => { start => '2026-10-06' } });
	ok(soon { titles() eq 'Cake Milk New Tea with Ann' }, 'one that is made');
	$n->edit($page{New}, When => { date => undef });
	ok(soon { titles() eq 'Cake Milk Tea with Ann' }, 'one whose date is taken away');
	idle();
	my ($d) = @{ $t->get("/api/connections/$c/datasets")->{json}{data} };
	is($d->{rows}, 4, 'whose record stays');
	cmp_ok(by_message(), '>', $before, 'messages did that');
	is($t->get("/api/connections/$c")->{json}{lastError}, undef, 'and all is well');
	$g->control({ notion_lag_ms => 0 });
	idle();
};

subtest 'what is not signed as it should be is refused, all in the same words' => sub {
	my $m = message($page{Milk});
	my $text = $json->encode($m);
	my $good = 'sha256=' . hmac_sha256_hex($text, $key);
	my $before = runs();
	my %seen;
	for (
		[none => $text, undef], [wrong => $text, 'sha256=' . '0' x 64],
		[bare => $text, hmac_sha256_hex($text, $key)],
		[short => $text, substr $good, 0, -1], [long => $text, $good . '0'],
		[other => $text, 'sha256=' . hmac_sha256_hex($text, 'other')],
		[empty => $text, 'sha256='], [changed => "$text ", $good],
		[sha1 => $text, $good =~ s/sha256/sha1/r]
	) {
		my ($name, $body, $signature) = @$_;
		my $r = send_signed($body, undef,
			defined $signature ? ('x-notion-signature' => $signature) : ());
		is($r->{status}, 401, $name);
		$seen{ $r->{json}{detail} }++;
	}
	is(scalar keys %seen, 1, 'one sentence');
	is(send_signed($_, $key)->{status}, 404, "no message: $_")
	    for '', '[]', '{}', 'x', '{"verification_token": ""}', '{"type": 5, "id": "x"}';
	is($t->get($path)->{status}, 405, 'nor is it read');
	is(scalar(runs()), $before, 'nothing ran');
	is(send_signed("$text ", $key)->{status}, 204, 'the same with its signature is taken');
	ok(soon { runs() > $before }, 'and a run begins');
	idle();
};

subtest 'a message counts once, and only while it may be repeated' => sub {
	my $m = message($page{Milk});
	my $before = by_message();
	is(send_signed($m, $key)->{status}, 204, 'a message');
	ok(soon { by_message() > $before }, 'a run');
	idle();
	$before = by_message();
	is(send_signed($_, $key)->{status}, 204, 'taken quietly')
	    for $m, { %$m, attempt_number => 2 },
	    message($page{Milk}, timestamp => at(-27 * 3600)),
	    message($page{Milk}, timestamp => undef), message($page{Milk}, id => 'x' x 500),
	    message('00000000-0000-0000-0000-000000000000', data => {}),
	    message($page{Milk},
		data => { parent => { data_source_id => '00000000000000000000000000000000' } });
	$t->tick;
	idle();
	is(by_message(), $before, 'nothing ran');
};

subtest 'a storm is a few runs, and nothing of it is lost' => sub {
	# More than nginx lets in at once comes again later.
	my @pages = map {
		my $page = $n->page($s, "Guest $_", When => { date => { start => '2026-10-07' } });
		select undef, undef, undef, 0.02 if $_ > 100;
		$page
	} 1 .. 280;
	ok(soon { $t->tick; scalar(() = titles() =~ /Guest/g) == 280 }, 'they have come');
	idle();
	my $before = runs();
	# All of them come before a run may begin, however fast that would be.
	my $may = sub {
		return $t->sql("UPDATE schedule SET health = '$_[0]' WHERE connection_id = '$c'");
	};
	my $noted = sub {
		return $t->sql("SELECT count(*) + 1000 * sum(item = '') FROM mention
			WHERE connection_id = '$c'") // 0;
	};
	$may->('attention');
	$n->trash($_) for @pages[0 .. 119];
	ok(soon { $noted->() >= 120 }, 'all that went are named') or diag $noted->();
	is(scalar(runs()), $before, 'and wait for one run');
	$may->('ok');
	# Of more than is told one by one, each that is missing is looked at by itself.
	my $gone = qr/Guest (?:\d|\d\d|1[01]\d|120)\b/;
	ok(soon { $t->tick; titles() !~ $gone }, 'all that went are gone')
	    or diag titles();
	is(scalar(() = titles() =~ /Guest/g), 160, 'and no others');
	idle();
	cmp_ok(runs() - $before, '<', 20, 'in a few runs');
	is($t->sql('SELECT COUNT(*) FROM mention'), 0, 'nothing is left of it');
};

subtest 'nobody takes its place, and what is removed is refused' => sub {
	is(send_signed({ verification_token => "t$_" }, "t$_")->{status}, 204, "offer $_")
	    for 1 .. 4;
	my @at_once = map {
		my $body = $json->encode({ verification_token => "u$_" });
		my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $t->port)
		    or die $@;
		print $s join "\r\n", "POST $path HTTP/1.0", 'Host: localhost',
		    'Content-Type: application/json', 'Content-Length: ' . length $body, '', $body;
		$s
	} 1 .. 24;
	my $in = grep { (readline($_) // '') =~ / 204 / } @at_once;
	is($in, 6, 'of many that come at once those for whom there is room');
	is(send_signed({ verification_token => 't11' }, 't11')->{status}, 503, 'one too many');
	is(send_signed(message($page{Milk}), 't1')->{status}, 401, 'none of them counts');
	is(send_signed(message($page{Milk}), $key)->{status}, 204, 'the confirmed one does');
	for (offers()) {
		my $r = $t->del("/api/subscriptions/$_->{id}", token => $operator);
		is($r->{status}, 204, 'removed');
	}
	idle();
	is(send_signed(message($page{Milk}), $key)->{status}, 401, 'it is a stranger now');
	is($t->get("/api/connections/$c")->{json}{channel}, undef, 'and nothing is waited for');
};

done_testing;
