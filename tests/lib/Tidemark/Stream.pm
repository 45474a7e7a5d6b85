# Stream.pm - a browser that follows a stream of server-sent events. Core Perl only.
#
#	my $s = Tidemark::Stream->open($t, '/api/sync/stream', token => $token, headers => {...});
#	$s->{status}; $s->{headers}{'content-type'}
#	my $e = $s->wait(sub { $_[0]{event} eq 'sync' });    # {event, id, data, json}, or undef
#	my @all = $s->events;                                # that have come until now
#	$s->ended;                                           # waits for the end of it
#	$s->close;
package Tidemark::Stream;

use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use Tidemark;

sub open {
	my ($class, $t, $path, %o) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $t->port)
	    or die "stream: $@";
	my %h = (host => '127.0.0.1:' . $t->port, %{ $o{headers} // {} });
	$h{authorization} = "Bearer $o{token}" if defined $o{token};
	my $method = $o{method} // 'GET';
	print $socket join "\r\n", "$method $path HTTP/1.0", (map { "$_: $h{$_}" } sort keys %h),
	    '', '';
	$socket->flush;
	my $self = bless { socket => $socket, raw => '', seen => [], at => 0 }, $class;
	wait_for { $self->more; $self->{raw} =~ /\r\n\r\n/ || $self->{end} }
	    or die 'there is no answer';
	my ($head, $rest) = split /\r\n\r\n/, $self->{raw}, 2;
	my ($line, @lines) = split /\r\n/, $head;
	($self->{status}) = $line =~ /^HTTP\S+ (\d+)/;
	$self->{headers} = { map { /^([^:]+):\s*(.*)/ ? (lc $1 => $2) : () } @lines };
	$self->{raw} = $rest;
	return $self;
}

# Over a unix socket, without the head of an answer.
sub direct {
	my ($class, $socket) = @_;
	return bless { socket => $socket, raw => '', seen => [], at => 0 }, $class;
}

# Takes what has come.
sub more {
	my ($self) = @_;
	my $ready = IO::Select->new($self->{socket});
	while (!$self->{end} && $ready->can_read(0)) {
		my $n = sysread $self->{socket}, $self->{raw}, 65536, length $self->{raw};
		$self->{end} = 1 if !$n;
	}
	return;
}

sub events {
	my ($self) = @_;
	$self->more;
	while (defined $self->{status} && $self->{raw} =~ s/^(.*?)\n\n//s) {
		my %e = map { /^(\w*):\s?(.*)/ ? ($1 => $2) : () } split /\n/, $1;
		$self->{beats}++ if exists $e{''};
		next if !exists $e{event};
		$e{json} = json($e{data});
		push @{ $self->{seen} }, \%e;
	}
	return @{ $self->{seen} };
}

# The next one after those that were waited for that fits.
sub wait {
	my ($self, $fits, $timeout) = @_;
	return wait_for {
		my @all = $self->events;
		while ($self->{at} < @all) {
			my $e = $all[$self->{at}++];
			return $e if $fits->($e);
		}
		undef;
	} $timeout;
}

# The next word of a sync.
sub wait_sync {
	my ($self, $id, $status) = @_;
	return $self->wait(sub {
		my ($e) = @_;
		$e->{event} eq 'sync' && $e->{json}{syncId} eq $id
		    && (!$status || $e->{json}{status} eq $status)
	});
}

# Of all syncs that were told: id to how they were told the last time.
sub last_of {
	my ($self) = @_;
	return { map { $_->{event} eq 'sync' ? ($_->{json}{syncId} => $_->{json}) : () }
		$self->events };
}

sub last_id {
	my ($self) = @_;
	my @all = $self->events;
	return @all ? $all[-1]{id} : undef;
}

sub ended { my ($self) = @_; return wait_for { $self->events; $self->{end} } }
sub close { my ($self) = @_; return close $self->{socket} }

1;
