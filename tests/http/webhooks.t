#!/usr/bin/perl
# seconds: 6
# Outgoing webhooks, end to end: a receiver on the loopback that verifies what it gets.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::SHA qw(hmac_sha256_base64);
use MIME::Base64 qw(decode_base64);
use Test::More;
use Tidemark;
use Time::HiRes qw(time);

my $t = Tidemark->start;
my $src = $t->source;
$src->put('/a.csv', "id,name\n1,Ann\n");
my $c = $t->connect(csv => $src->url('/a.csv'), name => 'People', start => false);

sub sql {
	my ($text) = @_;
	my $r =
	    $t->run('/usr/bin/sqlite3', '-cmd', '.timeout 60000', $t->home . '/tidemark.db', $text);
	die $r->{err} if $r->{rc};
	chomp $r->{out};
	return $r->{out}
}
sub webhook {
	my ($path, @events) = @_;
	my $r = $t->post(
		'/api/webhooks',
		{ url => $src->url($path), events => @events ? \@events : ['sync.completed'] }
	);
	die "webhook: $r->{status} $r->{content}" if $r->{status} != 201;
	return $r->{json};
}
sub deliveries { my ($id) = @_; return @{ $t->get("/api/webhooks/$id/deliveries")->{json}{data} } }
sub received {
	my ($path, $n) = @_;
	wait_for { my @r = $src->requests($path); @r >= $n } 10
	    or die "$path: only " . $src->requests($path) . "\n" . $t->logs;
	return $src->requests($path)
}
# What waits for its next try is due now.
sub due {
	my ($id) = @_;
	return sql(
		"UPDATE delivery SET due_at = 1 WHERE webhook_id = '$id' AND due_at IS NOT NULL; "
		    . "UPDATE lane SET due_at = 1, hold_until = 0 WHERE id = '$id' AND pid = 0")
}
# base64 of the HMAC, as a receiver computes it.
sub signature {
	my ($secret, $req) = @_;
	my $mac = hmac_sha256_base64(
		"$req->{headers}{'webhook-id'}.$req->{headers}{'webhook-timestamp'}.$req->{body}",
		decode_base64(substr $secret, 6)
	);
	return "v1,$mac" . '=' x (-length($mac) % 4);
}

subtest 'making, changing and removing' => sub {
	my $h = webhook('/x', 'sync.failed', 'sync.completed');
	like $h->{secret}, qr{^whsec_[A-Za-z0-9+/]{43}=$}, 'a secret, shown once';
	is_deeply $h->{events}, ['sync.completed', 'sync.failed'];
	is $h->{enabled}, true;
	my $r = $t->get("/api/webhooks/$h->{id}");
	ok !exists $r->{json}{secret}, 'and never again';
	unlike $t->get('/api/webhooks')->{content}, qr/whsec_/;
	unlike sql('SELECT secret FROM webhook'), qr/\Q@{[substr $h->{secret}, 6]}\E/;
	$r = $t->patch(
		"/api/webhooks/$h->{id}",
		{ description => 'Mine', events => ['records.changed'], enabled => false }
	);
	is $r->{status}, 200;
	is_deeply [@{ $r->{json} }{qw(description enabled)}, $r->{json}{events}[0]],
	    ['Mine', false, 'records.changed'];
	is $t->post("/api/webhooks/$h->{id}/test")->{status}, 409, 'one that is off is not tested';
	is $t->post('/api/webhooks', $_->[1])->{status}, 422, $_->[0]
	    for ['no address', { events => ['sync.failed'] }],
	    ['no event', { url => 'https://example.com' }],
	    [
		'an unknown event',
		{ url => 'https://example.com', events => ['sync.completed', 'x'] }
	    ],
	    ['another scheme', { url => 'ftp://example.com', events => ['sync.failed'] }],
	    ['a user part', { url => 'http://u:p@example.com', events => ['sync.failed'] }],
	    [
		'an unknown member',
		{ url => 'https://example.com', events => ['sync.failed'], x => 1 }
	    ],
	    [
		'two lines',
		{ url => 'https://example.com', events => ['sync.failed'], description => "a\nb" }
	    ];
	is $t->patch("/api/webhooks/$h->{id}", { enabled => 'yes' })->{status}, 422,
	    'a switch is true or false';
	is $t->del("/api/webhooks/$h->{id}")->{status}, 204;
	is $t->get("/api/webhooks/$h->{id}")->{status}, 404;
	is $t->post("/api/webhooks/$h->{id}")->{status}, 405, 'nothing is posted to one';
};

