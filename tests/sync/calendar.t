# seconds: 50
# Google Calendar in both directions, against the stand-in: what is made, changed and deleted on one
# side is so on the other, once; and what must never happen does not. Each subtest leaves both sides
# level.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(time);
use JSON::PP ();
use Tidemark::Json;
use POSIX ();
use Tidemark;
use Tidemark::Google;

my $g = Tidemark::Google->start;
my $t = Tidemark->start(
	env => { $g->env, APP_URL => 'https://sync.example.com', TIDEMARK_RETRY_MS => 2 },
	crashes => 1
);
my $email = $g->{email};
$g->control({ push => { origin => $t->{base} }, token => { value => 'cal', email => $email } });
my $account = $g->connect($t, path => '/api/auth/google/start?for=google-calendar');
my $json = Tidemark::Json->new->utf8->canonical;

# Somebody else, at Google.
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
sub there { return @{ google('GET', "$_[0]/events?maxResults=2500")->{items} } }
sub at_google {
	my ($cal, $title) = @_;
	return grep { ($_->{summary} // '') eq $title } there($cal);
}
sub begins { my ($day, $hour) = @_; return sprintf '2026-10-%02dT%02d:00:00+02:00', $day, $hour }
sub meeting {
	my ($title, $day, %more) = @_;
	return {
		summary => $title,
		start => { dateTime => begins($day, 10), timeZone => 'Europe/Berlin' },
		end => { dateTime => begins($day, 11), timeZone => 'Europe/Berlin' }, %more
	};
}
# Us.
sub event {
	my ($title, $day, %more) = @_;
	return {
		title => $title, startDateTime => begins($day, 10), endDateTime => begins($day, 11),
		timeZone => 'Europe/Berlin', %more
	};
}
sub made {
	my $r = $t->post('/api/events', event(@_));
	is($r->{status}, 201, "$_[0] is made") or diag $r->{content};
	return $r->{json}{event}{id};
}
sub here { return @{ $t->get('/api/events?limit=500')->{json}{data} } }
sub at_home { my ($title) = @_; return grep { $_->{title} eq $title } here() }
sub one { return $t->get("/api/events/$_[0]")->{json}{event} }

sub outbox {
	return $t->sql('SELECT count(*) FROM outbox WHERE finished_at IS NULL');
}
# Nothing runs, nothing is to be sent.
sub quiet {
	return wait_for {
		!outbox() && !$t->sql("SELECT count(*) FROM sync WHERE finished_at IS NULL")
		    && !$t->sql("SELECT count(*) FROM schedule WHERE asked > served")
	}
	40;
}
sub connection {
	my ($calendar, $name, %config) = @_;
	my $c = $t->connect(
		'google-calendar', undef, name => $name, accountId => $account->{id},
		config => { calendar => $calendar, %config }
	);
	my $run = $t->wait_run($c->{lastSync}{syncId});
	is($run->{status}, 'complete', "$name is read") or diag explain $run;
	return $c;
}
sub read_now { my ($c) = @_; return $t->sync_and_wait($c->{id}) }

google('POST', 'primary/events', meeting("Theirs $_", $_)) for 1 .. 5;
my $ann = connection('primary', 'Ann');
my $other = $g->control({ calendar => { owner => $email, summary => 'Team' } })->{calendar};

subtest 'what is there is here after the first sync, and nothing goes back' => sub {
	is(scalar(here()), 5, 'five events');
	my ($e) = at_home('Theirs 3');
	is($e->{startDateTime}, begins(3, 10), 'with its time');
	is($e->{origin}, $ann->{id}, 'and where it is from');
	ok(quiet(), 'quiet');
	ok(wait_for(sub { $t->get("/api/connections/$ann->{id}")->{json}{channel}{expiresAt} }, 20),
		'a channel is open');
};

subtest 'the same calendar is connected once' => sub {
	for my $name ('primary', $email) {
		my $r = $t->post(
			'/api/connections',
			{
				provider => 'google-calendar', name => 'Twice',
				accountId => $account->{id}, config => { calendar => $name }
			}
		);
		is($r->{status}, 409, "as $name it is there already");
		like($r->{json}{detail}, qr/"Ann"/, 'and named');
	}
};

subtest 'here to there, within moments' => sub {
	my $began = time;
	my $id = made('Lunch', 7, notes => 'Only for me', location => 'Canteen');
	ok(wait_for(sub { at_google('primary', 'Lunch') }, 20), 'made');
	diag(sprintf 'after %.2f s', time - $began);
	my ($g1) = at_google('primary', 'Lunch');
	is($g1->{location}, 'Canteen', 'with its place');
	is($t->put("/api/events/$id", { title => 'Late lunch' })->{status}, 200, 'changed');
	ok(wait_for(sub { at_google('primary', 'Late lunch') }, 20), 'there too');
	ok(quiet(), 'quiet');
	is(scalar(at_google('primary', 'Lunch')), 0, 'and not twice');
	is(one($id)->{links}[0]{state}, 'synced', 'its link says so') or diag explain one($id);
	is($t->del("/api/events/$id")->{status}, 200, 'deleted');
	ok(wait_for(sub { !at_google('primary', 'Late lunch') }, 20), 'gone there');
	ok(quiet(), 'quiet');
};

subtest 'there to here, by a message' => sub {
	my $began = time;
	my $e = google('POST', 'primary/events', meeting('Called', 8));
	ok(wait_for(sub { at_home('Called') }, 20), 'made');
	diag(sprintf 'after %.2f s', time - $began);
	google('PATCH', "primary/events/$e->{id}", { summary => 'Called off' });
	ok(wait_for(sub { at_home('Called off') }, 20), 'changed');
	my ($here) = at_home('Called off');
	my $why = $t->get("/api/events/$here->{id}/history")->{json}{data}[0];
	is($why->{actor}, $ann->{id}, 'by the connection');
	is($t->get("/api/sync?syncId=$why->{syncId}")->{json}{connectionId}, $ann->{id},
		'in a run that is named');
	google('DELETE', "primary/events/$e->{id}");
	ok(wait_for(sub { !at_home('Called off') }, 20), 'deleted');
	ok(quiet(), 'quiet');
};

subtest 'edits of both sides meet field by field, and the same field keeps the loser' => sub {
	my $id = made('Review', 9);
	ok(wait_for(sub { at_google('primary', 'Review') }, 20), 'there');
	ok(quiet(), 'quiet');
	my ($e) = at_google('primary', 'Review');
	$g->control({ push => { drop => 100 } });
	google('PATCH', "primary/events/$e->{id}", { location => 'Room 5' });
	is($t->put("/api/events/$id", { title => 'Big review' })->{status}, 200, 'here');
	ok(wait_for(sub { at_google('primary', 'Big review') }, 20), 'sent');
	$g->control({ push => { drop => 0 } });
	read_now($ann);
	ok(quiet(), 'quiet');
	is(one($id)->{location}, 'Room 5', 'what was changed there is here');
	is((at_google('primary', 'Big review'))[0]{location}, 'Room 5', 'and still there');
	is(scalar(@{ $t->get('/api/conflicts?state=resolved')->{json}{data} }), 0, 'no conflict');
};

subtest 'a series edited in its three scopes, on both sides' => sub {
	my $id = made('Standup', 12, recurrence => ['RRULE:FREQ=DAILY;COUNT=6']);
	ok(wait_for(sub { at_google('primary', 'Standup') }, 20), 'there');
	my $slot = sub { sprintf '202610%02dT080000Z', $_[0] };
	is(
		$t->put("/api/events/$id/occurrences/" . $slot->(13), { title => 'Standup, long' })
		    ->{status},
		200, 'one'
	);
	is($t->del("/api/events/$id/occurrences/" . $slot->(14))->{status}, 200, 'one is left out');
	ok(quiet(), 'quiet');
	my ($series) = at_google('primary', 'Standup');
	my @all = sort { $a->{start}{dateTime} cmp $b->{start}{dateTime} }
	    @{ google('GET', "primary/events/$series->{id}/instances")->{items} };
	is(join('|', map { $_->{summary} } @all), 'Standup|Standup, long|Standup|Standup|Standup',
		'as here');
	is(
		$t->put(
			"/api/events/$id/occurrences/" . $slot->(16) . '?scope=following',
			{ title => 'Standup, new' }
		)->{status},
		200, 'this and following'
	);
	ok(wait_for(sub { at_google('primary', 'Standup, new') }, 20), 'split there too');
	ok(quiet(), 'quiet');
	is(scalar(@{ google('GET', "primary/events/$series->{id}/instances")->{items} }), 3,
		'the first part ends');
	# There: one, and "this and following" as Google does it.
	google('PATCH', "primary/events/$all[0]{id}", { location => 'Kitchen' });
	ok(
		wait_for(sub { (one($id)->{occurrences} // '') || $t->sql(
			"SELECT value FROM event WHERE id = '$id'") =~ /Kitchen/ }, 20),
		'one that was changed there'
	);
	$g->control({ split => {
		calendar => $email, event => "$series->{id}_" . $slot->(15),
		changes => { summary => 'Standup, theirs' } } });
	ok(wait_for(sub { at_home('Standup, theirs') }, 20), 'split there is split here');
	ok(quiet(), 'quiet');
	is(scalar(grep { /Standup/ } map { $_->{title} } here()), 3, 'three series here');
	is(scalar(grep { ($_->{summary} // '') =~ /^Standup(?!, long)/ && $_->{recurrence} }
			there('primary')), 3, 'and there');
};

my $team;
subtest 'case 15: mirrored, the second and the tenth run write nothing' => sub {
	google('POST', "$other/events", meeting('From the team', 20));
	$team = connection($other, 'Team');
	ok(quiet(), 'quiet');
	my $all = scalar here();
	is(scalar(there($other)), scalar(there('primary')), 'as many there as there');
	ok(at_google('primary', 'From the team'), 'the team\'s is in the other');
	ok(at_google($other, 'Theirs 3'), 'and the other\'s here');
	my $etags = sub {
		join ' ', sort map { $_->{id} . $_->{etag} } there('primary'), there($other)
	};
	my $was = $etags->();
	my $revs = $t->sql('SELECT sum(rev) FROM event');
	for (1 .. 10) {
		read_now($_) for $ann, $team;
	}
	ok(quiet(), 'quiet');
	is($etags->(), $was, 'nothing was written there');
	is($t->sql('SELECT sum(rev) FROM event'), $revs, 'nor here');
	is(scalar(here()), $all, 'as many as before');
	# An edit goes through, a deletion too, once.
	my ($copy) = at_google($other, 'Theirs 3');
	google('PATCH', "$other/events/$copy->{id}", { summary => 'Theirs 3, renamed' });
	ok(wait_for(sub { at_google('primary', 'Theirs 3, renamed') }, 20), 'renamed in the copy');
	my ($orig) = at_google('primary', 'Theirs 4');
	google('DELETE', "primary/events/$orig->{id}");
	ok(wait_for(sub { !at_google($other, 'Theirs 4') }, 20), 'deleted in the original');
	ok(quiet(), 'quiet');
};

subtest 'case 10: a token that has ended, with deletions in the gap' => sub {
	my ($gone) = at_google('primary', 'Theirs 1');
	my ($kept) = at_google('primary', 'Theirs 2');
	$g->control({ push => { drop => 100 } });
	google('DELETE', "primary/events/$gone->{id}");
	google('PATCH', "primary/events/$kept->{id}", { summary => 'Theirs 2, in the gap' });
	$g->control($_) for { sync_tokens => { calendar => $email } },
	    { purge => { calendar => $email } };
	my $run = read_now($ann);
	$g->control({ push => { drop => 0 } });
	is($run->{status}, 'complete', 'read again') or diag explain $run;
	ok((grep { $_->{text} =~ /Everything is read again/ }
			@{ $t->get("/api/sync/$run->{syncId}/log")->{json}{data} }), 'and says so');
	ok(!at_home('Theirs 1'), 'what was deleted is gone');
	ok(at_home('Theirs 2, in the gap'), 'what was changed is changed');
	ok(quiet(), 'quiet');
	ok(!at_google($other, 'Theirs 1'), 'gone in the copy');
	is(scalar(at_google('primary', 'Theirs 5')), 1, 'and nothing is double');
};

subtest 'case 14: an account full of invitations: no mail, no answer changed' => sub {
	my $mails = @{ $g->state->{mails} };
	for my $n (1 .. 5) {
		google(
			'POST', 'primary/events?sendUpdates=none',
			meeting("With guests $n", 21, attendees => [{ email => 'c@example.net' }])
		);
		$g->control({ event => {
			calendar => $email, id => "invited0$n",
			organizer => 'boss@example.net',
			content => meeting("Invited $n", 22, attendees => [
				{ email => 'boss@example.net', responseStatus => 'accepted' },
				{ email => $email, self => JSON::PP::true,
					responseStatus => 'tentative' } ]) } });
	}
	read_now($ann);
	ok(quiet(), 'quiet');
	ok(at_home('Invited 3') && at_home('With guests 3'), 'all are here');
	my ($mine) = at_home('With guests 1');
	my ($guests) = at_google('primary', 'With guests 1');
	my ($theirs) = at_home('Invited 1');
	$t->put("/api/events/$mine->{id}", { location => 'Room 1' });
	$t->put("/api/events/$theirs->{id}", { title => 'My name for it' });
	$t->del('/api/events/' . (at_home('With guests 2'))[0]{id});
	ok(
		wait_for(sub { (at_google('primary', 'With guests 1'))[0]{location} }, 20),
		'mine is sent'
	);
	ok(quiet(), 'quiet');
	my ($edited) = at_google('primary', 'With guests 1');
	is($edited->{id}, $guests->{id}, 'as the same event, not as another one');
	is_deeply($edited->{attendees}, $guests->{attendees}, 'with the same guests');
	is(scalar(at_google('primary', 'Invited 1')), 1, 'what is not ours is as it was');
	my ($link) = grep { $_->{connectionId} eq $ann->{id} } @{ one($theirs->{id})->{links} };
	is($link->{state}, 'skipped', 'its link says so') or diag explain one($theirs->{id});
	is($link->{error}{code}, 'not_editable', 'and why');
	is(scalar(@{ $g->state->{mails} }), $mails, 'nobody got a mail')
	    or diag explain $g->state->{mails};
	my ($after) = at_google('primary', 'Invited 1');
	my ($self) = grep { $_->{email} eq $email } @{ $after->{attendees} };
	is($self->{responseStatus}, 'tentative', 'and no answer was changed');
};

subtest 'case 22: killed after it was made and before that was known' => sub {
	# Nothing tells of it meanwhile: a read would know it by its mark.
	$g->control({ push => { drop => 100 } });
	$g->control({ faults => [{
		kind => 'slow', method => 'POST', path => '/calendar/v3/calendars/primary/events',
		count => 1, delay_ms => 9000 }] });
	# The call waits for what becomes of it.
	my $caller = fork // die 'no process';
	if (!$caller) {
		$t->post('/api/events', event('Made once', 23));
		POSIX::_exit(0);
	}
	my $sent = "SELECT count(*) FROM link l JOIN event e ON e.id = l.object_key"
	    . " WHERE e.value LIKE '%Made once%' AND l.sent IS NOT NULL";
	ok(wait_for(sub { $t->sql($sent) }, 20), 'it is on its way');
	select undef, undef, undef, 0.3;
	$t->kill_all(KILL => 'tidemark-worker');
	waitpid $caller, 0;
	$g->control($_) for { faults => [] }, { push => { drop => 0 } };
	# What the lease would wait for.
	wait_for { !$t->pids('tidemark-worker') } 10;
	$t->sql("UPDATE outbox SET next_at = 1 WHERE next_at IS NOT NULL");
	$t->sql("UPDATE lane SET due_at = 1, pid = 0 WHERE kind = 'outbox'");
	ok(wait_for(sub { $t->tick; quiet() }, 40), 'taken up again');
	is(scalar(at_google('primary', 'Made once')), 1, 'once there');
	is(scalar(at_home('Made once')), 1, 'once here');
};

subtest 'case 13: a message that comes while the calendar is read' => sub {
	$g->control({ latency_ms => 400 });
	my $e = google('POST', 'primary/events', meeting('First of two', 24));
	wait_for { $t->sql("SELECT count(*) FROM sync WHERE state = 'running'") } 20;
	google('POST', 'primary/events', meeting('Second of two', 24));
	$g->control({ latency_ms => 0 });
	ok(wait_for(sub { at_home('First of two') }, 30), 'the first is here');
	ok(wait_for(sub { at_home('Second of two') }, 30), 'and the second');
	ok(quiet(), 'quiet');
};

subtest 'an answer without a word is no answer' => sub {
	my $here = here();
	my $copies = there($other);
	$g->control({ sync_tokens => { calendar => $email },
		faults => [{ kind => 'empty200', method => 'GET',
			path => '/calendar/v3/calendars/primary/events', count => -1 }] });
	my $run = read_now($ann);
	$g->control({ faults => [] });
	isnt($run->{status}, 'complete', 'the run stops: ' . ($run->{error}{code} // ''));
	is(scalar(here()), $here, 'nothing was deleted here');
	is(scalar(there($other)), $copies, 'nor in the copy');
	is(read_now($ann)->{status}, 'complete', 'and the next one is well');
	ok(quiet(), 'quiet');
};

subtest 'case 21: deleted is deleted everywhere, unless it was edited' => sub {
	for my $side ('there', 'here') {
		my $title = "Deleted $side";
		my $id = made($title, 25);
		ok(wait_for(sub { at_google($other, $title) && at_google('primary', $title) }, 20),
			'everywhere');
		ok(quiet(), 'quiet');
		if ($side eq 'here') { $t->del("/api/events/$id") }
		else {
			my ($e) = at_google('primary', $title);
			google('DELETE', "primary/events/$e->{id}");
		}
		my $left = sub {
			return at_home($title) + at_google('primary', $title)
			    + at_google($other, $title)
		};
		ok(wait_for(sub { !$left->() }, 20), "$title is gone everywhere");
		ok(quiet(), 'quiet');
		is($t->reset_and_wait($_->{id}, 'refetch')->{status}, 'complete', 'read anew')
		    for $ann, $team;
		ok(quiet(), 'quiet');
		is($left->(), 0, 'and stays so when all is read anew');
	}
	my $id = made('Fought over', 26);
	ok(wait_for(sub { at_google($other, 'Fought over') && at_google('primary', 'Fought over') },
		20),
		'everywhere');
	ok(quiet(), 'quiet');
	my ($e) = at_google('primary', 'Fought over');
	$g->control({ push => { drop => 100 } });
	google('PATCH', "primary/events/$e->{id}", { summary => 'Fought over, edited' });
	is($t->del("/api/events/$id")->{status}, 200, 'deleted here');
	wait_for { !at_google($other, 'Fought over') } 20;
	$g->control({ push => { drop => 0 } });
	read_now($ann);
	ok(wait_for(sub { at_home('Fought over, edited') }, 20), 'the edit wins');
	ok(wait_for(sub { at_google($other, 'Fought over, edited') }, 20), 'everywhere');
	ok(quiet(), 'quiet');
	my $told = $t->get('/api/conflicts?state=resolved')->{json}{data};
	my ($c) = grep { $_->{eventId} eq $id } @$told;
	is($c->{fields}[0]{field}, 'deleted', 'and that is told') or diag explain $c;
	$t->del("/api/events/$id");
	ok(wait_for(sub { !at_google('primary', 'Fought over, edited') }, 20), 'gone for good');
	ok(quiet(), 'quiet');
};

subtest 'a calendar that is cut and connected anew has nothing twice' => sub {
	my $here = here();
	my $there = there($other);
	is($t->del("/api/connections/$team->{id}?data=delete")->{status}, 204, 'cut');
	$team = connection($other, 'Team again');
	ok(quiet(), 'quiet');
	is(scalar(here()), $here, 'as many here');
	is(scalar(there($other)), $there, 'as many there');
};

done_testing;
