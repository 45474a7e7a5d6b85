#!/usr/bin/perl
# seconds: 9
# What was found out once about a source is true of it from then on: later data that does not fit is
# asked about or refused with a sentence, and the records stay as they are. Over HTTP, with real
# processes.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use JSON::PP;
use Tidemark;

my $t = Tidemark->start;
my $src = $t->source;
my $n = 0;

# A connection to a fresh path with this content, its first sync done.
sub connected {
	my ($kind, $bytes, %o) = @_;
	my $path = '/d' . ++$n . { csv => '.csv', json => '.json', ical => '.ics' }->{$kind};
	$src->put($path, $bytes, %{ delete $o{answer} // {} });
	my $c = $t->connect($kind => $src->url($path), %o);
	return ($c->{id}, $path, $t->wait_run($c->{activeSyncId}));
}

# What the next sync makes of other content.
sub then_comes {
	my ($id, $path, $bytes, %o) = @_;
	$src->put($path, $bytes, %o);
	return $t->sync_and_wait($id);
}

# "added updated deleted unchanged", or the code of what ended it.
sub counts {
	my ($r) = @_;
	return $r->{error}{code} if $r->{error};
	return join ' ', map { $r->{stats}{$_} } qw(added updated deleted unchanged)
}
sub codes { my ($r) = @_; return join ' ', sort map { $_->{code} } @{ $r->{warnings} } }
sub values_of {
	my ($id) = @_;
	my $r = $t->records($id);
	return { map { my $x = { %{ $r->{$_} } }; delete $x->{_meta}; ($_ => $x) } keys %$r }
}
sub json_text { return JSON::PP->new->canonical->encode($_[0]) }
sub reading_of { return $t->get("/api/connections/$_[0]/datasets")->{json}{data}[0]{reading} }

my $facets = '"facets":[{"id":1,"facet":"red"},{"id":2,"facet":"blue"}]';
my $people = '"results":[{"id":1,"name":"n1"},{"id":2,"name":"n2"},{"id":3,"name":"n3"}]';

subtest 'the list of records is found once: another list never takes its place' => sub {
	my ($id, $path) = connected(json => "{$people,$facets}");
	my $before = values_of($id);
	is keys %$before, 3;
	is_deeply reading_of($id), { records => 'results', shape => 'list', more => 'no' };
	is counts(then_comes($id, $path, "{\"results\":[],$facets}")), 'needs_approval', 'empty';
	is counts(then_comes($id, $path, "{\"results\":null,$facets}")),
	    'needs_approval', 'null is how some write an empty list';
	my $r = then_comes($id, $path, "{$facets}");
	is counts($r), 'source_changed', 'it is not there';
	like $r->{error}{detail}, qr/no list at results; the document has: facets.* there before/;
	is counts(then_comes($id, $path, "{\"results\":{\"a\":1},$facets}")),
	    'source_changed', 'it is something else';
	is_deeply values_of($id), $before;
	my $first = '"warnings":[{"id":1,"name":"old"},{"id":2,"name":"x"}]';
	is counts(then_comes($id, $path, "{$first,$people}")), '0 0 0 3', 'another list before it';
	my $page = $t->get("/connections/$id",
		token => undef, headers => { cookie => $t->sign_in->{cookie} });
	like $page->{content}, qr/records at results/, 'the page says it';
	my $set = $t->patch("/api/connections/$id",
		{ config => { url => $src->url($path), records => 'warnings' } });
	is $set->{status}, 200;
	is counts($t->sync_and_wait($id)), '0 2 1 0', 'what a person says goes before it';
	is reading_of($id)->{records}, 'warnings';
};

subtest 'a list that is written as an object of positions keeps its identities' => sub {
	my ($id, $path) = connected(json => json_text([map { { id => $_, n => "v$_" } } 1 .. 3]));
	my $r = then_comes($id, $path, '{"0":{"id":1,"n":"v1"},"2":{"id":3,"n":"v3"}}');
	is counts($r), '0 0 1 2';
	is_deeply values_of($id), { map { $_ => { id => $_, n => "v$_" } } 1, 3 }, 'no new column';
	is counts(then_comes($id, $path, '{}')), 'needs_approval', 'an empty object is one';
	is counts(then_comes($id, $path, '{"id":1,"n":"v1"}')), 'source_changed', 'a single record';
	is counts(then_comes($id, $path, '{"a":{"id":1,"n":"v1"}}')), 'source_changed', 'names';
	is counts(then_comes($id, $path, '[{"id":3,"n":"v3"},{"id":1,"n":"v1"}]')), '0 0 0 2';
};

subtest 'an object of records stays one' => sub {
	my ($id, $path) = connected(json => '{"a":{"v":1},"b":{"v":2},"c":{"v":3}}');
	is_deeply [sort keys %{ values_of($id) }], [qw(a b c)];
	my $r = then_comes($id, $path, '{"a":{"v":1},"b":{"v":2},"c":{"v":3},"asOf":"today"}');
	is counts($r), '0 0 0 3', 'beside a member that is none';
	is $r->{stats}{skipped}, 1, 'which is told';
	is counts(then_comes($id, $path, '[]')), 'needs_approval', 'an empty list is no record';
	is counts(then_comes($id, $path, '[{"v":1}]')), 'source_changed';
	is keys %{ values_of($id) }, 3;
};

subtest 'whether there is a header is decided once' => sub {
	my ($id, $path) = connected(csv => "type,note\nbug,a\nidea,b\ntask,c\n");
	is reading_of($id)->{header}, 'yes';
	my $r = then_comes($id, $path, "type,note\nbug,a\nidea,b\ntask,c\ntype,note to self\n");
	is counts($r), '1 0 0 3';
	is values_of($id)->{type}{note}, 'note to self';
	my ($two, $numbers) = connected(csv => "7,1.5\n8,2.5\n9,3.5\n");
	is reading_of($two)->{header}, 'no';
	is counts(then_comes($two, $numbers, "x,y\n7,1.5\n8,2.5\n9,3.5\n")), '1 0 0 3';
	my ($three) = connected(csv => "id,5\nid,6\n1,7\n", config => { key => 'id' });
	is_deeply values_of($three)->{1}, { id => '1', 5 => '7' }, 'the header has the key';
};

subtest 'a file without its header is refused' => sub {
	my $rows = join '', map { "$_,2024-01-0$_,1$_.5\n" } 1 .. 4;
	my ($id, $path) = connected(csv => "no,day,sum\n$rows");
	my $r = then_comes($id, $path, $rows);
	is counts($r), 'source_changed';
	like $r->{error}{detail}, qr/no header as before/;
	is_deeply values_of($id)->{1}, { no => '1', day => '2024-01-01', sum => '11.5' };
};

subtest 'the dialect is decided once, unless the same columns are found in another one' => sub {
	my ($id, $path) = connected(csv => "id,n\n1,\"a;b;c\"\n2,\"d;e\"\n");
	is reading_of($id)->{delimiter}, 'comma';
	is counts(then_comes($id, $path, "id,n\n1,\"a;b;c\"\n2,\"d;e\"\n3,f;g;h;i\n4,j;k;l;m\n")),
	    '2 0 0 2';
	my $r = then_comes($id, $path,
		"id;n\n1;\"a;b;c\"\n2;\"d;e\"\n3;\"f;g;h;i\"\n4;\"j;k;l;m\"\n");
	is counts($r), '0 0 0 4';
	like codes($r), qr/dialect_changed/;
	is reading_of($id)->{delimiter}, 'semicolon';
};

subtest 'a few foreign bytes do not change how the rest is read' => sub {
	my ($id, $path) = connected(csv => "id,n\n1,M\xc3\xbcller\n2,Wei\xc3\x9f\n");
	is reading_of($id)->{encoding}, 'utf-8';
	my $before = values_of($id);
	my $r = then_comes($id, $path,
		"id,n\n1,M\xc3\xbcller\n2,Wei\xc3\x9f\n3,Gr\xfcn\n4,Gr\xfcn\n5,Gr\xfcn\n");
	is counts($r), '3 0 0 2';
	is codes($r), 'encoding_damaged';
	is values_of($id)->{4}{n}, "Gr\x{fffd}n";
	is_deeply values_of($id)->{$_}, $before->{$_} for 1, 2;
	$r = then_comes($id, $path, "id,n\n1,M\xfcller\n2,Wei\xdf\n");
	is counts($r), 'source_changed', 'nothing of it fits any more';
	like $r->{error}{detail}, qr/line 2/;
	my ($one, $latin) = connected(csv => "id,n\n1,M\xfcller\n");
	is reading_of($one)->{encoding}, 'windows-1252';
	is counts(then_comes($one, $latin, "id,n\n1,M\xc3\xbcller\n")), '0 0 0 1', 'UTF-8 now';
	my ($two, $plain) = connected(csv => "id,n\n1,Miller\n");
	is reading_of($two)->{encoding}, undef, 'plain letters say nothing';
	is counts(then_comes($two, $plain, "id,n\n1,Miller\n2,M\xfcller\n")), '1 0 0 1';
};

subtest 'another address is another source' => sub {
	my ($id, $path) = connected(json => '{"rows":[{"id":1,"v":"a"}]}');
	$src->put('/elsewhere.json', '{"list":[{"id":1,"v":"a"}]}');
	$t->patch("/api/connections/$id", { config => { url => $src->url('/elsewhere.json') } });
	is counts($t->sync_and_wait($id)), '0 0 0 1';
	is reading_of($id)->{records}, 'list';
};

sub answer { my ($r, $how) = @_; return $t->post("/api/sync/$r->{syncId}/$how", {})->{status} }

sub table {
	my ($rows, $word) = @_;
	return join '', "id,name,town\n", map { "$_,$word $_,in $word $_\n" } 1 .. $rows;
}

subtest 'values are replaced as records are deleted: too many at once are asked about' => sub {
	my ($id, $path) = connected(csv => table(40, 'a'));
	my $before = values_of($id);
	my $r = then_comes($id, $path, table(40, 'b'));
	is counts($r), 'needs_approval';
	is $r->{review}{replaced}, 40;
	is @{ $r->{review}{items} }, 40;
	like $r->{error}{detail}, qr/other values in 40 of the 40 records/;
	is_deeply values_of($id), $before;
	is answer($r, 'reject'), 202, 'kept';
	$r = $t->wait_run($t->get("/api/connections/$id")->{json}{lastSync}{syncId});
	$r = $t->sync_and_wait($id) if $r->{error};
	is_deeply values_of($id), $before, 'nothing of it was done';
	like codes($r), qr/values_kept/;
	is codes($t->sync_and_wait($id)), codes($r), 'and that stays told';
	$r = then_comes($id, $path, table(40, 'c'));
	is counts($r), 'needs_approval', 'other values are another question';
	answer($r, 'approve');
	$r = $t->sync_and_wait($id);
	is values_of($id)->{7}{name}, 'c 7', 'applied';
	is counts(then_comes($id, $path, table(40, 'd'))), '0 40 0 0', 'and usual from then on';
};

subtest 'a question says that it waits for as long as it does, on every page' => sub {
	my $s = $t->sign_in('admin');
	my @as = (token => undef, headers => { cookie => $s->{cookie} });
	my $heading = sub {
		return $t->get("/syncs/$_[0]{syncId}", @as)->{content} =~ m{<h1>([^<]*)</h1>} && $1;
	};
	for my $how (qw(reject approve newer)) {
		my ($id, $path) = connected(csv => table(40, 'a'));
		my $waits = sub {
			return scalar(() = $t->get("/connections/$id", @as)->{content} =~
				    />\s*Needs a decision\s*</g)
		};
		my $r = then_comes($id, $path, table(40, 'b'));
		is $heading->($r), 'Waiting for your answer', "$how: it waits";
		ok $waits->(), 'in the history too';
		if ($how eq 'newer') {
			then_comes($id, $path, table(40, 'a'));
		} else {
			is answer($r, $how), 202;
			wait_for { !$t->get("/api/connections/$id")->{json}{activeSyncId} };
		}
		is $heading->($r), 'This question is settled', 'and then no more';
		is $waits->(), 0, 'nowhere';
	}
};

subtest 'what is no replacement is not asked about' => sub {
	my $rates = sub { join '', "id,rate\n", map { "$_,$_[0].$_\n" } 1 .. 40 };
	my ($id, $path) = connected(csv => $rates->(1));
	is counts(then_comes($id, $path, $rates->(2))), '0 40 0 0', 'one value of each';
	my $wide = sub { join '', "id,a,b,c,d,e\n", map { "$_,a,b,c,$_[0],$_[0]\n" } 1 .. 40 };
	($id, $path) = connected(csv => $wide->(1));
	is counts(then_comes($id, $path, $wide->(2))), '0 40 0 0', 'a few of their values';
	($id, $path) = connected(csv => table(20, 'a'));
	is counts(then_comes($id, $path, table(20, 'b'))), '0 20 0 0', 'a few records';
};

subtest 'values are compared, not how they are spelled' => sub {
	my ($id, $path) = connected(json =>
		    '[{"id":1,"a":{"x":"\u00e9","y":[{"p":1,"q":2}]}},{"id":2,"a":{"x":"b"}}]');
	is counts(then_comes($id, $path,
			"[{\"id\":1,\"a\":{\"y\":[{\"q\":2,\"p\":1}],\"x\":\"\xc3\xa9\"}},"
			    . '{"id":2,"a":{"x":"\u0062"}}]')), '0 0 0 2';
	is counts(then_comes($id, $path, '[{"id":1,"a":{"x":"\u00e9","y":[{"p":2,"q":1}]}},'
			    . '{"a":{"x":"b"},"id":2}]')), '0 1 0 1', 'other values are';
	my ($two, $list) = connected(json => '[{"a":{"x":1,"y":2}},{"a":{"x":1,"y":3}}]');
	is counts(then_comes($two, $list, '[{"a":{"y":3,"x":1}},{"a":{"y":2,"x":1}}]')), '0 0 0 2',
	    'also where the whole content tells records apart';
};

subtest 'what is true of an unchanged source stays told' => sub {
	my ($id, $path, $r) = connected(csv => "id,a,b\n1,x\n2,y,z,too much\n");
	my $told = codes($r);
	isnt $told, '';
	my $skips = $r->{skips};
	$r = $t->sync_and_wait($id);
	ok $r->{stats}{notModified} // $r->{notModified} // 1;
	is codes($r), $told;
	is_deeply $r->{skips}, $skips;
	is $r->{stats}{fetched}, 2, 'the same bytes were read';
	my $rows = join '', "id,v\n", map { "$_,a\n" } 1 .. 40;
	($id, $path) = connected(csv => $rows, answer => { headers => { ETag => '"1"' } });
	$r = then_comes($id, $path, "id,v\n1,a\n2,a\n", headers => { ETag => '"2"' });
	is counts($r), 'needs_approval';
	answer($r, 'reject');
	$r = $t->sync_and_wait($id);
	like $r->{message}, qr/nothing changed; 38 more are kept/, 'by the run that keeps them';
	$r = then_comes($id, $path, "id,v\n1,a\n2,b\n", headers => { ETag => '"2"' });
	like $r->{message}, qr/1 updated, 0 deleted; 38 more are kept/, 'also beside a change';
	$src->put($path, '', status => 304, headers => { ETag => '"2"' });
	$r = $t->sync_and_wait($id);
	is $r->{status}, 'complete';
	like codes($r), qr/deletions_kept/;
	is $r->{stats}{fetched}, 0, 'nothing was read';
	is $r->{stats}{unchanged}, 2;
	like $r->{message}, qr/38 more are kept/;
};

subtest 'the values of a key of several columns do not run into each other' => sub {
	my $rows = join "\n", 'a,b,v', 'x|y,z,1', 'x,y|z,2', 'x\\,|y,3', 'x\\|,y,4', '';
	my ($id, $path) = connected(csv => $rows, config => { key => ['a', 'b'] });
	my $got = values_of($id);
	is_deeply [sort map { $_->{v} } values %$got], [1 .. 4];
	is_deeply [grep {/#/} keys %$got], [], 'each has a key of its own';
	is counts(then_comes($id, $path, $rows . "n,m,5\n")), '1 0 0 4';
	ok values_of($id)->{'n|m'}, 'plain values read as before';
};

# Shuffled by turning: every order of the rows is met once.
sub turned {
	my ($head, @rows) = @_;
	return map { join "\n", $head, @rows[$_ .. $#rows, 0 .. $_ - 1], '' } 0 .. $#rows
}

subtest 'a key that is none is told, and equal keys are told apart by content first' => sub {
	my ($id, $path, $r) =
	    connected(csv => "id,v\n1,a\n1,b\n1,c\n2,d\n", config => { key => 'id' });
	is codes($r), 'key_repeated';
	like $r->{warnings}[0]{message}, qr/another row: 2, the first on line 3/;
	is counts(then_comes($id, $path, $_)), '0 0 0 4', 'in another order'
	    for turned('id,v', '1,a', '1,b', '1,c', '2,d'), "id,v\n1,c\n2,d\n1,b\n1,a\n";
	$r = then_comes($id, $path, "id,v\n1,b\n1,c\n2,d\n");
	is counts($r), '0 0 1 3', 'one goes';
	is_deeply [sort map { $_->{v} } values %{ values_of($id) }], [qw(b c d)];
	is codes($r), 'key_repeated', 'as long as it is so';
	is counts(then_comes($id, $path, "id,v\n1,x\n1,b\n1,c\n2,d\n")), '1 0 0 3', 'one comes';
	is counts(then_comes($id, $path, "id,v\n1,c\n1,y\n1,x\n2,d\n")), '0 1 0 3', 'one changes';
	is_deeply [sort map { $_->{v} } values %{ values_of($id) }], [qw(c d x y)];
	is counts(then_comes($id, $path, "id,v\n1,x\n2,d\n")), '0 0 2 2';
	my @same = map { "1,same" } 1 .. 3;
	is counts(then_comes($id, $path, join "\n", 'id,v', @same, '2,d', '')), '2 1 0 1', 'alike';
	is counts(then_comes($id, $path, join "\n", 'id,v', '2,d', @same, '')), '0 0 0 4';
};

subtest 'a member called _meta is not lost' => sub {
	my ($id, $path, $r) =
	    connected(json => '[{"id":1,"_meta":"mine"},{"id":2,"_meta":{"id":"zzz"}}]');
	is codes($r), 'column_reserved';
	my $set = $t->get("/api/connections/$id/datasets")->{json}{data}[0]{id};
	my $got = $t->get("/api/datasets/$set/records?format=ndjson")->{content};
	my @got = map { JSON::PP->new->decode($_) } split /\n/, $got;
	my %by = map { ($_->{_meta}{id} => $_) } @got;
	is $by{1}{_meta_2}, 'mine';
	is_deeply $by{2}{_meta_2}, { id => 'zzz' };
	is(() = $got =~ /"_meta":/g, 2, 'each object has the name once');
	is codes($t->sync_and_wait($id)), 'column_reserved', 'as long as it is so';
	($id, $path, $r) =
	    connected(csv => "_meta,_meta_2,a\nx,y,z\n", config => { key => '_meta' });
	is_deeply values_of($id)->{x}, { _meta_2 => 'y', _meta_3 => 'x', a => 'z' };
};

subtest 'the SQL view shows what is stored' => sub {
	my ($id) =
	    connected(json => '[{"id":"a","n":12345678901234567890,"d":0.1234567890123456789012,'
		    . '"i":-9223372036854775808,"p":1.10,"o":{"x":1e999},"t":"007","m":true},'
		    . '{"id":"b","n":1,"d":2.5,"i":3,"p":1e999}]');
	my $view = $t->get("/api/connections/$id/datasets")->{json}{data}[0]{viewName};
	is $t->sql("SELECT n, d, i, p, typeof(p), o, t, m FROM \"$view\" ORDER BY _key"),
	    '12345678901234567890|0.1234567890123456789012|-9223372036854775808|1.1|real|'
	    . '{"x":1e999}|007|1' . "\n" . '1|2.5|3|1e999|text|||';
};

subtest 'the names of columns may stand beside rows that are lists' => sub {
	my %same = (
		Datasette => '{"columns":["id","name"],"rows":[[1,"a"],[2,"b"]]}',
		ClickHouse => '{"meta":[{"name":"id","type":"U"},{"name":"name","type":"S"}],'
		    . '"data":[[1,"a"],[2,"b"]],"rows":2}',
		behind => '{"data":[[1,"a"],[2,"b"]],"index":[0,1],"fields":["id","name"]}',
		deeper => '{"result":{"columns":["id","name"],"values":[[1,"a"],[2,"b"]]}}',
	);
	my %want = (1 => { id => 1, name => 'a' }, 2 => { id => 2, name => 'b' });
	for (sort keys %same) {
		my ($id, $path) = connected(json => $same{$_});
		is_deeply values_of($id), \%want, $_;
		(my $less = $same{$_}) =~ s/"(columns|meta|fields)"/"other"/;
		is counts(then_comes($id, $path, $less)), 'source_changed', 'looked for there';
	}
	my ($id) = connected(json => '{"columns":["a","a"],"rows":[[1,2,3],[4,5,6]]}');
	is_deeply values_of($id)->{4}, { a => 4, a_2 => 5, column_3 => 6 }, 'each has its own';
	my ($fields) = connected(json => '{"fields":[{"id":1,"name":"a"},{"id":2,"name":"b"}]}');
	is_deeply values_of($fields), \%want, 'a list of that name alone is one of records';
	my ($plain, $path) = connected(json => '{"rows":[[1,"a"],[2,"b"]]}');
	is_deeply values_of($plain)->{1}, { column_1 => 1, column_2 => 'a' };
	is counts(then_comes($plain, $path, $same{Datasette})),
	    '0 0 0 2', 'what has no names gets none later';
};

done_testing;
