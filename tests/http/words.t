# What is said is what the person knows: no word of data that was never read, no raw JSON, numbers
# and times as people read them; and a document of the interface that tools can use.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Tidemark;

my $t = Tidemark->start;
my $admin = $t->sign_in('admin');
my $src = $t->source;
sub page {
	return $t->get($_[0], token => undef, headers => { cookie => $admin->{cookie} })->{content};
}

subtest 'of a source that was never read no data is kept' => sub {
	my $kept = qr/read before is kept/;
	$src->put('/a.csv', "id\n1\n");
	$src->put('/odd.bin', "\x00\x01\x02" x 2000);
	for my $path ('/none.csv', '/odd.bin') {
		my $c = $t->connect(csv => $src->url($path), name => "Never $path");
		$t->wait_run($c->{activeSyncId});
		my $error = $t->get("/api/connections/$c->{id}")->{json}{lastError} or next;
		unlike $error->{advice}, $kept, "$path: the interface";
		ok length $error->{advice}, 'which has an advice';
		unlike page($_), $kept, "$path: $_"
		    for "/connections/$c->{id}", "/syncs/$c->{activeSyncId}";
	}
	unlike page('/'), $kept, 'Home';
	my $r = $t->post(
		'/settings/add', undef, token => undef, headers => { cookie => $admin->{cookie} },
		form => {
			csrf => $admin->{csrf}, provider => 'csv', do => 'test',
			f_url => $src->url('/none.csv')
		}
	);
	unlike $r->{content}, $kept, 'the form that adds one';
	my $c = $t->connect(csv => $src->url('/a.csv'), name => 'Read once');
	$t->wait_run($c->{activeSyncId});
	$src->put('/a.csv', 'gone', status => 404);
	$t->sync_and_wait($c->{id});
	like page("/connections/$c->{id}"), $kept, 'but of one that was read';
};

my $many = 'id,name' . join '', map { "\n$_,x" } 1 .. 12_345;
$src->put('/many.csv', "$many\n");
my $conn = $t->connect(csv => $src->url('/many.csv'), name => 'Many rows');
$t->wait_run($conn->{activeSyncId});

