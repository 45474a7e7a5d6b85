# The sign of life that goes to an address outside: once a minute while all is well, with /fail when
# it is not; guarded, and in no log.
use strict;
use warnings;
use Fcntl qw(LOCK_EX);
use Test::More;
use Tidemark;
use Tidemark::Source;

my $src = Tidemark::Source->start;
$src->put('/ping/secret-5af3', 'OK');
$src->put('/ping/secret-5af3/fail', 'OK');
my $t = Tidemark->start(env => { TIDEMARK_HEARTBEAT_URL => $src->url('/ping/secret-5af3') });
my $token = $t->token('admin', 'read,operator');

sub pings { my @asked = $src->requests($_[0]); return scalar @asked }
# A minute later.
sub beat {
	$t->sql("UPDATE lane SET hold_until = 0, due_at = 1 WHERE kind = 'pulse'");
	$t->tick;
}
sub check {
	my ($name) = @_;
	return (grep { $_->{name} eq $name }
		    @{ $t->get('/api/doctor', token => $token)->{json}{data} })[0];
}

subtest 'all is well' => sub {
	ok(wait_for(sub { $t->tick; pings('/ping/secret-5af3') }, 20), 'it is asked for');
	is(pings('/ping/secret-5af3/fail'), 0, 'and nothing else');
	ok(
		wait_for(sub { check('heartbeat')->{detail} =~ /has arrived outside/ }, 20),
		'as the doctor says'
	);
	ok(check('late')->{ok}, 'who finds nothing late');
};

subtest 'syncs are late' => sub {
	$src->put('/a.csv', "id\n1\n");
	my $c = $t->connect(csv => $src->url('/a.csv'), name => 'Late', start => false);
	# Due long ago, and nobody takes it: no tick runs.
	open my $lock, '>>', "$t->{home}/tick.lock" or die $!;
	flock $lock, LOCK_EX or die $!;
	$t->sql("UPDATE schedule SET next_poll_at = 1000 WHERE connection_id = '$c->{id}'");
	ok(!check('late')->{ok}, 'the doctor sees it');
	like(check('late')->{detail}, qr/Syncs are late/, 'and says so');
	ok(
		wait_for(
			sub {
				$t->sql('UPDATE lane SET hold_until = 0, due_at = 1 '
					    . "WHERE kind = 'pulse'");
				$t->run('tidemark-worker', 'deliver');
				pings('/ping/secret-5af3/fail')
			},
			20
		),
		'it is told outside'
	);
	close $lock;
};

subtest 'where nobody answers' => sub {
	$src->put('/ping/secret-5af3', 'no', status => 500);
	$src->put('/ping/secret-5af3/fail', 'no', status => 500);
	ok(wait_for(sub { beat(); !check('heartbeat')->{ok} }, 20), 'the doctor sees it');
	unlike(check('heartbeat')->{detail}, qr/secret-5af3/, 'and keeps the address to himself');
};

subtest 'the address is in no log, page or list of settings' => sub {
	unlike($t->logs, qr/secret-5af3/, 'log');
	unlike($t->run('tidemark', 'config')->{out}, qr/secret-5af3/, 'settings');
	unlike($t->get('/api/doctor', token => $token)->{content}, qr/secret-5af3/, 'doctor');
};

done_testing;
