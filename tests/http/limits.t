# seconds: 90
# The guard, with the limits of the connection, for every kind of source and in every direction: so
# much that is to be deleted or overwritten waits for an answer; what is held is never told as done,
# and does not hold what harms nothing.
use strict;
use warnings;
use Test::More;
use JSON::PP ();
use Tidemark::Json;
use Tidemark;
use Tidemark::Google;
use Tidemark::Notion;

my $g = Tidemark::Google->start;
my $n = Tidemark::Notion->new($g);
my $t = Tidemark->start(
	env => {
		$g->env, $n->env, NOTION_API_KEY => 'ntn_test', TIDEMARK_RETRY_MS => 2,
		TIDEMARK_NOTION_CALLS => 100000, TIDEMARK_NOTION_CALLS_ALL => 100000
	}
);
$g->control({
	quota => { notion => { user => 0 } }, token => { value => 'other', email => $g->{email} }
});
$g->connect($t, path => "/api/auth/google/start?for=$_")
    for qw(google-sheets google-contacts google-calendar);
my $src = $t->source;
my $json = Tidemark::Json->new->utf8->canonical;
my @keys = ('a' .. 'i');
my ($day, $next) = ('2026-10-05', '2026-10-06');

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

# --- the kinds: how a source is made to have these rows, {key: [name, place]}; of what knows names
# and times the name alone, and the month by it, for that is enough ---

my (%id, %had);

# Calls make($key, @values), edit($id, @values) and drop($id) for what differs.
sub level {
	my ($kind, $rows, $make, $edit, $drop) = @_;
	my $had = $had{$kind} // {};
	for my $k (sort keys %$rows) {
		my @v = @{ $rows->{$k} };
		if (!$had->{$k}) { $id{$kind}{$k} = $make->($k, @v) }
		elsif ("@v" ne "@{ $had->{$k} }") { $edit->($id{$kind}{$k}, @v) }
	}
	$drop->($id{$kind}{$_}) for sort grep { !$rows->{$_} } keys %$had;
	$had{$kind} = {%$rows};
	return;
}
sub rows_of { my ($rows) = @_; return map { [$_, @{ $rows->{$_} }] } sort keys %$rows }

my $sheet = $g->sheet('Sheet', [['id', 'name', 'place'], map { [$_, "n$_", "p$_"] } @keys]);
my $table = $n->source('Table', { Place => { rich_text => {} } });
my $dates = $n->source('Dates', { When => { date => {} }, Place => { rich_text => {} } });
sub place { return (Place => { rich_text => $n->text($_[0]) }) }
sub meeting {
	my ($name, $place) = @_;
	my $on = $name =~ /^o/ ? '2026-11' : '2026-10';
	return {
		summary => $name, location => $place, start => { date => "$on-05" },
		end => { date => "$on-06" }
	};
}
sub on {
	my ($name) = @_;
	return (When => { date => { start => $name =~ /^o/ ? '2026-11-07' : $day } });
}
my $dates2 = $n->source('Dates 2', { When => { date => {} }, Place => { rich_text => {} } });
sub calendar {
	my ($name) = @_;
	return $g->control({ calendar => { owner => $g->{email}, summary => $name } })->{calendar};
}
my ($calendar, $calendar2) = map { calendar($_) } qw(There Here);

