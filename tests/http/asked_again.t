# seconds: 40
# What a person has kept, when much was to be deleted here or there, is asked about again when he
# wants to be: by the page and the interface, for records, contacts and events. Nothing is done
# before the answer, a preview tells what it would do, and that is done.
use strict;
use warnings;
use Test::More;
use Tidemark::Json;
use Tidemark;
use Tidemark::Google;
use Tidemark::Notion;

my ($g, $n, $t) = Tidemark::Notion->beside;
$g->control({ token => { value => 'other', email => $g->{email} } });
$g->connect($t, path => "/api/auth/google/start?for=$_") for qw(google-contacts google-calendar);
my $src = $t->source;
my $json = Tidemark::Json->new->utf8->canonical;
my ($MANY, $LEFT) = (26, 2);
my ($day, $next) = ('2026-10-05', '2026-10-06');
my $session = $t->sign_in('admin');

sub people {
	my ($method, $path, $body) = @_;
	my $r = $g->{http}->request(
		$method => "$g->{base}/fake/people/v1/$path",
		{
			headers => {
				authorization => 'Bearer other',
				'content-type' => 'application/json'
			},
			$body ? (content => $json->encode($body)) : ()
		}
	);
	die "$method $path: $r->{status} $r->{content}" if $r->{status} >= 300;
	return json($r->{content});
}
my $calendar =
    $g->control({ calendar => { owner => $g->{email}, summary => 'Work' } })->{calendar};
my $dates = $n->source('Dates', { When => { date => {} } });
my (%id, $csv);

# Each: how one is made and deleted there, what there is, and the connection.
my %kind = (
	csv => {
		make => sub { $csv->{ $_[0] } = 1 },
		drop => sub { delete $csv->{ $_[0] } },
		there => sub { return keys %$csv },
		done => sub {
			$src->put('/l.csv', join '', "id,name\n", map {"$_,$_\n"} sort keys %$csv);
		},
		connect => sub { return (csv => $src->url('/l.csv'), config => { key => 'id' }) },
	},
	'google-contacts' => {
		make => sub {
			my ($name) = @_;
			my $p = people(
				POST => 'people:createContact',
				{
					names => [{ givenName => $name }],
					emailAddresses => [{ value => "$name\@example.com" }]
				}
			);
			$id{$name} = $p->{resourceName};
		},
		drop => sub { people(DELETE => "$id{$_[0]}:deleteContact") },
		connect => sub { return ('google-contacts', undef) },
	},
	'google-calendar' => {
		events => 1,
		make => sub {
			my %e = (start => { date => $day }, end => { date => $next });
			my $made = $g->calendar(
				'other', POST => "$calendar/events",
				{ summary => $_[0], %e }
			);
			$id{ $_[0] } = $made->{id};
		},
		drop => sub { $g->calendar('other', DELETE => "$calendar/events/$id{$_[0]}") },
		there => sub {
			my $r = $g->calendar('other', GET => "$calendar/events?maxResults=100");
			return map { $_->{summary} }
			    grep { $_->{status} ne 'cancelled' } @{ $r->{items} };
		},
		connect =>
		    sub { return ('google-calendar', undef, config => { calendar => $calendar }) },
	},
	notion => {
		events => 1,
		make => sub {
			my %when = (When => { date => { start => $day } });
			$id{ $_[0] } = $n->page($dates, $_[0], %when);
		},
		drop => sub { $n->trash($id{ $_[0] }) },
		there => sub {
			my $r = $n->call(POST => "/data_sources/$dates/query", {});
			my @all = map { $_->{properties}{Name}{title} } @{ $r->{results} };
			return map { $_->[0]{plain_text} } @all;
		},
		connect => sub {
			my %config = (dataSource => $dates, mode => 'calendar');
			return (notion => undef, config => \%config);
		},
	},
);

