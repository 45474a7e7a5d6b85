# How often a user's contacts are kept level: the settings, by session and by a host application's
# token.
use strict;
use warnings;
use Test::More;
use Time::Local;
use Tidemark;

my $t = Tidemark->start(web => 1, hook => 0);
my $PATH = '/api/auto-sync/config';
my $get = sub { return $t->get($PATH, @_)->{json} };
# Seconds from now to an RFC 3339 time.
my $ahead = sub {
	return $_[0] =~ /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)Z$/
	    ? timegm($6, $5, $4, $3, $2 - 1, $1) - time
	    : undef
};

subtest 'B1: a user who never set it has the defaults' => sub {
	is_deeply(
		$get->(),
		{
			enabled => false, interval_hours => 24, last_sync_at => undef,
			next_sync_at => undef
		},
		'off, once a day'
	);
};

subtest 'B1: what is set stays, over a restart' => sub {
	my $r = $t->put($PATH, { enabled => true, interval_hours => 4 });
	is($r->{status}, 200, 'set');
	is($r->{json}{interval_hours}, 4, 'the interval');
	my $in = $ahead->($r->{json}{next_sync_at});
	ok($in > 4 * 3600 - 60 && $in <= 4 * 3600 + 1, "the next time is an interval away: $in s");
	my $again = $t->put($PATH, { enabled => true, interval_hours => 4 })->{json};
	is(
		$again->{next_sync_at}, $r->{json}{next_sync_at},
		'the same settings again do not move it'
	);
	ok($t->kill_all('KILL', 'tidemark-fcgi'), 'every process is killed');
	wait_for { $t->get($PATH)->{status} == 200 } or die 'no new process';
	is_deeply($get->(), $r->{json}, 'read back');
	is_deeply(
		$t->get('/api/logos-vision/auto-sync/config')->{json}, $r->{json},
		'by its other name'
	);
	# The time has gone by, twice and a bit.
	$t->sql('UPDATE auto_sync SET next_sync_at = ' . (time - 9 * 3600) * 1000);
	$in = $ahead->($get->()->{next_sync_at});
	ok(
		$in > 3 * 3600 - 60 && $in <= 3 * 3600 + 1,
		"a time that is over is not told as the next one: $in s"
	);
	is_deeply(
		$t->put($PATH, { enabled => false })->{json},
		{
			enabled => false, interval_hours => 4, last_sync_at => undef,
			next_sync_at => undef
		},
		'off: no next time, the interval is remembered'
	);
	like($t->run('tidemark', 'audit')->{out}, qr/contacts sync set/, 'audited');
};

subtest 'B1: what cannot be is refused with the field' => sub {
	my $before = $get->();
	for my $bad (
		[interval_hours => 0], [interval_hours => 721], [interval_hours => 1.5],
		[interval_hours => '4 hours'], [enabled => 'perhaps'], [colour => 'red']
	) {
		my $r = $t->put($PATH, { $bad->[0] => $bad->[1] });
		is($r->{status}, 422, "$bad->[0] = $bad->[1]");
		is($r->{json}{errors}[0]{field}, $bad->[0], 'named');
	}
	is_deeply($get->(), $before, 'nothing has changed');
};

subtest 'B1: a host application sets it for its user' => sub {
	is($t->run('tidemark', 'user', 'add', 'ann', '--workspace', 'ws-1')->{rc}, 0, 'a user');
	my $op = 'admin:read,write,operator';
	my $r = $t->put($PATH, { workspace_id => 'ws-1', enabled => true }, token => $op);
	is($r->{status}, 200, 'by its own name of the user');
	is($r->{json}{interval_hours}, 24, 'the default interval');
	ok($t->get("$PATH?workspace_id=ws-1", token => $op)->{json}{enabled}, 'the user has it');
	ok($get->(token => 'ann:read')->{enabled}, 'and sees it');
	ok(!$get->()->{enabled}, 'the operator has not');
	is(
		$t->put(
			$PATH, { workspace_id => 'ws-1', enabled => false },
			token => 'admin:read,write'
		)->{json}{code},
		'forbidden',
		'without the scope nobody acts for another'
	);
	ok($get->(token => 'ann:read')->{enabled}, 'unchanged');
};

done_testing;
