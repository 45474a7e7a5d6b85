# Replica.pm - a consumer of the feed: it keeps a copy of a connection's only dataset by following
# its cursor, and starts again when it is told to. What it has must be the mirror.
#
#	my $r = $t->replica($conn_id);    # follow() catches up once
#	$r->run;                          # a process of its own polls all the time, until level()
#	is_deeply $r->level, $t->copy_of($conn_id);
package Tidemark::Replica;

use strict;
use warnings;
use Tidemark::Json;
use POSIX ();
use Time::HiRes qw(sleep time);

my $JSON = Tidemark::Json->new->utf8->canonical;

sub new {
	my ($class, $t, $conn_id, %o) = @_;
	$t->token;    # made here, not in the process that polls
	return bless {
		t => $t, conn => $conn_id, copy => {}, limit => $o{limit} // 200,
		starts => 0, refusals => 0, polls => 0
	}, $class;
}

sub start_again {
	my ($self) = @_;
	@$self{qw(copy cursor dataset)} = ({}, undef, undef);
}

# One request; false when there is nothing more for now. What is not there, and a server that does
# not answer, is asked again.
sub page {
	my ($self) = @_;
	my $t = $self->{t};
	if (!defined $self->{dataset}) {
		my $r = $t->get("/api/connections/$self->{conn}/datasets");
		die "datasets: $r->{status}\n" if $r->{status} != 200;
		$self->{dataset} = $r->{json}{data}[0]{id} // return 0;
	}
	if (!defined $self->{cursor}) {
		$self->{copy} = {};
		$self->{starts}++;
	}
	my $r = $t->get("/api/datasets/$self->{dataset}/records?includeDeleted=true"
		    . "&limit=$self->{limit}&cursor=" . ($self->{cursor} // ''));
	$self->{polls}++;
	if ($r->{status} == 410 || $r->{status} == 404) {
		$self->{refusals}++ if $r->{status} == 410;
		$self->start_again;
		return 1;
	}
	die "records: $r->{status} $r->{content}\n" if $r->{status} != 200;
	for my $record (@{ $r->{json}{data} }) {
		my $meta = delete $record->{_meta};
		if ($meta->{deletedAt}) { delete $self->{copy}{ $meta->{id} } }
		else { $self->{copy}{ $meta->{id} } = $record }
	}
	$self->{cursor} = $r->{json}{nextCursor} // $r->{json}{endCursor};
	return defined $r->{json}{nextCursor};
}

# Catches up; the copy.
sub follow {
	my ($self) = @_;
	my $end = time + 60;
	my $tries = 0;
	while (1) {
		my $more = eval { $self->page };
		return $self->{copy} if defined $more && !$more;
		die "the replica cannot catch up: $@" if time > $end;
		sleep 0.05 if !defined $more;
	}
}

# Polls in a process of its own.
sub run {
	my ($self) = @_;
	pipe my $ask, my $tell or die "pipe: $!";
	pipe my $answer, my $report or die "pipe: $!";
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		$SIG{TERM} = $SIG{INT} = 'DEFAULT';
		close $tell;
		$self->{t} = $self->{t}->another_client;
		my $rin = '';
		vec($rin, fileno $ask, 1) = 1;
		until (select my $ready = $rin, undef, undef, 0.01) { eval { $self->page } }
		my $ok = eval { $self->follow; 1 };
		print $report $JSON->encode(
			{
				error => $ok ? undef : "$@",
				map { $_ => $self->{$_} } qw(copy starts refusals polls)
			}
		);
		close $report;
		POSIX::_exit(0);
	}
	close $report;
	@$self{qw(pid tell answer)} = ($pid, $tell, $answer);
	return $self;
}

# Catches up a last time; the copy.
sub level {
	my ($self) = @_;
	return $self->follow if !$self->{pid};
	# Said, for one that was made later has this end of it too.
	syswrite $self->{tell}, "\n";
	close delete $self->{tell};
	my $text = do { local $/; readline delete $self->{answer} };
	waitpid delete $self->{pid}, 0;
	my $said = $JSON->decode($text);
	die $said->{error} if defined $said->{error};
	@$self{ keys %$said } = values %$said;
	return $self->{copy};
}

sub DESTROY {
	my ($self) = @_;
	local ($?, $!, $@);
	kill 'KILL', $self->{pid} and waitpid $self->{pid}, 0 if $self->{pid};
}

1;