subtest 'an idempotent request never keeps the secret' => sub {
	my %key = (headers => { 'idempotency-key' => 'k1' });
	my $new = { url => $src->url('/idem'), events => ['sync.failed'] };
	my $r = $t->post('/api/webhooks', $new, %key);
	is $r->{status}, 201;
	my $again = $t->post('/api/webhooks', $new, %key);
	unlike $again->{content}, qr/whsec_/;
	unlike sql('SELECT body FROM idempotency'), qr/whsec_/;
	$t->del("/api/webhooks/$r->{json}{id}");
};

subtest 'each sees the own ones alone, and scopes count' => sub {
	my $h = webhook('/mine');
	my $d = $t->post("/api/webhooks/$h->{id}/test")->{json};
	my @o = (token => 'other:read,sync,write');
	is_deeply $t->get('/api/webhooks', @o)->{json}{data}, [];
	is $t->request($_->[0], "/api/webhooks/$h->{id}$_->[1]", $_->[2], @o)->{status}, 404,
	    "@$_[0, 1]"
	    for ['GET', ''], ['PATCH', '', { enabled => false }], ['DELETE', ''], ['POST', '/test'],
	    ['POST', '/rotate'], ['GET', '/deliveries'], ['POST', "/deliveries/$d->{id}/redeliver"];
	is $t->request($_->[0], "/api/webhooks/$h->{id}$_->[1]", $_->[2], token => 'admin:read')
	    ->{status}, 403, "with read alone: @$_[0, 1]"
	    for ['PATCH', '', { enabled => false }], ['DELETE', ''],
	    ['POST', '/test'], ['POST', '/rotate'], ['POST', "/deliveries/$d->{id}/redeliver"];
	is $t->get("/api/webhooks/$h->{id}/deliveries", token => 'admin:read')->{status}, 200;
	$t->del("/api/webhooks/$h->{id}");
};

subtest 'a sync is told, signed, within moments' => sub {
	$src->put('/hook', 'thanks');
	my $h = webhook('/hook', 'sync.completed', 'records.changed');
	my $run = $t->sync_and_wait($c->{id});
	my @got = received('/hook', 2);
	is_deeply [map { $_->{method} } @got], ['POST', 'POST'];
	my %by = map { json($_->{body})->{type} => $_ } @got;
	is_deeply [sort keys %by], ['records.changed', 'sync.completed'];
	for my $req (@got) {
		is $req->{headers}{'webhook-signature'}, signature($h->{secret}, $req),
		    'the signature fits';
		like $req->{headers}{'webhook-id'}, qr/^msg_[0-9a-f-]{36}$/;
		cmp_ok abs($req->{headers}{'webhook-timestamp'} - time), '<', 30;
		is $req->{headers}{'content-type'}, 'application/json';
	}
	my $doc = $t->get('/api/openapi.json')->{json};
	my $shape =
	    sub { return $doc->{components}{schemas}{ $_[0]{'$ref'} =~ m{(\w+)$} ? $1 : '' } };
	for my $type (sort keys %by) {
		my $message =
		    $shape->($doc->{webhooks}{$type}{post}{requestBody}{content}{'application/json'}
			    {schema});
		my $event = $shape->($message->{properties}{data});
		my $data = json($by{$type}{body})->{data};
		is_deeply [grep { !exists $data->{$_} } @{ $event->{required} }], [],
		    "$type: all that is described is there";
		is_deeply [grep { !$event->{properties}{$_} } sort keys %$data], [],
		    'and described is all that is there';
	}
	my $done = json($by{'sync.completed'}{body});
	is_deeply [sort keys %$done], [qw(data timestamp type)];
	is $done->{data}{syncId}, $run->{syncId};
	is $done->{data}{connectionId}, $c->{id};
	my $changed = json($by{'records.changed'}{body})->{data};
	is $changed->{added}, 1;
	is $changed->{datasets}[0]{id},
	    $t->get("/api/connections/$c->{id}/datasets")->{json}{data}[0]{id};
	unlike $by{'records.changed'}{body}, qr/Ann/, 'no values';
	my ($d) = deliveries($h->{id});
	wait_for { ($d) = deliveries($h->{id}); $d->{status} eq 'done' };
	is $d->{attempts}[0]{status}, 200;
	is $d->{attempts}[0]{answer}, 'thanks';
	ok $t->get("/api/webhooks/$h->{id}")->{json}{lastSuccessAt};
	$t->del("/api/webhooks/$h->{id}");
};

