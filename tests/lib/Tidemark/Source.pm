# Source.pm - a web server on the loopback address whose content and faults a test sets at any
# time. Core Perl only.
#
#	my $src = Tidemark::Source->start;
#	$src->put('/a.csv', $bytes, %options);           # what the path answers from now on
#	$src->script('/a.csv', [$bytes, %options], [$bytes, %options]);
#	                                                 # one after another; the last one stays
#	$src->requests('/a.csv')                         # what was asked so far: method, path,
#	                                                 # query, headers, body, status of each
#	$src->down; $src->up;                            # refuse; take them again at the same port
#
# A path with a query answers requests for just that query, one without all others.
#
# Options: status; type; headers {}; etag: a text, or 'auto' (of the bytes; also answers
# If-None-Match with 304); modified: Last-Modified text; ranges: 1 (Range and If-Range); delay:
# seconds before the answer; chunked: 1; cut: only that many bytes of the body are sent, the
# length of all is promised; hang: after that many bytes nothing more comes; hold: after that many
# bytes it waits for release(path); drip: [bytes, seconds] pace; gzip: 1; redirect: address;
# reset: 1 (connection reset); match: {header => text}: without it 401; length: 0 (no
# Content-Length: the end of the connection is the end).
package Tidemark::Source;

use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use Fcntl qw(:flock);
use File::Temp ();
use IO::Compress::Gzip ();
use IO::Socket::INET;
use JSON::PP ();
use POSIX ();
use Socket qw(SOL_SOCKET SO_LINGER SOMAXCONN);
use Time::HiRes qw(sleep time);

my $JSON = JSON::PP->new->utf8->canonical;

sub start {
	my ($class) = @_;
	my $self =
	    bless { owner => $$, dir => File::Temp->newdir('tmXXXXXX', TMPDIR => 1), n => 0 },
	    $class;
	$self->up;
	return $self;
}

sub base { return "http://127.0.0.1:$_[0]{port}" }
sub url { return $_[0]->base . $_[1] }

sub put { my ($self, $path, $bytes, %o) = @_; return $self->script($path, [$bytes, %o]) }

