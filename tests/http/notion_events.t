# Pages of Notion as events: which days they are, what becomes of edits, and what never happens.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Notion;

my ($g, $n, $t) = Tidemark::Notion->beside;

my %gone;
sub connected {
	my ($source, %o) = @_;
	# A database is the calendar of one connection.
	$t->del("/api/connections/$gone{$source}?data=delete") if $gone{$source};
	my $c = $t->connect('notion', undef, name => 'pages',
		config => { dataSource => $source, direction => 'pull', %o });
	$gone{$source} = $c->{id};
	return ($c->{id}, $t->wait_run($c->{lastSync}{syncId}));
}
# {title => "start end"} of the events that came from the connection.
sub events {
	my ($c) = @_;
	my $r = $t->get('/api/events?from=2026-01-01&to=2027-01-01&limit=500');
	return {
		map { $_->{title} => "$_->{startDateTime} $_->{endDateTime}" }
		grep { $_->{origin} eq $c } @{ $r->{json}{data} }
	};
}
sub event {
	my ($title) = @_;
	my $r = $t->get('/api/events?from=2026-01-01&to=2027-01-01&limit=500');
	return (grep { $_->{title} eq $title } @{ $r->{json}{data} })[0];
}
sub when {
	my ($start, $end) = @_;
	return { date => { start => $start, defined $end ? (end => $end) : () } }
}

subtest 'days are the same days here, whatever the place and the night' => sub {
	my $s = $n->source(
		'Days',
		{
			When => { date => {} }, Place => { rich_text => {} },
			Notes => { rich_text => {} }, Made => { created_time => {} }
		}
	);
	$n->page($s, 'One day', When => when('2026-10-05'));
	$n->page($s, 'Three days', When => when('2026-10-05', '2026-10-07'));
	$n->page($s, 'Over the year', When => when('2026-12-31', '2027-01-01'));
	$n->page($s, 'Leap', When => when('2028-02-28', '2028-02-29'));
	$n->page($s, 'Moment',
		When => when('2026-10-05T10:00:00+02:00', '2026-10-05T11:30:00+02:00'));
	$n->page($s, 'No end', When => when('2026-10-05T23:30:00-08:00'));
	$n->page($s, 'Autumn night',
		When => when('2026-10-25T02:30:00+02:00', '2026-10-25T02:30:00+01:00'));
	$n->page($s, 'No date');
	$n->page(
		$s, 'Rich',
		When => when('2026-11-01'),
		Place => { rich_text => $n->text('Hamburg') },
		Notes => { rich_text => [map { { text => { content => $_ } } } 'a ', 'b'] }
	);
	my ($c, $r) = connected($s);
	is($r->{status}, 'complete', 'read') or diag explain $r;
	is_deeply(
		events($c),
		{
			'One day' => '2026-10-05 2026-10-06',
			'Three days' => '2026-10-05 2026-10-08',
			'Over the year' => '2026-12-31 2027-01-02',
			'Moment' => '2026-10-05T08:00:00Z 2026-10-05T09:30:00Z',
			'No end' => '2026-10-06T07:30:00Z 2026-10-06T08:30:00Z',
			'Autumn night' => '2026-10-25T00:30:00Z 2026-10-25T01:30:00Z',
			'Rich' => '2026-11-01 2026-11-02'
		},
		'an end that is a day is in it'
	);
	my $rich = event('Rich');
	is_deeply(
		[@$rich{qw(location notes allDay)}], ['Hamburg', 'a b', Tidemark::true],
		'with the rest'
	);
	is(scalar keys %{ $t->copy_of($c) }, 9, 'every page is a record, also without a date');
	my $list = $t->get('/api/calendar/integrations')->{json}{data};
	my ($i) = grep { $_->{id} eq $c } @$list;
	is($i->{provider}, 'NOTION', 'it is one of the calendars') or diag explain $i;
	is($t->get("/api/connections/$c")->{json}{config}{mode}, 'calendar', 'and says so');
};

subtest 'edits arrive, a page without a date leaves the calendar and comes back' => sub {
	my $s = $n->source('Edits', { When => { date => {} } });
	my $p = $n->page($s, 'First', When => when('2026-03-01'));
	$n->page($s, 'Second', When => when('2026-03-02'));
	my ($c) = connected($s);
	my $id = event('First')->{id};
	$n->edit($p, Name => $n->title('Moved'), When => when('2026-03-05'));
	is($t->poll($c)->{status}, 'complete', 'polled');
	is_deeply(
		events($c),
		{ Moved => '2026-03-05 2026-03-06', Second => '2026-03-02 2026-03-03' },
		'the same event'
	);
	is(event('Moved')->{id}, $id, 'under its id');
	$n->edit($p, When => { date => undef });
	$t->poll($c);
	is_deeply([keys %{ events($c) }], ['Second'], 'without a date it is no event');
	is(scalar keys %{ $t->copy_of($c) }, 2, 'the record stays');
	$n->edit($p, When => when('2026-03-09'));
	$t->poll($c);
	is(events($c)->{Moved}, '2026-03-09 2026-03-10', 'and it comes back');
	$n->trash($p);
	$t->sync_and_wait($c);
	# What a list lacks is looked for by itself before it is believed to be gone.
	my $gone = Tidemark::wait_for { $t->tick; !events($c)->{Moved} } 20;
	ok($gone, 'what is in the trash goes');
	is($t->sync_and_wait($c)->{status}, 'complete', 'again');
	is_deeply([keys %{ events($c) }], ['Second'], 'nothing changes');
};

