# What the interface answers is what its document describes: every status, no member that the
# document has not, none missing, each of its type. Every route of the table is asked about things
# of somebody who has one of each, so that a new one cannot forget it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use JSON::PP ();
use Test::More;
use Tidemark;
use Tidemark::Routes;

my $t = Tidemark->start;
my $document = $t->get('/api/openapi.json', token => undef)->{json};
my $shapes = $document->{components}{schemas};
my ($bob) = populate($t, 'bob');
my $token = $bob->{token};
my %all = (token => $t->token('admin', 'read,sync,write,operator'));

sub is_of {
	my ($type, $v) = @_;
	return !defined $v if $type eq 'null';
	return ref $v eq 'HASH' if $type eq 'object';
	return ref $v eq 'ARRAY' if $type eq 'array';
	return JSON::PP::is_bool($v) if $type eq 'boolean';
	return 0 if !defined $v || ref $v;
	return $v =~ /\A-?\d+\z/ if $type eq 'integer';
	return $v =~ /\A-?[\d.eE+-]+\z/ if $type eq 'number';
	return 1;
}

# What of a value is not as described: sentences.
sub wrong {
	my ($v, $s, $at) = @_;
	if (my $ref = $s->{'$ref'}) {
		my ($name) = $ref =~ m{([^/]+)\z};
		return wrong($v, $shapes->{$name}, $name);
	}
	if (my $any = $s->{anyOf} // $s->{oneOf}) {
		my @each = sort { @$a <=> @$b } map { [wrong($v, $_, $at)] } @$any;
		return (grep { !@$_ } @each) ? () : @{ $each[0] };
	}
	if ($s->{enum}) {
		return (grep { defined $v && $v eq $_ } @{ $s->{enum} })
		    ? ()
		    : "$at is " . ($v // 'null');
	}
	my @types = ref $s->{type} ? @{ $s->{type} } : $s->{type} // ();
	return "$at is no " . join ' or ', @types if @types && !grep { is_of($_, $v) } @types;
	return "$at is no time: $v"
	    if ($s->{format} // '') eq 'date-time' && $v !~ /\A[\d-]{10}T[\d:]{8}Z\z/;
	return map { wrong($_, $s->{items}, $at . '[]') } @$v if ref $v eq 'ARRAY' && $s->{items};
	return if ref $v ne 'HASH' || !$s->{properties};
	my $known = $s->{properties};
	return (
		(map { "$at lacks $_" } grep { !exists $v->{$_} } @{ $s->{required} // [] }),
		map {
			  $known->{$_} ? wrong($v->{$_}, $known->{$_}, "$at.$_")
			: $at eq 'Record' ? ()
			: "$at has $_"
		} sort keys %$v
	);
}

# The same of an answer.
sub undescribed {
	my ($route, $r) = @_;
	my $op = $document->{paths}{ $route->{path} }{ lc $route->{method} };
	return 'is not in the document' if !$op;
	my $status = $r->{status};
	my $said = $op->{responses}{$status} //
	    ($status < 400 ? undef : $op->{responses}{'4XX'} // $op->{responses}{default});
	return "answers $status" if !$said;
	return ($r->{content} // '') eq '' ? () : "$status with a body" if !$said->{content};
	my ($type) = ($r->{headers}{'content-type'} // '') =~ /\A([^;]*)/;
	my $of = $said->{content}{$type} or return "answers $type";
	return if $type !~ /json\z/ || $type =~ /ndjson/;
	return wrong($r->{json}, $of->{schema}, $route->{path});
}

my (%seen, @answered);

sub ask {
	my ($route, $path, $body, %as) = @_;
	my $r = $t->request($route->{method}, $path, $body, %as);
	my @wrong = map { "$route->{method} $route->{path}: $_" } undescribed($route, $r);
	push @answered, "$route->{method} $route->{path}" if $r->{status} < 300;
	return grep { !$seen{$_}++ } @wrong;
}

# What takes something away comes last, and last of all what takes the token away.
sub turn { return ($_[0]{method} eq 'DELETE') * (1 + ($_[0]{path} =~ m{^/api/tokens})) }
my @routes = sort { turn($a) <=> turn($b) } grep {
	$_->{path} =~ m{^/api/} && $_->{guard} ne 'RAW' && $_->{path} !~ m{/stream$|/auth/|openapi}
} routes();

subtest 'lists, and what an operator may see' => sub {
	my @wrong;
	for my $route (grep { $_->{method} eq 'GET' && $_->{path} !~ /\{/ } @routes) {
		push @wrong, ask($route, $route->{path}, undef, %all);
		push @wrong, ask($route, $route->{path}, undef, token => $token);
	}
	is_deeply \@wrong, [], 'is answered as described' or diag explain \@wrong;
};

subtest 'what is somebody\'s' => sub {
	my @wrong;
	for my $route (@routes) {
		my $q = requests_for($t, $route, $bob) or next;
		push @wrong, ask($route, $_->{path}, $_->{body}, token => $token) for @$q;
	}
	is_deeply \@wrong, [], 'is answered as described' or diag explain \@wrong;
	cmp_ok scalar @answered, '>', 40, 'in many calls';
};

subtest 'what is made' => sub {
	my %day = (startDateTime => '2026-10-05', endDateTime => '2026-10-06', allDay => true);
	my @daily = ('RRULE:FREQ=DAILY;COUNT=3');
	my %take = (
		'/api/tokens' => { name => 'new', scopes => ['read'] },
		'/api/users' => { name => 'eve', invite => true },
		'/api/webhooks' => { url => 'https://example.com/', events => ['sync.completed'] },
		'/api/events' => { title => 'Day', %day, recurrence => \@daily },
	);
	my @wrong;
	for my $route (grep { $_->{method} eq 'POST' && $take{ $_->{path} } } @routes) {
		push @wrong, ask($route, $route->{path}, $take{ $route->{path} }, %all);
		push @wrong, ask($route, $route->{path}, {}, %all);
	}
	my ($events) = grep { "$_->{method} $_->{path}" eq 'GET /api/events' } @routes;
	for my $range ('from=2026-10-01&to=2026-10-31', 'from=2026-10-01&to=2026-10-31&expand=1') {
		push @wrong, ask($events, "/api/events?$range", undef, %all);
	}
	$t->source->put('/d.csv', "id,name\n1,Ann\n,\n");
	for my $path ('/api/test', '/api/preview', '/api/connections') {
		my ($route) = grep { "$_->{method} $_->{path}" eq "POST $path" } @routes;
		my $body = { provider => 'csv', config => { url => $t->source->url('/d.csv') } };
		$body->{name} = 'D' if $path eq '/api/connections';
		push @wrong, ask($route, $path, $body, %all);
	}
	is_deeply \@wrong, [], 'is answered as described' or diag explain \@wrong;
};

done_testing;
