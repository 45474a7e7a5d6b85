# seconds: 8
# Much is changed at once in Notion, a person is asked, and keeps what is here: just that stays as
# it was, in the records and the calendar, until it is changed there again. Everything else is
# synced, nobody is asked twice, and what was kept can be asked about again.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Notion;

my $MANY = 24;
my ($g, $n, $t) = Tidemark::Notion->beside;
my $s = $n->source('Plans', { When => { date => {} }, Place => { rich_text => {} } });
sub at { return { date => { start => sprintf '2026-10-%02d', $_[0] } } }
my @pages = map { $n->page($s, "Plan $_", When => at($_)) } 1 .. $MANY;
my $c = $t->connect('notion', undef, name => 'plans', config => { dataSource => $s })->{id};
$t->wait_run($t->get("/api/connections/$c")->{json}{lastSync}{syncId});

sub events {
	my $r = $t->get('/api/events?from=2026-09-01&to=2026-12-31&limit=500');
	return { map { $_->{title} => $_ } @{ $r->{json}{data} } };
}
sub titles { return join ' ', sort keys %{ events() } }
sub records {
	my $d = $t->get("/api/connections/$c/datasets")->{json}{data}[0]{id};
	return { map { $_->{Name} => $_ }
		    @{ $t->get("/api/datasets/$d/records?limit=200")->{json}{data} } };
}
sub record_titles { return join ' ', sort keys %{ records() } }
sub there {
	return join ' ', sort map { $_->{properties}{Name}{title}[0]{plain_text} }
	    @{ $n->call(POST => "/data_sources/$s/query", {})->{results} };
}
sub complete {
	my ($name) = @_;
	my $run = $t->sync_and_wait($c);
	is($run->{status}, 'complete', $name) or diag explain $run;
	return $run;
}
sub asked {
	my ($name, $run) = @_;
	$run //= $t->sync_and_wait($c);
	is($run->{error} && $run->{error}{code}, 'needs_approval', $name) or diag explain $run;
	return $run;
}
sub answer {
	my ($run, $how) = @_;
	my $r = $t->post("/api/sync/$run->{syncId}/$how", {});
	is($r->{status}, 202, $how);
	my $done = $t->wait_run($r->{json}{syncId});
	is($done->{status}, 'complete', 'and done') or diag explain $done;
	return $done;
}
sub codes { return join ' ', sort map { $_->{code} } @{ $_[0]{warnings} } }
sub until_so(&$) {
	my ($so, $name) = @_;
	my $v = Tidemark::wait_for { $t->sync_and_wait($c); $t->tick; $so->() } 20;
	return ok($v, $name);
}
sub rename_all {
	my ($word) = @_;
	$n->edit($pages[$_ - 1], Name => $n->title("$word $_"), When => at($_ + 1)) for 1 .. $MANY;
	return;
}
sub outbox { return $t->sql('SELECT count(*) FROM outbox WHERE finished_at IS NULL') }

my $before = titles();
is(scalar keys %{ events() }, $MANY, 'all are here');

subtest 'what is kept is not asked about again' => sub {
	rename_all('Broken');
	my $run = asked('much at once is asked about');
	is($run->{review}{replaced}, $MANY);
	like($run->{error}{detail}, qr/^Notion now has other values in $MANY of the $MANY records/);
	my $done = answer($run, 'reject');
	like(codes($done), qr/values_kept/, 'it is told');
	is(titles(), $before, 'the calendar is as it was');
	is(record_titles(), $before, 'and the records');
	like(codes(complete('the next sync asks nothing')), qr/values_kept/, 'and tells it, too');
	is(there() =~ /Plan/, '', 'nothing was written there');
};

subtest 'something else is taken in' => sub {
	my $new = $n->page($s, 'New', When => at(30));
	complete('and nothing is asked');
	is(titles(), join(' ', sort 'New', split /(?<=\d) /, $before), 'it is here');
	$n->edit($new, Place => { rich_text => $n->text('Cellar') });
	complete('an edit, too');
	is(events()->{New}{location}, 'Cellar', 'is here');
	$n->trash($new);
	until_so { titles() eq $before } 'and what is deleted there is gone here';
};

