# A stored secret stays with the server (scheme, host, port) that it was entered for, whoever names
# another address, and in whatever way.
use strict;
use warnings;
use IO::Handle;
use Test::More;
use Tidemark;
use Tidemark::Source;

my $t = Tidemark->start;
my $home = $t->source;
my $away = Tidemark::Source->start;
my $secret = 'Bearer only-for-home';
my $csv = "id,name\n1,Ann\n";
my $json = '[{"id":1,"name":"Ann"}]';
my $ical = join "\r\n", 'BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:x', 'BEGIN:VEVENT', 'UID:1',
    'DTSTAMP:20260101T000000Z', 'DTSTART:20260101T000000Z', 'SUMMARY:x', 'END:VEVENT',
    'END:VCALENDAR', '';
for my $source ($home, $away) {
	$source->put('/a.csv', $csv);
	$source->put('/b.csv', $csv);
	$source->put('/a.json', $json);
	$source->put('/a.ics', $ical);
}
$t->run('tidemark', 'user', 'add', 'alice', '--workspace', 'ws-alice');
my $alice = $t->token('alice');
my $op = $t->token('admin', 'read,sync,write,operator');
my %path = (csv => '/a.csv', json => '/a.json', ical => '/a.ics');
my %conn = map {
	$_ => $t->connect(
		$_ => $home->url($path{$_}), token => $alice, name => $_, start => false,
		secret => { authorization => $secret }, schedule => { enabled => false }
	)->{id}
} sort keys %path;
my $s = $t->sign_in('alice');

sub sent {
	my ($source) = @_;
	return grep { defined $_->{headers}{authorization} } map { $source->requests($_) } '/b.csv',
	    values %path
}
sub asked {
	my ($source) = @_;
	return scalar map { $source->requests($_) } '/b.csv', values %path
}
sub page {
	my ($kind, %form) = @_;
	return $t->request(
		'POST', "/connections/$conn{$kind}", undef, token => undef,
		headers => { cookie => $s->{cookie} }, form => { csrf => $s->{csrf}, %form }
	);
}
# Every way in by which an address meets what is stored.
my %ways = (
	'a test' => sub {
		my ($kind, $url) = @_;
		$t->post(
			"/api/connections/$conn{$kind}/test", { config => { url => $url } },
			token => $alice
		)
	},
	'a preview' => sub {
		my ($kind, $url) = @_;
		$t->post(
			"/api/connections/$conn{$kind}/preview", { config => { url => $url } },
			token => $alice
		)
	},
	'a change' => sub {
		my ($kind, $url) = @_;
		$t->patch(
			"/api/connections/$conn{$kind}", { config => { url => $url } },
			token => $alice
		)
	},
	'a test by an operator' => sub {
		my ($kind, $url) = @_;
		$t->post(
			"/api/connections/$conn{$kind}/test?workspace_id=ws-alice",
			{ config => { url => $url } }, token => $op
		)
	},
	'a change by an operator' => sub {
		my ($kind, $url) = @_;
		$t->patch(
			"/api/connections/$conn{$kind}?workspace_id=ws-alice",
			{ config => { url => $url } }, token => $op
		)
	},
	'a look by the form' =>
	    sub { my ($kind, $url) = @_; page($kind, do => 'look', name => $kind, f_url => $url) },
	'a preview by the form' => sub {
		my ($kind, $url) = @_;
		page($kind, do => 'preview', name => $kind, f_url => $url);
	},
	'an edit by the form' =>
	    sub { my ($kind, $url) = @_; page($kind, do => 'edit', name => $kind, f_url => $url) },
);
sub stored_of { my ($id) = @_; return $t->get("/api/connections/$id", token => $alice)->{json} }
sub stored { return stored_of($conn{ $_[0] }) }

is(
	$t->post("/api/connections/$conn{$_}/test", {}, token => $alice)->{status}, 200,
	"$_ is read where it is"
) for sort keys %conn;
is(scalar(sent($home)), 3, 'with its secret');

for my $way (sort keys %ways) {
	subtest "$way does not carry a secret elsewhere" => sub {
		my $before = stored('csv')->{config};
		my $port = $home->{port};
		my %elsewhere = (
			'another port' => [csv => $away->url('/a.csv')],
			'another host' => [csv => "http://localhost:$port/a.csv"],
			'another scheme' => [csv => "https://127.0.0.1:$port/a.csv"],
			'the port of the scheme' => [csv => 'http://127.0.0.1/a.csv'],
			'a name that begins alike' =>
			    [csv => "http://127.0.0.1.example.com:$port/a.csv"],
			'JSON' => [json => $away->url('/a.json')],
			'a calendar' => [ical => $away->url('/a.ics')],
			'a calendar by its own scheme' =>
			    [ical => $away->url('/a.ics') =~ s/^http:/webcal:/r],
		);
		for my $what (sort keys %elsewhere) {
			my $r = $ways{$way}->(@{ $elsewhere{$what} });
			is($r->{status}, 422, $what) or diag $r->{content};
			my $moved = 'The address has moved to another server';
			like(
				$r->{content},
				$r->{json}
				? qr/"secret\.authorization"/
				: qr/data-error="authorization">$moved/,
				'with a word beside the secret'
			);
			unlike($r->{content}, qr/only-for-home/, 'which is not shown');
		}
		is_deeply(stored('csv')->{config}, $before, 'nothing is changed');
		is(asked($away), 0, 'and nothing was asked there');
	};
}

