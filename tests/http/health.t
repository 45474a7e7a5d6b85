# What operators and their programs look at: /healthz, /readyz, /metrics, /api/doctor, and the
# document of the interface.
use strict;
use warnings;
use Fcntl qw(LOCK_EX);
use Test::More;
use Tidemark;

my $t = Tidemark->start(stream => 1);
my $operator = 'admin:read,operator';
my $open = sub { return $t->get($_[0], token => undef) };

# OpenMetrics text as {name{labels} => value}; checks its form.
sub metrics {
	my $r = $t->get('/metrics', token => $operator);
	is($r->{status}, 200, 'metrics');
	is(
		$r->{headers}{'content-type'},
		'application/openmetrics-text; version=1.0.0; charset=utf-8', 'their type'
	);
	my (%v, $family, @bad);
	like($r->{content}, qr/^# EOF\n\z/m, 'a last line');
	for (split /\n/, $r->{content}) {
		if (/^# TYPE (\w+) (?:gauge|counter|histogram|info)$/) { $family = $1 }
		elsif (/^# (?:HELP \Q$family\E .+|EOF)$/) { }
		elsif (
			/^(\Q$family\E(?:_total|_bucket|_count|_sum|_info)?
				(?:\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})?)[ ](\S+)$/x
		) {
			$v{$1} = $2
		} else {
			push @bad, $_
		}
	}
	is_deeply(\@bad, [], 'every line is one of OpenMetrics');
	return \%v;
}

subtest 'up' => sub {
	my $r = $open->('/healthz');
	is($r->{status}, 200, 'the process');
	is($r->{json}{status}, 'ok', 'says so');
	is(
		$t->request('POST', '/healthz', undef, token => undef)->{status}, 405,
		'and takes nothing'
	);
};

subtest 'ready' => sub {
	my $r = $open->('/readyz');
	is($r->{status}, 503, 'not before the first tick');
	my %ok = map { $_->{name} => $_->{ok} } @{ $r->{json}{checks} };
	ok($ok{schema} && !$ok{tick}, 'what is missing');
	$t->tick;
	$r = $open->('/readyz');
	is($r->{status}, 200, 'after it');
	is($r->{json}{status}, 'ready', 'says so');
};

subtest 'doctor' => sub {
	my $r = $t->get('/api/doctor', token => $operator);
	is($r->{status}, 200, 'answers');
	my %by = map { $_->{name} => $_ } @{ $r->{json}{data} };
	is_deeply([sort grep { !$by{$_}{ok} } keys %by], [], 'all is well') or diag $r->{content};
	ok(defined $by{$_}, $_) for qw(schema tick clock disk key modes programs address cron);
	unlike($by{clock}{detail}, qr/jumped/, 'a clock that goes on');
	$t->sql("UPDATE meta SET value = value - 40 * 86400000 WHERE name = 'clock_trusted'");
	my ($clock) = grep { $_->{name} eq 'clock' }
	    @{ $t->get('/api/doctor', token => $operator)->{json}{data} };
	like($clock->{detail}, qr/jumped.* 40 days longer/, 'and one that has jumped');
	$t->sql("UPDATE meta SET value = value + 40 * 86400000 WHERE name = 'clock_trusted'");
	unlike($r->{content}, qr/cron-secret/, 'no secret');
	unlike($r->{content}, qr/\Q@{[$t->home]}\E/, 'no path');
	chmod 0755, $t->home;
	chmod 0644, $t->home . '/master.key';
	%by =
	    map { $_->{name} => $_ } @{ $t->get('/api/doctor', token => $operator)->{json}{data} };
	ok(!$by{modes}{ok} && $by{modes}{advice}, 'an open directory');
	ok(!$by{key}{ok} && $by{key}{advice}, 'an open key file');
	my $cmd = $t->run('tidemark', 'doctor');
	isnt($cmd->{rc}, 0, 'the command says the same');
	like($cmd->{out}, qr/^TROUBLE +key/m, 'by name');
	chmod 0700, $t->home;
	chmod 0600, $t->home . '/master.key';
	my $nets = $t->run(
		{ env => { TIDEMARK_ALLOW_NETS => '127.0.0.1, 10.0.0.0/99' } }, 'tidemark',
		'doctor'
	);
	isnt($nets->{rc}, 0, 'a list of networks with a mistake in it');
	like($nets->{out}, qr{networks.*"10\.0\.0\.0/99" is not a network}, 'is named')
	    or diag $nets->{out};
	is($t->run('tidemark', 'doctor')->{rc}, 0, 'mended')
	    or diag $t->run('tidemark', 'doctor')->{out};
};

subtest 'metrics' => sub {
	my $before = metrics();
	is($before->{tidemark_due}, 0, 'nothing is due');
	is($before->{tidemark_records}, 0, 'nothing is mirrored');
	is($before->{'tidemark_info{version="0.1.0"}'}, 1, 'the version');
	my $src = $t->source;
	$src->put('/a.csv', "id,name\n1,Ann\n2,Bob\n");
	my $good = $t->connect(csv => $src->url('/a.csv'));
	my $bad = $t->connect(csv => $src->url('/none.csv'));
	$t->wait_run($_->{lastSync}{syncId}) for $good, $bad;
	my $after = metrics();
	is(
		$after->{'tidemark_connections{health="ok",scheduled="yes"}'}, 1,
		'a healthy connection'
	);
	is(
		$after->{'tidemark_connections{health="attention",scheduled="yes"}'}, 1,
		'one that needs its owner'
	);
	is($after->{'tidemark_syncs{state="complete",error=""}'}, 1, 'a good run');
	is($after->{'tidemark_syncs{state="error",error="source_not_found"}'}, 1, 'a bad run');
	is($after->{tidemark_records}, 2, 'records');
	ok(
		       $after->{tidemark_tick_age_seconds} >= 0
		    && $after->{tidemark_tick_age_seconds} < 60,
		'age of the tick'
	);
	# A tick that has the lock does nothing here.
	open my $lock, '>>', $t->home . '/tick.lock' or die $!;
	flock $lock, LOCK_EX or die $!;
	$t->sql("UPDATE schedule SET next_poll_at = 1000 WHERE connection_id = '$good->{id}'");
	is(metrics()->{tidemark_due}, 1, 'what is due is counted');
	$t->sql("UPDATE sync SET finished_at = finished_at - 86400000 WHERE state = 'complete'");
	is(
		metrics()->{'tidemark_syncs{state="complete",error=""}'}, undef,
		'what has ended a day ago is not'
	);
	close $lock;
	my $n = sub { return $_[0]{qq(tidemark_http_requests_total{status="$_[1]"})} };
	ok(
		$n->($after, '2xx') > $n->($before, '2xx'),
		'requests are counted by all processes together'
	);
	$open->('/nothing') for 1 .. 5;
	my $last = metrics();
	is($n->($last, '4xx') - $n->($after, '4xx'), 5, 'by kind');
	is(
		$last->{'tidemark_http_request_seconds_bucket{le="+Inf"}'},
		$last->{tidemark_http_request_seconds_count}, 'the last bucket holds all'
	);
};

subtest 'the document of the interface' => sub {
	my $r = $open->('/api/openapi.json');
	is($r->{status}, 200, 'is open');
	my $doc = $r->{json};
	is($doc->{openapi}, '3.1.0', 'version');
	is(
		$t->get(
			'/api/openapi.json', token => undef,
			headers => { 'if-none-match' => $r->{headers}{etag} }
		)->{status},
		304,
		'and asked for once'
	);
	my (%id, @missing, @refs);
	my %known = map { $_ => 1 } keys %{ $doc->{components}{schemas} };
	my @todo = $doc;
	while (defined(my $x = shift @todo)) {
		if (ref $x eq 'HASH') {
			push @refs, $x->{'$ref'} if $x->{'$ref'};
			push @todo, values %$x;
		} elsif (ref $x eq 'ARRAY') {
			push @todo, @$x
		}
	}
	is_deeply(
		[grep { !m{^#/components/schemas/(\w+)$} || !$known{$1} } @refs], [],
		'every reference leads somewhere'
	);
	my %used = map { m{(\w+)$} => 1 } @refs;
	is_deeply([grep { !$used{$_} } sort keys %known], [], 'every shape is used');
	for my $path (sort keys %{ $doc->{paths} }) {
		my @in_path = $path =~ /\{(\w+)\}/g;
		for my $op (values %{ $doc->{paths}{$path} }) {
			$id{ $op->{operationId} }++;
			is_deeply(
				[
					map { $_->{name} }
					grep { $_->{in} eq 'path' } @{ $op->{parameters} }
				],
				\@in_path,
				"$op->{operationId}: its path"
			) if @in_path;
			push @missing, $op->{operationId}
			    if !$op->{summary} || !$op->{responses}{default};
			push @missing, "$op->{operationId}: reply" if grep {
				my $s = ($_->{content} // {})->{'application/json'};
				$s && !$s->{schema}{'$ref'} && !$s->{schema}{oneOf}
			} values %{ $op->{responses} } and $op->{operationId} ne 'openapi';
		}
	}
	is_deeply([grep { $id{$_} > 1 } keys %id], [], 'operations have names of their own');
	is_deeply(\@missing, [], 'every operation is described');
	for my $path (
		'/api/connections', '/api/connections/{id}', '/api/sync',
		'/api/sync-sheets-bg', '/api/connectors/sync', '/api/tokens',
		'/api/datasets/{id}/records'
	) {
		ok($doc->{paths}{$path}, $path);
	}
	ok(!grep({ !m{^/api/} } keys %{ $doc->{paths} }), 'pages are left out');
};

# The shape of what is really answered against the document.
subtest 'answers have the shape that the document says' => sub {
	my $doc = $open->('/api/openapi.json')->{json};
	my $check;
	my %kind = (
		string => sub { !ref $_[0] }, integer => sub { $_[0] =~ /^-?\d+$/ },
		boolean => sub { ref $_[0] eq ref true }, object => sub { ref $_[0] eq 'HASH' },
		array => sub { ref $_[0] eq 'ARRAY' }
	);
	$check = sub {
		my ($v, $schema, $at) = @_;
		$schema = $doc->{components}{schemas}{$1} if ($schema->{'$ref'} // '') =~ m{(\w+)$};
		if ($schema->{oneOf}) {
			my @fit = grep { !$check->($v, $_, $at) } @{ $schema->{oneOf} };
			return @fit == 1 ? () : "$at is " . @fit . ' of ' . @{ $schema->{oneOf} };
		}
		if ($schema->{anyOf}) {
			return if !defined $v;
			$schema = $schema->{anyOf}[0];
			return $check->($v, $schema, $at);
		}
		return if !%$schema;
		return "$at is null" if !defined $v;
		return (grep { $_ eq $v } @{ $schema->{enum} }) ? () : "$at is $v"
		    if $schema->{enum};
		return "$at is no $schema->{type}"
		    if $schema->{type} && !$kind{ $schema->{type} }->($v);
		return "$at is no time"
		    if ($schema->{format} // '') eq 'date-time'
		    && $v !~ /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
		if ($schema->{type} eq 'object' && $schema->{properties}) {
			my $p = $schema->{properties};
			return (
				(
					map { "$at.$_ is missing" }
					grep { !exists $v->{$_} } @{ $schema->{required} // [] }
				),
				(
					map {
						exists $p->{$_}
						    ? $check->($v->{$_}, $p->{$_}, "$at.$_")
						    : $p->{_meta} ? ()
						    : "$at.$_ is not in the document"
					} sort keys %$v
				)
			);
		}
		return map { $check->($v->[$_], $schema->{items}, "$at\[$_]") } 0 .. $#$v
		    if $schema->{type} eq 'array';
		return;
	};
	my $conn = $t->get('/api/connections')->{json}{data}[0];
	my $dataset = $t->get("/api/connections/$conn->{id}/datasets")->{json}{data}[0]{id};
	my $sync = $conn->{lastSync}{syncId};
	my ($key) = keys %{ $t->records($conn->{id}) };
	my $hook =
	    $t->post('/api/webhooks', { url => 'http://127.0.0.1:1/', events => ['sync.failed'] });
	is_deeply(
		[$check->($hook->{json}, { '$ref' => 'Webhook' }, '$')], [],
		'a new webhook has its shape'
	);
	my $hooks = "/api/webhooks/$hook->{json}{id}";
	is_deeply(
		[$check->($t->post("$hooks/test")->{json}, { '$ref' => 'Delivery' }, '$')], [],
		'a delivery too'
	);
	for (
		['/api/providers', '/api/providers'], ['/api/connections', '/api/connections'],
		['/api/connections/{id}', "/api/connections/$conn->{id}"],
		['/api/connections/{id}/schedule', "/api/connections/$conn->{id}/schedule"],
		['/api/connections/{id}/syncs', "/api/connections/$conn->{id}/syncs"],
		['/api/connections/{id}/datasets', "/api/connections/$conn->{id}/datasets"],
		['/api/sync', '/api/sync'], ['/api/sync', "/api/sync?syncId=$sync"],
		['/api/sync/{id}/log', "/api/sync/$sync/log"],
		['/api/connectors/sync', '/api/connectors/sync'],
		['/api/datasets/{id}/records', "/api/datasets/$dataset/records"],
		['/api/datasets/{id}/records/{key}', "/api/datasets/$dataset/records/$key"],
		[
			'/api/datasets/{id}/records/{key}/history',
			"/api/datasets/$dataset/records/$key/history"
		],
		['/api/webhooks', '/api/webhooks'],
		['/api/webhooks/{id}', $hooks],
		['/api/webhooks/{id}/deliveries', "$hooks/deliveries"],
		['/api/tokens', '/api/tokens'],
		['/api/doctor', '/api/doctor']
	) {
		my ($route, $path) = @$_;
		my $r = $t->get($path, token => 'admin:read,sync,write,operator');
		is($r->{status}, 200, $path);
		is_deeply(
			[
				$check->(
					$r->{json},
					$doc->{paths}{$route}{get}{responses}{200}{content}
					    {'application/json'}{schema}, '$'
				)
			],
			[],
			"$path has its shape"
		);
	}
	is_deeply(
		[$check->($t->get('/api/connections/none')->{json}, { '$ref' => 'Problem' }, '$')],
		[],
		'a problem too'
	);
	is_deeply(
		[$check->($t->post('/api/tokens', {})->{json}, { '$ref' => 'Problem' }, '$')],
		[], 'with complaints'
	);
};

done_testing;