subtest 'a read of everything asks nothing either' => sub {
	my $run = $t->reset_and_wait($c, 'refetch');
	is($run->{status}, 'complete', 'it is not asked') or diag explain $run;
	like(codes($run), qr/values_kept/);
	is(titles(), $before, 'the calendar is as it was');
	is(record_titles(), $before, 'and the records');
	$t->tick;
	is(outbox(), 0, 'nothing is to be written there');
	is(there() =~ /Plan/, '', 'nor was');
};

subtest 'what is changed there again is taken over' => sub {
	$n->edit($pages[4], Name => $n->title('Mended'), When => at(20));
	complete('one of them');
	is(events()->{Mended}{startDateTime}, '2026-10-20', 'whole');
	ok(!events()->{'Plan 5'}, 'in place of what was kept');
	ok(records()->{Mended}, 'and its record');
	$n->edit($pages[5], Place => { rich_text => $n->text('Attic') });
	complete('also when it is one field');
	is(events()->{'Broken 6'}{location}, 'Attic', 'it is taken as it is there');
	is(outbox(), 0, 'nothing goes back');
};

subtest 'an edit here goes there' => sub {
	my $id = events()->{'Plan 7'}{id};
	$t->put("/api/events/$id", { location => 'Here' });
	Tidemark::wait_for { $t->tick; !outbox() } 20;
	like(there(), qr/Plan 7/, 'with what was kept');
	complete('which is no news');
	is(events()->{'Plan 7'}{location}, 'Here');
};

subtest 'what is deleted there goes' => sub {
	$n->trash($pages[7]);
	until_so { !events()->{'Plan 8'} } 'one of them, here, too';
	ok(!records()->{'Plan 8'}, 'and its record');
};

subtest 'much at once is asked about anew' => sub {
	my @titles = sort keys %{ events() };
	$n->edit($pages[$_ - 1], Name => $n->title("Worse $_"), When => at($_ + 2))
	    for 1 .. 7, 9 .. $MANY;
	my $run = asked('other values are another question');
	answer($run, 'reject');
	is_deeply([sort keys %{ events() }], \@titles, 'kept again');
};

subtest 'the page shows what is kept, and asks again' => sub {
	my $session = $t->sign_in('admin');
	my $page = $t->get("/connections/$c", token => undef,
		headers => { cookie => $session->{cookie} });
	my $seen = $page->{content} =~ s/<[^>]*>//gr =~ s/\s+/ /gr;
	like($seen, qr/23 records are kept as they were, although the source has other values/);
	like($seen, qr/Which.*Plan 9\D.*Ask again/, 'by name');
	my $run = asked('what is there is a question once more',
		$t->reset_and_wait($c, 'ask'));
	is($run->{review}{replaced}, $MANY - 1);
	my $done = answer($run, 'approve');
	unlike(codes($done), qr/values_kept/, 'nothing is kept any more');
	is(titles(), join(' ', sort map { "Worse $_" } 1 .. 7, 9 .. $MANY), 'the calendar follows');
	is(record_titles(), titles(), 'and the records');
	$page = $t->get("/connections/$c", token => undef,
		headers => { cookie => $session->{cookie} });
	unlike($page->{content}, qr/kept as/, 'the page says so no more');
	complete('level');
	is(outbox(), 0, 'nothing is to be written there');
};

subtest 'kept deletions do not hold the rest' => sub {
	my $all = titles();
	$n->trash($_) for @pages[8 .. $MANY - 1], @pages[0 .. 6];
	my $run = asked('all of them gone');
	my $done = answer($run, 'reject');
	like(codes($done), qr/deletions_kept/);
	is(titles(), $all, 'kept');
	$n->page($s, 'Later', When => at(28));
	$run = complete('something new is taken in');
	ok(events()->{Later}, 'it is here');
	is(scalar keys %{ events() }, $MANY, 'beside what was kept');
};

done_testing;