subtest 'on the same server it goes along' => sub {
	for my $url (
		$home->url('/b.csv'), $home->url('/b.csv?x=1'),
		$home->url('/b.csv') =~ s/^http/HTTP/r
	) {
		for my $way (sort grep { !/operator/ } keys %ways) {
			my $r = $ways{$way}->(csv => $url);
			like($r->{status}, qr/^(?:200|303)$/, "$way of $url") or diag $r->{content};
		}
	}
	cmp_ok(
		scalar(
			grep { ($_->{headers}{authorization} // '') eq $secret }
			    $home->requests('/b.csv')
		),
		'>=', 3,
		'and is sent'
	);
};

subtest 'entered again, it goes to the new server' => sub {
	my $r = $t->post(
		"/api/connections/$conn{csv}/test",
		{
			config => { url => $away->url('/a.csv') },
			secret => { authorization => 'Bearer for-away' }
		},
		token => $alice
	);
	is($r->{status}, 200, 'a test') or diag $r->{content};
	is(
		($away->requests('/a.csv'))[-1]{headers}{authorization}, 'Bearer for-away',
		'with what was entered'
	);
	is(
		page(
			'csv', do => 'edit', name => 'csv', f_url => $away->url('/a.csv'),
			f_authorization => 'Bearer for-away'
		)->{status},
		303,
		'an edit by the form'
	);
	is($t->sync_and_wait($conn{csv}, 30, token => $alice)->{status}, 'complete', 'a sync');
	is(
		($away->requests('/a.csv'))[-1]{headers}{authorization}, 'Bearer for-away',
		'with that too'
	);
};

subtest 'where none is needed it is forgotten' => sub {
	is(
		$t->patch(
			"/api/connections/$conn{json}",
			{ config => { url => $away->url('/a.json') }, secret => {} },
			token => $alice
		)->{status},
		200,
		'by the interface'
	);
	is(
		page(
			'ical', do => 'edit', name => 'ical', f_url => $away->url('/a.ics'),
			no_secret => 1
		)->{status},
		303,
		'by the form'
	);
	for my $kind (qw(json ical)) {
		is(
			$t->sync_and_wait($conn{$kind}, 30, token => $alice)->{status}, 'complete',
			"$kind is read"
		);
		ok(
			!defined +($away->requests($path{$kind}))[-1]{headers}{authorization},
			'without'
		);
	}
	is(
		$t->sql(
			"SELECT count(*) FROM credential WHERE connection_id IN ('$conn{json}', "
			    . "'$conn{ical}')"
		),
		0,
		'and nothing is kept'
	);
	is(
		$t->patch(
			"/api/connections/$conn{json}",
			{ config => { url => $home->url('/a.json') } }, token => $alice
		)->{status},
		200,
		'then the address may move'
	);
	is(
		scalar(
			grep { /only-for-home/ }
			map { $_->{headers}{authorization} // '' }
			map { $away->requests($_) } '/b.csv', values %path
		),
		0,
		'the other server never saw it'
	);
};

subtest 'a secret that cannot be read now is not carried away either' => sub {
	my $id = $t->connect(
		csv => $home->url('/a.csv'), token => $alice, name => 'locked', start => false,
		secret => { authorization => $secret }, schedule => { enabled => false }
	)->{id};
	my $file = $t->home . '/master.key';
	rename $file, "$file.away" or die $!;
	is(
		$t->patch(
			"/api/connections/$id", { config => { url => $away->url('/b.csv') } },
			token => $alice
		)->{status},
		422,
		'the address stays'
	);
	is(
		$t->patch("/api/connections/$id", { name => 'still locked' }, token => $alice)
		    ->{status},
		200, 'the name may change'
	);
	rename "$file.away", $file or die $!;
	is(
		$t->post("/api/connections/$id/test", {}, token => $alice)->{status}, 200,
		'and it is read again where it was'
	);
	is(scalar($away->requests('/b.csv')), 0, 'nothing was asked elsewhere');
};

# Another program changes the row in a transaction that is open while the request comes.
subtest 'an address that moves while a secret is entered does not get it' => sub {
	my $id = $t->connect(
		csv => $home->url('/a.csv'), token => $alice, name => 'race', start => false,
		schedule => { enabled => false }
	)->{id};
	my $moved = $away->url('/b.csv');
	my $answer;
	# As long as it takes until the request waits for that transaction.
	for my $hold (0.3, 1, 3) {
		$t->sql(      "UPDATE connection SET config = '{\"url\":\""
			    . $home->url('/a.csv')
			    . "\"}' WHERE id = '$id'");
		open my $p, '|-', 'sqlite3', '-cmd', '.timeout 60000', $t->home . '/tidemark.db'
		    or die $!;
		$p->autoflush(1);
		print $p "BEGIN IMMEDIATE; UPDATE connection SET config = '{\"url\":\"$moved\"}' "
		    . "WHERE id = '$id';\n";
		print $p ".shell touch $t->{dir}/held\n";
		wait_for { -e "$t->{dir}/held" } or die 'no transaction';
		unlink "$t->{dir}/held";
		print $p ".shell sleep $hold\nCOMMIT;\n";
		$answer = $t->patch(
			"/api/connections/$id", { secret => { authorization => $secret } },
			token => $alice
		);
		close $p or die 'sqlite3';
		last if $answer->{status} == 409;
	}
	is($answer->{status}, 409, 'it is refused') or diag $answer->{content};
	like($answer->{json}{detail}, qr/changed this source meanwhile/, 'with what to do');
	is(
		$t->sql("SELECT count(*) FROM credential WHERE connection_id = '$id'"), 0,
		'and not stored'
	);
	is(stored_of($id)->{config}{url}, $moved, 'the other change is as it was');
};

done_testing;