sub events { return @{ $t->get('/api/events?limit=500')->{json}{data} } }
sub sent {
	my ($c) = @_;
	my $waits = "SELECT count(*) FROM outbox WHERE next_at IS NOT NULL AND connection_id = ";
	return wait_for { $t->tick; !$t->sql("$waits '$c'") } 60;
}
sub answer {
	my ($run, $how) = @_;
	my $r = $t->post("/api/sync/$run->{syncId}/$how", {});
	is($r->{status}, 202, $how) or diag $r->{content};
	return $t->wait_run($r->{json}{syncId});
}
sub asked {
	my ($run, $name) = @_;
	is_deeply([$run->{error}{code}, $run->{review}{deletions}],
		['needs_approval', $MANY - $LEFT], $name)
	    or diag explain $run;
	is(scalar @{ $run->{review}{changes} }, $MANY - $LEFT, 'each is listed');
	return $run;
}
sub page_of {
	my ($c) = @_;
	my $r = $t->get("/connections/$c", token => undef,
		headers => { cookie => $session->{cookie} });
	return $r->{content} =~ s/<[^>]*>//gr =~ s/\s+/ /gr;
}
sub by_page {
	my ($c) = @_;
	my %form = (csrf => $session->{csrf}, do => 'ask');
	my $r = $t->post("/connections/$c", undef, token => undef,
		headers => { cookie => $session->{cookie} }, form => \%form);
	is($r->{status}, 303, 'asked by the page');
	return $t->get("/api/connections/$c")->{json};
}