subtest 'what was done is told in words, and about what' => sub {
	# Before a schedule that is changed starts one of its own.
	$t->cooled($conn->{id});
	my $id = $t->post('/api/sync', { connectionId => $conn->{id} })->{json}{syncId};
	$t->wait_run($id);
	for ({ enabled => false }, { enabled => true, frequency => 'daily' }) {
		$t->put("/api/connections/$conn->{id}/schedule", $_);
	}
	my $page = page('/settings?tab=activity');
	unlike $page, qr/\{&(?:quot|#34);/, 'no JSON';
	like $page, qr/auto-sync off</, 'a switch';
	like $page, qr/auto-sync on, how often: daily</, 'and more';
	like $page, qr{schedule changed</a>\s*<br>Many rows}, 'with the name of the connection';
	like $page, qr{<a href="/syncs/$id">sync started</a>\s*<br>Many rows\s*</td>},
	    'a sync is told by it, too, and leads to itself';
	unlike $page =~ s/<[^>]*>//gr, qr/[0-9a-f]{8}-[0-9a-f]{4}-/, 'no number that nobody reads';
};

subtest 'numbers and times' => sub {
	like page("/syncs/$conn->{activeSyncId}"), qr/<h1>12,345 added/, 'a headline';
	$t->put("/api/connections/$conn->{id}/schedule", { frequency => 'hourly' });
	my $c = $t->get("/api/connections/$conn->{id}")->{json};
	is $c->{nextSyncText}, 'Next sync in 1 hour', 'an hour is one also a moment later';
	is $c->{nextSyncBrief}, 'in 1 hour', 'and behind a label';
	my $token = $t->post('/api/tokens', { name => 'long', scopes => ['read'], days => 90 });
	is $token->{status}, 201;
	like page('/settings?tab=tokens'), qr/>in 90 days</, 'and so are 90 days';
};

subtest 'when the next sync is stands behind its label once' => sub {
	$src->put('/slow.csv', "id\n1\n2\n", drip => [1, 0.5]);
	my $s = $t->connect(csv => $src->url('/slow.csv'), name => 'Slow', start => false);
	my $path = "/connections/$s->{id}";
	my $due = "UPDATE schedule SET next_poll_at = 1 WHERE connection_id = '$s->{id}'";
	my $next = sub {
		my ($of) = page($path) =~ m{<dt>Next sync</dt>\s*<dd[^>]*>(.*?)</dd>}s;
		return $of =~ s/<[^>]*>//gr =~ s/^\s+|\s+$//gr;
	};
	my $told = sub {
		my $c = $t->get("/api/connections/$s->{id}")->{json};
		return "$c->{nextSyncText} | $c->{nextSyncBrief}";
	};
	$t->sql($due);
	is $next->(), 'Due now', 'before it begins';
	is $told->(), 'Next sync is due now | Due now', 'programs are told both';
	my $run = $t->post('/api/sync', { connectionId => $s->{id} })->{json}{syncId};
	$t->sql($due);
	is $next->(), 'Set when this one ends', 'while one goes on';
	is $told->(), 'Next sync is set when this one ends | Set when this one ends', 'and so here';
	like page('/integrations-overview'), qr/>Set when this one ends</, 'also in the table';
	like page('/'), qr/>Next sync is set when this one ends</, 'where no label is, it is named';
	$t->wait_run($run);
	$t->put("/api/connections/$s->{id}/schedule", { enabled => false });
	is $next->(), 'No automatic sync', 'when there is none';
};

subtest 'a token and the one in its place are told apart' => sub {
	my $old = $t->post('/api/tokens', { name => 'app', scopes => ['read'] })->{json};
	$t->post("/api/tokens/$old->{id}/rotate");
	my @rows = page('/settings?tab=tokens') =~ m{<b>app</b>(.*?)<br>}gs;
	is @rows, 2;
	is scalar(grep { /Replaced/ } @rows), 1, 'the old one';
	is scalar(grep { /Replacement/ } @rows), 1, 'the new one';
};

subtest 'the document of the interface has what tools ask for' => sub {
	my $d = $t->get('/api/openapi.json')->{json};
	is $d->{servers}[0]{url}, $t->base, 'where it is';
	is $d->{info}{license}{identifier}, 'MIT', 'its licence';
	my @operations = map { values %$_ } values %{ $d->{paths} };
	is_deeply [grep { !$_->{responses}{'4XX'} } @operations], [], 'each may refuse';
	is_deeply [grep { @{ $_->{tags} } != 1 } @operations], [], 'each is about something';
	ok !(grep { !$_->{post}{security} } values %{ $d->{webhooks} }), 'messages need nothing';
	ok $d->{components}{schemas}{Problem}{properties}{syncId}, 'the sync that runs already';
	my $records = $d->{paths}{'/api/datasets/{id}/records'}{get}{responses}{200}{content};
	is_deeply [sort keys %$records], [qw(application/json application/x-ndjson text/csv)],
	    'every format of an export';
};

subtest 'what a record holds is shown as people read it' => sub {
	my @shown = (
		[text => '"Ann"', 'Ann'], [yes => 'true', 'yes'], [no => 'false', 'no'],
		[number => '1.5', '1.5'], [none => 'null', undef],
		[named => '{"value":"Blue","id":7}', 'Blue'],
		[valued => '{"value":7}', '{"value":7}'],
		[object => '{"a":[1,2]}', '{"a":[1,2]}'], [bare => '{}', undef],
		[list => '["x",{"value":"y"},3]', 'x, y, 3'], [short => '[]', undef]
	);
	my $members = join ',', map { qq("$_->[0]":$_->[1]) } @shown;
	$src->put('/values.json', qq([{"id":1,$members}]));
	my $c = $t->connect(json => $src->url('/values.json'));
	$t->wait_run($c->{activeSyncId});
	my $set = $t->get("/api/connections/$c->{id}/datasets")->{json}{data}[0]{id};
	my %is = page("/datasets/$set/records/1") =~
	    m{<dt class="break">(\w+)</dt>\s*<dd class="lines">(.*?)</dd>}gs;
	s/&quot;/"/g, s/<span\s+class="mut">nothing<\/span>/nothing/ for values %is;
	is $is{ $_->[0] }, $_->[2] // 'nothing', $_->[1] for @shown;
};

subtest 'the last sync of each connection is told in brief' => sub {
	my %last = (
		'/brief.csv' => ["id\n1\n2\n"], '/failed.csv' => ['', status => 404],
		'/going.csv' => ["id\n1\n", hang => 1]
	);
	my %id;
	for my $path (keys %last) {
		$src->put($path, @{ $last{$path} });
		$id{$path} = $t->connect(csv => $src->url($path), name => $path)->{activeSyncId};
	}
	$t->wait_run($id{$_}) for '/brief.csv', '/failed.csv';
	my $page = page('/integrations-overview');
	my %is;
	($is{$_}) = $page =~ m{<a href="/syncs/$id{$_}">([^<]*)</a>} for keys %id;
	is $is{'/brief.csv'}, '2 added', 'what came of it';
	is $is{'/failed.csv'}, 'Failed', 'that nothing did';
	is $is{'/going.csv'}, 'Syncing now', 'that it goes on';
	$t->post("/api/sync/$id{'/going.csv'}/cancel", {});
};

done_testing;
