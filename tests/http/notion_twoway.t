# Notion in both directions: what is made, edited and deleted here is there, and the other way
# round; once each, whatever happens on the way.
use strict;
use warnings;
use Test::More;
use Time::Local qw(timegm);
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
	my $r = $t->wait_run($c->{lastSync}{syncId});
	is($r->{status}, 'complete', 'connected') or diag explain $r;
	return ($c->{id}, $s);
}
sub when {
	my ($start, $end) = @_;
	return { date => { start => $start, defined $end ? (end => $end) : () } }
}
# The pages of a data source as a person sees them, by title: {title => page}.
sub pages {
	my ($s) = @_;
	my $r = $n->call(POST => "/data_sources/$s/query", {});
	my %by;
	for (@{ $r->{results} }) {
		my $title = join '', map { $_->{plain_text} } @{ $_->{properties}{Name}{title} };
		die "two pages are called $title" if $by{$title};
		$by{$title} = $_;
	}
	return \%by;
}
sub plain {
	my ($page, $property) = @_;
	return join '', map { $_->{plain_text} } @{ $page->{properties}{$property}{rich_text} };
}
sub made {
	my (%e) = @_;
	my $r = $t->post('/api/events', \%e);
	is($r->{status}, 201, 'made') or diag $r->{content};
	return $r->{json}{event}{id};
}
sub day {
	my ($title, $day, %more) = @_;
	my $next = sprintf '%s%02d', substr($day, 0, 8), substr($day, 8) + 1;
	return made(
		title => $title, startDateTime => $day, endDateTime => $next,
		allDay => Tidemark::true, %more
	);
}
sub event { return $t->get("/api/events/$_[0]")->{json}{event} }
# Ticks until it is so.
sub until_so(&$) {
	my ($so, $name) = @_;
	my $v = Tidemark::wait_for { $t->tick; $so->() } 20;
	ok($v, $name);
	return $v;
}
# What nobody knows the outcome of is looked at when it is sure to be found: that time has come.
sub hurry {
	return $t->sql("UPDATE outbox SET next_at = 1 WHERE state = 'unsure';
		UPDATE lane SET due_at = 1 WHERE due_at > 1")
}
sub writes { return grep { !/^GET / && !m{/query$|/search$} } $n->calls }

subtest 'an event that is made here is a page there, and nothing is written twice' => sub {
	my %texts = map { $_ => { rich_text => {} } } qw(Notes Place);
	my ($c, $s) = connected('Made', \%texts);
	my $id = made(
		title => 'Tea', startDateTime => '2026-10-05T10:00:00+02:00',
		endDateTime => '2026-10-05T11:30:00+02:00', timeZone => 'Europe/Berlin',
		location => 'Hamburg', notes => 'x' x 2500, url => 'https://tea.example',
		busy => Tidemark::false
	);
	my $p = until_so { pages($s)->{Tea} } 'it is there';
	is_deeply(
		$p->{properties}{When}{date},
		{
			start => '2026-10-05T08:00:00.000+00:00',
			end => '2026-10-05T09:30:00.000+00:00', time_zone => undef
		},
		'at that time'
	);
	is($p->{properties}{Place}{rich_text}[0]{plain_text}, 'Hamburg', 'in that place');
	is(plain($p, 'Notes'), 'x' x 2500, 'with all of the notes');
	my $day = day('Days', '2026-10-05', endDateTime => '2026-10-08');
	my $one = day('One day', '2026-10-05');
	until_so { my $p = pages($s); $p->{Days} && $p->{'One day'} } 'whole days too';
	my $pages = pages($s);
	is($pages->{Days}{properties}{When}{date}{end}, '2026-10-07', 'to the last day');
	is($pages->{'One day'}{properties}{When}{date}{end}, undef, 'or of one day');
	my %before = map { $_ => event($_)->{updatedAt} } $id, $day, $one;
	$n->forget;
	for (1 .. 3) { $t->sync_and_wait($c); $t->tick }
	is_deeply([writes()], [], 'nothing more is written there');
	is_deeply({ map { $_ => event($_)->{updatedAt} } $id, $day, $one }, \%before, 'nor here');
	my $e = event($id);
	is_deeply(
		[@$e{qw(timeZone url busy notes)}],
		['Europe/Berlin', 'https://tea.example', Tidemark::false, 'x' x 2500],
		'what Notion has no property for is kept'
	);
	is($e->{links}[0]{state}, 'synced', 'the link says so');
};

subtest 'a database is the calendar of one connection, and as many tables as people like' => sub {
	my ($c, $s) = connected('Once');
	my $again = sub {
		my (%config) = @_;
		return $t->post('/api/connections',
			{ provider => 'notion', name => 'Again', config => \%config });
	};
	my $refused = sub {
		my ($r, $what) = @_;
		is($r->{status}, 409, $what) or diag $r->{content};
		like($r->{json}{detail}, qr/^"Once" is connected to it already/, 'and by which');
	};
	$refused->($again->(dataSource => $s), 'not twice');
	$refused->(
		$again->(dataSource => $s =~ s/-//gr, mode => 'calendar'),
		'however it is written'
	);
	my $table = $again->(dataSource => $s, mode => 'table');
	is($table->{status}, 201, 'beside it a table') or diag $table->{content};
	$refused->(
		$t->patch(
			"/api/connections/$table->{json}{id}",
			{ config => { mode => 'calendar' } }
		),
		'that becomes no second calendar'
	);
	is($again->(dataSource => $s, mode => 'table')->{status}, 201, 'and one more');

	# By the link of its database, and by what was found under that.
	my $other = $n->source('Other', { When => { date => {} } });
	my $r = $again->(dataSource => $n->{database});
	is($r->{status}, 201, 'another database');
	$t->wait_run($r->{json}{lastSync}{syncId});
	is($again->(dataSource => $other)->{status}, 409, 'is found by either name');
	push @gone, map { $_->{id} } grep { $_->{name} eq 'Again' }
	    @{ $t->get('/api/connections')->{json}{data} };
};

subtest 'an edit goes over alone: what else the page has is left as it is' => sub {
	my ($c, $s) =
	    connected('Edits', { Notes => { rich_text => {} }, State => { status => {} } });
	my $link = { content => 'here', link => { url => 'https://h.example' } };
	my $rich = {
		rich_text => [
			{ text => { content => 'see ' } },
			{ text => $link, annotations => { bold => Tidemark::true } }
		]
	};
	my $p = $n->page($s, 'Theirs', When => when('2026-03-01'), Notes => $rich,
		State => { status => { name => 'Done' } });
	$t->sync_and_wait($c);
	my ($e) = @{ $t->get('/api/events?from=2026-02-01&to=2026-04-01')->{json}{data} };
	is($e->{notes}, 'see here', 'read');
	$n->forget;
	my $edit = { title => 'Ours', startDateTime => '2026-03-02', endDateTime => '2026-03-03' };
	is($t->put("/api/events/$e->{id}", $edit)->{status}, 200, 'edited here');
	until_so { pages($s)->{Ours} } 'it is there';
	my $page = pages($s)->{Ours};
	is($page->{properties}{When}{date}{start}, '2026-03-02', 'with its day');
	my $second = $page->{properties}{Notes}{rich_text}[1];
	is($second->{href}, 'https://h.example', 'the link stays one');
	ok(!$page->{properties}{Tidemark}, 'no property was added for it');
	is(scalar(writes()), 1, 'in one request') or diag explain [writes()];
	$n->edit($p, Name => $n->title('Theirs again'));
	$t->poll($c);
	is(event($e->{id})->{title}, 'Theirs again', 'an edit there comes here');
	is(event($e->{id})->{startDateTime}, '2026-03-02', 'and changes nothing else');
	# Something that Notion has no property for.
	$t->put("/api/events/$e->{id}", { url => 'https://u.example' });
	until_so { (pages($s)->{'Theirs again'} // {})->{properties}{Tidemark} } 'is kept beside';
	$t->sync_and_wait($c) for 1 .. 2;
	is(event($e->{id})->{url}, 'https://u.example', 'and stays');
	$n->edit($p, When => when('2026-03-05T10:00:00Z', '2026-03-05T11:00:00Z'));
	$t->poll($c);
	is_deeply(
		[@{ event($e->{id}) }{qw(startDateTime allDay url)}],
		['2026-03-05T10:00:00Z', Tidemark::false, 'https://u.example'],
		'also when it is moved there'
	);
};

subtest 'case 21: deletions go both ways, and an edit wins over one' => sub {
	my ($c, $s) = connected('Deletions');
	my %id = map { $_ => day($_, '2026-05-01') } qw(a b d e);
	until_so { keys %{ pages($s) } == 4 } 'all there';
	my $p = pages($s);
	is($t->del("/api/events/$id{a}")->{status}, 200, 'deleted here');
	until_so { !pages($s)->{a} } 'in the trash there';
	ok($n->call(GET => "/pages/$p->{a}{id}")->{in_trash}, 'which is where it is');
	$n->trash($p->{b}{id});
	$t->sync_and_wait($c);
	until_so { $t->get("/api/events/$id{b}")->{status} == 404 } 'deleted there, it goes here';
	$n->trash($p->{d}{id});
	$t->put("/api/events/$id{d}", { title => 'd edited' });
	until_so { pages($s)->{'d edited'} } 'edited here, it comes back';
	is(pages($s)->{'d edited'}{id}, $p->{d}{id}, 'as the same page');
	# The other way round: nobody has read that edit yet.
	$n->edit($p->{e}{id}, Name => $n->title('e edited'));
	is($t->del("/api/events/$id{e}")->{status}, 200, 'deleted here while it is edited there');
	until_so {
		$t->sync_and_wait($c);
		$t->get("/api/events/$id{e}")->{status} == 200
		    && event($id{e})->{title} eq 'e edited'
	} 'it is back here, as it was edited';
	$t->sync_and_wait($c) for 1 .. 2;
	is_deeply([sort keys %{ pages($s) }], ['d edited', 'e edited'], 'and it stays so');
	my $told = $t->get('/api/conflicts?state=resolved')->{json}{data};
	is(scalar(grep { ($_->{eventId} // '') eq $id{e} } @$told), 1, 'and is told')
	    or diag explain $told;
};

# Each leaves to the one at work, or takes its place.
sub ticks {
	my @pids = map {
		Tidemark::spawn([Tidemark::build() . '/tidemark-tick', '--once'], env => $t->{env})
	} 1 .. 3;
	return sub { waitpid $_, 0 for @pids }
}
subtest 'case 20: edits in one minute, ticks that overlap: all arrive, one page each' => sub {
	my ($c, $s) = connected('Overlap', { Place => { rich_text => {} } });
	my $p = $n->page($s, 'There', When => when('2026-07-01'));
	my %here;
	for my $i (1 .. 4) {
		my $done = ticks();
		$here{"Here $i"} = day("Here $i", '2026-07-02');
		# The second one comes after a read has seen the first.
		$n->edit($p, Name => $n->title("There $i"));
		$t->post('/api/sync', { connectionId => $c });
		my $also = ticks();
		until_so {
			grep { $_->{title} eq "There $i" }
			    @{ $t->get('/api/events?from=2026-06-30&to=2026-07-05')->{json}{data} }
		} "edit $i";
		$n->edit($p, Place => { rich_text => $n->text("Room $i") });
		$t->put("/api/events/$here{'Here 1'}", { notes => "Note $i" });
		$_->() for $done, $also;
		$t->cooled($c);
	}
	until_so {
		$t->sync_and_wait($c);
		!$t->sql('SELECT count(*) FROM outbox WHERE finished_at IS NULL')
	} 'level';
	is(join(' ', sort keys %{ pages($s) }), 'Here 1 Here 2 Here 3 Here 4 There 4',
		'one page for each');
	my $events = $t->get('/api/events?from=2026-06-30&to=2026-07-05')->{json}{data};
	is(join(' ', sort map { $_->{title} } @$events), 'Here 1 Here 2 Here 3 Here 4 There 4',
		'and one event');
	my ($e) = grep { $_->{title} eq 'There 4' } @$events;
	is($e->{location}, 'Room 4', 'with the last edit of the minute');
};

subtest 'case 22: a page is made once, whatever became of the answer' => sub {
	my ($c, $s) = connected('Once', { Tidemark => { rich_text => {} } });
	my $i = 0;
	for my $kind (qw(saved503 lost cut 429)) {
		my %fault = (kind => $kind, method => 'POST', path => '/v1/pages');
		$g->control({ faults => [{ %fault, retry_after => 1 }] });
		my $title = 'after ' . ++$i;
		my $id = day($title, '2026-06-01');
		until_so {
			hurry();
			(event($id)->{links}[0]{state} // '') eq 'synced';
		} "an answer $kind";
		$g->control({ faults => [] });
		ok(pages($s)->{$title}, 'one page');
	}
	# On a connection that is kept, which curl would take for one that had ended before.
	for my $kind (qw(lost cut)) {
		($c, $s) = connected("Kept open $kind");
		my %fault = (kind => $kind, method => 'POST', path => '/v1/pages');
		$g->control({ faults => [\%fault] });
		my $id = day('kept', '2026-06-01');
		until_so {
			hurry();
			(event($id)->{links}[0]{state} // '') eq 'synced';
		} "an answer $kind behind another request";
		$g->control({ faults => [] });
		$t->sync_and_wait($c) for 1 .. 2;
		is(join(' ', keys %{ pages($s) }), 'kept', 'one page');
	}
	$i = 1;
	$t->sync_and_wait($c) for 1 .. 2;
	is(scalar keys %{ pages($s) }, $i, 'no more than that');
	my $here = $t->get('/api/events?from=2026-05-30&to=2026-06-05')->{json}{data};
	is(scalar @$here, $i, 'nor here');
};

subtest 'a copy that somebody makes of a page is another event' => sub {
	my ($c, $s) = connected('Copies');
	my $id = day('First', '2026-07-01', url => 'https://u.example');
	my $p = until_so { pages($s)->{First} } 'there';
	my $mark = { rich_text => $n->text(plain($p, 'Tidemark')) };
	$n->page($s, 'Copy', When => when('2026-07-01'), Tidemark => $mark);
	$t->sync_and_wait($c);
	my @e = @{ $t->get('/api/events?from=2026-06-30&to=2026-07-05')->{json}{data} };
	is_deeply([sort map { $_->{title} } @e], ['Copy', 'First'], 'two events');
	is(event($id)->{title}, 'First', 'the first is the first');
	$t->sync_and_wait($c);
	is(scalar keys %{ pages($s) }, 2, 'two pages');
};

subtest 'edits of two fields on two sides in one minute both stand' => sub {
	my ($c, $s) = connected('Both', { Notes => { rich_text => {} } });
	my $note = { rich_text => $n->text('n') };
	my $p = $n->page($s, 'x', When => when('2026-08-01'), Notes => $note);
	$t->sync_and_wait($c);
	my ($e) = @{ $t->get('/api/events?from=2026-07-30&to=2026-08-05')->{json}{data} };
	$n->edit($p, Notes => { rich_text => $n->text('theirs') });
	$t->put("/api/events/$e->{id}", { title => 'ours' });
	until_so {
		$t->sync_and_wait($c);
		pages($s)->{ours} && event($e->{id})->{notes} eq 'theirs';
	} 'both';
	is(plain(pages($s)->{ours}, 'Notes'), 'theirs', 'on both sides');
	$n->edit($p, Name => $n->title('theirs'));
	$t->put("/api/events/$e->{id}", { title => 'mine' });
	until_so {
		$t->sync_and_wait($c);
		pages($s)->{mine};
	} 'of the same field the application wins';
	my ($k) = @{ $t->get('/api/conflicts?state=resolved')->{json}{data} };
	is($k->{kept}{title} // $k->{fields}[0]{remote}, 'theirs', 'and the other is kept')
	    or diag explain $k;
};

# "begin end" as moments, or as days with an exclusive end.
sub moment {
	my ($text) = @_;
	my ($y, $m, $d, $h, $min, $sign, $oh, $om) = $text =~
	    /^(\d+)-(\d\d)-(\d\d)T(\d\d):(\d\d):\d\d(?:\.\d+)?(?:Z|([+-])(\d\d):(\d\d))$/
	    or return $text;
	my $off = $sign ? ($oh * 60 + $om) * ($sign eq '-' ? -60 : 60) : 0;
	return timegm(0, $min, $h, $d, $m - 1, $y) - $off
}
sub next_day {
	my ($y, $m, $d) = split /-/, $_[0];
	my @next = gmtime(timegm(0, 0, 12, $d, $m - 1, $y) + 86400);
	return sprintf '%04d-%02d-%02d', $next[5] + 1900, $next[4] + 1, $next[3]
}
sub of_page {
	my ($page) = @_;
	my $d = $page->{properties}{When}{date};
	my $end = $d->{end} // $d->{start};
	return moment($d->{start}) . ' ' . ($end =~ /T/ ? moment($end) : next_day($end))
}

subtest 'case 16: days, clock changes, the west of UTC: the same at Google and Notion' => sub {
	my ($c, $s) = connected('Level');
	my $ann = 'ann@example.com';
	$g->control({ calendar => { id => $ann, owner => $ann, zone => 'America/Los_Angeles' } });
	$g->connect($t, path => '/api/auth/google/start?for=google-calendar');
	$g->control({ token => { value => 'ann', email => $ann } });
	my $google = sub { return $g->calendar('ann', @_) };
	my @days = (
		['One day', '2026-07-01', '2026-07-02'],
		['Three days', '2026-10-24', '2026-10-27'],
		['Over the year', '2026-12-31', '2027-01-02'],
		['Night in the west', '2026-10-31', '2026-11-02'],
		['Leap', '2028-02-28', '2028-03-01']
	);
	my @times = (
		['Late in the west', '2026-07-03T22:30:00-07:00', '2026-07-03T23:45:00-07:00'],
		['Over midnight', '2026-10-31T23:00:00-07:00', '2026-11-01T03:00:00-08:00'],
		['First half past two', '2026-10-25T02:30:00+02:00', '2026-10-25T02:45:00+02:00'],
		['Second half past two', '2026-10-25T02:30:00+01:00', '2026-10-25T02:45:00+01:00'],
		['Through the gap', '2026-03-29T01:30:00+01:00', '2026-03-29T03:30:00+02:00']
	);
	my %want = map {
		my ($title, @at) = @$_;
		my $at = join ' ', map { moment($_) } @at;
		("$title of Google" => $at, "$title of Notion" => $at)
	} @days, @times;
	$google->('POST', 'primary/events', {
		summary => "$_->[0] of Google", start => { date => $_->[1] },
		end => { date => $_->[2] } }) for @days;
	$google->('POST', 'primary/events', {
		summary => "$_->[0] of Google",
		start => { dateTime => $_->[1], timeZone => 'America/Los_Angeles' },
		end => { dateTime => $_->[2], timeZone => 'America/Los_Angeles' } }) for @times;
	for (@days) {
		my ($title, $start, $end) = @$_;
		# Notion's last day is in it.
		my $last = $start;
		$last = next_day($last) while next_day($last) ne $end;
		$n->page($s, "$title of Notion", When => when($start, $last));
	}
	$n->page($s, "$_->[0] of Notion", When => when($_->[1], $_->[2])) for @times;
	my $other = $t->connect('google-calendar', undef, name => 'Google', config => {});
	push @gone, $other->{id};
	is($t->wait_run($other->{lastSync}{syncId})->{status}, 'complete', 'Google is read');
	$t->sync_and_wait($c);
	my $there = sub { return @{ $google->('GET', 'primary/events?maxResults=2500')->{items} } };
	my $at_google = sub {
		return map {
			my $e = $_;
			($e->{summary} => join ' ', map {
				moment($e->{$_}{dateTime} // $e->{$_}{date})
			} qw(start end))
		} $there->()
	};
	my $at_notion = sub {
		my $p = pages($s);
		return map { ($_ => of_page($p->{$_})) } keys %$p
	};
	Tidemark::wait_for {
		$t->tick;
		my (%g, %n) = $at_google->();
		%n = $at_notion->();
		keys %g >= keys %want && keys %n >= keys %want
	}
	20;
	is_deeply({ $at_google->() }, \%want, 'at Google');
	is_deeply({ $at_notion->() }, \%want, 'at Notion');
	Tidemark::wait_for {
		$t->tick;
		!$t->sql('SELECT count(*) FROM outbox WHERE finished_at IS NULL')
	}
	20;
	my $etags = sub { return join ' ', sort map { "$_->{id} $_->{etag}" } $there->() };
	my $was = $etags->();
	my $revs = $t->sql('SELECT sum(rev) FROM event');
	$n->forget;
	for (1 .. 2) {
		$t->sync_and_wait($_) for $c, $other->{id};
		$t->tick;
	}
	is_deeply([writes()], [], 'then nothing is written to Notion');
	ok($etags->() eq $was, 'nor to Google');
	is($t->sql('SELECT sum(rev) FROM event'), $revs, 'nor here');
};

subtest 'what is made while the database is read is written once that is over' => sub {
	my ($c, $s) = connected('Early');
	# A read of its schedule's own would end what is played here.
	$t->sql("UPDATE schedule SET next_poll_at = NULL WHERE connection_id = '$c'");
	until_so { !$t->sql("SELECT count(*) FROM outbox WHERE finished_at IS NULL")
		    && !$t->sql("SELECT count(*) FROM sync WHERE finished_at IS NULL")
		    && !$t->sql('SELECT count(*) FROM lane WHERE pid <> 0') } 'quiet';
	my $cursor = $t->sql("SELECT cursor FROM connection WHERE id = '$c'");
	# As a run has it from its first write to its last.
	$t->sql("UPDATE connection SET cursor = NULL WHERE id = '$c'");
	day('Walk', '2026-10-05');
	my $lane = "lane WHERE id LIKE 'outbox|%|$c'";
	until_so { $t->sql("SELECT due_at > 1000 * unixepoch() + 600000 FROM $lane") }
	'it is not looked at again and again';
	is($t->sql("SELECT max(attempts) FROM outbox WHERE connection_id = '$c'
		AND finished_at IS NULL"), 0, 'and nothing is tried in vain');
	$t->sql("UPDATE connection SET cursor = '$cursor' WHERE id = '$c'");
	$t->sync_and_wait($c);
	until_so { pages($s)->{Walk} } 'it is there when the read has ended';
};

subtest 'an index that lags does not undo what was written there' => sub {
	my ($c, $s) = connected('Late');
	my $id = day('Walk', '2026-10-05');
	my $p = until_so { pages($s)->{Walk} } 'it is there';
	my $there = sub {
		my $page = $n->call(GET => "/pages/$p->{id}");
		return $page->{properties}{Name}{title}[0]{plain_text}
	};
	$g->control({ notion_lag_ms => 60_000 });
	$t->put("/api/events/$id", { title => 'Run' });
	until_so { $there->() eq 'Run' && event($id)->{links}[0]{state} eq 'synced' } 'edited here';
	ok(pages($s)->{Walk}, 'lists do not know it yet');
	for (1 .. 2) { $t->sync_and_wait($c); $t->tick }
	is(event($id)->{title}, 'Run', 'it stays here');
	is($there->(), 'Run', 'and there');
	$g->control({ notion_lag_ms => 0 });
	$n->edit($p->{id}, Name => $n->title('Swim'));
	until_so { $t->sync_and_wait($c); event($id)->{title} eq 'Swim' } 'edits there come';
};

done_testing;