# What the preview would delete on that side.
sub foreseen {
	my ($c, $side) = @_;
	my $r = $t->post("/api/connections/$c/preview?side=$side&action=delete&limit=200", {});
	is($r->{status}, 200, 'a preview') or diag $r->{content};
	return join ' ', sort map { $_->{item} =~ s/ \(.*//r } @{ $r->{json}{changes} };
}

for my $name (sort keys %kind) {
	my $k = $kind{$name};
	subtest "$name: deletions that were kept here" => sub {
		my @all = map { sprintf 'n%02d', $_ } 1 .. $MANY;
		$k->{make}->($_) for @all;
		$k->{done}->() if $k->{done};
		my ($provider, $url, %o) = $k->{connect}->();
		my $made = $t->connect($provider, $url, name => $name, %o);
		my $c = $made->{id};
		$t->wait_run($made->{activeSyncId} // $made->{lastSync}{syncId});
		my $here = sub {
			return scalar(keys %{ $t->records($c) }) . ' '
			    . ($k->{events} ? scalar events() : 0);
		};
		my $whole = "$MANY " . ($k->{events} ? $MANY : 0);
		my $rest = "$LEFT " . ($k->{events} ? $LEFT : 0);
		is($here->(), $whole, 'all are here');
		$k->{drop}->($_) for @all[$LEFT .. $#all];
		$k->{done}->() if $k->{done};
		my $run = asked($t->sync_and_wait($c), 'asked');
		is(answer($run, 'reject')->{status}, 'complete', 'kept');
		is($t->sync_and_wait($c)->{status}, 'complete', 'and not asked about by itself');
		is($here->(), $whole, 'all are here');
		like(page_of($c), qr/24 \w+ are kept.*Ask again/, 'the page says so');

		# However little it is by the limits of the connection.
		$t->patch("/api/connections/$c", { guardPercent => 100, guardItems => 1000 });
		$run = asked($t->reset_and_wait($c, 'ask'), 'asked again');
		is($here->(), $whole, 'nothing has gone');
		is(answer($run, 'reject')->{status}, 'complete', 'kept once more');
		is($t->sync_and_wait($c)->{status}, 'complete', 'and not asked about by itself');
		is($here->(), $whole, 'all are here');

		my $now = by_page($c);
		$run = $t->wait_run($now->{activeSyncId} // $now->{lastSync}{syncId});
		asked($run, 'again');
		is(foreseen($c, 'local'), join(' ', @all[$LEFT .. $#all]), 'as the preview says');
		is(answer($run, 'approve')->{status}, 'complete', 'let through');
		sent($c) if $k->{events};
		$t->sync_and_wait($c);
		is($here->(), $rest, 'then they are gone');
		unlike(page_of($c), qr/Ask again/, 'the page says so no more');
		is($t->sync_and_wait($c)->{status}, 'complete', 'level');
		return if !$k->{events};
		is(join(' ', sort $k->{there}->()), join(' ', @all[0 .. $LEFT - 1]),
			'nothing was written there');
		$t->del("/api/connections/$c?data=delete");
		$t->del("/api/events/$_->{id}") for events();
		$k->{drop}->($_) for @all[0 .. $LEFT - 1];
	};
}

sub question {
	my ($c) = @_;
	my $run;
	wait_for {
		$t->tick;
		my @all = @{ $t->get("/api/connections/$c/syncs?limit=5")->{json}{data} };
		($run) = grep { ($_->{review}{side} // '') eq 'remote' } @all;
		my $id = $run ? $run->{syncId} : '';
		scalar grep { $_->{syncId} eq $id }
		    @{ $t->get('/api/calendar/sync/queue?status=HELD')->{json}{data} };
	}
	60;
	return $t->get("/api/sync?syncId=$run->{syncId}")->{json};
}

for my $name (grep { $kind{$_}{events} } sort keys %kind) {
	my $k = $kind{$name};
	subtest "$name: deletions that were kept there" => sub {
		my @all = map { sprintf 'm%02d', $_ } 1 .. $MANY;
		$k->{make}->($_) for @all;
		my ($provider, $url, %o) = $k->{connect}->();
		my $made = $t->connect($provider, $url, name => $name, %o);
		my $c = $made->{id};
		$t->wait_run($made->{activeSyncId} // $made->{lastSync}{syncId});
		my %here = map { $_->{title} => $_->{id} } events();
		my $there = sub { return scalar(my @titles = $k->{there}->()) };
		is(scalar keys %here, $MANY, 'all are here');
		$t->post("/api/connections/$c/pause");
		$t->del("/api/events/$here{$_}") for @all[$LEFT .. $#all];
		$t->post("/api/connections/$c/resume");
		my $run = asked(question($c), 'asked');
		answer($run, 'reject');
		ok(sent($c), 'kept');
		is($t->sync_and_wait($c)->{status}, 'complete', 'and not asked about by itself');
		is($there->() . ' ' . events(), "$MANY $LEFT", 'all are there');
		like(page_of($c), qr/24 events are kept.*Ask again/, 'the page says so');

		$t->patch("/api/connections/$c", { guardPercent => 100, guardItems => 1000 });
		is($t->reset_and_wait($c, 'ask')->{status}, 'complete', 'all is read');
		$run = asked(question($c), 'asked again');
		is($t->sync_and_wait($c)->{status}, 'complete', 'reads go on');
		my $told = $t->get("/api/connections/$c")->{json};
		isnt($told->{lastSync}{syncId}, $run->{syncId}, 'one of them is the last');
		is_deeply($told->{held}, { syncId => $run->{syncId}, changes => $MANY - $LEFT },
			'the connection tells the question all the same');
		like($run->{error}{detail}, qr/which was kept before/);
		is($there->(), $MANY, 'nothing has gone');
		answer($run, 'reject');
		is($t->get("/api/connections/$c")->{json}{held}, undef, 'until it is answered');
		ok(sent($c), 'kept once more');
		$t->sync_and_wait($c);
		is($there->() . ' ' . events(), "$MANY $LEFT", 'all are there');

		by_page($c);
		$run = asked(question($c), 'again');
		is(foreseen($c, 'remote'), join(' ', @all[$LEFT .. $#all]), 'as the preview says');
		answer($run, 'approve');
		ok(sent($c), 'let go');
		is(join(' ', sort $k->{there}->()), join(' ', @all[0 .. $LEFT - 1]), 'gone');
		unlike(page_of($c), qr/Ask again/, 'the page says so no more');
		is($t->sync_and_wait($c)->{status}, 'complete', 'level');
		is(scalar events(), $LEFT);
		$t->del("/api/connections/$c?data=delete");
		$t->del("/api/events/$_->{id}") for events();
	};
}

done_testing;
