# seconds: 10
# A small disk, and a source that is larger than what it has left: that source ends with a
# sentence, and everything else goes on.
use strict;
use warnings;
use Test::More;
use File::Temp ();
use Tidemark;

my $dir = File::Temp->newdir('tmdiskXXXXXX', TMPDIR => 1);
plan skip_all => 'only root can make a small disk'
    if $> || system("mount -t tmpfs -o size=40m,mode=700 tidemark-test $dir 2>/dev/null");
END { system "umount -l $dir 2>/dev/null" if $dir }

my $t = Tidemark->start(home => "$dir/home", env => { TIDEMARK_LEASE_SECONDS => 3 });
my $src = $t->source;
my $small = join '', "id,name\n", map { "$_,person $_\n" } 1 .. 500;
my $line = 'x' x 100;
my $large = join '', "id,name\n", map { "$_,$line $_\n" } 1 .. 160_000;
$src->put('/small.csv', $small);
$src->put('/large.csv', $large);

sub spool { my @d = glob "$dir/home/spool/*"; return scalar @d }
sub connected {
	my ($name) = @_;
	return $t->connect(
		csv => $src->url("/$name.csv"), name => $name, config => { key => 'id' },
		start => false
	)
}

my ($first, $big) = map { connected($_) } qw(small large);
is($t->sync_and_wait($first->{id}, 20)->{status}, 'complete', 'a source that has room');
for my $try (1 .. 3) {
	my $run = $t->sync_and_wait($big->{id}, 60);
	is($run->{status}, 'error', "try $try: a source without room ends");
	is($run->{error}{code}, 'disk_full', 'says why');
	like($run->{error}{detail}, qr/needs more room than there is/, 'in a sentence');
	ok(wait_for(sub { spool() == 0 }, 5), 'and gives back what it took');
	$t->cooled($big->{id});
}
$src->put('/small.csv', "$small" . "501,late\n");
is($t->sync_and_wait($first->{id}, 20)->{stats}{added}, 1, 'the other one is read on');
my $new = connected('small');
is($t->sync_and_wait($new->{id}, 20)->{stats}{added}, 501, 'and a new one');
is($t->post('/api/tokens', { name => 'x', scopes => ['read'] })->{status}, 201, 'people save');

# The room for the pages is there, and that for the plan; what is to be stored is too much, or what
# is to be kept of the past.
for my $rows (100_000, 60_000) {
	my $text = sub {
		return join '', "id,name\n", map { "$_,$line $_[0]\n" } 1 .. $rows
	};
	$src->put('/middle.csv', $text->(1));
	my $c = connected('middle');
	my @ends;
	for my $version (1 .. 4) {
		$src->put('/middle.csv', $text->($version));
		$t->cooled($c->{id});
		my $run = $t->sync_and_wait($c->{id}, 60);
		push @ends, $run->{error} ? $run->{error}{code} : $run->{status};
	}
	my @other = grep { !/^(complete|disk_full)$/ } @ends;
	is("@other", '', "$rows rows that change again and again: @ends");
	$src->put('/small.csv', "$small" . "501,$rows\n");
	is($t->sync_and_wait($first->{id}, 20)->{status}, 'complete', 'the other one is read on');
	ok(wait_for(sub { spool() == 0 }, 5), 'nothing is left behind');
}

subtest 'the disk is full of something else' => sub {
	system "dd if=/dev/zero of=$dir/filler bs=64k 2>/dev/null";
	$src->put('/small.csv', "$small" . "501,later\n");
	$t->post('/api/sync', { connectionId => $first->{id} });
	unlink "$dir/filler";
	$t->tick;
	$t->cooled($first->{id});
	is($t->sync_and_wait($first->{id}, 20)->{status}, 'complete', 'it goes on with room');
	ok(wait_for(sub { spool() == 0 }, 5), 'and nothing is left behind');
	my $said = $t->run('tidemark', 'doctor')->{out};
	like($said, qr/database file is sound/, 'the data is sound');
};

undef $t;
done_testing;
