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

# What most scripts ask for: links to sign in with, and a source that says what they like.
sub common {
	my ($t, $source) = @_;
	$source //= $t->source;
	return (
		link => sub { return $t->link($_[0] // 'admin') },
		put => sub {
			my ($path, $body, $options) = @_;
			$source->put($path, $body, %{ $options // {} });
			return 1
		},
		release => sub { $source->release($_[0]); return 1 },
	)
}

# Why a test has failed, of what node says about it, for who reads only what is said beside the
# TAP: its message, what was expected, and where; at most this much of it, and nothing that opens
# anything.
use constant { WHY_LINES => 60, WHY_WIDTH => 300 };
my $OPENS = qr/\b(?:tmp?_|whsec_|(?:key|token|csrf|secret|tidemark|code|state)=)\K[\w.~%+\/-]+
	|\bBearer\ \K[\w.~+\/=-]+/xi;
# Not of our own: how node runs tests.
my $NODE = qr{node:internal|^\s*(?:async )?(?:Test|AsyncResource|process)\.};

sub why {
	my ($name, @details) = @_;
	my ($skip, @why);
	for (@details) {
		s/\e\[[\d;]*m//g;
		$skip = $1 =~ /^(?:duration_ms|failureType|code|name|operator|type)$/
		    if /^  (\w+):/;
		next if $skip || $_ =~ $NODE || !/\S/;
		s/$OPENS/.../g;
		push @why, length > WHY_WIDTH ? substr($_, 0, WHY_WIDTH) . ' ...' : $_;
	}
	my $more = @why - WHY_LINES;
	splice @why, WHY_LINES, @why, "  ($more lines more)" if $more > 0;
	return map { "# $_\n" } $name, @why;
}

# What the script says, with the details of a failure as comments: as node writes them, a harness of
# TAP does not understand all of them, and would tell of that instead. Why one has failed is told
# beside it as well.
sub say_plainly {
	my ($from, $beside) = @_;
	my ($failed, $details);
	$| = 1;
	while (my $line = <$from>) {
		$failed = $1 if $line =~ /^\s*((?:not )?ok \d.*)/;
		$details = [] if $line =~ /^\s*---$/;
		print $details ? "# $line" : $line;
		next if !$details;
		push @$details, $line =~ s/\s+\z//r;
		next if $line !~ /^\s*\.\.\.$/;
		print $beside join '', why($failed, @$details[1 .. $#$details - 1])
		    if $beside && $failed =~ /^not/;
		$details = undef;
	}
}

# Who says it: its process, and the end that the script writes to. It is there before any other
# pipe, so that it holds none of them open.
sub teller {
	pipe(my $read, my $write) or die $!;
	my $pid = fork // die $!;
	if (!$pid) {
		close $write;
		say_plainly($read, \*STDERR);
		POSIX::_exit(0);
	}
	return ($pid, $write);
}
sub node {
	my ($script, $said, $set) = @_;
	my $pid = fork // die $!;
	if (!$pid) {
		POSIX::dup2(fileno $said, 1);
		$set->();
		exec 'node', '--test-reporter=tap', $script or POSIX::_exit(127);
	}
	close $said;
	return $pid;
}
sub ended {
	my ($pid, $teller) = @_;
	waitpid $pid, 0;
	my $status = $?;
	waitpid $teller, 0;
	return $status >> 8 || $status & 127;
}

# A script that asks for nothing: its exit code.
sub run_alone {
	my ($script) = @_;
	my ($teller, $said) = teller();
	return ended(node($script, $said, sub { }), $teller);
}

# run($tidemark, 'pages.mjs', { name => sub, ... }, more => ...): the exit code of the script.
# more: further members of what it is told at its start.
sub run {
	my ($t, $script, $do, %more) = @_;
	$do = { cooled => sub { $t->cooled($_[0]); return 1 }, %$do };
	my $json = JSON::PP->new->utf8->allow_nonref;
	my ($teller, $said) = teller();
	pipe(my $ask_read, my $ask_write) or die $!;
	pipe(my $tell_read, my $tell_write) or die $!;
	my $pid = node(
		$t->root . "/tests/browser/$script",
		$said,
		sub {
			close $ask_read;
			close $tell_write;
			# A place of its own for each, then where the script expects them.
			POSIX::dup2(fileno $ask_write, 30);
			POSIX::dup2(fileno $tell_read, 31);
			POSIX::dup2(30, 8);
			POSIX::dup2(31, 9);
			POSIX::close($_) for 30, 31;
			$ENV{TM} = $json->encode({ base => $t->base, token => $t->token, %more });
		}
	);
	close $_ for $ask_write, $tell_read;
	$tell_write->autoflush(1);
	while (my $line = <$ask_read>) {
		my ($what, @args) = @{ $json->decode($line) };
		my $answer = eval { $do->{$what}->(@args) };
		print $tell_write $json->encode($@ ? { error => "$@" } : { value => $answer }),
		    "\n";
	}
	close $tell_write;
	return ended($pid, $teller);
}

1;
