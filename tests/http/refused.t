# seconds: 5
# Most of what a source holds has other values at once, a person is asked, and keeps what is here:
# just those records stay as they were, as long as the source says just that of them.
use strict;
use warnings;
use Test::More;
use Tidemark;

my $t = Tidemark->start;
my $src = $t->source;
my $MANY = 40;
my $made = 0;

sub table {
	my ($word, %row) = @_;
	return join '', "id,name,town\n",
	    map { ($row{$_} // "$_,$word $_,in $word $_") . "\n" }
	    sort { $a <=> $b } keys %{ { map { $_ => 1 } 1 .. $MANY, keys %row } };
}
sub connected {
	my $path = '/refused' . ++$made . '.csv';
	$src->put($path, table('a'));
	my $c = $t->connect(csv => $src->url($path), config => { key => 'id' });
	$t->wait_run($c->{activeSyncId});
	return ($c->{id}, $path);
}
sub then_comes {
	my ($id, $path, $bytes) = @_;
	$src->put($path, $bytes);
	return $t->sync_and_wait($id);
}
sub counts {
	my ($r) = @_;
	return $r->{error}{code} if $r->{error};
	return join ' ', map { $r->{stats}{$_} } qw(added updated deleted unchanged);
}
sub codes { my ($r) = @_; return join ' ', sort map { $_->{code} } @{ $r->{warnings} } }
sub name_of { my ($id, $key) = @_; return ($t->records($id)->{$key} // {})->{name} }
sub answer {
	my ($run, $how) = @_;
	return $t->wait_run($t->post("/api/sync/$run->{syncId}/$how", {})->{json}{syncId});
}
sub kept {
	my ($id, $path) = connected();
	answer(then_comes($id, $path, table('b')), 'reject');
	return ($id, $path);
}

subtest 'what comes beside is taken in' => sub {
	my ($id, $path) = connected();
	$src->put($path, table('b', 41 => '41,new,here'));
	my $run = answer($t->sync_and_wait($id), 'reject');
	is(counts($run), '1 0 0 0', 'also by the run that keeps');
	is(name_of($id, 41), 'new');
	is(name_of($id, 7), 'a 7', 'the others are as they were');
	like(codes($run), qr/values_kept/, 'which is told');
	$run = then_comes($id, $path, table('b', 41 => '41,new,there', 42 => '42,more,here'));
	is(counts($run), '1 1 0 40', 'and by those that follow');
	is(codes($run), 'values_kept', 'which tell it, too');
};

subtest 'a small edit within the question is no part of the answer' => sub {
	my ($id, $path) = connected();
	my $run = then_comes($id, $path, table('b', 7 => '7,a 7,in c 7'));
	is($run->{review}{replaced}, $MANY - 1, 'it is not asked about');
	is(counts(answer($run, 'reject')), '0 1 0 0', 'and taken in');
	is($t->records($id)->{7}{town}, 'in c 7');
};

subtest 'what the source changes again is taken whole' => sub {
	my ($id, $path) = kept();
	is(counts(then_comes($id, $path, table('b', 7 => '7,c 7,in b 7'))), '0 1 0 39');
	is_deeply([@{ $t->records($id)->{7} }{qw(name town)}], ['c 7', 'in b 7']);
	my $run = then_comes($id, $path, table('c'));
	is(counts($run), 'needs_approval', 'much at once is asked about');
};

subtest 'a small change of each in the source is judged by what is here' => sub {
	my ($id, $path) = kept();
	my $run = then_comes($id, $path, table('b') =~ s/in b/at b/gr);
	is(counts($run), 'needs_approval');
	is($run->{review}{replaced}, $MANY);
};

subtest 'what the source has again as it was is kept no longer' => sub {
	my ($id, $path) = kept();
	my $run = then_comes($id, $path, table('a', 3 => '3,b 3,in b 3'));
	is(name_of($id, 7), 'a 7');
	is(name_of($id, 3), 'a 3', 'one is kept still');
	is($t->sql(q{SELECT count(*) FROM link WHERE error_code = 'kept_here' AND connection_id = '}
			. "$id'"), 1);
	$run = then_comes($id, $path, table('a'));
	is(codes($run), '', 'nothing is told any more');
	is(counts(then_comes($id, $path, table('b'))), 'needs_approval', 'and it is asked anew');
};

subtest 'what the source lacks is a loss like others' => sub {
	my ($id, $path) = kept();
	my $run = then_comes($id, $path, "id,name,town\n1,b 1,in b 1\n");
	is(counts($run), 'needs_approval', 'much at once is asked about');
	is($run->{review}{deletions}, $MANY - 1);
	answer($run, 'approve');
	is_deeply([keys %{ $t->records($id) }], [1], 'and goes');
	is(name_of($id, 1), 'a 1', 'one stays as it was');
};

subtest 'the answer can be given anew' => sub {
	my ($id, $path) = kept();
	is($t->post("/api/connections/$id/reset", { mode => 'again' })->{status}, 422);
	my $run = $t->reset_and_wait($id, 'ask');
	is(counts($run), 'needs_approval', 'it is asked again');
	is(name_of($id, 7), 'a 7', 'nothing has changed');
	$run = answer($run, 'approve');
	is(counts($run), "0 $MANY 0 0", 'and taken over');
	is(codes($run), '', 'nothing is kept any more');
	is(name_of($id, 7), 'b 7');
};

subtest 'the history of a record says why it is as it is' => sub {
	my ($id) = kept();
	my $d = $t->get("/api/connections/$id/datasets")->{json}{data}[0]{id};
	my $story = $t->get("/api/datasets/$d/records/7/history")->{json}{data};
	like($story->[0]{reason}, qr/somebody chose "Keep": it stays as it was/);
	is_deeply($story->[0]{changes}, {}, 'nothing was changed');
	is($story->[0]{action}, 'KEPT', 'and that is its word');
};

subtest 'a run says of what was kept that it was kept' => sub {
	my ($id) = kept();
	my ($run) = grep { codes($_) =~ /values_kept/ } $t->runs($id);
	my $did = $t->get("/api/sync/$run->{syncId}/changes?limit=100")->{json}{data};
	is_deeply([map { $_->{action} } @$did], [('KEPT') x $MANY]);
	my $page = $t->get("/syncs/$run->{syncId}", token => undef,
		headers => { cookie => $t->sign_in->{cookie} });
	like($page->{content}, qr/>kept as it was</);
	unlike($page->{content}, qr/>changed</);
};

subtest 'the page of the connection shows what is kept, also when some of it has gone' => sub {
	my ($id, $path) = kept();
	my $cookie = $t->sign_in->{cookie};
	my $page = sub {
		return $t->get("/connections/$id", token => undef,
			headers => { cookie => $cookie });
	};
	my $r = $page->();
	is($r->{status}, 200);
	like($r->{content}, qr/40 records are kept as they were/, 'how many');
	like($r->{content}, qr/and 20 more/, 'and some of them');
	then_comes($id, $path, table('b') =~ s/^7,.*\n//mr);
	is(name_of($id, 7), undef, 'one goes');
	$r = $page->();
	is($r->{status}, 200, 'the page stays');
	like($r->{content}, qr/(?:39|40) records are kept/, 'with the others');
	# And the table of others, which a run has dropped at the same moment.
	$t->sql("UPDATE link SET dataset_no = dataset_no + 1000 WHERE connection_id = '$id' "
		    . "AND object_key IN ('1', '2', '3')");
	$r = $page->();
	is($r->{status}, 200, 'the page stays');
	my ($list) = $r->{content} =~ m{records are kept.*?<ul class="chips">(.*?)</ul>}s;
	my @shown = $list =~ m{/records/(\d+)"}g;
	cmp_ok(scalar @shown, '>=', 15, 'with the others');
	is_deeply([grep { $_ <= 3 } @shown], [], 'and without a way to what is not there');
};

done_testing;
