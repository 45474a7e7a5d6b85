package Tidemark::Bench;
# What the measurements of tests/bench share. With TIDEMARK_BENCH_TINY=1 each of them does all it
# does, but in seconds: for a test that it still works; its figures then mean nothing.
use strict;
use warnings;
use Exporter 'import';
use HTTP::Tiny;
use List::Util ();
use POSIX ();
use Time::HiRes qw(sleep time);
use Tidemark;

our @EXPORT = qw(line median at field cpu size times rate watched storm);

$| = 1;
my $tiny = $ENV{TIDEMARK_BENCH_TINY};

# A line of figures. The aim is one condition for each of the values that follow it, with commas
# between: "<= 1.2", "p95 <= 500 ms, = 1", "within 8 MB", "15 to 60 ms". One that is not met is said
# to be, and the measurement ends with 1. A tiny run judges nothing: its figures mean nothing.
my $missed = 0;

sub is_met {
	my ($aim, $value) = @_;
	return $value >= $1 && $value <= $2 if $aim =~ /([\d.]+) to ([\d.]+)/;
	my ($how, $limit) = $aim =~ /(<=|<|>=|=|within) ([\d.]+)/ or die "an aim like \"$aim\"\n";
	return abs $value <= $limit if $how eq 'within';
	return $value == $limit if $how eq '=';
	return $value >= $limit if $how eq '>=';
	return $how eq '<' ? $value < $limit : $value <= $limit;
}

sub line {
	my ($what, $measured, $aim, @values) = @_;
	my @aims = $aim eq 'Aim' ? () : split /, /, $aim;
	die "\"$what\" has " . @aims . ' aims and ' . @values . " values\n" if @aims != @values;
	my $bad = grep { !is_met($aims[$_], $values[$_]) } 0 .. $#aims;
	$bad = 0 if $tiny;
	$missed += $bad;
	printf "%-58s %-34s %s%s\n", $what, $measured, $aim, $bad ? '   missed' : '';
	return;
}
my $measures = $$;
END { $? = 1 if $missed && $$ == $measures && !$?; }
sub median {
	my @s = sort { $a <=> $b } @_;
	return $s[@s / 2]
}

# What so large a share of them does not exceed.
sub at {
	my ($share, @v) = @_;
	my @s = sort { $a <=> $b } @v;
	return $s[$share * $#s]
}

# A line of /proc/PID/status, in kB.
sub field {
	my ($pid, $name) = @_;
	open my $f, '<', "/proc/$pid/status" or return 0;
	return (map { /^$name:\s+(\d+)/ ? $1 : () } <$f>)[0] // 0
}

# Seconds of a processor that these processes have taken so far.
sub cpu {
	my $ticks = 0;
	for (@_) {
		open my $f, '<', "/proc/$_/stat" or next;
		my @f = split ' ', <$f> // '';
		$ticks += ($f[13] // 0) + ($f[14] // 0);
	}
	return $ticks / POSIX::sysconf(POSIX::_SC_CLK_TCK());
}

# The same, with what those had that it has started and that have ended.
sub cpu_with_ended {
	my ($pid) = @_;
	open my $f, '<', "/proc/$pid/stat" or return (0, 0);
	my @f = split ' ', <$f> // '';
	my $ticks = List::Util::sum0(map { $_ // 0 } @f[13 .. 16]);
	return ($ticks / POSIX::sysconf(POSIX::_SC_CLK_TCK()), $f[3] // 0);
}

# A size from the command line, the usual one, or the tiny one; how often something is repeated.
sub size { my ($asked, $usual, $small) = @_; return $asked // ($tiny ? $small : $usual) }
sub times { my ($n) = @_; return $tiny ? 2 : $n }

sub wrk {
	my ($connections, $seconds, $url, @options) = @_;
	my $pid = open my $p, '-|', 'wrk', '-t1', "-c$connections", "-d${seconds}s", @options, $url;
	die "wrk is not here: make deps-test\n" if !$pid;
	local $/;
	my $out = <$p>;
	close $p or die "wrk: $out";
	return $out;
}

# What wrk says of so many seconds; of a tiny size of one, in which a busy machine may come to no
# answer: then of the next one that has some.
sub rate {
	my ($connections, $seconds, @asked) = @_;
	my $out;
	wait_for {
		$out = wrk($connections, $tiny ? 1 : $seconds, @asked);
		$out =~ /^\s*[1-9]\d* requests in/m;
	}
	60 or die "no request was answered: $out";
	return $out;
}

# A sync watched to its end: the run, the most memory that a worker or what parses for it had, and
# the seconds of a processor that they have taken, but for what the last moment of each took.
sub watched {
	my ($t, $id) = @_;
	my ($peak, $run) = (0);
	my %cpu;
	$t->cooled($id);
	my $sync = $t->start_sync($id);
	wait_for {
		my @parsers = $t->pids('tidemark-parser');
		for my $pid ($t->pids('tidemark-worker'), @parsers) {
			my $hwm = field($pid, 'VmHWM');
			$peak = $hwm if $hwm > $peak;
			my ($s, $parent) = cpu_with_ended($pid);
			# What one of them has forked is counted with it, when that has ended.
			next if grep { $_ == $parent } @parsers;
			$cpu{$pid} = $s if $s > ($cpu{$pid} // 0);
		}
		$run = $t->get("/api/sync?syncId=$sync")->{json};
		$run->{status} =~ /^(?:complete|error)$/;
	}
	3600;
	die $run->{error}{detail} if $run->{status} ne 'complete';
	return ($run, $peak / 1024, List::Util::sum0(values %cpu));
}

# So many calls of a service, as fast as they are taken and from many addresses, for nginx takes
# only so much from one. How long they took, how many were refused, and what the interface took
# meanwhile, ms.
sub storm {
	my ($t, $messages, $path, $headers) = @_;
	my $from = time;
	my @senders = map {
		my $no = $_;
		my $pid = fork // die;
		if (!$pid) {
			my ($failed, $http) = 0;
			for my $k (0 .. $messages / 4 - 1) {
			       # A connection for every hundred messages, each from another address.
				$http = HTTP::Tiny->new(
					local_address => '127.1.' . $no . '.' . (1 + $k / 100),
					timeout => 20
				) if $k % 100 == 0;
				my $r = $http->post(
					"$t->{base}$path", { headers => $headers }
				);
				$failed++ if $r->{status} != 204;
			}
			POSIX::_exit($failed > 200 ? 200 : $failed);
		}
		$pid
	} 1 .. 4;
	my (%left, @ms) = map { $_ => 1 } @senders;
	my $refused = 0;
	while (%left) {
		my $asked = time;
		$t->get('/api/connections')->{status} == 200 or die 'api';
		push @ms, 1000 * (time - $asked);
		for (keys %left) {
			if (waitpid($_, POSIX::WNOHANG()) > 0) {
				$refused += $? >> 8;
				delete $left{$_}
			}
		}
		sleep 0.01;
	}
	my $took = time - $from;
	return ($took, $refused, @ms)
}

1;
