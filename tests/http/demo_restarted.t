# seconds: 10
# The demonstration is as it was after the stand-in was stopped, or killed, and started again: what
# is connected goes on where it was, in both directions, and nothing is taken for changed or gone.
use strict;
use warnings;
use File::Temp ();
use Test::More;
use Tidemark;
use Tidemark::Google;

my $SHOP = '1DemoShop-00000000000000000000000000000000000';
my $PROGRAMME = '1de30000-0000-4000-8000-000000000003';
my $dir = File::Temp->newdir;
my $g = Tidemark::Google->start(demo => 1, state => "$dir/fake.json");
my $t = Tidemark->start(
	env => {
		$g->env, TIDEMARK_DEMO => 1, TIDEMARK_RETRY_MS => 2,
		NOTION_API_BASE => $g->base . '/fake/notion', NOTION_CLIENT_ID => 'client',
		NOTION_CLIENT_SECRET => 'secret', TIDEMARK_NOTION_CALLS => 100_000,
		TIDEMARK_NOTION_CALLS_ALL => 100_000,
		TIDEMARK_GOOGLE_PEOPLE_CALLS_USER => 100_000
	}
);

# What the stand-in is told anew each time: the settings of tests.
sub set_up {
	return $g->control({
		token => {
			value => 'somebody', email => 'demo@example.com',
			scope => join ' ',
			map { "https://www.googleapis.com/auth/$_" } qw(calendar contacts)
		},
		quota => { people => { user => 0, project => 0 }, notion => { user => 0 } },
		reset => true
	});
}
sub again {
	my ($signal) = @_;
	is($g->ended($signal), $signal eq 'KILL' ? 9 : 0, 'it ended');
	$g->begin;
	set_up();
	return;
}
sub until_so(&$) {
	my ($so, $name) = @_;
	my $v = wait_for { $t->tick; $so->() } 20;
	ok($v, $name) or diag $t->logs;
	return $v;
}
sub counts {
	my ($r) = @_;
	return join ' ', map { $r->{stats}{$_} // '-' } qw(added updated deleted);
}
# What the product changed there since it was started.
sub writes {
	return map { "$_->{method} $_->{path}" }
	    grep { $_->{method} ne 'GET' && $_->{path} !~ m{/(?:watch|query|search|token)$} }
	    grep { ($_->{token} // '') ne 'somebody' } @{ $g->state->{log} };
}
sub google { return $g->calendar('somebody', @_) }
sub asked {
	my ($token, $method, $path, $body, %headers) = @_;
	my $r = $g->{http}->request(
		$method,
		$g->base . "/fake/$path",
		{
			headers => {
				authorization => "Bearer $token",
				'content-type' => 'application/json', %headers
			},
			$body ? (content => JSON::PP->new->utf8->encode($body)) : ()
		}
	);
	die "$method $path: $r->{status} $r->{content}" if $r->{status} != 200;
	return json($r->{content});
}
sub notion {
	my ($method, $path, $body) = @_;
	return asked('person', $method, "notion/v1/$path", $body, 'notion-version' => '2025-09-03');
}
sub pages { return notion(POST => "data_sources/$PROGRAMME/query", {})->{results} }
sub page {
	my ($title) = @_;
	my ($page) =
	    grep { ($_->{properties}{Name}{title}[0]{plain_text} // '') eq $title } @{ pages() };
	return $page;
}
sub place { return { Place => { rich_text => [{ text => { content => $_[0] } }] } } }
sub people {
	return asked(
		somebody => GET => 'people/v1/people/me/connections?personFields='
		    . 'names,emailAddresses,memberships,metadata&pageSize=100'
	)->{connections};
}
sub known {
	my ($name) = @_;
	my ($one) = grep { ($_->{names}[0]{givenName} // '') eq $name } @{ people() };
	return $one;
}
sub events_there {
	my ($cal) = @_;
	return { map { $_->{id} => $_ } @{ google(GET => "$cal/events?maxResults=500")->{items} } };
}
sub titled {
	my ($cal, $title) = @_;
	my $all = events_there($cal);
	return (grep { ($_->{summary} // '') eq $title } values %$all)[0];
}
sub events_here {
	my $all = $t->get('/api/events?limit=500')->{json}{data};
	return { map { $_->{id} => { %$_, links => undef } } @$all };
}
sub here {
	my ($title) = @_;
	my $all = events_here();
	return (grep { ($_->{title} // '') eq $title } values %$all)[0];
}

sub place_here {
	my ($title) = @_;
	my $event = here($title) // {};
	return $event->{location} // '';
}

set_up();
$g->connect(
	$t, path => '/api/auth/google/start?for=google-calendar',
	account => 'demo@example.com'
);
my ($shop) =
    map { $_->{id} } grep { $_->{summary} eq 'Demo: Tea shop' } @{ $g->state->{calendars} };
my @calendars = ('primary', $shop);
sub connected {
	my ($provider, %config) = @_;
	my $c = $t->connect($provider, undef, name => join(' ', %config), config => \%config);
	$t->wait_run($c->{activeSyncId} // $c->{lastSync}{syncId});
	return $c->{id};
}
my @connections = map { connected('google-calendar', calendar => $_) } @calendars;
$g->connect(
	$t, path => '/api/auth/google/start?for=google-contacts',
	account => 'demo@example.com'
);
my $book = connected('google-contacts', label => 'In Tidemark');
$g->connect($t, account => 'demo@example.com');
my $shelf = connected('google-sheets', spreadsheet => $SHOP);
$g->connect($t, path => '/api/auth/notion/start');
$g->control({ notion_user => { token => 'person', name => 'Paula' } });
push @connections, $book, $shelf, connected('notion', dataSource => $PROGRAMME);

# Both sides have written: an event of either, one meeting of a series moved, one deleted.
my %day = (startDateTime => '2027-03-01', endDateTime => '2027-03-02', allDay => true);
my $made = $t->post('/api/events', { title => 'Made here', %day })->{json}{event}{id};
my $home = until_so { page('Made here') && (grep { titled($_, 'Made here') } @calendars)[0] }
'it is there';
my $series = titled('primary', 'Team round');
my $meetings = google(GET => "primary/events/$series->{id}/instances")->{items};
google(PATCH => "primary/events/$meetings->[1]{id}", { summary => 'Team round, small' });
google(DELETE => "primary/events/$meetings->[2]{id}");
google(DELETE => 'primary/events/' . titled('primary', 'Stocktaking')->{id});
google(
	POST => "$shop/events",
	{
		summary => 'Made there', start => { date => '2027-03-03' },
		end => { date => '2027-03-04' }
	}
);
$g->edit($SHOP, "'Orders 2026'!A6", [['A-1006', '2026-09-09', 'Tea, 1 kg', '=2*3', '9.90']]);
notion(PATCH => 'pages/' . page('Autumn teas')->{id}, { in_trash => true });
notion(PATCH => 'pages/' . page('Oolong evening')->{id}, { properties => place('Hamburg') });
$g->control({
	person => {
		owner => 'demo@example.com', id => 'people/c1', labels => ['Customers'],
		content => { names => [{ givenName => 'Hana' }] }
	},
	merge_people => {
		owner => 'demo@example.com', into => known('Farah')->{resourceName},
		from => [known('F.')->{resourceName}]
	}
});
$t->sync_and_wait($_) for @connections;
until_so { here('Made there') && !here('Stocktaking') } 'and that is here';
ok(ordered('Tea, 1 kg'), 'so is what was entered in the spreadsheet');
until_so { place_here('Oolong evening') eq 'Hamburg' && !here('Autumn teas') } 'and from Notion';
until_so {
	my @labels = grep { $_->{contactGroupMembership}{contactGroupId} =~ /^[0-9a-f]+$/ }
	    @{ known('Hana')->{memberships} };
	@labels > 1;
}
'and our label is on the new one there';

sub all_there {
	return { people => people(), pages => pages(), map { $_ => events_there($_) } @calendars };
}
sub all_here {
	return {
		events => events_here(), people => $t->records($book),
		orders => $t->records($shelf)
	};
}
sub ordered {
	my ($item) = @_;
	return grep { ($_->{Item} // '') eq $item } values %{ $t->records($shelf) };
}

for my $signal (qw(TERM KILL)) {
	subtest "nothing is changed by SIG$signal and another start" => sub {
		$t->sync_and_wait($_) for @connections;
		until_so { $t->sql('SELECT count(*) FROM outbox WHERE finished_at IS NULL') == 0 }
		'all that was to be written is';
		my ($there, $here) = (all_there(), all_here());
		again($signal);
		is_deeply(all_there(), $there, 'all is there');
		for my $c (@connections) {
			my $r = $t->sync_and_wait($c);
			is("$r->{status} " . counts($r), 'complete 0 0 0', 'nothing has changed');
		}
		$t->tick;
		is_deeply([writes()], [], 'nothing is written there');
		is_deeply(all_here(), $here, 'nor here');
	};
	subtest 'and both ways go on' => sub {
		my $r = $t->put("/api/events/$made", { location => $signal });
		is($r->{status}, 200, 'edited here');
		until_so {
			(titled($home, 'Made here')->{location} // '') eq $signal
			    && page('Made here')->{properties}{Place}{rich_text}[0]{plain_text} eq
			    $signal
		}
		'that arrives there';
		google(
			PATCH => "$shop/events/" . titled($shop, 'Made there')->{id},
			{ location => $signal }
		);
		# Without being asked to: its channel is open still.
		until_so { place_here('Made there') eq $signal } 'an event there is told here';
		notion(PATCH => 'pages/' . page('Oolong evening')->{id},
			{ properties => place($signal) });
		$g->edit($SHOP, "'Orders 2026'!C5", [[$signal]]);
		my $person = known('Hana');
		asked(
			somebody => PATCH => "people/v1/$person->{resourceName}:updateContact"
			    . '?updatePersonFields=emailAddresses',
			{
				etag => $person->{etag},
				metadata => { sources => [{ type => 'CONTACT' }] },
				emailAddresses => [{ value => "$signal\@example.com" }]
			}
		);
		$t->sync_and_wait($_) for @connections;
		is(place_here('Oolong evening'), $signal, 'an edited page arrives here');
		ok(ordered($signal), 'a cell of a spreadsheet');
		my $one = $t->records($book)->{'people/c1'};
		is($one->{emails}[0]{value}, "$signal\@example.com", 'a contact too')
		    or diag explain $one;
	};
}

subtest 'a file that cannot be read is set aside' => sub {
	is($g->ended('TERM'), 0, 'it ended');
	my $text = substr file_text("$dir/fake.json"), 0, -20;
	open my $f, '>', "$dir/fake.json" or die $!;
	print $f $text;
	close $f;
	$g->begin;
	set_up();
	is(file_text("$dir/fake.json.damaged"), $text, 'it is kept for a person to look at');
	is(titled('primary', 'Dentist')->{summary}, 'Dentist', 'and the world begins anew');
};

done_testing;