subtest 'a test takes the same way, and what failed is tried again with the same id' => sub {
	$src->script(
		'/retry', ["no\e[0m", status => 500],
		['later', status => 503, headers => { 'Retry-After' => 120 }], ['yes']
	);
	my $h = webhook('/retry');
	my $r = $t->post("/api/webhooks/$h->{id}/test");
	is $r->{status}, 202;
	is $r->{json}{type}, 'webhook.test';
	received('/retry', 1);
	my ($d) = deliveries($h->{id});
	is $d->{id}, $r->{json}{id};
	ok wait_for {
		($d) = deliveries($h->{id});
		@{ $d->{attempts} } == 1 && $d->{attempts}[0]{status}
	};
	is $d->{status}, 'waiting';
	is $d->{attempts}[0]{answer}, 'no[0m', 'control characters are left out';
	is $d->{attempts}[0]{error}{code}, 'source_unavailable';
	ok $t->get("/api/webhooks/$h->{id}")->{json}{failingSince};
	# The first retry comes after five seconds by itself: here it is made due.
	due($h->{id});
	$t->tick;
	received('/retry', 2);
	wait_for {
		($d) = deliveries($h->{id});
		@{ $d->{attempts} } == 2 && $d->{attempts}[0]{status}
	};
	my $wait = sql("SELECT due_at FROM delivery WHERE id = '$d->{id}'") / 1000 - time;
	cmp_ok $wait, '>', 280, 'the second comes in five minutes';
	due($h->{id});
	$t->tick;
	my @got = received('/retry', 3);
	is scalar(grep { $_->{headers}{'webhook-id'} eq $got[0]{headers}{'webhook-id'} } @got), 3,
	    'with one id';
	wait_for { ($d) = deliveries($h->{id}); $d->{status} eq 'done' };
	is scalar @{ $d->{attempts} }, 3;
	is $t->get("/api/webhooks/$h->{id}")->{json}{failingSince}, undef;
	$r = $t->post("/api/webhooks/$h->{id}/deliveries/$d->{id}/redeliver");
	is $r->{status}, 202;
	@got = received('/retry', 4);
	is $got[3]{headers}{'webhook-id'}, $got[0]{headers}{'webhook-id'},
	    'sent again by hand, with the same id';
	$t->del("/api/webhooks/$h->{id}");
};

subtest 'two signatures after a rotation' => sub {
	$src->put('/rotate', '');
	my $h = webhook('/rotate');
	my $new = $t->post("/api/webhooks/$h->{id}/rotate")->{json};
	isnt $new->{secret}, $h->{secret};
	ok $new->{secondSecretUntil};
	$t->post("/api/webhooks/$h->{id}/test");
	my ($req) = received('/rotate', 1);
	is $req->{headers}{'webhook-signature'},
	    join(' ', signature($new->{secret}, $req), signature($h->{secret}, $req));
	sql("UPDATE webhook SET old_until = 1 WHERE id = '$h->{id}'");
	$t->post("/api/webhooks/$h->{id}/test");
	$req = (received('/rotate', 2))[1];
	is $req->{headers}{'webhook-signature'}, signature($new->{secret}, $req);
	$t->del("/api/webhooks/$h->{id}");
};