my %kind = (
	csv => {
		put => sub {
			$src->put('/l.csv', join '', map { join(',', @$_) . "\n" }
				    ['id', 'name', 'place'], rows_of($_[0]));
		},
		connect => sub { return (csv => $src->url('/l.csv'), config => { key => 'id' }) },
	},
	json => {
		put => sub {
			my @all = map { my %r; @r{qw(id name place)} = @$_; \%r } rows_of($_[0]);
			$src->put('/l.json', $json->encode(\@all));
		},
		connect => sub { return (json => $src->url('/l.json'), config => { key => 'id' }) },
	},
	ical => {
		put => sub {
			$src->put('/l.ics', join "\r\n", 'BEGIN:VCALENDAR', 'VERSION:2.0', (map {
				my $on = $_->[1] =~ /^o/ ? '20261107' : '20261005';
				('BEGIN:VEVENT', "UID:$_->[0]", "DTSTART;VALUE=DATE:$on",
					"SUMMARY:$_->[1]", 'LOCATION:Hall',
					'DESCRIPTION:All day', 'END:VEVENT')
			} rows_of($_[0])), 'END:VCALENDAR', '');
		},
		connect => sub { return (ical => $src->url('/l.ics')) },
	},
	'google-sheets' => {
		put => sub {
			my @rows = (['id', 'name', 'place'], rows_of($_[0]));
			push @rows, ['', '', ''] while @rows < 20;
			$g->edit($sheet, 'Sheet1!A1:C20', \@rows);
		},
		connect => sub {
			my %config = (spreadsheet => $sheet, key => 'id');
			return ('google-sheets', undef, config => \%config);
		},
	},
	'google-contacts' => {
		put => sub {
			my $person = sub {
				return {
					names => [{ givenName => $_[0] }],
					emailAddresses => [{ value => "$_[0]\@example.com" }],
					addresses => [{ city => 'Bath' }],
					organizations => [{ name => 'Firm' }]
				};
			};
			my $fields = 'names,emailAddresses,addresses,organizations';
			my $make = sub {
				return people(POST => 'people:createContact', $person->(@_[1, 2]));
			};
			my $edit = sub {
				my ($id, @v) = @_;
				my $old = people(GET => "$id?personFields=$fields,metadata");
				my %body = (etag => $old->{etag}, %{ $person->(@v) });
				$body{metadata}{sources} = [{ type => 'CONTACT' }];
				my $path = "$id:updateContact?updatePersonFields=$fields";
				people(PATCH => $path, \%body);
			};
			level(
				'google-contacts', $_[0],
				sub { return $make->(@_)->{resourceName} }, $edit,
				sub { people(DELETE => "$_[0]:deleteContact") }
			);
		},
		connect => sub { return ('google-contacts', undef) },
	},
	'google-calendar' => {
		put => sub {
			my $at = "$calendar2/events";
			my $event = sub {
				return { %{ meeting($_[0], 'Hall') }, description => 'All day' };
			};
			my $google = sub { return $g->calendar('other', @_) };
			level('google-calendar', $_[0],
				sub { return $google->(POST => $at, $event->(@_[1, 2]))->{id} },
				sub {
					my ($id, @v) = @_;
					$google->(PATCH => "$at/$id", $event->(@v));
				},
				sub { $google->(DELETE => "$at/$_[0]") });
		},
		connect => sub {
			my %config = (calendar => $calendar2, direction => 'pull');
			return ('google-calendar', undef, config => \%config);
		},
	},
	'notion ' => {
		put => sub {
			level('notion ', $_[0],
				sub { return $n->page($dates2, $_[1], place('Hall'), on($_[1])) },
				sub {
					my ($id, @v) = @_;
					my %name = (Name => $n->title($v[0]));
					$n->edit($id, %name, place('Hall'), on($v[0]));
				},
				sub { $n->trash($_[0]) });
		},
		connect => sub {
			my %config = (dataSource => $dates2, mode => 'calendar');
			$config{direction} = 'pull';
			return (notion => undef, config => \%config);
		},
	},
	notion => {
		put => sub {
			level('notion', $_[0],
				sub { return $n->page($table, $_[1], place('Hall')) },
				sub { $n->edit($_[0], Name => $n->title($_[1]), place('Hall')) },
				sub { $n->trash($_[0]) });
		},
		connect => sub {
			my %config = (dataSource => $table, mode => 'table');
			return (notion => undef, config => \%config);
		},
	},
);

