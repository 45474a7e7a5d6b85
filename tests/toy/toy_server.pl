#!/usr/bin/perl
# Toybox, a service that is written for the tests of this directory: shelves of toys with marks of
# changes, ETags, channels, logins by OAuth 2.0 with PKCE.
#
#	toy_server.pl            prints its address; ends with its parent
#
# POST /control {"toy": {id, name, colour}} puts one on the shelf "red", {"throw": id} takes one
# away, {"forget": 1} makes every mark of before too old, {"drop": 1} lets the next change happen
# and gives no answer. GET /control: {toys, watch, asked: [method path, ...]}.
use strict;
use warnings;
use Digest::SHA qw(sha256);
use IO::Socket::INET;
use JSON::PP;
use MIME::Base64 qw(encode_base64url);

my $json = JSON::PP->new->utf8->canonical;
my $listen =
    IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 50, ReuseAddr => 1)
    or die "no port: $!";
my $parent = getppid;
$| = 1;
print 'http://127.0.0.1:', $listen->sockport, "\n";

my (%toys, %gone, %pushed, %codes, %tokens, @asked);
my ($mark, $oldest, $made, $drop, $watch) = (0, 0, 0, 0);

sub put {
	my ($toy) = @_;
	$toys{ $toy->{id} } = { %{ $toys{ $toy->{id} } // {} }, %$toy, rev => ++$mark };
	delete $gone{ $toy->{id} };
	return $toys{ $toy->{id} }
}
sub tag { return qq("r$_[0]{rev}") }
sub one { my ($toy, $status) = @_; return ($status // 200, $toy, [ETag => tag($toy)]) }
sub unescape { return $_[0] =~ s/\+/ /gr =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ger }
sub fields {
	return map { my ($k, $v) = split /=/, $_, 2; ($k => unescape($v // '')) } split /&/,
	    $_[0] // ''
}

sub oauth {
	my ($path, $query, $body) = @_;
	my %q = fields($query);
	if ($path eq '/authorize') {
		return (400, { error => 'bad' })
		    if $q{client_id} ne 'toy-client'
		    || $q{toys} ne 'yes'
		    || $q{code_challenge_method} ne 'S256'
		    || $q{scope} =~ / /;
		my $code = 'code' . ++$made;
		$codes{$code} = \%q;
		return (302, {}, [Location => "$q{redirect_uri}?code=$code&state=$q{state}"]);
	}
	my %f = fields($body);
	return (200, {}) if $path eq '/revoke';
	return (401, { error => 'invalid_client' })
	    if $f{client_id} ne 'toy-client' || $f{client_secret} ne 'toy-secret';
	my $ask = $codes{ $f{code} // '' };
	return (400, { error => 'invalid_grant' })
	    if $f{grant_type} eq 'authorization_code'
	    && (!$ask
		|| encode_base64url(sha256($f{code_verifier} // '')) ne $ask->{code_challenge});
	return (400, { error => 'invalid_grant' })
	    if $f{grant_type} eq 'refresh_token' && $f{refresh_token} ne 'refresh';
	my $token = 'token' . ++$made;
	$tokens{$token} = 1;
	return (
		200,
		{
			access_token => $token, expires_in => 3600, token_type => 'Bearer',
			$ask ? (refresh_token => 'refresh', scope => $ask->{scope}) : ()
		}
	);
}

sub control {
	my ($method, $body) = @_;
	my $what = $method eq 'POST' ? $json->decode($body) : {};
	put($what->{toy}) if $what->{toy};
	if (my $id = $what->{throw}) { delete $toys{$id}; $gone{$id} = ++$mark }
	$oldest = $mark + 1 if $what->{forget};
	put({ id => 'marker', name => 'M', colour => 'none' }) if $what->{forget};
	$drop = $what->{drop} if defined $what->{drop};
	return (200, { toys => \%toys, watch => $watch, asked => \@asked });
}

sub shelf {
	my ($query) = @_;
	my %q = fields($query);
	return (410, { error => 'too old' }) if $q{since} && $q{since} < $oldest;
	my %all = (
		%toys,
		$q{since}
		? map { ($_ => { id => $_, gone => JSON::PP::true, rev => $gone{$_} }) } keys %gone
		: ()
	);
	my @new = sort { $a->{rev} <=> $b->{rev} } grep { $_->{rev} > $q{since} } values %all;
	my @page = splice @new, $q{from}, 3;
	return (
		200,
		{ toys => \@page, next => @new > $q{from} ? $q{from} + 3 : undef, mark => $mark }
	);
}

sub answer {
	my ($method, $path, $query, $headers, $body) = @_;
	return control($method, $body) if $path eq '/control';
	push @asked, "$method $path";
	return oauth($path, $query, $body) if $path =~ m{^/(?:authorize|token|revoke)$};
	my ($bearer) = ($headers->{authorization} // '') =~ /^Bearer (\w+)$/;
	return (401, { error => 'who?' }) if !$bearer || !$tokens{$bearer};
	return (200, { id => 'ann', email => 'ann@toy.example' }) if $path eq '/me';
	if ($path eq '/watch') {
		$watch = $method eq 'POST' ? $json->decode($body) : undef;
		return (200, { shelf => 'shelf-red' });
	}
	return (404, { error => 'no such shelf' }) if $path !~ m{^/shelves/red(?:/(\w+))?$};
	my $id = $1;
	return shelf($query) if $method eq 'GET' && !defined $id;
	my %q = fields($query);
	$id = $pushed{ $q{push} } // '' if ($id // '') eq 'pushed';
	if ($method eq 'POST') {
		my $toy = put({ id => 'toy' . ++$made, %{ $json->decode($body) } });
		$pushed{ $q{push} } = $toy->{id};
		return one($toy, 201);
	}
	my $toy = $toys{$id} or return (404, { error => 'no such toy' });
	return one($toy) if $method eq 'GET';
	return (412, { error => 'changed' })
	    if defined $headers->{'if-match'} && $headers->{'if-match'} ne tag($toy);
	return one(put({ %{ $json->decode($body) }, id => $id })) if $method eq 'PATCH';
	delete $toys{$id};
	$gone{$id} = ++$mark;
	return (204, undef);
}

$listen->timeout(1);
while (getppid == $parent) {
	my $c = $listen->accept or next;
	my ($head, %headers, $body) = ('');
	$head .= $_ while defined($_ = <$c>) && /\S/;
	my ($method, $target) = $head =~ m{^(\w+) (\S+) HTTP} or next;
	$headers{ lc $1 } = $2 while $head =~ /^([\w-]+):[ \t]*(.*?)\r?$/mg;
	read $c, $body, $headers{'content-length'} if $headers{'content-length'};
	my ($path, $query) = split /\?/, $target, 2;
	my ($status, $reply, $more) = answer($method, $path, $query, \%headers, $body);
	next if $drop && $method =~ /^(?:POST|PATCH|DELETE)$/ && $path =~ /^.shelves/ && $drop--;
	my $text = defined $reply ? $json->encode($reply) : '';
	print $c "HTTP/1.1 $status X\r\nConnection: close\r\n",
	    defined $reply
	    ? ("Content-Type: application/json\r\nContent-Length: ", length $text, "\r\n")
	    : (),
	    map({ "$more->[$_ * 2]: $more->[$_ * 2 + 1]\r\n" } 0 .. @{ $more // [] } / 2 - 1),
	    "\r\n", $text;
}
