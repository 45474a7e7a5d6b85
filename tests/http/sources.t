#!/usr/bin/perl
# seconds: 9
# What sources do to people: real failures of other products, each named after the behaviour that
# must hold here. Over HTTP, through nginx, with real processes.
use strict;
use warnings;
use utf8;
use Encode ();
use FindBin;
use IO::Compress::Gzip ();
use lib "$FindBin::Bin/../lib";
use Test::More;
use Tidemark;

my $t = Tidemark->start;
my $src = $t->source;
my $n = 0;

# A connection to a fresh path with this content, its first sync done.
sub connected {
	my ($kind, $bytes, %o) = @_;
	my $path = '/s' . ++$n . { csv => '.csv', json => '.json', ical => '.ics' }->{$kind};
	$src->put($path, $bytes, %{ delete $o{answer} // {} });
	my $c = $t->connect($kind => $src->url($path), %o);
	return ($c->{id}, $path, $t->wait_run($c->{activeSyncId}));
}

sub counts {
	my ($r) = @_;
	return join ' ', map { $r->{stats}{$_} } qw(added updated deleted unchanged)
}
sub codes {
	my ($r) = @_;
	return join ' ', sort map { $_->{code} } @{ $r->{warnings} }
}
sub values_of {
	my ($id) = @_;
	my $r = $t->records($id);
	return { map { my $x = { %{ $r->{$_} } }; delete $x->{_meta}; ($_ => $x) } keys %$r }
}

subtest 'a header with a repeated and a blank cell imports every column under a stable name' =>
    sub {
	my ($id, $path, $r) = connected(csv => "id,name,name,\n1,a,b,stray\n2,c,d,\n");
	is $r->{status}, 'complete';
	like codes($r), qr/column_blank/;
	like codes($r), qr/column_duplicate/;
	is_deeply values_of($id)->{1},
	    { id => '1', name => 'a', name_2 => 'b', column_4 => 'stray' };
    };

subtest 'text in an encoding that nobody has named is read as what it is, or asked about' =>
    sub {
	my %text = (
		cp932 =>
		    '大阪にあるホテルの名前と'
		    . '住所、京都の旅館、神戸のバス停',
		cp949 =>
		    '부산광역시 고객 목록의 '
		    . '주소와 서울특별시의 이름들',
		'koi8-r' => 'постоянный клиент', 'UTF-16LE' => '東京'
	);
	for my $encoding (sort keys %text) {
		my $bytes = Encode::encode($encoding, "id,v\n1,$text{$encoding}\n");
		my ($id, $path, $r) = connected(csv => $bytes, answer => { type => 'text/csv' });
		is values_of($id)->{1}{v}, $text{$encoding}, $encoding;
		is codes($r), 'encoding_guessed';
	}
	my ($id, $path, $r) = connected(
		csv => Encode::encode('cp1250', "id,v,\n1,Łódź,\n"),
		answer => { type => 'text/csv' }
	);
	is codes($r), 'empty_columns encoding_unsure';
	like $r->{warnings}[0]{message}, qr/"Łódź" in windows-1250/, 'with a word of it';
	$r = $t->sync_and_wait($id);
	is codes($r), 'empty_columns encoding_unsure', 'as long as it is not certain';
	my $chosen = $t->patch(
		"/api/connections/$id", { config => { encoding => 'windows-1250' } }
	);
	is $chosen->{status}, 200;
	$r = $t->sync_and_wait($id);
	is codes($r), 'empty_columns', 'and no longer';
	is values_of($id)->{1}{v}, 'Łódź';
    };

subtest 'an emptied file keeps the old rows and says so' => sub {
	my ($id, $path, $r) = connected(csv => "id,v\n1,a\n2,b\n");
	$src->put($path, '');
	$r = $t->sync_and_wait($id);
	is $r->{error}{code}, 'empty_source';
	is keys %{ values_of($id) }, 2, 'the rows are still served';
	$src->put($path, "id,v\n");
	$r = $t->sync_and_wait($id);
	is $r->{error}{code}, 'needs_approval', 'a header alone asks first';
	is keys %{ values_of($id) }, 2;
	isnt $t->get("/api/connections/$id")->{json}{status}, 'active', 'it is not shown as fresh';
};

subtest 'a body that breaks off changes nothing' => sub {
	my $all = "id,v\n" . join '', map { "$_,value $_\n" } 1 .. 2000;
	my ($id, $path) = connected(csv => $all);
	my $before = values_of($id);
	(my $other = $all) =~ s/value/other/g;
	$src->put($path, $other, cut => 9000);
	my $r = $t->sync_and_wait($id);
	is $r->{status}, 'error';
	is $r->{error}{code}, 'truncated';
	is_deeply values_of($id), $before;
};

subtest 'page three failing leaves the last good data' => sub {
	my $page = sub {
		my ($p, $next) = @_;
		return json_text({
			items => [
				($p == 1 ? { id => 'old', v => '1' } : ()),
				map { { id => "$p-$_", v => 'new' } } 1 .. 3
			],
			$next ? (next => $next) : ()
		})
	};
	my ($id) = connected(
		json => json_text({ items => [{ id => 'old', v => '1' }] }),
		config => { records => 'items', next => 'next' }
	);
	my $c = $t->get("/api/connections/$id")->{json};
	(my $path = $c->{config}{url}) =~ s{^http://[^/]+}{};
	$src->put($path, $page->(1, '/p2.json'));
	$src->put('/p2.json', $page->(2, '/p3.json'));
	$src->put('/p3.json', '{}', status => 500);
	my $r = $t->sync_and_wait($id);
	is $r->{error}{code}, 'source_unavailable';
	is_deeply [keys %{ values_of($id) }], ['old'];
	$src->put('/p3.json', $page->(3));
	$r = $t->sync_and_wait($id);
	is $r->{status}, 'complete', $r->{message};
	is scalar(grep { !/old/ } keys %{ values_of($id) }), 9;
};

subtest 'a 429 in the middle is never a success, and is waited out' => sub {
	my ($id, $path) = connected(csv => "id,v\n1,a\n");
	my $good = $t->get("/api/connections/$id")->{json}{lastSuccessAt};
	$src->put($path, 'slow down', status => 429, headers => { 'Retry-After' => '1200' });
	my $r = $t->sync_and_wait($id);
	is $r->{error}{code}, 'rate_limited';
	my $c = $t->get("/api/connections/$id")->{json};
	is $c->{lastSuccessAt}, $good, 'the last success stays what it was';
	is $c->{schedule}{retryCount}, 0, 'it is not counted against the source';
	cmp_ok seconds_until($c->{nextPollAt}), '>', 1100, 'not before the time it asked for';
};

subtest 'a source that asks for hours is left alone so long, unless a person asks it' => sub {
	my ($id, $path) = connected(csv => "id,v\n1,a\n");
	my $until = time + 9 * 3600;
	my @rests = (
		[429, { 'Retry-After' => 6 * 3600 }, 6, 'retrying'],
		[
			403, { 'X-RateLimit-Remaining' => '0', 'X-RateLimit-Reset' => $until },
			9, 'retrying'
		],
		[503, { 'Retry-After' => 25 * 3600 }, 25, 'attention'],
	);
	for my $rest (@rests) {
		my ($status, $headers, $hours, $told) = @$rest;
		$src->put($path, 'later', status => $status, headers => $headers);
		is $t->sync_and_wait($id)->{status}, 'error';
		my $c = $t->get("/api/connections/$id")->{json};
		my $left = seconds_until($c->{nextPollAt});
		ok $left > $hours * 3600 - 60 && $left <= $hours * 3600 + 60,
		    "$status: $hours hours, not $left seconds";
		is $c->{askedUntil}, $c->{nextPollAt}, 'told by the interface';
		is $c->{status}, $told, 'and to its owner where it is a day';
		my $until = qr/<time datetime="\Q$c->{askedUntil}\E"/;
		like $t->get("/connections/$id")->{content},
		    qr/It asks to be left alone until $until/, 'on its page';
	}
	$src->put($path, "id,v\n1,b\n");
	is $t->sync_and_wait($id)->{status}, 'complete';
	my $c = $t->get("/api/connections/$id")->{json};
	is $c->{askedUntil}, undef;
	is $c->{status}, 'active';
};

subtest 'a limit that is told as a refusal is waited out too' => sub {
	my @limits = (
		['{}', { 'Retry-After' => '1200' }],
		[
			'{"message": "API rate limit exceeded"}',
			{ 'X-RateLimit-Remaining' => '0', 'X-RateLimit-Reset' => time + 1200 }
		],
		['{"error": {"errors": [{"reason": "userRateLimitExceeded"}]}}', {}],
	);
	for my $limit (@limits) {
		my ($id, $path) = connected(csv => "id,v\n1,a\n");
		$src->put($path, $limit->[0], status => 403, headers => $limit->[1]);
		my $r = $t->sync_and_wait($id);
		is $r->{error}{code}, 'rate_limited';
		my $c = $t->get("/api/connections/$id")->{json};
		is $c->{status}, 'retrying', 'it goes on by itself';
		is $c->{schedule}{retryCount}, 0, 'it is not counted';
		cmp_ok seconds_until($c->{nextPollAt}), '>', %{ $limit->[1] } ? 1100 : 1,
		    'not before the time it named';
	}
};

subtest 'the progress of a packed answer counts what comes over the wire' => sub {
	my $all = "id,v\n" . join '', map { "$_," . $_ * 7919 % 99991 . "\n" } 1 .. 100_000;
	IO::Compress::Gzip::gzip(\$all => \my $packed);
	my ($id, $path) = connected(csv => "id,v\n1,a\n");
	$src->put($path, $all, gzip => 1, hang => int(length($packed) / 2));
	$t->cooled($id);
	my $run = $t->post('/api/sync', { connectionId => $id })->{json}{syncId};
	my $s = wait_for {
		my $now = $t->get("/api/sync?syncId=$run")->{json};
		$now->{message} =~ /^Downloading, (\d+) kB of \d+ kB$/ && $1 > 0 ? $now : undef;
	};
	ok $s, 'it says how far it has come' or return;
	my ($have, $of) = $s->{message} =~ /(\d+) kB of (\d+)/;
	cmp_ok $of, '==', int((length($packed) + 999) / 1000), 'of what the server named';
	cmp_ok $have, '<=', $of / 2 + 1, 'and never more';
	cmp_ok $s->{progress}, '<=', 30, 'half of the download is half of its share';
	is $t->post("/api/sync/$run/cancel")->{status}, 202;
	$t->wait_run($run);
};

subtest 'values follow moved and renamed headers, and the change is shown' => sub {
	my ($id, $path) = connected(csv => "id,name,city\n1,ann,rome\n2,bob,bonn\n");
	$src->put($path, "city,id,name,age\nrome,1,ann,30\nbonn,2,bob,40\n");
	my $r = $t->sync_and_wait($id);
	is_deeply values_of($id)->{2}, { id => '2', name => 'bob', city => 'bonn', age => '40' };
	like codes($r), qr/column_added.*column_moved/;
	$src->put($path, "town,id,name,age\nrome,1,ann,30\nbonn,2,bob,41\n");
	$r = $t->sync_and_wait($id);
	like codes($r), qr/column_renamed/;
	is_deeply values_of($id)->{2}, { id => '2', name => 'bob', town => 'bonn', age => '41' };
};

subtest 'a source that is gone stops at once, burns no retries and keeps its data' => sub {
	my ($id, $path) = connected(csv => "id,v\n1,a\n");
	$src->gone($path);
	my $r = $t->sync_and_wait($id);
	is $r->{error}{code}, 'source_not_found';
	my $c = $t->get("/api/connections/$id")->{json};
	is $c->{status}, 'attention';
	is $c->{nextPollAt}, undef;
	is $c->{schedule}{retryCount}, 0;
	is keys %{ values_of($id) }, 1;
	$src->put($path, "id,v\n1,b\n");
	is $t->post("/api/connections/$id/resume")->{status}, 200;
	ok wait_for { $t->tick; (values_of($id)->{1}{v} // '') eq 'b' }, 'resuming reads it again';
	ok wait_for { $t->get("/api/connections/$id")->{json}{status} eq 'active' }, 'and is well';
};

subtest 'texts are kept to the letter' => sub {
	my ($id, $path, $r) =
	    connected(
		csv => "id,zip,phone,amount,day,big,ü\n1,0003,+49301234,\"1.234,56\",2026-03-29,"
		    . "12345678901234567890,ß\n");
	is_deeply values_of($id)->{1},
	    {
		id => '1', zip => '0003', phone => '+49301234', amount => '1.234,56',
		day => '2026-03-29', big => '12345678901234567890', 'ü' => 'ß'
	    };
	my %type = map { $_->{name} => $_->{type} }
	    @{ $t->get("/api/connections/$id/datasets")->{json}{data}[0]{columns} };
	is $type{zip}, 'text';
	is $type{id}, 'integer';
	is $type{day}, 'date';
	$src->put(
		$path,
		"id,zip,phone,amount,day,big,ü\nx,0003,+49301234,\"1.234,56\",2026-03-29,"
		    . "12345678901234567890,ß\n2,1,2,3,2026-01-01,5,6\n"
	);
	$r = $t->sync_and_wait($id);
	like codes($r), qr/type_changed/, 'a type that no longer fits is told';
};

subtest 'JSON values are kept to the letter' => sub {
	my ($id) =
	    connected(json => '[{"id":"a","price":1.10,"big":12345678901234567890,"ok":true,'
		    . '"tags":["x"],"none":null}]');
	my $ds = $t->get("/api/connections/$id/datasets")->{json}{data}[0]{id};
	like $t->get("/api/datasets/$ds/records")->{content},
	    qr/"price":1\.10,"big":12345678901234567890,"ok":true,"tags":\["x"\]/;
};

subtest 'an unchanged source writes nothing, the second time and the tenth' => sub {
	my ($id, $path) = connected(csv => "id,v\n1,a\n2,b\n", answer => { etag => 'auto' });
	my $feed =
	    $t->get(  '/api/datasets/'
		    . $t->get("/api/connections/$id/datasets")->{json}{data}[0]{id}
		    . '/records')->{content};
	for (1 .. 3) {
		my $r = $t->sync_and_wait($id);
		is counts($r), '0 0 0 2';
		is $r->{stats}{apiCalls}, 1, 'one request';
	}
	is + (($src->requests($path))[-1])->{status}, 304;
	is $t->get(   '/api/datasets/'
		    . $t->get("/api/connections/$id/datasets")->{json}{data}[0]{id}
		    . '/records')->{content}, $feed;
};

subtest 'case 18: one unusable item is skipped with a reason and the rest is read' => sub {
	my ($id, $path, $r) = connected(
		ical => join "\r\n", 'BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:x', 'BEGIN:VEVENT',
		'UID:a', 'DTSTART:20260329T090000Z', 'SUMMARY:Good',
		'END:VEVENT', 'BEGIN:VEVENT', 'UID:b', 'SUMMARY:No start', 'END:VEVENT',
		'END:VCALENDAR', ''
	);
	is $r->{status}, 'complete';
	is $r->{stats}{skipped}, 1;
	ok $r->{skips}[0]{reason};
	is_deeply [keys %{ values_of($id) }], ['a'];
};

subtest 'what is no data gets a sentence and one thing to do' => sub {
	my @cases = (
		[
			csv => '<!doctype html><html><body>Sign in</body></html>',
			{ type => 'text/html' }, 'html_not_data'
		],
		[json => '{"a": [1, 2', {}, 'bad_json'],
		[json => '{"a": {"b": 1}}', {}, 'no_records', config => { records => 'items' }],
		[ical => "hello\n", {}, 'bad_calendar'],
		[csv => "id,v\n1,\"open\n", {}, 'bad_csv'],
		[csv => 'x', { status => 401 }, 'source_unauthorized'],
		[csv => 'x', { status => 403 }, 'source_forbidden'],
		[csv => 'x', { status => 503 }, 'source_unavailable'],
	);
	for (@cases) {
		my ($kind, $bytes, $answer, $code, %o) = @$_;
		my ($id, $path, $r) = connected($kind => $bytes, answer => $answer, %o);
		is $r->{error}{code}, $code, "$code";
		like $r->{error}{detail}, qr/^[A-Z0-9].{10,}/, 'a sentence';
		ok $r->{error}{advice} || $r->{error}{action}, 'and what helps';
		unlike $r->{error}{detail}, qr{/tmp|sqlite|SELECT|\.c:}i, 'nothing of the inside';
	}
};

subtest 'addresses on private networks are refused' => sub {
	my $u = Tidemark->start(env => { TIDEMARK_ALLOW_NETS => '' });
	my $new = sub {
		my ($url) = @_;
		return $u->post(
			'/api/connections',
			{ provider => 'csv', name => 'inside', config => { url => $url } }
		)
	};
	my $c = $new->("http://localhost:$src->{port}/s1.csv");
	is $c->{status}, 201, 'where a name leads is known when it is followed';
	my $r = $u->wait_run($c->{json}{activeSyncId});
	is $r->{error}{code}, 'address_blocked';
	my $path = "/api/connections/$c->{json}{id}";
	is $u->get($path)->{json}{status}, 'attention';

	for my $url ($src->url('/s1.csv'), 'http://10.1/', 'https://[fd00::1]/') {
		for my $given ($new->($url), $u->patch($path, { config => { url => $url } })) {
			is $given->{status}, 422, "$url is refused when it is typed";
			is_deeply [map { $_->{field} } @{ $given->{json}{errors} }], ['config.url'];
			like $given->{json}{errors}[0]{message}, qr/^\S+ leads to a private/;
		}
	}
	like $u->get($path)->{json}{config}{url}, qr{^http://localhost:\d+/s1\.csv$};
	is $u->patch($path, { config => { key => 'id' } })->{status}, 200, 'the rest can be set';
	my $s = $u->sign_in('admin');
	my $page = $u->post(
		'/settings/add', undef,
		token => undef,
		headers => { cookie => $s->{cookie} },
		form => { csrf => $s->{csrf}, provider => 'csv', do => 'connect',
			f_url => 'http://192.168.1.9/a.csv' }
	);
	like $page->{content},
	    qr/aria-invalid="true"[^>]*>(?:(?!<input).)*192\.168\.1\.9 leads to a private/s,
	    'the page says so where it was typed';
};

subtest 'ten dead sources do not keep a healthy one waiting' => sub {
	my $u = Tidemark->start;
	my $s = $u->source;
	$s->put('/good.csv', "id\n1\n");
	$u->connect(csv => $s->url("/dead$_.csv"), start => false) for 1 .. 10;
	my $good = $u->connect(csv => $s->url('/good.csv'), start => false);
	# All are due now, the dead ones first.
	$u->post("/api/connections/$_->{id}/resume")
	    for @{ $u->get('/api/connections')->{json}{data} };
	my $conn = sub { $u->get("/api/connections/$good->{id}")->{json} };
	ok wait_for { $u->tick('--limit', 3); ($conn->()->{lastSync}{status} // '') eq 'complete' },
	    'it was read';
	is keys %{ $u->records($good->{id}) }, 1;
	is $conn->()->{status}, 'active';
};

sub json_text { return JSON::PP->new->canonical->encode($_[0]) }

sub seconds_until {
	my ($text) = @_;
	my ($y, $mo, $d, $h, $mi, $s) = $text =~ /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)Z$/
	    or return -1;
	require Time::Local;
	return Time::Local::timegm($s, $mi, $h, $d, $mo - 1, $y) - time;
}

done_testing;