sub rows { my ($mark, @k) = @_; return { map { $_ => ["$mark$_", "at$mark$_"] } @k } }
sub asked {
	my ($c, $what) = @_;
	my $run = $t->sync_and_wait($c->{id});
	is_deeply([$run->{status}, $run->{error}{code}], ['error', 'needs_approval'],
		"$what: asked")
	    or diag explain $run;
	is_deeply([@{ $run->{stats} }{qw(added updated deleted)}], [0, 0, 0],
		'nothing is told as done');
	ok(@{ $run->{review}{changes} // [] } >= 3, 'what it is about is listed');
	ok(!(grep { !length($_->{item} // '') } @{ $run->{review}{changes} }), 'by name');
	return $run;
}

sub approved {
	my ($run) = @_;
	my $r = $t->post("/api/sync/$run->{syncId}/approve");
	is($r->{status}, 202, 'approved');
	my $next = $t->wait_run($r->{json}{syncId});
	diag $json->encode($next->{review}) if $next->{review};
	return $next;
}
sub named_o {
	my ($c) = @_;
	my $all = $json->encode($t->records($c->{id}));
	return scalar(() = $all =~ /"(?:displayName|name|summary|title|Name)":"o[a-e]"/g);
}

for my $name (sort keys %kind) {
	my $k = $kind{$name};
	subtest "$name, here" => sub {
		$k->{put}->(rows('n', @keys));
		my ($provider, $url, %o) = $k->{connect}->();
		my $c = $t->connect($provider, $url, name => $name, %o);
		$t->wait_run($c->{activeSyncId} // $c->{lastSync}{syncId});
		is(scalar keys %{ $t->records($c->{id}) }, 9, 'nine records');
		my $before = $json->encode($t->records($c->{id}));

		$k->{put}->(rows('n', 'a' .. 'e'));
		is($t->sync_and_wait($c->{id})->{status}, 'complete',
			'usually four of nine may go');
		$k->{put}->(rows('n', @keys));
		$t->sync_and_wait($c->{id});
		my %limits = (guardPercent => 30, guardItems => 2);
		my $r = $t->patch("/api/connections/$c->{id}", \%limits);
		is_deeply([@{ $r->{json} }{qw(guardPercent guardItems)}], [30, 2],
			'its own limits');

		$k->{put}->(rows('n', 'a' .. 'e', 'x'));
		my $run = asked($c, 'deletions');
		is($run->{review}{deletions}, 4, 'four of them');
		is(scalar keys %{ $t->records($c->{id}) }, 9, 'nothing has gone');
		is($t->post("/api/sync/$run->{syncId}/reject")->{status}, 202, 'kept');
		my $next = $t->sync_and_wait($c->{id});
		is($next->{status}, 'complete', 'and the rest goes on');
		is($next->{stats}{deleted}, 0, 'of which nothing is a deletion');
		is(scalar keys %{ $t->records($c->{id}) }, 10, 'what is new is here');
		$t->reset_and_wait($c->{id}, 'clear');
		$k->{put}->(rows('n', @keys, 'x'));
		is($t->sync_and_wait($c->{id})->{status}, 'complete', 'ten again');

		$k->{put}->({ %{ rows('n', @keys, 'x') }, %{ rows('o', 'a' .. 'e') } });
		$run = asked($c, 'other values');
		is($run->{review}{replaced}, 5, 'of five');
		is(named_o($c), 0, 'none is here');
		is(approved($run)->{status}, 'complete', 'let through');
		is(named_o($c), 5, 'then all are');

		$k->{put}->({ %{ rows('n', 'x') }, %{ rows('o', 'a' .. 'e') } });
		$run = asked($c, 'deletions again');
		is(approved($run)->{status}, 'complete', 'let through');
		is(scalar keys %{ $t->records($c->{id}) }, 6, 'then they are gone');
	};
}

subtest 'limits that a connection is made with' => sub {
	$src->put('/new.csv', join "\n", 'id,name', map { "$_,n" } 1 .. 9);
	my %config = (url => $src->url('/new.csv'), key => 'id');
	my %new = (provider => 'csv', name => 'New', config => \%config);
	my %o = (name => 'Old', config => { key => 'id' });
	my $c = $t->connect(csv => $src->url('/new.csv'), %o);
	$t->wait_run($c->{activeSyncId});
	for my $wrong (
		[guardPercent => 0], [guardPercent => 101], [guardPercent => 'half'],
		[guardItems => 10001], [guardItems => 1.5]
	) {
		my $made = $t->post('/api/connections', { %new, @$wrong });
		my $changed = $t->patch("/api/connections/$c->{id}", {@$wrong});
		is($made->{status}, 422, "@$wrong: refused");
		is_deeply($made->{json}{error}{fields}, $changed->{json}{error}{fields},
			'in the words of a change');
	}
	my $r = $t->post('/api/connections', { %new, guardPercent => 30, guardItems => 2 });
	is_deeply([@{ $r->{json} }{qw(guardPercent guardItems)}], [30, 2], 'kept');
	$t->wait_run($r->{json}{activeSyncId});
	$src->put('/new.csv', join "\n", 'id,name', map { "$_,n" } 1 .. 5);
	is(asked($r->{json}, 'four of nine')->{review}{deletions}, 4, 'and in force');

	my $s = $t->sign_in('admin');
	my $form = $t->post(
		'/settings/add', undef,
		token => undef,
		headers => { cookie => $s->{cookie} },
		form => { csrf => $s->{csrf}, provider => 'csv', do => 'connect', name => 'By form',
			f_url => $src->url('/new.csv'), guardPercent => 40, guardItems => '' }
	);
	is($form->{status}, 303, 'by the form, too');
	my ($id) = $form->{headers}{location} =~ m{([^/]+)$};
	is_deeply([@{ $t->get("/api/connections/$id")->{json} }{qw(guardPercent guardItems)}],
		[40, undef], 'what is left empty is as usual');
};

# --- there: what is written to a calendar ---

my %side = (
	'google-calendar' => {
		config => sub { return (calendar => $calendar) },
		titles => sub {
			my $r = $g->calendar('other', GET => "$calendar/events?maxResults=100");
			my @all = grep { $_->{status} ne 'cancelled' } @{ $r->{items} };
			return map { $_->{summary} } @all;
		},
	},
	notion => {
		config => sub { return (dataSource => $dates, mode => 'calendar') },
		titles => sub {
			my $r = $n->call(POST => "/data_sources/$dates/query", {});
			my @all = @{ $r->{results} };
			return map { $_->{properties}{Name}{title}[0]{plain_text} } @all;
		},
	},
);
sub made {
	my ($title) = @_;
	my $r = $t->post(
		'/api/events',
		{
			title => $title, startDateTime => $day, endDateTime => $next,
			allDay => JSON::PP::true
		}
	);
	return $r->{json}{event}{id};
}
sub sent {
	my ($c) = @_;
	my $waits = "SELECT count(*) FROM outbox WHERE next_at IS NOT NULL AND connection_id = ";
	return wait_for { !$t->sql("$waits '$c->{id}'") } 200;
}
sub question {
	my ($c) = @_;
	my $id;
	wait_for {
		($id) = map { $_->{syncId} } grep { ($_->{review}{side} // '') eq 'remote' }
		    @{ $t->get("/api/connections/$c->{id}/syncs?limit=3")->{json}{data} };
		$id;
	}
	60;
	return $t->get("/api/sync?syncId=$id")->{json};
}

for my $name (sort keys %side) {
	my $side = $side{$name};
	my $titles = sub { return join ' ', sort $side->{titles}->() };
	subtest "$name, there" => sub {
		my %config = ($side->{config}->(), write => 'application');
		my $c = $t->connect($name, undef, name => "$name there", config => \%config);
		$t->wait_run($c->{activeSyncId} // $c->{lastSync}{syncId});
		my %id = map { $_ => made($_) } @keys;
		ok(sent($c), 'sent');
		is($titles->(), join(' ', @keys), 'nine are there');
		$t->patch("/api/connections/$c->{id}", { guardPercent => 30, guardItems => 2 });

		# All of them at once for the guard: nothing is sent meanwhile.
		$t->post("/api/connections/$c->{id}/pause");
		$t->del("/api/events/$id{$_}") for 'a' .. 'd';
		made('x');
		$t->post("/api/connections/$c->{id}/resume");
		my $run = question($c);
		is_deeply(
			[$run->{status}, $run->{error}{code}, $run->{review}{deletions}],
			['error', 'needs_approval', 4], 'four deletions are held'
		);
		my @told = @{ $run->{review}{changes} };
		is(scalar @told, 4, 'each is listed');
		like($_->{item}, qr/^[a-d] \(2026-10-05\)$/, 'by name') for @told;
		ok(sent($c), 'the rest is sent');
		is($titles->(), join(' ', @keys, 'x'), 'what is new, and nothing is gone');
		is(scalar @{ $t->get('/api/calendar/sync/queue?status=HELD')->{json}{data} }, 4,
			'they wait, and are not told as done');
		$t->post("/api/sync/$run->{syncId}/approve", {});
		ok(sent($c), 'let go');
		is($titles->(), 'e f g h i x', 'then they are gone');

		$t->post("/api/connections/$c->{id}/pause");
		$t->put("/api/events/$id{$_}", { title => "o$_" }) for 'e' .. 'g';
		made('y');
		$t->post("/api/connections/$c->{id}/resume");
		$run = question($c);
		is_deeply([@{ $run->{review} }{qw(deletions replaced)}], [0, 3], 'three are held');
		@told = @{ $run->{review}{changes} };
		is_deeply($_->{fields}, ['title'], 'with what differs') for @told;
		ok(sent($c), 'the rest is sent');
		is($titles->(), 'e f g h i x y', 'nothing is written over');
		$t->post("/api/sync/$run->{syncId}/reject", {});
		ok(sent($c), 'kept');
		is($titles->(), 'e f g h i x y', 'as it was');

		$t->put("/api/events/$id{$_}", { title => "p$_" }) for 'e' .. 'g';
		$t->post('/api/sync/' . question($c)->{syncId} . '/approve', {});
		ok(sent($c), 'let go');
		is($titles->(), 'h i pe pf pg x y', 'sent');
		is($t->sync_and_wait($c->{id})->{status},
			'complete', 'what we have written ourselves is not asked about here');
		$t->del("/api/connections/$c->{id}");
		my @left = @{ $t->get('/api/events?limit=500')->{json}{data} };
		$t->del("/api/events/$_->{id}") for @left;
	};
}
done_testing;
