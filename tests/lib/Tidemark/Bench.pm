package Tidemark::Bench;
# What the measurements of tests/bench share. With TIDEMARK_BENCH_TINY=1 each of them does all it
# does, but in seconds: for a test that it still works; its figures then mean nothing.
use strict;
use warnings;
use Exporter 'import';
our @EXPORT = qw(line median field size times rate);

$| = 1;
my $tiny = $ENV{TIDEMARK_BENCH_TINY};

sub line { printf "%-58s %-34s %s\n", @_ }
sub median {
	my @s = sort { $a <=> $b } @_;
	return $s[@s / 2]
}

# A line of /proc/PID/status, in kB.
sub field {
	my ($pid, $name) = @_;
	open my $f, '<', "/proc/$pid/status" or return 0;
	return (map { /^$name:\s+(\d+)/ ? $1 : () } <$f>)[0] // 0
}

# A size from the command line, the usual one, or the tiny one; how often something is repeated.
sub size { my ($asked, $usual, $small) = @_; return $asked // ($tiny ? $small : $usual) }
sub times { my ($n) = @_; return $tiny ? 2 : $n }

# What wrk says of so many seconds.
sub rate {
	my ($connections, $seconds, $url, @options) = @_;
	my $pid = open my $p, '-|', 'wrk', '-t1', "-c$connections",
	    '-d' . ($tiny ? 1 : $seconds) . 's', @options, $url;
	die "wrk is not here: make deps-test\n" if !$pid;
	local $/;
	my $out = <$p>;
	close $p or die "wrk: $out";
	return $out;
}

1;
