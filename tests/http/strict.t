# What a call does not know is refused, whatever the call: words of an address, members of a body,
# numbers that are none. Whatever can be read can be asked for again by its tag. Every route of the
# table is asked, so that a new one cannot forget it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Tidemark;
use Tidemark::Routes;

my $t = Tidemark->start;
my $admin = $t->token('admin', 'read,sync,write,operator');

# The answer of a route of the interface; ids are nobody's: what is refused is refused before.
sub ask {
	my ($route, %with) = @_;
	my $path = $route->{path} =~ s/\{provider\}/google/r =~ s/\{\w+\}/none/gr;
	$path .= "?$with{query}" if defined $with{query};
	my $method = { GET => 'get', PUT => 'put', POST => 'post', PATCH => 'patch',
		DELETE => 'del' }->{ $route->{method} };
	my @body = $method =~ /^(?:get|del)$/ ? () : ($with{body});
	return $t->$method($path, @body, token => $admin);
}

# Is the answer a refusal of that field?
sub refuses {
	my ($r, $field) = @_;
	return $r->{status} == 422 && ($r->{json}{errors}[0]{field} // '') eq $field;
}

# What services call is read by what they sign; they and consent pages add words of their own.
my @routes = grep {
	$_->{path} =~ m{^/api/} && $_->{guard} ne 'RAW' &&
	    $_->{path} !~ m{/\{receiver\}$|^/api/auth/\{provider\}/callback$}
} routes();
my @taking = grep { $_->{method} =~ /^(?:POST|PUT|PATCH)$/ } @routes;
cmp_ok scalar @taking, '>', 40, 'there are calls that take a body';

sub name { return "$_[0]{method} $_[0]{path}" }

subtest 'a word of the address that a call does not know' => sub {
	for my $word (qw(frob Limit workspaceId)) {
		my @lax = grep { !refuses(ask($_, query => "$word=1"), $word) } @routes;
		is_deeply [map { name($_) } @lax], [], $word;
	}
};

subtest 'a member of the body that a call does not know' => sub {
	for my $member ('frob', 'ConnectionId', 'connection_id', '', '_meta') {
		my @lax = grep { !refuses(ask($_, body => { $member => 1 }), $member) } @taking;
		is_deeply [map { name($_) } @lax], [], "'$member'";
	}
};

subtest 'what a call knows is not refused as unknown' => sub {
	my $paths = $t->get('/api/openapi.json', token => undef)->{json};
	my $shapes = $paths->{components}{schemas};
	my $n = 0;
	for my $route (@taking) {
		my $operation = $paths->{paths}{ $route->{path} }{ lc $route->{method} };
		my $shape = $operation->{requestBody}{content}{'application/json'}{schema}{'$ref'}
		    // next;
		my $known = $shapes->{ $shape =~ s{.*/}{}r }{properties};
		for my $member (sort keys %$known) {
			my $r = ask($route, body => { $member => undef });
			unlike $r->{content}, qr/There is no such member/,
			    name($route) . " takes $member";
			$n++;
		}
	}
	cmp_ok $n, '>', 50, 'of many';
};

subtest 'a limit that is none' => sub {
	my @lists = grep { $_->{method} eq 'GET' && knows_limit($_) } @routes;
	cmp_ok scalar @lists, '>', 20, 'there are lists';
	for my $limit ('', 0, 501, 5000, -1, '1e2', '5x', '%205', '0x10') {
		my @lax = grep { !refuses(ask($_, query => "limit=$limit"), 'limit') } @lists;
		is_deeply [map { name($_) } @lax], [], "'$limit'";
	}
	my @strict = grep { refuses(ask($_, query => 'limit=500'), 'limit') } @lists;
	is_deeply [map { name($_) } @strict], [], '500 is one';
};

sub knows_limit {
	my ($route) = @_;
	my $r = ask($route, query => 'limit=x');
	return refuses($r, 'limit') && $r->{content} !~ /does not know the word/;
}

# Somebody who has one of each thing.
my ($bob) = populate($t, 'bob');

# What is refused as bad input names the field.
sub vague {
	my ($r) = @_;
	return $r->{status} == 422 && $r->{json}{code} eq 'invalid_input' &&
	    !@{ $r->{json}{errors} // [] };
}

subtest 'a cursor that is none is refused by its name, or begins nowhere' => sub {
	my (@vague, $refused);
	for my $route (grep { $_->{method} eq 'GET' && knows_limit($_) } @routes) {
		my $q = requests_for($t, $route, $bob) // [];
		my $path = @$q ? $q->[0]{path} : $route->{path};
		next if $path =~ /[{]/;
		for my $cursor ('none', 'eA', '-1', '1.5', '%20', 'n|o|n|e') {
			my $to = $path . ($path =~ /[?]/ ? '&' : '?') . "cursor=$cursor";
			my $r = $t->get($to, token => $bob->{token});
			push @vague, "$to: $r->{status}"
			    if vague($r) || $r->{status} == 422 && !refuses($r, 'cursor');
			$refused++ if refuses($r, 'cursor');
		}
	}
	is_deeply \@vague, [], 'each says which field';
	cmp_ok $refused, '>', 30, 'of many';
};

subtest 'other input that is refused names its field, too' => sub {
	my %wrong = (
		'GET /api/connections?sort=x' => 'sort',
		'GET /api/connections?status=x' => 'status',
		'GET /api/connections?provider=x' => 'provider',
		'GET /api/profiles?email=a&phone=b' => 'q',
		'GET /api/datasets/none/records?modifiedAfter=x' => 'modifiedAfter',
		'GET /api/datasets/none/records?includeDeleted=x' => 'includeDeleted',
		'POST /api/tokens {"name": "t", "scopes": ["none"]}' => 'scopes',
		'POST /api/tokens {"name": "", "scopes": ["read"]}' => 'name',
		'POST /api/users {"name": "a b"}' => 'name',
		'POST /api/users {"name": "ab", "workspace_id": "a b"}' => 'workspace_id',
		'POST /api/accounts {"provider": "google", "key": {"type": "x"}}' => 'key',
		'POST /api/sync {"connectionId": "x", "workspace_id": 1}' => 'workspace_id',
	);
	for my $what (sort keys %wrong) {
		my ($method, $path, $body) = split / /, $what, 3;
		my $r = $t->request($method, $path, $body ? json($body) : undef, token => $admin);
		ok refuses($r, $wrong{$what}), $what or diag $r->{content};
	}
	my $r = $t->request(POST => '/api/events', { title => 'x' },
		headers => { 'idempotency-key' => 'x' x 201 });
	ok refuses($r, 'Idempotency-Key'), 'a header';
};

subtest 'flags and numbers of other names' => sub {
	my $none = '/api/datasets/none/records';
	for my $query ('includeDeleted=yes', 'includeDeleted=', 'safe=2') {
		is $t->get("$none?$query", token => $admin)->{status}, 422, $query;
	}
	is $t->get("$none?includeDeleted=1", token => $admin)->{status}, 404, 'a flag';
	for my $days ('', '1.5', 'week', -1) {
		my $r = $t->del("/api/calendar/sync/queue?olderThan=$days", token => $admin);
		is $r->{status}, 422, "olderThan=$days";
	}
};

subtest 'whatever can be read can be asked for again: is it still the same?' => sub {
	my (@bare, @again, $n);
	for my $route (grep { $_->{method} eq 'GET' && $_->{scope} ne 'operator' } @routes) {
		my $q = requests_for($t, $route, $bob) // next;
		my $path = @$q ? $q->[0]{path} : $route->{path} =~ /\{/ ? next : $route->{path};
		my $r = $t->get($path, token => $bob->{token});
		next if $r->{status} != 200 || $path =~ /stream/;
		my $tag = $r->{headers}{etag};
		push @bare, $path if !$tag;
		my $same = $t->get(
			$path, token => $bob->{token},
			headers => { 'if-none-match' => $tag // '-' }
		);
		push @again, $path if $same->{status} != 304 && $same->{content} eq $r->{content};
		$n++;
	}
	cmp_ok $n, '>', 35, 'of many calls';
	my %as = (token => $bob->{token});
	my $ics = $t->get('/calendar.ics', %as);
	is $ics->{status}, 200;
	is $t->get(
		'/calendar.ics', %as, headers => { 'if-none-match' => $ics->{headers}{etag} // '-' }
	)->{status}, 304, 'and a file of events';
	is_deeply \@bare, [], 'each has a tag';
	is_deeply \@again, [], 'by which 304 is answered';
	my $r = $t->get('/api/openapi.json', token => undef, headers => { 'if-none-match' => '*' });
	is $r->{status}, 304, 'without a credential too';
};

done_testing;
