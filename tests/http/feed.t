# seconds: 35
# The feed's promise: who follows its cursor has the mirror. When that cannot be kept, the cursor
# is refused with what to do; it is never answered with a part of what has happened.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use MIME::Base64 qw(encode_base64url);
use Tidemark;
use Time::HiRes qw(sleep);

my $t = Tidemark->start;
my $src = $t->source;

sub rows { return "id,v\n" . join '', map { "$_,$_[0]\n" } @_[1 .. $#_] }

# Connects a source of its own; the connection and the path of its records.
my $n = 0;
sub connected {
	my ($text) = @_;
	$src->put('/' . ++$n . '.csv', $text);
	my $c = $t->connect(csv => $src->url("/$n.csv"), config => { key => 'id' });
	$t->wait_run($c->{activeSyncId});
	my $d = $t->get("/api/connections/$c->{id}/datasets")->{json}{data}[0];
	return ($c, "/api/datasets/$d->{id}/records", "/$n.csv");
}

sub end_of { return $t->get("$_[0]?includeDeleted=true&limit=500")->{json}{endCursor} }

sub refused {
	my ($path, $cursor, $name) = @_;
	my $r = $t->get("$path?includeDeleted=true&cursor=$cursor");
	is $r->{status}, 410, $name;
	is $r->{json}{code}, 'cursor_expired', '... by its word';
	like $r->{json}{detail}, qr/Start again: ask without a cursor/, '... with what to do';
}

# All tombstones become old, and the hour's housekeeping runs.
sub sweep {
	$t->sql('UPDATE record SET deleted = deleted - 40 * 86400000 WHERE deleted IS NOT NULL');
	# A tick that finds another one at work leaves the housekeeping to it.
	my $done = wait_for {
		$t->sql("UPDATE meta SET value = value - 3600000 WHERE name = 'tick_at'");
		$t->tick;
		return !$t->sql('SELECT count(*) FROM record WHERE deleted IS NOT NULL');
	}
	30;
	ok $done, 'old tombstones are forgotten';
}

subtest 'a cursor is refused once deletions behind it are forgotten' => sub {
	my ($c, $path, $file) = connected(rows('a', 1 .. 20));
	my $r = $t->get("$path?includeDeleted=true&limit=15")->{json};
	my ($half, $end) = ($r->{nextCursor}, end_of($path));
	$src->put($file, rows('a', 1 .. 15, 21));
	$t->sync_and_wait($c->{id});
	my $later = end_of($path);
	sweep();
	refused($path, $end, 'who had come to their records and no further');
	refused($path, $half, 'who was on the way');
	is $t->get("$path?includeDeleted=true&cursor=$later")->{status}, 200,
	    'who has heard of them goes on';
	my $replica = $t->replica($c->{id}, limit => 3);
	is_deeply $replica->follow, $t->copy_of($c->{id}), 'and so does who begins now';
	is $replica->{refusals}, 0, 'at its first try';
	my $then = 'modifiedAfter=2020-01-01T00:00:00Z';
	is $t->get("$path?includeDeleted=true&$then")->{status}, 410,
	    'a time before is refused like a cursor';
	is $t->get("$path?$then")->{status}, 200,
	    'but to who wants no deletions';
};

subtest 'who polls is never refused' => sub {
	my ($c, $path, $file) = connected(rows('a', 1 .. 20));
	my $all = $t->replica($c->{id});
	$all->follow;
	my $cursor = $t->get("$path?limit=500")->{json}{endCursor};
	for my $round (1 .. 3) {
		$src->put($file, rows('a', 1 .. 20 - $round * 2));
		$t->sync_and_wait($c->{id});
		$all->follow;
		my $r = $t->get("$path?cursor=$cursor");
		is $r->{status}, 200, "round $round, also who never asks for deletions";
		$cursor = $r->{json}{endCursor};
		sweep();
	}
	is_deeply $all->follow, $t->copy_of($c->{id}), 'and has the mirror';
	is $all->{refusals}, 0;
};

subtest 'cursors that this feed never gave' => sub {
	my ($c, $path, $file) = connected(rows('a', 1 .. 3));
	my (undef, $other) = connected(rows('a', 1 .. 3));
	my $own = MIME::Base64::decode_base64url(end_of($path));
	refused($path, end_of($other), 'that of another dataset');
	refused($path, encode_base64url($own =~ s/(\d+)\|/$1 + 1000000 . '|'/er),
		'one ahead of the end');
	refused($path, encode_base64url('s5'), 'one of an earlier version');
	refused($path, encode_base64url($own =~ s/\|[^|]+/|00000000-0000-7000-8000-000000000000/r),
		'one of another epoch');
	for my $bad ('nonsense!', encode_base64url('f|a'), encode_base64url('f||1|x'), 'AAAA') {
		is $t->get("$path?cursor=$bad")->{status}, 422, "no cursor at all: $bad";
	}
};

subtest 'a restored backup has another feed' => sub {
	my ($c, $path, $file) = connected(rows('a', 1 .. 30));
	my $kept = "$t->{dir}/backup.db";
	is $t->run('tidemark', 'backup', $kept)->{rc}, 0, 'backed up';
	my $replica = $t->replica($c->{id});
	for my $time (1, 2) {
		$src->put($file, rows("before $time", 1 .. 20, 40 .. 60));
		$t->sync_and_wait($c->{id});
		$replica->follow;
		# As the README says.
		my $home = $t->home;
		my $env = $t->{env};
		kill 'TERM', @{ $t->{pids} };
		wait_for { !$t->pids };
		system('cp', $kept, "$home/tidemark.db") == 0 or die;
		unlink "$home/tidemark.db-wal", "$home/tidemark.db-shm";
		$t->{pids} = [];
		unlink glob "$t->{dir}/run/*.sock";
		$t->pool($_) for qw(web wait hook);
		$t->nginx;
		$src->put($file, rows("after $time", 1 .. 10, 50 .. 70));
		$t->sync_and_wait($c->{id});
		$t->sync_and_wait($c->{id});
		my $before = $replica->{refusals};
		is_deeply $replica->follow, $t->copy_of($c->{id}), "restored $time: level";
		is $replica->{refusals}, $before + 1, '... because it was told to start again';
	}
};

subtest 'a backup is restored while all goes on' => sub {
	my ($c, $path, $file) = connected(rows('a', 1 .. 500));
	my $kept = "$t->{dir}/running.db";
	is $t->run('tidemark', 'backup', $kept)->{rc}, 0, 'backed up';
	my $replica = $t->replica($c->{id})->run;
	for my $time (1, 2) {
		$src->put($file, rows("then $time", 1 .. 400, 600 .. 700));
		is $t->sync_and_wait($c->{id})->{status}, 'complete';
		my $r = $t->run('tidemark', 'restore', $kept);
		is $r->{rc}, 0, 'restored' or diag $r->{err};
		like $t->run('tidemark', 'audit')->{out},
		    qr/ command .* backup restored +\Q$kept\E$/m, 'the audit has it';
		is $t->get('/api/connections')->{status}, 200, 'at once';
		is keys %{ $t->records($c->{id}) }, 500, 'as it was then';
	}
	is_deeply [glob $t->home . '/restore.*'], [], 'nothing is left lying';
	is scalar(my @aside = glob $t->home . '/before-restore-*.db'), 2, 'but what was there';
	my $then = $t->run({ env => { DATABASE_URL => $aside[0] } }, 'tidemark', 'user', 'list');
	like $then->{out}, qr/^admin /, '... whole';
	$src->put($file, rows('last', 1 .. 300, 800 .. 900));
	$t->sync_and_wait($c->{id});
	is_deeply $replica->level, $t->copy_of($c->{id}), 'who follows the feed is level';
	ok $replica->{refusals} >= 1, "told to start again: $replica->{refusals}";
	open my $f, '>', "$t->{dir}/none.db" or die;
	print $f 'SQLite format 3', "\0", 'x' x 5000;
	close $f;
	for my $bad ("$t->{dir}/none.db", "$t->{dir}/absent.db", $src->url('/'), $0) {
		isnt $t->run('tidemark', 'restore', $bad)->{rc}, 0, 'no backup: refused';
	}
	# On a disk that takes a part of it.
	local $SIG{XFSZ} = 'IGNORE';
	my $r = $t->run(
		'/bin/sh', '-c', 'ulimit -f 100 && exec timeout 60 "$0" restore "$1"',
		Tidemark::build() . '/tidemark', $kept
	);
	isnt $r->{rc}, 0, 'no room: refused';
	like $r->{err}, qr/The backup could not be copied into .*: File too large/, 'why';
	is_deeply $t->copy_of($c->{id}), $replica->{copy}, 'and nothing has changed';
	is scalar(() = glob $t->home . '/{restore.*,before-restore-*}'), 2, 'nor is there more';
};

subtest 'an export is one moment' => sub {
	my ($c, $path, $file) = connected(rows('a', 1 .. 20000));
	for my $format (qw(ndjson csv)) {
		my ($run, $done);
		$src->put($file, rows("next $format", 1 .. 20000));
		$t->cooled($c->{id});
		$run = $t->post('/api/sync', { connectionId => $c->{id} });
		is $run->{status}, 202, 'a sync begins' or last;
		my ($mixed, $wrong, $exports) = (0, 0, 0);
		until ($done) {
			$done = $t->get("/api/sync?syncId=$run->{json}{syncId}")->{json}{status}
			    =~ /complete|error/;
			my $text = $t->get("$path?format=$format")->{content};
			my (%key, %value);
			for (split /\r?\n/, $text) {
				my ($id, $v) =
				    $format eq 'csv' ? split /,/ : @{ json($_) }{qw(id v)};
				next if $id eq 'id';
				$key{$id}++;
				$value{$v}++;
			}
			$wrong++ if keys %key != 20000 || grep { $_ > 1 } values %key;
			$mixed++ if keys %value > 1;
			$exports++;
		}
		is $wrong, 0, "$format: no key twice, none missing in $exports exports";
	}
};

subtest 'large records make pages small, and are exported whole' => sub {
	my ($c, $path) = connected(rows('a', 1 .. 60));
	my $no = $t->sql("SELECT no FROM dataset WHERE connection_id = '$c->{id}'");
	$t->sql("UPDATE record SET payload = json_array(key, hex(zeroblob(450000))) "
		    . "WHERE dataset_no = $no");
	# Taking apart so much JSON would take long.
	my %as = (headers => { authorization => 'Bearer ' . $t->token });
	my $get = sub { return $t->{http}->get($t->base . "$path?$_[0]", \%as)->{content} };
	my ($n, $next, $largest) = (0, '', 0);
	while (defined $next) {
		my $page = $get->("limit=500&cursor=$next");
		$largest = length $page if $largest < length $page;
		$n += () = $page =~ /"_meta"/g;
		($next) = $page =~ /"nextCursor":"([^"]+)"/;
	}
	is $n, 60, 'all are told';
	cmp_ok $largest, '<', 8 << 20, 'by pages that are no larger than others';
	for my $format (qw(csv ndjson)) {
		my @lines = grep { !/^id,/ } split /\r?\n/, $get->("format=$format");
		is scalar @lines, 60, "$format: all are there";
		is scalar(grep { tr/0// >= 900_000 } @lines), 60, '... whole';
	}
	# One that nothing could hold: the reply is broken off, and does not look like a whole one.
	$t->sql("UPDATE record SET payload = json_array(key, hex(zeroblob(25000000))) "
		    . "WHERE dataset_no = $no AND key = '50'");
	my $r = $t->get("$path?format=ndjson");
	is $r->{status}, 599, 'an export that fails is none, for it has no end';
	is $t->get('/api/connections')->{status}, 200, 'and the next request is answered';
};

done_testing;
