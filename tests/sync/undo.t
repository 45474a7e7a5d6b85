# seconds: 40
# What was changed is taken back: a sync, one record, one event; here, and what Tidemark has written
# to providers. What has changed since stays, and what somebody else has made there is never
# deleted.
use strict;
use warnings;
use Test::More;
use JSON::PP ();
use Tidemark::Json;
use Tidemark;
use Tidemark::Google;

my $g = Tidemark::Google->start;
my $t = Tidemark->start(env => { $g->env });
my $src = $t->source;
my $json = Tidemark::Json->new->utf8->canonical;

sub undone {
	my ($path) = @_;
	my $r = $t->post("$path/undo");
	is($r->{status}, 202, "$path is being taken back") or diag $r->{content};
	my $run = $t->wait_run($r->{json}{syncId});
	is($run->{status}, 'complete', 'and was') or diag explain $run;
	return $run;
}
sub log_of {
	return join "\n", map { $_->{text} } @{ $t->get("/api/sync/$_[0]/log")->{json}{data} }
}

subtest 'records: a sync, what has changed since, and the undo of the undo' => sub {
	$src->put('/p.csv', "id,name\n1,Ann\n2,Bob\n3,Cem\n4,Dora\n");
	my $c = $t->connect(csv => $src->url('/p.csv'), name => 'People');
	$t->wait_run($c->{activeSyncId});
	my $set = $t->get("/api/connections/$c->{id}/datasets")->{json}{data}[0]{id};
	my $names = sub {
		return join ' ', sort map { "$_->{id}$_->{name}" }
		    @{ $t->get("/api/datasets/$set/records")->{json}{data} };
	};
	$src->put('/p.csv', "id,name\n1,Anna\n3,Cem\n4,Doro\n5,Eve\n");
	my $run = $t->sync_and_wait($c->{id});
	is($names->(), '1Anna 3Cem 4Doro 5Eve', 'one new, two changed, one gone');
	$src->put('/p.csv', "id,name\n1,Anna\n3,Cem\n4,Dorothy\n5,Eve\n");
	my $later = $t->sync_and_wait($c->{id});

	for my $limit (1 .. 5) {
		my ($at, $pages, @told) = ('', 0);
		while (defined $at) {
			my $r = $t->get("/api/sync/$run->{syncId}/changes?limit=$limit$at")->{json};
			push @told, map { "$_->{action} $_->{title}" } @{ $r->{data} };
			$at = defined $r->{nextCursor} ? "&cursor=$r->{nextCursor}" : undef;
			$pages++ < 9 or die 'no end';
		}
		is_deeply(
			[sort @told],
			['ADDED Eve', 'DELETED Bob', 'UPDATED Anna', 'UPDATED Dorothy'],
			"what it touched, by name, $limit at once"
		);
		is($pages, int((4 + $limit - 1) / $limit), 'and no page after the last');
	}
	my $look = $t->get("/api/sync/$run->{syncId}/undo")->{json};
	is_deeply($look->{counts}, { back => 3, left => 1 }, 'it is said before');
	my %of = map { $_->{key} => $_ } @{ $look->{data} };
	is_deeply(
		[map { "$_ $of{$_}{action} $of{$_}{fate}" } sort keys %of],
		['1 update back', '2 add back', '4 update left', '5 delete back'], 'of each'
	);
	is_deeply(
		$of{1}{fields}, [{ field => 'name', before => 'Anna', after => 'Ann' }],
		'with what differs'
	);
	my $undo = undone("/api/sync/$run->{syncId}");
	is($names->(), '1Ann 2Bob 3Cem 4Dorothy', 'as before, but for what has changed since');
	is($undo->{undoes}, $run->{syncId}, 'it says what it takes back');
	is($t->get("/api/sync?syncId=$run->{syncId}")->{json}{undoneBy}, $undo->{syncId},
		'and the other by what');
	is_deeply(
		[@{ $undo->{stats} }{qw(added updated deleted skipped)}], [1, 1, 1, 1], 'counted'
	);
	like(
		log_of($undo->{syncId}), qr/Left as it is: Dorothy \(4\)\. A later sync/,
		'and listed'
	);
	is(scalar @{ $t->get("/api/sync/$undo->{syncId}/changes")->{json}{data} }, 3,
		'its changes are listed');
	my $past = $t->get("/api/datasets/$set/records/1/history")->{json}{data};
	is($past->[0]{syncId}, $undo->{syncId}, 'the history of the record names it');
	like($past->[0]{reason}, qr/taken back/, 'and says why');

	$t->sync_and_wait($c->{id});
	is($names->(), '1Ann 2Bob 3Cem 4Dorothy', 'a sync of the same source leaves it so');
	my $again = undone("/api/sync/$undo->{syncId}");
	is($names->(), '1Anna 3Cem 4Dorothy 5Eve', 'an undo is taken back');
	is(log_of($again->{syncId}), 'Taken back: 1 restored, 1 changed back, 1 deleted.',
		'with nothing left alone its log says what it did, too');
	is($t->post("/api/sync/$later->{syncId}/undo")->{status}, 202, 'another one');
	$t->wait_run($t->get("/api/sync?syncId=$later->{syncId}")->{json}{undoneBy});
	is($names->(), '1Anna 3Cem 4Doro 5Eve', 'alone');
	is($t->post("/api/sync/$again->{syncId}/undo")->{status}, 202, 'and again');
	$src->put('/p.csv', "id,name\n1,Anja\n2,Bob\n3,Cem\n4,Dorothy\n5,Eve\n");
	$t->wait_run($t->get("/api/sync?syncId=$again->{syncId}")->{json}{undoneBy});
	$t->sync_and_wait($c->{id});
	like($names->(), qr/^1Anja 2Bob/, 'what the source changes again is taken over');
};