subtest 'what is edited here stays here' => sub {
	my $s = $n->source('Here', { When => { date => {} } });
	my $p = $n->page($s, 'Theirs', When => when('2026-04-01'));
	my ($c) = connected($s);
	my $e = event('Theirs');
	$n->forget;
	is($t->put("/api/events/$e->{id}", { title => 'Mine' })->{status}, 200, 'edited');
	$t->sync_and_wait($c);
	is(event('Mine')->{id}, $e->{id}, 'a read does not undo it');
	my @other = grep { !/^(?:GET|POST) \S*(?:data_sources|users\/me)/ } $n->calls;
	is_deeply(\@other, [], 'nothing is written');
	my $title = $n->call(GET => "/pages/$p")->{properties}{Name}{title};
	is($title->[0]{plain_text}, 'Theirs', 'there');
	$n->edit($p, When => when('2026-04-02'));
	$t->poll($c);
	is(event('Mine')->{startDateTime}, '2026-04-02', 'another field is taken over');
};

subtest 'which property says what: named, guessed, renamed, missing' => sub {
	my $s = $n->source('Named',
		{ Deadline => { date => {} }, Birthday => { date => {} } });
	my $p = $n->page($s, 'p', Deadline => when('2026-05-01'), Birthday => when('2026-06-01'));
	my ($c) = connected($s, properties => { date => 'Birthday' });
	is(events($c)->{p}, '2026-06-01 2026-06-02', 'as named');
	$n->schema($s, Birthday => { name => 'Born' });
	is($t->sync_and_wait($c)->{status}, 'complete', 'renamed, it is found');
	is(events($c)->{p}, '2026-06-01 2026-06-02', 'by its id');
	my $r = $t->get("/api/calendar/sync/notion/pull?integrationId=$c")->{json};
	is_deeply(
		[@$r{qw(ready database)}, $r->{properties}{date}, @$r{qw(missing addable)}],
		[
			Tidemark::true, Tidemark::true, 'Born', [qw(description location notes)],
			[
				qw(url recurrence status color busy attendees organizer call),
				qw(reminders visibility)
			]
		],
		'which is said, with what is missing, and what could be added'
	);
	$t->cooled($c);
	$r = $t->post('/api/calendar/sync/notion/pull', { integrationId => $c });
	is($r->{status}, 202, 'and it can be pulled');
	is($t->wait_run($r->{json}{syncId})->{status}, 'complete', 'to the end');
	my $none = $n->source('None', {});
	($c, $r) = connected($none);
	like($r->{error}{detail}, qr/no property of the type Date. Add one/, 'none: what to do');
	$r = $t->get("/api/calendar/sync/notion/pull?integrationId=$c")->{json};
	is_deeply(
		[@$r{qw(ready database missing addable)}],
		[Tidemark::false, Tidemark::true, ['date'], []],
		'seen, and without a date: of a title it has one, of the rest nothing is known'
	);
	like($r->{error}, qr/no property of the type Date/, 'as the sentence says');
	my $all = $n->source('All', {
		Date => { date => {} },
		map { $_ => { rich_text => {} } } qw(Description Location Notes)
	});
	($c) = connected($all);
	$r = $t->get("/api/calendar/sync/notion/pull?integrationId=$c")->{json};
	is_deeply([@$r{qw(ready missing)}], [Tidemark::true, []], 'nothing is missing');
	my $table = $t->connect('notion', undef, config => { dataSource => $n->source('Table', {}),
		mode => 'table' });
	$r = $t->get("/api/calendar/sync/notion/pull?integrationId=$table->{id}")->{json};
	is_deeply(
		[@$r{qw(database ready error)}],
		[
			Tidemark::false, Tidemark::false,
			'This connection is no calendar of Notion.'
		],
		'a table is no calendar'
	);
	is($t->get('/api/calendar/sync/notion/pull?integrationId=none')->{status}, 404, 'nor none');
	($c, $r) = connected($s, properties => { date => 'Nope' });
	like($r->{error}{detail}, qr/no property "Nope" that could be the date/, 'or which');
};

subtest 'an event of Notion is at Google on the same days, and is written once' => sub {
	my $ann = 'ann@example.com';
	$g->control({ calendar => { id => $ann, owner => $ann, zone => 'America/Los_Angeles' } });
	$g->connect($t, path => '/api/auth/google/start?for=google-calendar');
	my $google = $t->connect('google-calendar', undef, name => 'Google', config => {});
	$t->wait_run($google->{lastSync}{syncId});
	my $s = $n->source('Mirrored', { When => { date => {} } });
	$n->page($s, 'All day', When => when('2026-07-01', '2026-07-03'));
	my ($c) = connected($s);
	$g->control({ token => { value => 'ann', email => $ann } });
	my $there = sub {
		my $r = $g->{http}->get(
			$g->base . '/fake/api/calendar/v3/calendars/primary/events',
			{ headers => { authorization => 'Bearer ann' } }
		);
		return grep { ($_->{summary} // '') eq 'All day' }
		    @{ Tidemark::json($r->{content})->{items} };
	};
	my $at = Tidemark::wait_for { $t->tick; my @e = $there->(); @e ? $e[0] : undef } 20;
	is_deeply(
		[$at->{start}, $at->{end}],
		[{ date => '2026-07-01' }, { date => '2026-07-04' }],
		'the same days'
	);
	for (1 .. 2) {
		$t->sync_and_wait($_) for $c, $google->{id};
		$t->tick;
	}
	my @all = $there->();
	is(scalar @all, 1, 'one event');
	is($all[0]{etag}, $at->{etag}, 'written once');
};

done_testing;
