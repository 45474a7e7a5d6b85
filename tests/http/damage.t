# seconds: 15
# What is wrong with the database is called by its name, to people, to readyz and by doctor; and
# while somebody holds it, everything can still be read.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(time sleep);
use Tidemark;

my $open = sub { $_[0]->get('/readyz', token => undef) };
sub check {
	my ($t, $name) = @_;
	my ($c) = grep { $_->{name} eq $name } @{ $open->($t)->{json}{checks} };
	return $c
}
sub ready {
	my ($t) = @_;
	return wait_for { $open->($t)->{status} == 200 } 10
}
sub sql { return scalar qx{sqlite3 '$_[0]/tidemark.db' '$_[1]'} }

# With a tick that has run, so that nothing else is missing.
sub started {
	my (%o) = @_;
	my $t = Tidemark->start(%o);
	$t->tick;
	ok(ready($t), 'ready') or diag $open->($t)->{content};
	return $t;
}

subtest 'while somebody holds the database, reading goes on and saving is put off' => sub {
	my $t = started(web => 4);
	my $src = $t->source;
	$src->put('/a.csv', "id,name\n1,Ann\n");
	my $c = $t->connect(csv => $src->url('/a.csv'), start => false);
	my $token = $t->token;
	# Holds the write lock until its input ends.
	open my $holder, '|-', 'sqlite3', $t->home . '/tidemark.db' or die;
	$holder->autoflush(1);
	print $holder "BEGIN IMMEDIATE;\n";
	print $holder "SELECT writefile('@{[$t->home]}/held', 'x');\n";
	ok(wait_for(sub { -e $t->home . '/held' }, 5), 'held');
	# Six people save, again and again.
	my @writers = map {
		my $pid = fork // die;
		if (!$pid) {
			my $http = HTTP::Tiny->new(timeout => 60);
			my %seen;
			for (1 .. 4) {
				my $r = $http->post(
					$t->base . '/api/tokens',
					{
						headers => {
							authorization => "Bearer $token",
							'content-type' => 'application/json'
						},
						content => '{"name": "x", "scopes": ["read"]}'
					}
				);
				$seen{ $r->{status} }++;
				$seen{after} = $r->{headers}{'retry-after'} if $r->{status} == 503;
			}
			POSIX::_exit(($seen{503} // 0) == 4 && $seen{after} ? 0 : 1);
		}
		$pid
	} 1 .. 6;
	my @took;
	for (1 .. 40) {
		my $from = time;
		my $r = $t->get("/api/connections/$c->{id}");
		push @took, time - $from;
		is($r->{status}, 200, 'read') if $r->{status} != 200;
		sleep 0.05;
	}
	is(scalar @took, 40, 'read forty times');
	@took = sort { $a <=> $b } @took;
	# What others do on this machine costs time too: most of them, and none as long as before.
	cmp_ok($took[30], '<', 2, 'most of it within two seconds');
	for (@writers) {
		waitpid $_, 0;
		is($?, 0, 'who saves is told that, and when to try again');
	}
	is($open->($t)->{status}, 200, 'which is no reason not to be ready');
	print $holder "ROLLBACK;\n";
	close $holder;
	my $saved = wait_for {
		my $r = $t->post('/api/tokens', { name => 'y', scopes => ['read'] });
		$r->{status} == 201
	}
	10;
	ok($saved, 'and afterwards all is saved');
};

subtest 'a damaged file' => sub {
	my $t = started();
	my $src = $t->source;
	$src->put('/a.csv', join '', "id,name\n", map { "$_,Person $_\n" } 1 .. 3000);
	my $c = $t->connect(csv => $src->url('/a.csv'), config => { key => 'id' }, start => false);
	$t->sync_and_wait($c->{id});
	wait_for { !$t->pids('tidemark-tick') } 10;
	my $set = $t->get("/api/connections/$c->{id}/datasets")->{json}{data}[0]{id};
	sql($t->home, 'PRAGMA wal_checkpoint(TRUNCATE)');
	my $size = -s $t->home . '/tidemark.db';
	# Every second page from the middle on: those of the records.
	open my $f, '+<', $t->home . '/tidemark.db' or die;
	for (my $at = int($size / 8192) * 4096; $at < $size; $at += 8192) {
		seek $f, $at, 0;
		print $f "\xa5" x 4096;
	}
	close $f;
	# Who reads all of them meets it.
	my ($met, $next) = ({ status => 200 }, '');
	while ($met->{status} == 200 && defined $next) {
		$met = $t->get("/api/datasets/$set/records?limit=500&cursor=$next");
		$next = $met->{json}{nextCursor};
	}
	is($met->{status}, 503, 'people meet it');
	is($met->{json}{code}, 'database_damaged', 'and are told so') or diag $met->{content};
	my $check = wait_for { my $s = check($t, 'storage'); $s && !$s->{ok} ? $s : undef } 20;
	like($check->{detail}, qr/database file is damaged/i, 'readyz calls it that')
	    or diag explain $check;
	like($check->{advice}, qr/last backup/, 'and says what to do');
	is($open->($t)->{status}, 503, 'not ready');
	my $r = $t->run('tidemark', 'doctor');
	isnt($r->{rc}, 0, 'doctor finds it');
	like($r->{out} . $r->{err}, qr/damaged/, 'in words');
};

subtest 'a file that was put in its place while it runs' => sub {
	my $t = started();
	my $file = $t->home . '/tidemark.db';
	system "sqlite3 '$file' \".backup '$file.copy'\"";
	rename "$file.copy", $file or die;
	my $check = check($t, 'storage');
	ok(!$check->{ok}, 'is noticed');
	like($check->{detail}, qr/moved or replaced while Tidemark runs/, 'with a word');
};

subtest 'a disk that can only be read' => sub {
	my $dir = File::Temp->newdir('tmdiskXXXXXX', TMPDIR => 1);
	plan skip_all => 'only root can make such a disk'
	    if $> || system("mount -t tmpfs -o size=40m,mode=700 tidemark-test $dir 2>/dev/null");
	# Nobody has a file open there while it is switched.
	my $t = Tidemark->start(home => "$dir/home", web => 0);
	$t->run(qw(tidemark user add admin --operator));
	if (system "mount -o remount,ro $dir 2>/dev/null") {
		system "umount -l $dir";
		plan skip_all => 'it cannot be switched to reading';
	}
	my @save = qw(tidemark token create --user=admin --scopes=read);
	my $r = $t->run(@save);
	isnt($r->{rc}, 0, 'nothing is saved');
	like($r->{err}, qr/can only be read, not written/, 'for that reason')
	    or diag "$r->{out}$r->{err}";
	unlike($r->{err}, qr/busy|is full/, 'and no other');
	$r = $t->run(qw(tidemark doctor));
	like("$r->{out}$r->{err}", qr/can only be read, not written/, 'doctor says it too')
	    or diag "$r->{out}$r->{err}";
	system "mount -o remount,rw $dir";
	is($t->run(@save)->{rc}, 0, 'it works again when the disk does');
	undef $t;
	system "umount -l $dir";
};

done_testing;