subtest 'one that is gone is switched off' => sub {
	$src->put('/gone', '', status => 410);
	my $h = webhook('/gone');
	$t->post("/api/webhooks/$h->{id}/test");
	my $now;
	ok wait_for { $now = $t->get("/api/webhooks/$h->{id}")->{json}; !$now->{enabled} };
	is $now->{disabled}{code}, 'webhook_gone';
	is + (deliveries($h->{id}))[0]{status}, 'failed';
	is $t->patch("/api/webhooks/$h->{id}", { enabled => true })->{json}{disabled}, undef,
	    'and on again by its owner';
	$t->del("/api/webhooks/$h->{id}");
};

subtest 'redirects are not followed' => sub {
	$src->put('/moved', '', redirect => $src->url('/elsewhere'));
	my $h = webhook('/moved');
	$t->post("/api/webhooks/$h->{id}/test");
	received('/moved', 1);
	my $d;
	wait_for { ($d) = deliveries($h->{id}); @{ $d->{attempts} } && $d->{attempts}[0]{status} };
	is $d->{attempts}[0]{status}, 302;
	is $d->{status}, 'waiting';
	is scalar $src->requests('/elsewhere'), 0;
	$t->del("/api/webhooks/$h->{id}");
};

subtest 'a receiver that is silent or away does not slow syncs or others' => sub {
	$src->put('/mute', '', delay => 120);
	$src->put('/good', '');
	my @mute = map { webhook('/mute') } 1 .. 6;
	my $away = webhook('/away');
	sql("UPDATE webhook SET url = 'http://127.0.0.1:1/' WHERE id = '$away->{id}'");
	my $good = webhook('/good');
	$t->post("/api/webhooks/$_->{id}/test") for @mute, $away;
	received('/mute', 1);
	# They fail: from now on they have at most half of the places.
	sql(          "UPDATE lane SET failures = 1 WHERE id IN ("
		    . join(',', map { "'$_->{id}'" } @mute)
		    . ')');
	my $from = time;
	my $run = $t->sync_and_wait($c->{id});
	cmp_ok time - $from, '<', 25, 'a sync goes its way';
	is $run->{status}, 'complete';
	$t->del("/api/webhooks/$_->{id}") for @mute, $away;
	kill 'KILL', $t->pids('tidemark-worker');
	received('/good', 1);
	pass 'and the others are told';
	$t->del("/api/webhooks/$good->{id}");
};

subtest 'killed while it sends: sent again, with the same id' => sub {
	$src->script('/kill', ['', delay => 30], ['']);
	my $h = webhook('/kill');
	$t->post("/api/webhooks/$h->{id}/test");
	received('/kill', 1);
	my @workers = $t->pids('tidemark-worker');
	ok @workers, 'a deliverer is at work';
	kill 'KILL', @workers;
	my @got = received('/kill', 2);
	is $got[1]{headers}{'webhook-id'}, $got[0]{headers}{'webhook-id'};
	my $d;
	ok wait_for { ($d) = deliveries($h->{id}); $d->{status} eq 'done' };
	is $d->{attempts}[1]{error}{code}, 'interrupted', 'the log says so';
	$t->del("/api/webhooks/$h->{id}");
};

subtest 'killed with its tick: the next one goes on, whatever the lease' => sub {
	$src->script('/kill2', ['', delay => 30], ['']);
	my $h = webhook('/kill2');
	$t->post("/api/webhooks/$h->{id}/test");
	received('/kill2', 1);
	my $lease = sql("SELECT due_at FROM lane WHERE id = '$h->{id}'");
	cmp_ok $lease / 1000, '>', time + 5, 'it is held for long';
	$t->kill_all(KILL => 'tidemark-tick');
	wait_for { !$t->pids('tidemark-worker') };
	is $t->tick->{rc}, 0, 'the next tick';
	received('/kill2', 2);
	cmp_ok time, '<', $lease / 1000, 'does not wait for that';
	$t->del("/api/webhooks/$h->{id}");
};

