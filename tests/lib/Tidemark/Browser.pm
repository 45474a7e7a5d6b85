# Browser.pm - runs a script of tests/browser in Node beside a private Tidemark, and does what it
# asks: one JSON list a line.
package Tidemark::Browser;

use strict;
use warnings;
use IO::Handle;
use JSON::PP;
use POSIX ();

# A host application: host_pages($source) serves what a script wants to stand on its pages, which
# are of another origin.
sub host_pages {
	my ($source) = @_;
	return (
		host => sub {
			my ($path, $body, $type) = @_;
			$source->put($path, $body, type => $type);
			return $source->url($path)
		}
	)
}

# What the script says, with the details of a failure as comments: as node writes them, a harness of
# TAP does not understand all of them, and would tell of that instead.
sub say_plainly {
	my ($from) = @_;
	my $details;
	$| = 1;
	while (my $line = <$from>) {
		$details = 1 if $line =~ /^\s*---$/;
		print $details ? "# $line" : $line;
		$details = 0 if $line =~ /^\s*\.\.\.$/;
	}
}

# run($tidemark, 'pages.mjs', { name => sub, ... }, more => ...): the exit code of the script.
# more: further members of what it is told at its start.
sub run {
	my ($t, $script, $do, %more) = @_;
	$do = { cooled => sub { $t->cooled($_[0]); return 1 }, %$do };
	my $json = JSON::PP->new->utf8->allow_nonref;
	pipe(my $ask_read, my $ask_write) or die $!;
	pipe(my $tell_read, my $tell_write) or die $!;
	pipe(my $said_read, my $said_write) or die $!;
	my $pid = fork // die $!;
	if (!$pid) {
		close $ask_read;
		close $tell_write;
		POSIX::dup2(fileno $said_write, 1);
		# A place of its own for each, then where the script expects them.
		POSIX::dup2(fileno $ask_write, 30);
		POSIX::dup2(fileno $tell_read, 31);
		POSIX::dup2(30, 8);
		POSIX::dup2(31, 9);
		POSIX::close($_) for 30, 31;
		$ENV{TM} = $json->encode({ base => $t->base, token => $t->token, %more });
		exec 'node', '--test-reporter=tap', $t->root . "/tests/browser/$script"
		    or POSIX::_exit(127);
	}
	close $_ for $ask_write, $tell_read, $said_write;
	my $teller = fork // die $!;
	if (!$teller) {
		close $_ for $ask_read, $tell_write;
		say_plainly($said_read);
		POSIX::_exit(0);
	}
	close $said_read;
	$tell_write->autoflush(1);
	while (my $line = <$ask_read>) {
		my ($what, @args) = @{ $json->decode($line) };
		my $answer = eval { $do->{$what}->(@args) };
		print $tell_write $json->encode($@ ? { error => "$@" } : { value => $answer }),
		    "\n";
	}
	close $tell_write;
	waitpid $pid, 0;
	my $status = $?;
	waitpid $teller, 0;
	return $status >> 8 || $status & 127;
}

1;
