# seconds: 20
# Records that are so long that few of them fill a process: they are compared, shown, asked about
# and taken back in parts, whose size their bytes decide. All of these together do not fit into the
# memory of a process here.
use strict;
use warnings;
use Test::More;
use Tidemark;

use constant { RECORDS => 130, LENGTH => 600_000 };

my $t = Tidemark->start(env => { TIDEMARK_WORKER_MB => 96 });
my $src = $t->source;

sub rows {
	my ($letter, $n) = @_;
	my $text = $letter x LENGTH;
	return join '', "id,a,b\n", map { "$_,$letter,$text\n" } 1 .. $n // RECORDS;
}
sub did { my $s = $_[0]{stats}; return "$_[0]{status} $s->{added} $s->{updated} $s->{deleted}" }

$src->put('/long.csv', rows('x'));
my $c = $t->connect(csv => $src->url('/long.csv'), config => { key => 'id' });
is(did($t->wait_run($c->{activeSyncId}, 120)), 'complete ' . RECORDS . ' 0 0', 'all are there');
my $set = $t->get("/api/connections/$c->{id}/datasets")->{json}{data}[0]{id};
# What a record holds, in short.
sub held {
	my $r = $t->get("/api/datasets/$set/records/$_[0]")->{json};
	return join ' ', map { substr $r->{$_}, 0, 1 } qw(a b);
}

subtest 'a question about all of them is asked, answered and told' => sub {
	$src->put('/long.csv', rows('y'));
	my $r = $t->sync_and_wait($c->{id}, 120);
	is($r->{error}{code}, 'needs_approval', 'they are asked about') or diag explain $r;
	is($t->post("/api/sync/$r->{syncId}/approve", {})->{status}, 202, 'and approved');
	my $done = wait_for {
		my ($run) = $t->runs($c->{id});
		$run->{stats}{updated} && $run->{status} eq 'complete' && $run
	} 120;
	is(did($done), 'complete 0 ' . RECORDS . ' 0', 'all of them are others now');
	is(held(RECORDS), 'y y', 'the last one too');
	my $undo = $t->get("/api/sync/$done->{syncId}/undo")->{json};
	is_deeply($undo->{counts}, { back => RECORDS, left => 0 }, 'all could be taken back');
	my $back = $t->post("/api/sync/$done->{syncId}/undo", {})->{json}{syncId};
	is(did($t->wait_run($back, 120)), 'complete 0 ' . RECORDS . ' 0', 'and are');
	is(held(RECORDS), 'x x', 'the last one too');
};

subtest 'and so is what a sync has brought' => sub {
	my $run = (grep { $_->{stats}{added} } $t->runs($c->{id}))[0]{syncId};
	is_deeply(
		$t->get("/api/sync/$run/undo")->{json}{counts},
		{ back => 0, left => RECORDS }, 'each is looked at, and has changed since'
	);
};

subtest 'a preview shows as much as one answer takes, and the rest behind its cursor' => sub {
	$src->put('/some.csv', rows('z', 12));
	my $d = $t->connect(csv => $src->url('/some.csv'), config => { key => 'id' });
	$t->wait_run($d->{activeSyncId}, 60);
	$src->put('/some.csv', rows('w', 12));
	my ($cursor, @seen, $pages) = ('');
	do {
		my $r = $t->post("/api/connections/$d->{id}/preview"
			    . ($cursor && "?cursor=$cursor"), {});
		is($r->{status}, 200, 'a page') or diag substr $r->{content}, 0, 300;
		is($r->{json}{total}, 12, 'of all of them');
		cmp_ok(length $r->{content}, '<', 8_000_000, 'which is not long');
		push @seen, map { $_->{key} } @{ $r->{json}{changes} };
		$cursor = $r->{json}{nextCursor} // '';
	} while ($cursor && ++$pages < 50);
	is_deeply(\@seen, [1 .. 12], 'each once, in order');
	my $page = $t->get("/connections/$d->{id}/preview", token => undef,
		headers => { cookie => $t->sign_in('admin')->{cookie} })->{content};
	my ($on) = $page =~ /cursor=(\d+)/;
	ok($on && $on < 12, 'the page of it goes on where it ended') or diag $page;
	my $r = $t->post('/api/preview',
		{ provider => 'csv', config => { url => $src->url('/some.csv'), key => 'id' } });
	is($r->{status}, 200, 'one of a new source') or diag $r->{content};
};

unlike($t->logs, qr/arena\.full|worker\.ended/, 'no process has ended for it');
done_testing;