subtest 'private networks are refused' => sub {
	my $closed = Tidemark->start(env => { TIDEMARK_ALLOW_NETS => '' });
	my $hook = sub {
		$closed->post('/api/webhooks', { url => $_[0], events => ['sync.failed'] })->{json}
	};
	my $kept = $hook->('https://hook.example/');
	for my $url (
		$src->url('/private'), 'http://[::1]/', 'http://169.254.169.254/latest/',
		'http://0x7f000001:' . $src->{port} . '/private'
	) {
		for my $r ($hook->($url),
			$closed->patch("/api/webhooks/$kept->{id}", { url => $url })->{json}) {
			is $r->{errors}[0]{field}, 'url', "$url is refused when it is typed";
			like $r->{errors}[0]{message}, qr/leads to a private network/;
		}
	}
	is $closed->get("/api/webhooks/$kept->{id}")->{json}{url}, 'https://hook.example/';
	# A name is followed when a message is sent.
	for my $url ("http://localhost:$src->{port}/private") {
		my $h = $closed->post('/api/webhooks', { url => $url, events => ['sync.failed'] })
		    ->{json};
		$closed->post("/api/webhooks/$h->{id}/test");
		my $d;
		ok wait_for {
			($d) = @{ $closed->get("/api/webhooks/$h->{id}/deliveries")->{json}{data} };
			@{ $d->{attempts} }
			    && $d->{attempts}[0]{error}
			    && $d->{attempts}[0]{error}{code} ne 'interrupted'
		};
		is $d->{attempts}[0]{error}{code}, 'address_blocked', $url;
	}
	is scalar $src->requests('/private'), 0;
};

subtest 'the pages' => sub {
	my $s = $t->sign_in('admin');
	my %o = (token => undef, headers => { cookie => $s->{cookie} });
	my $post = sub {
		my ($path, %f) = @_;
		return $t->post($path, undef, %o, form => { csrf => $s->{csrf}, %f })
	};
	like $t->get('/settings?tab=webhooks', %o)->{content}, qr/There are none\. A webhook is/;
	my $r =
	    $post->('/settings/webhooks', do => 'add', url => 'nonsense', event => 'sync.failed');
	is $r->{status}, 422;
	like $r->{content}, qr/value="nonsense"/, 'what was typed stays';
	like $r->{content}, qr/value="sync\.failed" checked/;
	unlike $r->{content}, qr/value="sync\.completed" checked/;
	$src->put('/page', "<script>alert(1)</script>\e", status => 500);
	$r = $post->(
		'/settings/webhooks', do => 'add', url => $src->url('/page'),
		event => 'sync.failed', description => '<b>x</b>'
	);
	is $r->{status}, 200;
	like $r->{content}, qr/whsec_/, 'the secret is shown';
	my ($id) = $r->{content} =~ m{href="/webhooks/([0-9a-f-]{36})"} or die;
	unlike $t->get('/settings?tab=webhooks', %o)->{content}, qr/whsec_|<b>x/,
	    'once, and texts are texts';
	is $post->("/webhooks/$id", do => 'test')->{status}, 303;
	my $page;
	ok wait_for { $page = $t->get("/webhooks/$id", %o)->{content}; $page =~ /answered 500/ };
	like $page, qr/&lt;script&gt;alert/;
	my ($d) = $page =~ /name="delivery" value="([^"]+)"/ or die;
	is $post->("/webhooks/$id", do => 'again', delivery => $d)->{status}, 303;
	like $post->("/webhooks/$id", do => 'rotate')->{content}, qr/whsec_/;
	is $post->("/webhooks/$id", do => 'off')->{status}, 303;
	like $t->get("/webhooks/$id", %o)->{content}, qr/Enable/;
	is $post->(
		"/webhooks/$id", do => 'edit', url => $src->url('/page2'),
		event => 'records.changed'
	)->{status}, 303;
	is $t->get("/api/webhooks/$id")->{json}{url}, $src->url('/page2');
	is $post->("/webhooks/$id", do => 'edit', url => 'x')->{status}, 422;
	my $stranger = $t->sign_in('stranger');
	is $t->get("/webhooks/$id", token => undef, headers => { cookie => $stranger->{cookie} })
	    ->{status}, 404, 'not for others';
	is $post->("/webhooks/$id", do => 'remove', sure => 1)->{status}, 303;
	is $t->get("/webhooks/$id", %o)->{status}, 404;
	like join(
		' ',
		map { $_->{action} }
		    @{ $t->get('/api/audit', token => 'admin:operator,read')->{json}{data} // [] }
	    ),
	    qr/webhook made|^$/, 'the audit knows';
};

done_testing;