my $session;
# What a person reads who presses the button for it there.
sub page_undo {
	my ($path, @sure) = @_;
	$session //= $t->sign_in('admin');
	my $r = $t->post(
		$path, undef, token => undef, headers => { cookie => $session->{cookie} },
		form => { csrf => $session->{csrf}, do => 'undo', @sure }
	);
	my ($main) = $r->{content} =~ /<main.*?>(.*)/s;
	return "$r->{status} " . ($main // '') =~ s/<[^>]+>/ /gr =~ s/\s+/ /gr;
}

subtest 'one record' => sub {
	$src->put('/o.csv', "id,name\na/1,Ann\n");
	my $c = $t->connect(csv => $src->url('/o.csv'), name => 'One');
	$t->wait_run($c->{activeSyncId});
	my $set = $t->get("/api/connections/$c->{id}/datasets")->{json}{data}[0]{id};
	my $path = "/api/datasets/$set/records/a%2F1";
	my $name = sub {
		my $r = $t->get($path)->{json};
		return $r->{_meta}{deletedAt} ? 'gone' : $r->{name};
	};
	$src->put('/o.csv', "id,name\na/1,Anna\n");
	$t->sync_and_wait($c->{id});
	my $asked = page_undo("/datasets/$set/records/a%2F1");
	like($asked, qr/Are you sure\? Undo the last change of this record\?/, 'a page asks');
	like($asked, qr/name : Anna .{1,10} became Ann Undo/, 'says what becomes of it');
	is($name->(), 'Anna', 'nothing is done');
	my $done;
	wait_for { ($done = page_undo("/datasets/$set/records/a%2F1", sure => 1)) !~ /^409 / };
	like($done, qr/^303 /, 'until it is answered');
	wait_for { $name->() eq 'Ann' };
	is($name->(), 'Ann', 'its last change');
	undone($path);
	is($name->(), 'Anna', 'that is one, too');
	is($t->post("/api/datasets/$set/records/nobody/undo")->{status}, 404, 'one that is not');
};

subtest 'what there is nothing to take back of' => sub {
	$src->put('/n.csv', "id\n1\n");
	my $c = $t->connect(csv => $src->url('/n.csv'), name => 'None');
	my $first = $t->wait_run($c->{activeSyncId});
	my $r = $t->sync_and_wait($c->{id});
	is($t->post("/api/sync/$r->{syncId}/undo")->{status}, 409, 'a sync without news');
	is_deeply(
		$t->get("/api/sync/$r->{syncId}/undo")->{json}{counts}, { back => 0, left => 0 },
		'as a look says'
	);
	undone("/api/sync/$first->{syncId}");
	is($t->post("/api/sync/$first->{syncId}/undo")->{status}, 409, 'what was taken back');
	$src->put('/slow2.csv', "id\n1\n2\n", drip => [1, 0.2]);
	my $s = $t->connect(csv => $src->url('/slow2.csv'), name => 'Slow');
	is($t->post("/api/sync/$s->{activeSyncId}/undo")->{status}, 409, 'one that goes on');
	$t->wait_run($s->{activeSyncId});
};

# --- calendars ---

$g->control({ token => { value => 'cal', email => $g->{email} } });
my $account = $g->connect($t, path => '/api/auth/google/start?for=google-calendar');
sub google {
	my ($method, $path, $body) = @_;
	my $r = $g->{http}->request(
		$method, "$g->{base}/fake/api/calendar/v3/calendars/$path",
		{
			headers => {
				authorization => 'Bearer cal',
				$body ? ('content-type' => 'application/json') : ()
			},
			$body ? (content => $json->encode($body)) : ()
		}
	);
	die "$method $path: $r->{status} $r->{content}" if $r->{status} >= 300;
	return length $r->{content} ? $json->decode($r->{content}) : undef;
}
sub there {
	return join ' ',
	    sort map { $_->{summary} } @{ google('GET', "$_[0]/events?maxResults=100")->{items} };
}
sub events { return @{ $t->get('/api/events?limit=500')->{json}{data} } }
sub here { return join ' ', sort map { $_->{title} } events() }
sub meeting {
	return {
		summary => $_[0], start => { date => '2026-10-05' }, end => { date => '2026-10-06' }
	}
}
sub connection {
	my ($calendar, $name, %config) = @_;
	my $c = $t->connect(
		'google-calendar', undef, name => $name, accountId => $account->{id},
		config => { calendar => $calendar, %config }
	);
	$t->wait_run($c->{lastSync}{syncId});
	return $c;
}
sub quiet {
	return wait_for {
		!$t->sql('SELECT count(*) FROM outbox WHERE next_at IS NOT NULL')
		    && !$t->sql('SELECT count(*) FROM sync WHERE finished_at IS NULL')
	}
	40;
}
sub id_of {
	my ($title) = @_;
	return (map { $_->{id} } grep { $_->{title} eq $title } events())[0];
}

subtest 'an event without any calendar' => sub {
	my %day = (
		startDateTime => '2026-10-05', endDateTime => '2026-10-06',
		allDay => JSON::PP::true
	);
	my $id = $t->post('/api/events', { title => 'Tea', %day })->{json}{event}{id};
	$t->put("/api/events/$id", { title => 'Coffee' });
	my $r = $t->post("/api/events/$id/undo");
	is($r->{status}, 202, 'is taken back');
	is($r->{json}{syncId}, undef, 'at once');
	is(here(), 'Tea', 'as before');
	my $asked = page_undo("/events/$id");
	like($asked, qr/Are you sure\? Undo the last change of this event\?/, 'a page asks');
	like($asked, qr/Title : Tea .{1,10} became Coffee/, 'and says what becomes of it');
	is(here(), 'Tea', 'nothing is done');
	like(page_undo("/events/$id", sure => 1), qr/^303 /, 'until it is answered');
	is(here(), 'Coffee', 'and as before that');
	$t->del("/api/events/$id");
	$t->post("/api/events/$id/undo");
	is(here(), 'Coffee', 'a deletion');
	$t->del("/api/events/$id");
};

my ($ann, $team);
subtest 'what others did there stays there until a person says otherwise' => sub {
	google('POST', 'primary/events', meeting('Theirs'));
	my $keep = google('POST', 'primary/events', meeting('Keep'));
	$ann = connection('primary', 'Ann');
	my $cal =
	    $g->control({ calendar => { owner => $g->{email}, summary => 'Team' } })->{calendar};
	$team = connection($cal, 'Team');
	$ann->{calendar} = 'primary';
	$team->{calendar} = $cal;
	ok(quiet(), 'quiet');
	is(there($cal), 'Keep Theirs', 'the other calendar has copies');

	google('PATCH', "primary/events/$keep->{id}", { summary => 'Kept' });
	google('POST', 'primary/events', meeting('More'));
	my $run = $t->sync_and_wait($ann->{id});
	ok(quiet(), 'quiet');
	is(here(), 'Kept More Theirs', 'taken over');
	is(there($cal), 'Kept More Theirs', 'and written to the other');
	my $undo = undone("/api/sync/$run->{syncId}");
	ok(quiet(), 'quiet');
	is(here(), 'Keep Theirs', 'taken back here');
	is(there($cal), 'Keep Theirs', 'and where Tidemark had written it');
	is(there('primary'), 'Kept More Theirs', 'not where somebody else has');
	is($undo->{review}{stored}, 1, 'one is asked about');
	ok($undo->{review}{undo}, 'as what an undo holds');
	$t->sync_and_wait($ann->{id});
	ok(quiet(), 'quiet');
	is(here(), 'Keep Theirs', 'a sync does not bring it back');
	is(there('primary'), 'Kept More Theirs', 'nor sends it');
	is($t->post("/api/sync/$undo->{syncId}/approve", {})->{status}, 202, 'write it there');
	ok(quiet(), 'quiet');
	is(there('primary'), 'Keep More Theirs', 'that is written, and nothing is deleted');
	is(here(), 'Keep Theirs', 'here is as before');
	undone("/api/sync/$undo->{syncId}");
	ok(quiet(), 'quiet');
	is(here(), 'Kept More Theirs', 'the undo is taken back here');
	is(there('primary'), 'Kept More Theirs', 'and what it had written there');
	is(there($cal), 'Kept More Theirs', 'everywhere');
};

subtest 'an event that was edited here' => sub {
	my $id = id_of('Kept');
	$t->put("/api/events/$id", { title => 'Ours' });
	ok(quiet(), 'quiet');
	is(there('primary'), 'More Ours Theirs', 'written there');
	undone("/api/events/$id");
	ok(quiet(), 'quiet');
	is(there($_->{calendar}), 'Kept More Theirs', 'taken back') for $ann, $team;
	$t->del('/api/events/' . id_of('More'));
	ok(quiet(), 'quiet');
	is(there('primary'), 'Kept Theirs', 'deleted there');
};

subtest 'what is held and taken back again is asked no more' => sub {
	my ($e) = grep { $_->{summary} eq 'Kept' } @{ google('GET', 'primary/events')->{items} };
	google('PATCH', "primary/events/$e->{id}", { summary => 'Once' });
	my $run = $t->sync_and_wait($ann->{id});
	ok(quiet(), 'quiet');
	my $undo = undone("/api/sync/$run->{syncId}");
	is($t->sql("SELECT count(*) FROM outbox WHERE state = 'held'"), 1, 'held');
	undone("/api/sync/$undo->{syncId}");
	is($t->sql("SELECT count(*) FROM outbox WHERE state = 'held'"), 0, 'no more');
	ok(quiet(), 'quiet');
	is(there('primary'), 'Once Theirs', 'as it was there');
};

# The counts in the menu.
sub counted {
	$session //= $t->sign_in('admin');
	my %as = (token => undef, headers => { cookie => $session->{cookie} });
	return join ' ', $t->get('/', %as)->{content} =~ /class="count">(\d+)/g;
}
# A calendar by which one event is called otherwise.
sub renamed {
	my ($from, $to) = @_;
	my $cal =
	    $g->control({ calendar => { owner => $g->{email}, summary => $to } })->{calendar};
	my $c = connection($cal, $to);
	ok(quiet(), 'quiet');
	my ($e) = grep { $_->{summary} eq $from } @{ google('GET', "$cal/events")->{items} };
	google('PATCH', "$cal/events/$e->{id}", { summary => $to });
	my $run = $t->sync_and_wait($c->{id});
	ok(quiet(), 'quiet');
	return ($c->{id}, $run->{syncId}, $cal);
}

subtest 'what a calendar had changed that is disconnected is taken back without a question' => sub {
	my ($gone, undef, $cal) = renamed('Theirs', 'Gone');
	is(there('primary'), 'Gone Once', 'changed by the one that goes');
	my $id = id_of('Gone');
	is($t->del("/api/connections/$gone?data=keep")->{status}, 204, 'it goes');
	my $undo = undone("/api/events/$id");
	ok(quiet(), 'quiet');
	is(there('primary'), 'Once Theirs', 'taken back');
	is($undo->{review}, undef, 'and nobody is asked');
	is(counted(), '', 'nor told so');
	is($t->post("/api/kept/$gone/reconnect", {})->{status}, 201, 'connected again');
	ok(quiet(), 'quiet');
	is(there($cal), 'Gone Once', 'what is there is kept');
	$t->del("/api/connections/$gone?data=delete");
};

subtest 'what is asked about a calendar is no question once that is disconnected' => sub {
	my ($gone, $run) = renamed('Theirs', 'Asked');
	my $undo = undone("/api/sync/$run");
	ok(quiet(), 'quiet');
	is(counted(), '1 1', 'a connection needs somebody, for one question');
	is($t->del("/api/connections/$gone?data=keep")->{status}, 204, 'it goes');
	is(counted(), '', 'and nothing waits for anybody');
	$t->del("/api/kept/$gone");
};

subtest 'a first sync, with what it had written there' => sub {
	my %day = (
		startDateTime => '2026-11-02', endDateTime => '2026-11-03',
		allDay => JSON::PP::true
	);
	$t->post('/api/events', { title => $_, %day }) for qw(Apple Berry Cider);
	ok(quiet(), 'quiet');
	my $here = here();
	my $cal =
	    $g->control({ calendar => { owner => $g->{email}, summary => 'New' } })->{calendar};
	google('POST', "$cal/events", meeting('Own'));
	my $new = connection($cal, 'New');
	my $first = $new->{lastSync}{syncId};
	ok(quiet(), 'quiet');
	my $all = join ' ', sort 'Own', split / /, $here;
	is(there($cal), $all, 'it has what was here');
	is(here(), $all, 'and here is what it had');

	# One is changed there, of which nothing is known here; one here.
	my %of = map { $_->{summary} => $_->{id} } @{ google('GET', "$cal/events")->{items} };
	google('PATCH', "$cal/events/$of{Berry}", { location => 'Cellar' });
	$t->put('/api/events/' . id_of('Cider'), { title => 'Cidre' });
	ok(quiet(), 'quiet');
	my $look = $t->get("/api/sync/$first/undo")->{json};
	my %fate = map { $_->{title} => "$_->{side} $_->{action} $_->{fate}" } @{ $look->{data} };
	is($fate{'Apple (2026-11-02)'}, 'provider delete back', 'a copy goes');
	is($fate{'Berry (2026-11-02)'}, 'provider delete back', 'as far as is known');
	is($fate{'Cidre (2026-11-02)'}, 'provider delete left', 'one that was changed does not');
	is($fate{'Own (2026-10-05)'}, 'application delete back', 'nor what was there before');

	my $undo = undone("/api/sync/$first");
	ok(quiet(), 'quiet');
	is(there($cal), 'Berry Cidre Own', 'what has not changed since is no more there');
	is(join(' ', sort split / /, $here =~ s/Cider/Cidre/r), here(), 'here all is as before');
	is(there('primary') =~ /Apple/, 1, 'and elsewhere');
	like(log_of($undo->{syncId}), qr/Left as it is: Cidre/, 'what has changed is listed');
	like(log_of($undo->{syncId}), qr/Left as it is: Berry\. It was ch/, 'also later');
	is($t->get('/api/events/' . id_of('Berry'))->{json}{event}{location},
		'Cellar', 'and what it became is taken over');
	is_deeply($g->state->{mails}, [], 'no guest hears of it');
	$t->sync_and_wait($new->{id});
	ok(quiet(), 'quiet');
	is(there($cal), 'Berry Cidre Own', 'a sync does not write them there again');

	undone("/api/sync/$undo->{syncId}");
	ok(quiet(), 'quiet');
	is(there($cal), join(' ', sort split / /, $all =~ s/Cider/Cidre/r), 'that is taken back');
	is(here(), there($cal), 'on both sides');
};

done_testing;
