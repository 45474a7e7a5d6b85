# seconds: 30
# Which properties of Notion say what of an event: both ways or only there, found by name and type,
# named later, removed, of another type. Nothing is lost by any of it, and nothing of a person's is
# written over.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Notion;

my ($g, $n, $t) = Tidemark::Notion->beside;

my @gone;
# A database that is connected both ways: connection, data source. What was before goes.
sub connected {
	my ($title, $properties, %o) = @_;
	$t->del("/api/connections/$_?data=delete") for @gone;
	$t->del("/api/events/$_->{id}")
	    for @{ $t->get('/api/events?from=2026-01-01&to=2027-01-01&limit=500')->{json}{data} };
	my $s = $n->source($title, { When => { date => {} }, %{ $properties // {} } });
	my $c = $t->connect('notion', undef, name => $title, config => { dataSource => $s, %o });
	@gone = ($c->{id});
	is($t->wait_run($c->{lastSync}{syncId})->{status}, 'complete', 'connected');
	return ($c->{id}, $s);
}
sub pages {
	my ($s) = @_;
	return { map { (text($_, 'Name') => $_) }
		    @{ $n->call(POST => "/data_sources/$s/query", {})->{results} } };
}
sub text {
	my ($page, $name) = @_;
	my $p = $page->{properties}{$name} // return 'no such property';
	return $p->{select} ? $p->{select}{name} : undef if $p->{type} eq 'select';
	return $p->{url} if $p->{type} eq 'url';
	return join '', map { $_->{plain_text} } @{ $p->{ $p->{type} } };
}
sub kept { return Tidemark::json(text($_[0], 'Tidemark'))->{keep} }
sub made {
	my ($title, %e) = @_;
	my $r = $t->post(
		'/api/events',
		{
			title => $title, startDateTime => '2026-10-05',
			endDateTime => '2026-10-06', %e
		}
	);
	is($r->{status}, 201, "made $title") or diag $r->{content};
	return $r->{json}{event}{id};
}
sub event { return $t->get("/api/events/$_[0]")->{json}{event} }
sub until_so(&$) {
	my ($so, $name) = @_;
	my $v = Tidemark::wait_for { $t->tick; $so->() } 20;
	ok($v, $name);
	return $v;
}
sub level {
	until_so { !$t->sql('SELECT count(*) FROM outbox WHERE finished_at IS NULL') }
	'all is written';
}
# A sync that has begun by now ends, and what it has found to be written is written. One that was
# under way may have read before what is looked for.
sub run_anew {
	my ($c) = @_;
	my %before = map { $_->{syncId} => 1 } $t->runs($c);
	my $r;
	do { $r = $t->sync_and_wait($c) } while $before{ $r->{syncId} };
	return $r;
}
sub synced {
	my ($c) = @_;
	my $r = run_anew($c);
	level();
	return $r;
}
my %select = (select => {});
my %shown = (
	'Event status' => \%select, 'Event colour' => \%select,
	'Shows as' => { rich_text => {} }, Repeats => { rich_text => {} }
);

subtest 'the link goes both ways; status, colour and the like are shown there' => sub {
	my ($c, $s) = connected('Both', { URL => { url => {} }, %shown });
	my $id = made('Tea', url => 'https://tea.example', status => 'tentative', color => '2',
		busy => Tidemark::false);
	level();
	my $p = pages($s)->{Tea};
	is_deeply(
		[map { text($p, $_) } 'URL', 'Event status', 'Event colour', 'Shows as'],
		['https://tea.example', 'Tentative', 'Sage', 'Free'],
		'as it is here'
	);
	ok(!exists kept($p)->{url}, 'what a property says is not kept beside');
	$t->put("/api/events/$id", { status => 'cancelled', color => undef, url => undef });
	level();
	$p = pages($s)->{Tea};
	is_deeply(
		[map { text($p, $_) } 'URL', 'Event status', 'Event colour'],
		[undef, 'Cancelled', undef],
		'and as it becomes'
	);
	$n->edit($p->{id}, URL => { url => 'https://cake.example' });
	synced($c);
	is(event($id)->{url}, 'https://cake.example', 'a link that is edited there comes here');
	$n->edit($p->{id}, 'Event status' => { select => { name => 'Confirmed' } },
		URL => { url => 'mailto:ann@example.com' });
	synced($c);
	is_deeply([@{ event($id) }{qw(status url)}], ['cancelled', undef],
		'what is only shown there is not read, nor is what is no link');
	is(text(pages($s)->{Tea}, 'URL'), 'mailto:ann@example.com', 'which stays there');
};

subtest 'a property that a person has for something else is left alone' => sub {
	my ($c, $s) = connected('Theirs',
		{ Status => \%select, Color => \%select, Done => { checkbox => {} }, %shown });
	my $p = $n->page($s, 'Mine', When => { date => { start => '2026-10-07' } },
		Status => { select => { name => 'Waiting' } });
	my $id = made('Ours', color => '3');
	synced($c) for 1, 2;
	my $pages = pages($s);
	is_deeply(
		[map { text($pages->{Mine}, $_) } 'Status', 'Color', 'Event status'],
		['Waiting', undef, undef],
		'of their pages nothing is written'
	);
	is_deeply(
		[map { text($pages->{Ours}, $_) } 'Status', 'Color', 'Event status',
			'Event colour'],
		[undef, undef, 'Confirmed', 'Grape'],
		'of ours only what is meant'
	);
	is($n->call(GET => "/pages/$p")->{last_edited_by}{id}, $pages->{Mine}{created_by}{id},
		'no write at all');
};

subtest 'a property that comes later is filled in, and nothing else is written' => sub {
	my ($c, $s) = connected('Later');
	my %id = map {
		$_ => made("E$_", location => "Place $_", notes => "n$_",
			url => "https://e.example/$_", color => '4')
	} 1 .. 12;
	made('None');
	my $bold = { text => { content => 'E1' }, annotations => { bold => Tidemark::true } };
	level();
	$n->edit(pages($s)->{E1}{id}, Name => { title => [$bold] });
	synced($c);
	my %before = map { $_ => event($id{$_})->{updatedAt} } keys %id;
	$n->schema($s, Place => { rich_text => {} }, Link => { url => {} },
		'Event colour' => \%select);
	my $r = $t->post("/api/connections/$c/preview", {})->{json};
	is_deeply($r->{counts}{remote}, { add => 0, update => 12, delete => 0 },
		'the preview says how many pages') or diag explain $r->{counts};
	is_deeply([sort map { $_->{item} } @{ $r->{changes} }], [sort map { "E$_" } 1 .. 12],
		'and which');
	my ($e7) = grep { $_->{item} eq 'E7' } @{ $r->{changes} };
	is_deeply(
		[map { "$_->{field} $_->{after}" } sort { $a->{field} cmp $b->{field} }
			    @{ $e7->{fields} }],
		['color 4', 'location Place 7', 'url https://e.example/7'], 'with what'
	);
	is($r->{review}, undef, 'to fill in what is empty is nothing to ask about');
	$n->forget;
	synced($c);
	my $pages = pages($s);
	for my $i (1 .. 12) {
		my $p = $pages->{"E$i"};
		is_deeply(
			[map { text($p, $_) } 'Place', 'Link', 'Event colour'],
			["Place $i", "https://e.example/$i", 'Flamingo'], "page $i"
		);
		is_deeply([sort grep { /location|url|notes/ } keys %{ kept($p) }], ['notes'],
			'what it says is not kept beside any more');
	}
	ok($pages->{E1}{properties}{Name}{title}[0]{annotations}{bold},
		'what a person has made of the title stays');
	my @patched = grep { /^PATCH/ } $n->calls;
	is(scalar @patched, 12, 'one write for each') or diag explain \@patched;
	is_deeply({ map { $_ => event($id{$_})->{updatedAt} } keys %id }, \%before,
		'nothing changes here');
	$n->forget;
	synced($c) for 1, 2;
	is_deeply([grep { /^PATCH/ } $n->calls], [], 'and it is done once');
	$n->edit($pages->{E3}{id}, Place => { rich_text => [] });
	synced($c);
	is(event($id{3})->{location}, undef, 'emptied there, it is empty here');
};

subtest 'what is typed there first counts, and is not written over' => sub {
	my ($c, $s) = connected('First');
	my $id = made('Milk', location => 'Here');
	level();
	$n->schema($s, Place => { rich_text => {} });
	$n->edit(pages($s)->{Milk}{id}, Place => { rich_text => $n->text('There') });
	synced($c);
	is(event($id)->{location}, 'There', 'it comes here');
	is(text(pages($s)->{Milk}, 'Place'), 'There', 'and stays there');
	$n->edit(pages($s)->{Milk}{id}, Place => { rich_text => [] });
	synced($c) for 1, 2;
	is(event($id)->{location}, undef, 'what was kept before does not come back');
};

subtest 'removed or of another type: what it said stays, and is filled in when it is back' => sub {
	my ($c, $s) =
	    connected('Gone', { Place => { rich_text => {} }, Notes => { rich_text => {} } });
	my $ours = made('Ours', location => 'Here', notes => 'note');
	level();
	my $p = $n->page($s, 'Theirs', When => { date => { start => '2026-10-08' } },
		Place => { rich_text => $n->text('There') });
	synced($c);
	my ($theirs) = map { $_->{id} } grep { $_->{title} eq 'Theirs' }
	    @{ $t->get('/api/events?from=2026-10-01&to=2026-11-01')->{json}{data} };
	$n->schema($s, Place => undef, Notes => { select => {} });
	my $r = synced($c);
	like(join(' ', map { $_->{message} } @{ $r->{warnings} }),
		qr/"Location" of events has no property.*"Notes" of events has no property/s,
		'it is said') or diag explain $r->{warnings};
	is_deeply([map { event($_)->{location} } $ours, $theirs], ['Here', 'There'], 'it stays');
	is(event($ours)->{notes}, 'note', 'also of another type');
	$t->put("/api/events/$theirs", { title => 'Renamed' });
	$t->put("/api/events/$ours", { location => 'Elsewhere' });
	level();
	synced($c);
	is_deeply([map { event($_)->{location} } $ours, $theirs], ['Elsewhere', 'There'],
		'through edits, too');
	ok(pages($s)->{Renamed}, 'which arrive');
	$n->schema($s, Place => { rich_text => {} });
	synced($c);
	my $pages = pages($s);
	is_deeply([map { text($pages->{$_}, 'Place') } 'Ours', 'Renamed'],
		['Elsewhere', 'There'], 'back, it is filled in');
	is_deeply([map { event($_)->{location} } $ours, $theirs], ['Elsewhere', 'There'],
		'and nothing was lost here');
};

subtest 'removed between a read and a write' => sub {
	my ($c, $s) = connected('Between', { Place => { rich_text => {} }, URL => { url => {} } });
	my $id = made('Rum', location => 'Here');
	level();
	$n->schema($s, Place => undef, URL => { rich_text => {} });
	$t->put("/api/events/$id", { location => 'There', url => 'https://u.example' });
	my $new = made('Cake', location => 'Oven');
	level();
	is_deeply([map { $_->{state} } map { @{ event($_)->{links} } } $id, $new],
		[qw(synced synced)], 'both are written');
	is(kept(pages($s)->{Rum})->{location}, 'There', 'beside, for now');
	is(kept(pages($s)->{Cake})->{location}, 'Oven', 'also of a new page');
	synced($c);
	is_deeply([@{ event($id) }{qw(location url)}], ['There', 'https://u.example'], 'kept');
	is(event($new)->{location}, 'Oven', 'all of it');
};

subtest 'the date: another one does not take its place by itself' => sub {
	my ($c, $s) = connected('Dates', { Birthday => { date => {} } });
	my $p = $n->page($s, 'Cocoa', When => { date => { start => '2026-10-08' } },
		Birthday => { date => { start => '2026-03-01' } });
	synced($c);
	my ($e) = @{ $t->get('/api/events?from=2026-10-01&to=2026-11-01')->{json}{data} };
	is($e->{title}, 'Cocoa', 'it is there');
	$n->schema($s, When => { name => 'Day' });
	synced($c);
	is(event($e->{id})->{startDateTime}, '2026-10-08', 'renamed, it is the same');
	$n->schema($s, Day => undef);
	my $r = run_anew($c);
	like($r->{error}{detail}, qr/was the date of events is gone.*name another one/,
		'removed, a person says') or diag explain $r;
	is(event($e->{id})->{startDateTime}, '2026-10-08', 'and nothing moves');
};

subtest 'one that is missing is named, and added when somebody says so' => sub {
	my ($c, $s) = connected('Adding', { Place => { select => {} } });
	my $id = made('Cider', location => 'Bar', notes => 'cold', url => 'https://c.example');
	level();
	my $session = $t->sign_in('admin');
	my $page = sub {
		my $r = $t->get("/connections/$c", token => undef,
			headers => { cookie => $session->{cookie} });
		return $r->{content} =~ s/\s+/ /gr;
	};
	like($page->(), qr{<b>Notes</b>: <span class="mut">no property</span>}, 'named');
	like($page->(), qr{<b>Date</b>: the property <b>When</b>}, 'beside those that are there');
	my $r = $t->post("/connections/$c", undef, token => undef,
		headers => { cookie => $session->{cookie} },
		form => { csrf => $session->{csrf}, do => 'add', word => 'notes' });
	is($r->{status}, 303, 'one button') or diag $r->{content};
	until_so { text(pages($s)->{Cider}, 'Notes') eq 'cold' } 'adds it and fills it in';
	level();
	like($page->(), qr{<b>Notes</b>: the property <b>Notes</b>}, 'which is shown');
	my $ready = sub { $t->get("/api/calendar/sync/notion/pull?integrationId=$c")->{json} };
	is($ready->()->{properties}{notes}, 'Notes', 'and told');
	ok((grep { $_ eq 'url' } @{ $ready->()->{addable} }), 'with those that could be, too');
	# By a program, some at once; one of them has a name that is taken.
	my %both = (notes => '+ Notes ', url => '+ ', status => '+State');
	$r = $t->request(PATCH => "/api/connections/$c",
		{ config => { properties => { %both, location => '+Place' } } });
	is($r->{status}, 200, 'by the interface') or diag $r->{content};
	my $plan = $r->{json}{plan};
	my ($cider) = grep { $_->{item} eq 'Cider' } @{ $plan->{changes} };
	is_deeply([sort map { $_->{field} } @{ $cider->{fields} }],
		[qw(status url)], 'which says what will be filled in') or diag explain $plan;
	is_deeply($r->{json}{config}{properties},
		{ notes => '+Notes', url => '+Link', status => '+State', location => '+Place' },
		'whatever blanks were typed');
	$r = synced($c);
	my ($warned) = grep { $_->{code} =~ /unadded/ } @{ $r->{warnings} };
	like($warned->{message}, qr/"Place" was not added.*another type\. Rename that/,
		'what cannot be is said');
	is_deeply([map { text(pages($s)->{Cider}, $_) } qw(Link State)],
		['https://c.example', 'Confirmed'], 'the others are there');
	is($n->call(GET => "/data_sources/$s")->{properties}{Place}{type}, 'select',
		'and theirs is as it was');
	# Without leave to.
	my %fault = (method => 'PATCH', path => '/v1/data_sources');
	$g->control({ faults => [{ kind => 'forbidden', count => 9, %fault }] });
	$t->request(PATCH => "/api/connections/$c",
		{ config => { properties => { %both, color => '+' } } });
	$r = synced($c);
	is($r->{status}, 'complete', 'not let, all is read');
	($warned) = grep { $_->{code} =~ /unadded/ } @{ $r->{warnings} };
	like($warned->{message}, qr/does not let this connection change.*"Update content"/,
		'and what to do is said') or diag explain $r;
	$g->control({ faults => [] });
	synced($c);
	is(text(pages($s)->{Cider}, 'Event colour'), undef, 'let again, it is added');
	is($ready->()->{properties}{color}, 'Event colour', 'by itself');
	is($t->request(PATCH => "/api/connections/$c",
		{ config => { properties => { nope => '+' } } })->{status}, 422, 'no such word');
};

done_testing;