sub script {
	my ($self, $path, @answers) = @_;
	my @list;
	unlink "$self->{dir}/" . name($path) . '.go';
	for (@answers) {
		my ($bytes, %o) = @$_;
		my $file = 'body' . ++$self->{n};
		if (utf8::is_utf8($bytes //= '')) { utf8::encode($bytes) }
		write_file("$self->{dir}/$file", $bytes);
		push @list, { %o, file => $file };
	}
	# A name of its own per call: the count of requests served starts again with each script.
	write_file(
		"$self->{dir}/" . name($path),
		$JSON->encode({ id => ++$self->{n}, list => \@list })
	);
}

# What is held of a path goes on.
sub release {
	my ($self, $path) = @_;
	return write_file("$self->{dir}/" . name($path) . '.go', '')
}

# Removes a path: 404 from now on.
sub gone { my ($self, $path) = @_; unlink "$self->{dir}/" . name($path) }

sub requests {
	my ($self, $path) = @_;
	open my $f, '<', "$self->{dir}/log" or return ();
	return grep { !defined $path || $_->{path} eq $path } map { $JSON->decode($_) } <$f>;
}

sub up {
	my ($self) = @_;
	return if $self->{pid};
	my $s = IO::Socket::INET->new(
		LocalAddr => '127.0.0.1', LocalPort => $self->{port} // 0,
		Listen => SOMAXCONN, ReuseAddr => 1
	) or die "listen: $@";
	$self->{port} = $s->sockport;
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		$SIG{TERM} = $SIG{INT} = 'DEFAULT';
		setpgrp 0, 0;
		eval { $self->serve($s) };
		POSIX::_exit(0);
	}
	setpgrp $pid, $pid;
	$self->{pid} = $pid;
}

sub down {
	my ($self) = @_;
	return if !$self->{pid} || $self->{owner} != $$;
	kill 'KILL', -$self->{pid};
	waitpid delete $self->{pid}, 0;
}

sub DESTROY { my ($self) = @_; local ($?, $@); $self->down if $self->{owner} == $$ }

sub name { return 'path-' . unpack 'H*', $_[0] }

sub write_file {
	my ($path, $bytes) = @_;
	open my $f, '>:raw', "$path.new" or die "$path: $!";
	print $f $bytes;
	close $f or die "$path: $!";
	rename "$path.new", $path or die "$path: $!";
}

sub serve {
	my ($self, $s) = @_;
	$SIG{CHLD} = 'IGNORE';
	$SIG{PIPE} = 'IGNORE';
	while (1) {
		my $c = $s->accept or next;
		my $pid = fork;
		if (defined $pid && !$pid) {
			close $s;
			$c->autoflush(1);
			eval { 1 while $self->one($c) };
			close $c;
			POSIX::_exit(0);
		}
		close $c;
	}
}

# The answer for a request to a path: the n-th of its script.
sub answer {
	my ($self, $path) = @_;
	open my $f, '<:raw', "$self->{dir}/" . name($path)
	    or return { status => 404, body => "nothing here\n", type => 'text/plain' };
	my $script = do { local $/; $JSON->decode(<$f>) };
	open my $lock, '>>', "$self->{dir}/count-$script->{id}" or die $!;
	flock $lock, LOCK_EX;
	my $n = -s "$self->{dir}/count-$script->{id}";
	syswrite $lock, '.';
	close $lock;
	my $list = $script->{list};
	my %a = %{ $list->[$n < @$list ? $n : -1] };
	open my $b, '<:raw', "$self->{dir}/$a{file}" or die $!;
	$a{body} = do { local $/; <$b> }
	    // '';
	return \%a;
}

sub note {
	my ($self, $req, $status) = @_;
	open my $f, '>>', "$self->{dir}/log" or die $!;
	flock $f, LOCK_EX;
	print $f $JSON->encode({ %$req, status => $status, at => time }), "\n";
	close $f;
}

sub held {
	my ($self, $path) = @_;
	my $end = time + 300;
	sleep 0.02 while !-e "$self->{dir}/" . name($path) . '.go' && time < $end;
	return;
}

# One request of a connection; true when another may follow.
sub one {
	my ($self, $c) = @_;
	my $line = <$c> // return 0;
	my ($method, $target) = $line =~ m{^(\S+) (\S+) HTTP/1} or return 0;
	my ($path, $query) = split /\?/, $target, 2;
	my %h;
	while (defined($line = <$c>) && $line =~ /^([^:\r\n]+):\s*(.*?)\r?\n/) { $h{ lc $1 } = $2 }
	my $sent = '';
	if ($h{'content-length'}) { read $c, $sent, $h{'content-length'} }
	my $a = $self->answer(-e "$self->{dir}/" . name($target) ? $target : $path);
	my $status = $a->{status} // 200;
	my %out = (
		'Content-Type' => $a->{type} // (
			  $path =~ /\.csv$/ ? 'text/csv; charset=utf-8'
			: $path =~ /\.ics$/ ? 'text/calendar'
			: $path =~ /\.json$/ ? 'application/json'
			: 'text/plain'
		),
		Date => POSIX::strftime('%a, %d %b %Y %H:%M:%S GMT', gmtime),
		%{ $a->{headers} // {} }
	);
	my $body = $a->{body};
	my $etag =
	    ($a->{etag} // '') eq 'auto'
	    ? '"' . substr(sha256_hex($body), 0, 16) . '"'
	    : $a->{etag};
	$out{ETag} = $etag if defined $etag;
	$out{'Last-Modified'} = $a->{modified} if $a->{modified};
	for (keys %{ $a->{match} // {} }) {
		($status, $body) = (401, "no\n") if ($h{ lc $_ } // '') ne $a->{match}{$_}
	}
	if ($a->{redirect}) { $status = 302 if $status == 200; $out{Location} = $a->{redirect} }
	my $same =
	      defined $h{'if-none-match'}
	    ? defined $etag && $h{'if-none-match'} eq $etag
	    : $a->{modified} && ($h{'if-modified-since'} // '') eq $a->{modified};
	if ($status == 200 && $same) { ($status, $body) = (304, '') }
	if (       $status == 200
		&& $a->{ranges}
		&& ($h{range} // '') =~ /^bytes=(\d+)-$/
		&& (!defined $h{'if-range'} || defined $etag && $h{'if-range'} eq $etag)
		&& $1 < length $body) {
		$status = 206;
		$out{'Content-Range'} = sprintf 'bytes %d-%d/%d', $1, length($body) - 1,
		    length $body;
		$body = substr $body, $1;
	}
	if ($a->{gzip} && ($h{'accept-encoding'} // '') =~ /gzip/ && $status == 200) {
		IO::Compress::Gzip::gzip(\(my $plain = $body) => \$body);
		$out{'Content-Encoding'} = 'gzip';
	}
	$self->note(
		{
			method => $method, path => $path, query => $query, headers => \%h,
			body => $sent
		},
		$status
	);
	sleep $a->{delay} if $a->{delay};
	if ($a->{reset}) {
		setsockopt $c, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
		return 0;
	}
	my $chunked = $a->{chunked} && $status != 304;
	if ($chunked) { $out{'Transfer-Encoding'} = 'chunked' }
	elsif ($status != 304 && ($a->{length} // 1)) { $out{'Content-Length'} = length $body }
	my $ends = defined $a->{cut} || defined $a->{hang} || !($a->{length} // 1);
	$out{Connection} = 'close' if $ends;
	print $c "HTTP/1.1 $status Status\r\n", (map { "$_: $out{$_}\r\n" } sort keys %out), "\r\n";
	return 1 if $status == 304 || $method eq 'HEAD';
	my $total = length $body;
	my $send = $a->{cut} // $a->{hang} // $total;
	my ($step, $pause) = @{ $a->{drip} // [65536, 0] };
	$step = $a->{hold} if $a->{hold};
	for (my $at = 0; $at < $send && $at < $total; $at += $step) {
		$self->held($path) if $a->{hold} && $at;
		my $part = substr $body, $at, $at + $step > $send ? $send - $at : $step;
		print $c $chunked ? sprintf("%x\r\n%s\r\n", length $part, $part) : $part
		    or return 0;
		sleep $pause if $pause && $at + $step < $send;
	}
	sleep 3600 if defined $a->{hang};
	print $c "0\r\n\r\n" if $chunked && !defined $a->{cut};
	return !$ends;
}

1;
