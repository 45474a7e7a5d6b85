# seconds: 20
# What a sync would do, before it does it: by the interface and on a page, all of it and in parts,
# of a source that is read and of a calendar that both sides edit, also before it is connected.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Google;
use Tidemark::Twoway qw(made);

my $g = Tidemark::Google->start;
my $t = Tidemark->start(env => { $g->env, TIDEMARK_DEMO => 1 });
my $admin = $t->sign_in('admin');
my $src = $t->source;

sub preview {
	my ($id, $query, $body) = @_;
	my $r = $t->post("/api/connections/$id/preview" . ($query ? "?$query" : ''), $body // {});
	is $r->{status}, 200 or diag $r->{content};
	return $r->{json};
}
# zone: the browser's.
sub page {
	my ($path, $zone) = @_;
	my $cookie = $admin->{cookie} . ($zone ? "; tidemark-zone=$zone" : '');
	return $t->get($path, token => undef, headers => { cookie => $cookie });
}
# All of it, by its cursors.
sub all_of {
	my ($id, $query) = @_;
	my ($cursor, @all) = '';
	do {
		my $p = preview($id, "$query&cursor=$cursor");
		push @all, @{ $p->{changes} };
		$cursor = $p->{nextCursor};
	} while (defined $cursor);
	return @all;
}
sub rows { return join '', "id,name,town\n", map { join(',', @$_) . "\n" } @_ }
my @people = map { [$_, "Person $_", 'Rome'] } 1 .. 300;
$src->put('/p.csv', rows(@people));
my $csv =
    $t->connect(csv => $src->url('/p.csv'), config => { key => 'id' }, name => 'People')->{id};
$t->wait_run($t->get("/api/connections/$csv")->{json}{lastSync}{syncId});

subtest 'nothing to do is said' => sub {
	my $p = preview($csv);
	is_deeply [@$p{qw(changes total nextCursor review)}], [[], 0, undef, undef];
	like page("/connections/$csv/preview")->{content}, qr/A sync would change nothing/;
};

subtest 'records: names and what differs, all of it in parts' => sub {
	my @now = map { [$_->[0], $_->[1], $_->[0] <= 70 ? 'Oslo' : 'Rome'] } @people[0 .. 299];
	splice @now, 290, 10;
	push @now, map { [$_, "New $_", 'Bern'] } 301 .. 360;
	$src->put('/p.csv', rows(@now));
	my $p = preview($csv);
	is_deeply $p->{counts},
	    {
		local => { add => 60, update => 70, delete => 10 },
		remote => { add => 0, update => 0, delete => 0 }
	    };
	is_deeply [scalar @{ $p->{changes} }, $p->{total}, $p->{nextCursor}], [50, 140, 50];
	my ($first) = @{ $p->{changes} };
	is_deeply [@$first{qw(side action key item fields)}],
	    ['local', 'update', '1', 'Person 1',
		[{ field => 'town', before => 'Rome', after => 'Oslo' }]];
	my @all = all_of($csv, 'limit=33');
	my %seen = map { $_->{key} => $_ } @all;
	is_deeply [scalar @all, scalar keys %seen], [140, 140], 'each of them once';
	is $seen{295}{item}, 'Person 295', 'what goes has its name, too';
	is_deeply [sort map { $_->{key} } all_of($csv, 'action=delete&limit=3')], [291 .. 300];
	is_deeply [all_of($csv, 'side=remote')], [];
	for my $wrong ('cursor=x', 'cursor=-1', 'side=left', 'action=none') {
		is $t->post("/api/connections/$csv/preview?$wrong", {})->{status}, 422, $wrong;
	}
	is keys %{ $t->records($csv) }, 300, 'nothing was done';
};

subtest 'the page has all of it, too' => sub {
	my ($path, %seen) = "/connections/$csv/preview";
	for my $n (1 .. 3) {
		my $p = page($path);
		is $p->{status}, 200 or diag $p->{content};
		$seen{$1}++ while $p->{content} =~ m{</span> <b>(\w+ \d+)</b>}g;
		like $p->{content}, qr{<mark>Rome</mark>.*<mark>Oslo</mark>}s, 'words that differ'
		    if $n == 1;
		($path) = $p->{content} =~ m{rel="next" href="([^"]+)"};
		$path =~ s/&amp;/&/g if $path;
	}
	is $path, undef, 'that was the last part';
	is_deeply [scalar keys %seen, grep { $seen{$_} > 1 } keys %seen], [140];
	my $p = page("/connections/$csv/preview?side=local&action=delete");
	is scalar(() = $p->{content} =~ /is-error">deleted here/g), 10;
	# What it does not know lists nothing, which is no answer.
	for my $wrong ('cursor=x', 'side=left', 'side=Local', 'action=none', 'action=deleted') {
		my $p = page("/connections/$csv/preview?$wrong");
		is $p->{status}, 422, $wrong;
		unlike $p->{content}, qr/nothing would/i, 'nothing is claimed';
	}
	is page("/connections/$csv/preview?side=&action=")->{status}, 200, 'not said';
	$src->gone('/p.csv');
	$p = page("/connections/$csv/preview");
	is $p->{status}, 422;
	like $p->{content}, qr/role="alert"/, 'that it cannot be read is said';
};

$g->connect($t, path => '/api/auth/google/start?for=google-calendar');
$g->control({
	token => {
		value => 'somebody', email => 'ann@example.com',
		scope => 'https://www.googleapis.com/auth/calendar.events'
	}
});
$g->calendar(
	somebody => POST => 'primary/events',
	{
		summary => "Theirs $_", start => { date => '2026-10-05' },
		end => { date => '2026-10-06' }
	}
) for 1 .. 70;
my @ours = map { made($t, title => "Ours $_") } 1 .. 30;

subtest 'of a calendar that is not connected yet both sides are told' => sub {
	my %new = (provider => 'google-calendar', config => { calendar => 'primary' });
	my $r = $t->post('/api/preview', \%new);
	is $r->{status}, 200 or diag $r->{content};
	is_deeply $r->{json}{counts},
	    {
		local => { add => 70, update => 0, delete => 0 },
		remote => { add => 30, update => 0, delete => 0 }
	    };
	is $r->{json}{nextCursor}, 50;
	$r = $t->post('/api/preview?cursor=50', \%new);
	is scalar @{ $r->{json}{changes} }, 50;
	$r = $t->post('/api/preview', { %new, config => { direction => 'pull' } });
	is_deeply $r->{json}{counts}{remote}, { add => 0, update => 0, delete => 0 };
	is $t->sql('SELECT count(*) FROM connection'), 1, 'nothing is stored';
	is $t->sql('SELECT count(*) FROM event'), 30;
	my $form = $t->post(
		'/settings/add', undef, token => undef,
		headers => { cookie => $admin->{cookie} },
		form => {
			csrf => $admin->{csrf}, provider => 'google-calendar', do => 'preview',
			f_calendar => 'primary'
		}
	);
	is $form->{status}, 200;
	like $form->{content}, qr/Theirs 1\b/, 'the form shows it';
	like $form->{content}, qr/<td[^>]*>30</, 'how much would be written there';
	my ($more) = $form->{content} =~ /<button name="cursor" value="(\d+)"/;
	is $more, 50;
	$form = $t->post(
		'/settings/add', undef, token => undef,
		headers => { cookie => $admin->{cookie} },
		form => {
			csrf => $admin->{csrf}, provider => 'google-calendar', cursor => 50,
			f_calendar => 'primary'
		}
	);
	like $form->{content}, qr/added there/, 'the rest of it';
	$form = $t->post(
		'/settings/add', undef, token => undef,
		headers => { cookie => $admin->{cookie} },
		form => {
			csrf => $admin->{csrf}, provider => 'google-calendar', do => 'preview',
			f_calendar => 'primary', f_direction => 'pull'
		}
	);
	like $form->{content}, qr{<th scope="row">Here</th>};
	unlike $form->{content}, qr{<th scope="row">There</th>}, 'a side that is never written';
};

subtest 'what was edited while nothing was sent is part of another direction' => sub {
	my $id = $t->connect(
		'google-calendar', undef, name => 'Work',
		config => { calendar => 'primary', direction => 'pull' }
	)->{id};
	$t->wait_run($t->get("/api/connections/$id")->{json}{lastSync}{syncId});
	my ($event) =
	    grep { $_->{title} eq 'Theirs 1' } @{ $t->get('/api/events?limit=200')->{json}{data} };
	$t->put("/api/events/$event->{id}", { title => 'Mine now' });
	is_deeply preview($id)->{counts}{remote}, { add => 0, update => 0, delete => 0 };
	my $p = preview($id, 'side=remote', { config => { direction => 'both' } });
	is_deeply $p->{counts}{remote}, { add => 30, update => 1, delete => 0 };
	my ($edit) = grep { $_->{action} eq 'update' } @{ $p->{changes} };
	is_deeply $edit->{fields},
	    [{ field => 'title', before => 'Theirs 1', after => 'Mine now' }];
};

subtest 'what differs in one occurrence is told by its day and time' => sub {
	my ($c) = grep { $_->{name} eq 'Work' } @{ $t->get('/api/connections')->{json}{data} };
	$t->patch("/api/connections/$c->{id}", { config => { direction => 'both' } });
	my $made = $t->post('/api/events', {
		title => 'Round', timeZone => 'Europe/Berlin',
		startDateTime => '2026-10-05T09:00:00',
		endDateTime => '2026-10-05T10:00:00', recurrence => ['RRULE:FREQ=WEEKLY;COUNT=3']
	})->{json}{event};
	ok wait_for {
		my ($l) = @{ $t->get("/api/events/$made->{id}")->{json}{event}{links} };
		$l && $l->{state} eq 'synced'
	} 30;
	$t->post("/api/connections/$c->{id}/pause");
	$t->del("/api/events/$made->{id}/occurrences/20261012T070000Z");
	my ($one) = grep { $_->{item} eq 'Round' } @{ preview($c->{id})->{changes} };
	is_deeply [map { @$_{qw(field occurrence after)} } @{ $one->{fields} }],
	    ['the occurrence of 12 Oct 2026, 09:00', '2026-10-12T09:00:00+02:00',
		{ status => 'cancelled' }] or diag explain $one;
	$t->put(
		"/api/events/$made->{id}/occurrences/20261019T070000Z",
		{
			startDateTime => '2026-10-19T23:30:00+02:00',
			endDateTime => '2026-10-19T23:45:00+02:00'
		}
	);
	my $html = page("/connections/$c->{id}/preview", 'Asia/Tokyo')->{content};
	like $html, qr/On Monday, 12 October 2026, 16:00/, 'by the clock of who looks';
	like $html, qr/On Monday, 19 October 2026, 16:00/;
	like $html, qr/Start: Tuesday, 20 October 2026, 06:30/, 'and so when it is now';
	like page("/connections/$c->{id}/preview", 'America/New_York')->{content},
	    qr/On Monday, 12 October 2026, 03:00/;
	unlike $html, qr/\@20261012|2026-10-19T/;
};

subtest 'so does a page tell it that says what an undo takes back' => sub {
	my ($c) = grep { $_->{name} eq 'Work' } @{ $t->get('/api/connections')->{json}{data} };
	my @events = @{ $t->get('/api/events?limit=200')->{json}{data} };
	my ($e) = grep { $_->{title} eq 'Round' } @events;
	my $link = $e->{links}[0];
	$t->post("/api/connections/$c->{id}/resume");
	ok wait_for {
		$t->get("/api/events/$e->{id}")->{json}{event}{links}[0]{state} eq 'synced'
		    && !$t->sql('SELECT count(*) FROM outbox WHERE finished_at IS NULL')
		    && !$t->sql('SELECT count(*) FROM sync WHERE finished_at IS NULL')
	} 30;
	$g->calendar(
		somebody => PATCH => "primary/events/$link->{externalId}_20261005T070000Z",
		{
			summary => 'Round, late',
			start => { dateTime => '2026-10-05T21:00:00+02:00' },
			end => { dateTime => '2026-10-05T22:00:00+02:00' }
		}
	);
	$t->sync_and_wait($c->{id});
	my ($change) = grep { $_->{syncId} }
	    @{ $t->get("/api/events/$e->{id}/history")->{json}{data} };
	my $html = page("/syncs/$change->{syncId}/undo", 'Asia/Tokyo')->{content};
	like $html, qr/On Monday, 5 October 2026, 16:00/;
	like $html, qr/Title: Round, late/, 'what it is, member by member';
	like $html, qr/Start: Tuesday, 6 October 2026, 04:00/;
	unlike $html, qr/\@20261005|2026-10-05T|the occurrence of/i;
	my $back = $t->post("/api/sync/$change->{syncId}/undo")->{json}{syncId};
	$t->wait_run($back);
	like page("/syncs/$back")->{content}, qr/Different there now: 1</, 'one is one';
};

subtest 'that a source is not touched is said where nothing could be removed from it' => sub {
	my ($c) = grep { $_->{name} eq 'Work' } @{ $t->get('/api/connections')->{json}{data} };
	like page("/connections/$csv/remove")->{content}, qr/source itself is not touched/;
	my $html = page("/connections/$c->{id}/remove")->{content};
	like $html, qr/What Tidemark has made there/;
	unlike $html, qr/source itself is not touched/;
};

done_testing;
