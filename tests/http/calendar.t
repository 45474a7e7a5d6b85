# The calendar's pages as a person without JavaScript meets them: months, weeks and agendas, the
# form and what it says of mistakes, series in all three ways, two tabs, and why an event is so.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Twoway qw(twin_of item_of conflict_of);

my $t = Tidemark->start;
my $admin = $t->sign_in('admin');
my $zone = 'tidemark-zone=Europe/Berlin';

sub page {
	my ($path, %o) = @_;
	return $t->get(
		$path, token => undef,
		headers => { cookie => "$admin->{cookie}; " . ($o{zone} // $zone) }
	);
}
sub form {
	my ($path, %form) = @_;
	return $t->post(
		$path, undef, token => undef, headers => { cookie => "$admin->{cookie}; $zone" },
		form => { csrf => $admin->{csrf}, %form }
	);
}
# What the fields of a page's form hold, as a browser would send them.
sub fields {
	my ($html) = @_;
	my ($form) = $html =~ m{<form[^>]*(eventform.*?</form>)}s or return;
	my %f;
	my $plain = sub {
		$_[0] =~ s/&quot;/"/gr =~ s/&#39;/'/gr =~ s/&lt;/</gr =~ s/&amp;/&/gr
	};
	for ($form) {
		while (/<input\b([^>]*)>/g) {
			my $tag = $1;
			my ($name) = $tag =~ /\bname="(\w+)"/ or next;
			next if $tag =~ /type="checkbox"/ && $tag !~ /\bchecked/;
			my ($value) = $tag =~ /\bvalue="([^"]*)"/;
			$f{$name} = $plain->($value // 'on') =~ s/[\r\n]//gr;
		}
		my $area = qr{<textarea[^>]*name="(\w+)"[^>]*>\n?([^<]*)</textarea>};
		$f{$1} = $plain->($2) while /$area/g;
		while (m{<select[^>]*name="(\w+)"[^>]*>(.*?)</select>}gs) {
			my ($name, $options) = ($1, $2);
			$f{$name} = $options =~ /value="([^"]*)" selected/ ? $1 : '';
		}
	}
	return %f
}
sub edit {
	my ($path, %typed) = @_;
	return form($path =~ s/\?.*//r, fields(page($path)->{content}), %typed)
}
sub event { return $t->get("/api/events/$_[0]")->{json}{event} }
sub made {
	my $r = $t->post('/api/events', {@_});
	is $r->{status}, 201, 'made' or diag $r->{content};
	return $r->{json}{event}{id}
}
# As a provider has it that has words of its own.
sub of_provider {
	my ($id, $name, $v) = @_;
	$t->sql("UPDATE event SET value = json_set(value, '\$.$name', '$v') WHERE id = '$id'");
}
sub gone { $t->del("/api/events/$_->{id}") for @{ $t->get('/api/events')->{json}{data} } }
# The text of a page.
sub words { return $_[0] =~ s/<[^>]+>/ /gr =~ s/&#39;/'/gr =~ s/&quot;/"/gr =~ s/\s+/ /gr }
# "title|classes" of the bars of a month.
sub bars {
	my %bar;
	my $html = $_[0];
	$bar{$2} = $1 while $html =~ m{<a class="(ev [^"]*)"[^>]*title="([^"]*)"}g;
	return \%bar
}

subtest 'an empty calendar says how to begin' => sub {
	my $r = page('/calendar');
	is $r->{status}, 200;
	like words($r->{content}), qr/Your calendar is empty.*Create the first event/;
	like $r->{content}, qr{href="/calendar" aria-current="page"}, 'and is in the menu';
};

subtest 'times are those of the browser, or of the zone that was chosen' => sub {
	my $id = made(
		title => 'Late', startDateTime => '2026-10-05T22:30:00Z',
		endDateTime => '2026-10-05T23:00:00Z'
	);
	my $see = sub { words(page('/calendar?view=agenda&date=2026-10-01', @_)->{content}) };
	like $see->(), qr/Tuesday, 6 October 2026 00:30 to 01:00 Late/;
	like $see->(zone => 'x=y'), qr/Monday, 5 October 2026 22:30 to 23:00 Late.*shown in UTC/;
	like $see->(zone => 'tidemark-zone=No/Where'), qr/Times shown in UTC/;
	my $r = form('/calendar', zone => 'Asia/Tokyo', back => '/calendar?view=week');
	is $r->{status}, 303;
	like $r->{headers}{location}, qr{/calendar\?view=week$};
	my ($kept) = map { /^(tidemark-zone-chosen=[^;]*)/ } map { ref ? @$_ : $_ }
	    $r->{headers}{'set-cookie'};
	like $see->(zone => "$zone; $kept"),
	    qr/6 October 2026 07:30 to 08:00 Late.*Times shown in Asia.Tokyo/;
	$r = form('/calendar', zone => 'Tokyo');
	is $r->{status}, 422;
	like $r->{content}, qr{name="zone" value="Tokyo"|There is no such time zone};
	is form('/calendar', zone => 'UTC', back => 'https://example.com/')->{headers}{location},
	    '/calendar', 'back goes nowhere else';
	gone();
};

subtest 'a month has bars over days, and says how many more there are' => sub {
	made(
		title => 'Holiday', startDateTime => '2026-10-08', endDateTime => '2026-10-14'
	);
	made(
		title => "Meeting $_", startDateTime => "2026-10-09T0$_:00:00",
		endDateTime => "2026-10-09T0$_:30:00", timeZone => 'Europe/Berlin'
	) for 1 .. 9;
	made(
		title => 'Night', startDateTime => '2026-10-20T22:00:00',
		endDateTime => '2026-10-21T02:00:00', timeZone => 'Europe/Berlin'
	);
	my $r = page('/calendar?date=2026-10-09');
	my $bars = bars($r->{content});
	like $bars->{Holiday}, qr/\bc1 w2 l1 .*bar before/, 'the second week goes on';
	like $r->{content}, qr/class="ev c4 w4 l1[^"]*after[^"]*"[^>]*title="Holiday"/;
	like $bars->{'Meeting 2'}, qr/\bc5 w1 l3/;
	ok !$bars->{'Meeting 3'};
	like words($r->{content}), qr/\+7 .{0,6}more on Friday, 9 October 2026/;
	like $bars->{Night}, qr/\bc2 w1/;
	like words($r->{content}), qr/Friday, 9 October 2026 New event .*Meeting 9/,
	    'the day below';
	like words($r->{content}), qr/9 events|10 events/;
	$r = page('/calendar?date=2026-10-09&view=week');
	like $r->{content},
	    qr/<foreignObject x="0.00%" y="3.00rem" width="100.00%" height="1.50rem">/,
	    'a week has it by the hour';
	like page('/calendar?view=week&date=2026-10-19')->{content},
	    qr/22:00.*22:00.*Wednesday, 21 October/s, 'what goes over midnight is on both days';
	is page("/calendar?view=$_&date=nonsense")->{status}, 200 for qw(month week agenda year);
	is page("/calendar?date=$_")->{status}, 200
	    for qw(1900-01-01 8999-12-31 2026-02-30 0000-00-00);
	gone();
};

subtest 'those that overlap stand side by side' => sub {
	made(
		title => $_->[0], startDateTime => "2026-10-09T$_->[1]:00",
		endDateTime => "2026-10-09T$_->[2]:00", timeZone => 'Europe/Berlin'
	) for ['A', '09:00', '11:00'], ['B', '10:00', '12:00'], ['C', '11:00', '13:00'],
	    ['D', '14:00', '15:00'];
	my %at;
	my $html = page('/calendar?view=week&date=2026-10-09')->{content};
	$at{$3} = "$1 $2"
	    while $html =~ /<foreignObject x="([\d.]+)%"[^>]*width="([\d.]+)%".*?title="(\w)"/gs;
	is_deeply \%at,
	    { A => '0.00 50.00', B => '50.00 50.00', C => '0.00 50.00', D => '0.00 100.00' };
	gone();
};

subtest 'an event is made by the form, and what is wrong stands beside its field' => sub {
	my %f = fields(page('/calendar/new?date=2026-10-05')->{content});
	is "$f{startDate} $f{startTime} $f{endTime} $f{zone}",
	    '2026-10-05 09:00 10:00 Europe/Berlin';
	my $r = form('/calendar/new', %f, title => ' ', startDate => '', endTime => 'x');
	is $r->{status}, 422;
	like $r->{content}, qr/Say on which day it begins/;
	for ([startTime => qr/Say when it begins/], [endTime => qr/Say when it ends/]) {
		my ($field, $says) = @$_;
		$r = form('/calendar/new', %f, title => 'x', $field => '');
		like $r->{content}, $says, "one that does not last all day needs its $field";
	}
	$r = form('/calendar/new', %f, title => '', endTime => '08:00', location => '<b>Here</b>');
	is $r->{status}, 422;
	like $r->{content}, qr/Give the event a title\./;
	like $r->{content}, qr/The event ends before it begins\./;
	like $r->{content}, qr/value="&lt;b&gt;Here&lt;\/b&gt;"/, 'what was typed stays';
	$r = form('/calendar/new', %f, title => 'x', zone => 'Berlin');
	like $r->{content}, qr/id="ev-zone-e">There is no such time zone/;
	$r = form('/calendar/new', %f, title => 'x', repeat => 'week', ends => 'until');
	like $r->{content}, qr/Say on which day the series ends/;
	$r = form('/calendar/new', %f, title => 'x', repeat => 'own', lines => 'FREQ=SOMETIMES');
	like $r->{content}, qr/FREQ=SOMETIMES.*is none/s;
	is scalar @{ $t->get('/api/events')->{json}{data} }, 0, 'nothing is made';
	$r = form('/calendar/new', %f, title => 'Tea', description => "one\r\ntwo");
	is $r->{status}, 303 or diag $r->{content};
	my $id = $r->{headers}{location} =~ s{.*/}{}r;
	my $e = event($id);
	is $e->{startDateTime}, '2026-10-05T09:00:00+02:00';
	is $e->{timeZone}, 'Europe/Berlin';
	is $e->{description}, "one\ntwo";
	ok $e->{busy};
	like words(page("/events/$id")->{content}),
	    qr/Tea Monday, 5 October 2026, 09:00 to 10:00 \(Europe.Berlin\)/;
	$r = form(
		'/calendar/new', %f, title => 'Trip', allDay => 1, endDate => '2026-10-07',
		startTime => '', endTime => '', busy => ''
	);
	$e = event($r->{headers}{location} =~ s{.*/}{}r);
	is "$e->{startDateTime} $e->{endDateTime}", '2026-10-05 2026-10-08', 'the last day counts';
	gone();
};

subtest 'a rule is made in plain words, and goes with the day of the start' => sub {
	my %f = (fields(page('/calendar/new?date=2026-10-05')->{content}), title => 'Round');
	my $rule = sub {
		my $r = form('/calendar/new', %f, @_);
		return $r->{status} if $r->{status} != 303;
		my $id = $r->{headers}{location} =~ s{.*/}{}r;
		return join ' ', @{ event($id)->{recurrence} // [] }
	};
	is $rule->(), '';
	is $rule->(repeat => 'day', every => 2), 'RRULE:FREQ=DAILY;INTERVAL=2';
	is $rule->(repeat => 'week'), 'RRULE:FREQ=WEEKLY';
	is $rule->(repeat => 'week', startDate => '2026-10-06', endDate => '2026-10-06'),
	    'RRULE:FREQ=WEEKLY', 'Monday was the first one: Tuesday it is';
	is $rule->(repeat => 'week', days => 'WE'), 'RRULE:FREQ=WEEKLY;BYDAY=WE';
	is $rule->(repeat => 'month', by => 'weekday', ends => 'count', count => 3),
	    'RRULE:FREQ=MONTHLY;BYDAY=1MO;COUNT=3';
	is $rule->(repeat => 'year', ends => 'until', until => '2030-10-05'),
	    'RRULE:FREQ=YEARLY;UNTIL=20301005T215959Z';
	is $rule->(repeat => 'own', lines => "FREQ=MONTHLY;BYMONTHDAY=1,15\r\n\r\n"),
	    'RRULE:FREQ=MONTHLY;BYMONTHDAY=1,15';
	is $rule->(repeat => 'week', ends => 'count', count => '0'), 422;
	is $rule->(repeat => 'week', every => '0'), 422;
	is $rule->(repeat => 'week', ends => 'until', until => '2026-10-01'), 422;
	gone();
};

subtest 'what nobody has touched is not written' => sub {
	my $id = made(
		title => 'Odd', startDateTime => '2026-10-05T09:00:30+02:00',
		endDateTime => '2026-10-05T10:00:30+02:00', timeZone => 'Europe/Berlin',
		recurrence => ['RRULE:FREQ=WEEKLY;BYDAY=MO;WKST=MO', 'EXDATE:20261012T070030Z'],
		notes => "a\n\n b "
	);
	of_provider($id, color => 'red');
	my $before = event($id);
	is edit("/events/$id/edit")->{status}, 303;
	is_deeply event($id), $before, 'not even what the form cannot show';
	is edit("/events/$id/edit", title => 'Even')->{status}, 303;
	my $after = event($id);
	is $after->{title}, 'Even';
	$after->{$_} = $before->{$_} for qw(title updatedAt);
	is_deeply $after, $before;
	for (
		['2026-10-05T10:00:00Z', '2026-10-05T11:00:00Z', description => "\n\n led \n"],
		['2026-10-05T10:00:00', '2026-10-05T11:00:00'],
		['2026-10-05', '2026-10-07', status => 'cancelled'],
		[
			'2026-10-25T02:30:00+01:00', '2026-10-25T02:45:00+01:00',
			timeZone => 'Europe/Berlin'
		],
		['2026-10-05T23:30:00+13:00', '2026-10-06T00:30:00+13:00'],
		[
			'2026-10-05T10:00:00', '2026-10-05T11:00:00', timeZone => 'Asia/Kathmandu',
			recurrence => ['RDATE:20261007T041500Z']
		]
	) {
		my ($from, $until, %more) = @$_;
		my $odd = made(
			title => " Odd\n one ", startDateTime => $from, endDateTime => $until, %more
		);
		my $was = event($odd);
		is edit("/events/$odd/edit")->{status}, 303;
		is_deeply event($odd), $was, "as it was: $from";
		is scalar @{ $t->get("/api/events/$odd/history")->{json}{data} }, 1, 'unwritten';
		is edit("/events/$odd/edit", location => 'Here')->{status}, 303;
		is event($odd)->{$_}, $was->{$_}, "$_ of $from"
		    for qw(title startDateTime description);
	}
	is edit("/events/$id/edit", repeat => 'week', every => 2)->{status}, 303;
	is_deeply event($id)->{recurrence},
	    ['RRULE:FREQ=WEEKLY;INTERVAL=2', 'EXDATE:20261012T070030Z'],
	    'what is left out stays so';
	gone();
};

my %round = (
	title => 'Round', startDateTime => '2026-10-19T09:00:00',
	endDateTime => '2026-10-19T09:30:00', timeZone => 'Europe/Berlin',
	recurrence => ['RRULE:FREQ=WEEKLY;COUNT=4']
);
sub comes {
	return join ', ', map { substr($_->{startDateTime}, 5, 11) . " $_->{title}" }
	    @{ $t->get('/api/events?expand=1&from=2026-10-01&to=2026-12-31')->{json}{data} }
}

subtest 'one of a series, it and all that follow, or all are changed and deleted' => sub {
	my $id = made(%round);
	my $html = page("/events/$id?at=20261026T080000Z")->{content};
	like words($html), qr/Round Monday, 26 October 2026, 09:00 to 09:30/;
	like words($html), qr/Every week on Monday, 4 times/;
	like words($html),
	    qr/Edit this event Edit this and following events Edit the whole series/;
	my $r = edit("/events/$id/edit?at=20261026T080000Z&scope=one", title => 'Special');
	is $r->{status}, 303 or diag $r->{content};
	is comes(), '10-19T09:00 Round, 10-26T09:00 Special, 11-02T09:00 Round, 11-09T09:00 Round';
	like words(page("/events/$id?at=20261026T080000Z")->{content}), qr/this one is different/;
	$r = edit(
		"/events/$id/edit?at=20261102T080000Z&scope=following", title => 'Later',
		startTime => '11:00', endTime => '12:00'
	);
	is $r->{status}, 303 or diag $r->{content};
	my $later = $r->{headers}{location} =~ s{.*/}{}r;
	is comes(), '10-19T09:00 Round, 10-26T09:00 Special, 11-02T11:00 Later, 11-09T11:00 Later';
	edit("/events/$id/edit?at=20261026T080000Z&scope=all", startTime => '10:00',
		endTime => '10:30');
	is comes(), '10-19T10:00 Round, 10-26T10:00 Special, 11-02T11:00 Later, 11-09T11:00 Later';
	$r = form("/events/$id", do => 'remove', at => '20261026T090000Z', scope => 'one');
	like $r->{content}, qr/Are you sure/, 'it asks first';
	form("/events/$id", do => 'remove', at => '20261026T090000Z', scope => 'one', sure => 1);
	form("/events/$later", do => 'remove', at => '20261109T100000Z', scope => 'following',
		sure => 1);
	is comes(), '10-19T10:00 Round, 11-02T11:00 Later';
	form("/events/$later", do => 'remove', scope => 'all', sure => 1);
	is comes(), '10-19T10:00 Round';
	like words(page("/events/$later")->{content}), qr/This event is deleted/;
	is page("/events/$later/edit")->{status}, 404;
	form("/events/$later", do => 'restore');
	is comes(), '10-19T10:00 Round, 11-02T11:00 Later';
	is page("/events/$id?at=20261027T090000Z")->{status}, 404;
	is page('/events/nonsense')->{status}, 404;
	gone();
};

subtest 'a form that was overtaken writes nothing, and shows what was changed' => sub {
	my $id = made(%round);
	my %tab = fields(page("/events/$id/edit")->{content});
	$t->put("/api/events/$id", { title => 'Theirs', location => 'There' });
	my $r = form("/events/$id/edit", %tab, title => 'Mine');
	is $r->{status}, 409;
	is event($id)->{title}, 'Theirs', 'nothing is written';
	my $words = words($r->{content});
	like $words, qr/Title : was Round , is now Theirs , and you say Mine/;
	like $words, qr/Place : was nothing, is now There/;
	my %again = fields($r->{content});
	is $again{title}, 'Mine';
	is $again{location}, 'There', 'what was not touched is theirs';
	is form("/events/$id/edit", %again)->{status}, 303;
	is event($id)->{title}, 'Mine';
	is event($id)->{location}, 'There';
	is form("/events/$id/edit", %again, base => 'nonsense', title => 'Old')->{status}, 409,
	    'also when nobody can tell from what it was made';
	# An edit of another occurrence is nobody's loss.
	%tab = fields(page("/events/$id/edit?at=20261026T080000Z&scope=one")->{content});
	$t->del("/api/events/$id/occurrences/20261102T080000Z");
	is form("/events/$id/edit", %tab, title => 'Special')->{status}, 303;
	is comes(), '10-19T09:00 Mine, 10-26T09:00 Special, 11-09T09:00 Mine';
	$r = form("/events/$id", do => 'remove', rev => 1, sure => 1);
	is $r->{status}, 409, 'nor is it deleted';
	is event($id)->{title}, 'Mine';
	gone();
};

subtest 'a colour that is none is said at its field' => sub {
	my $id = made(%round);
	my $r = edit("/events/$id/edit", color => 'red');
	is $r->{status}, 422;
	like $r->{content}, qr{id="ev-color-e">Colours are the numbers};
	of_provider($id, color => '24');
	is edit("/events/$id/edit", title => 'Other')->{status}, 303;
	is event($id)->{color}, '24', 'that of a provider stays';
	gone();
};

subtest 'an occurrence that is left out says so, and is brought back' => sub {
	my $id = made(%round);
	my $at = '20261026T080000Z';
	my $page = "/events/$id?at=$at";
	$t->del("/api/events/$id/occurrences/$at");
	my $html = page($page)->{content};
	like words($html), qr/This occurrence is left out of its series\. It can be brought back\./;
	unlike words($html), qr/(?:Edit|Delete) this event/;
	like words($html), qr/Delete this and following events/;
	like $html, qr{href="/events/$id/edit\?at=$at&amp;scope=all"};
	my $edit = page("/events/$id/edit?at=$at&scope=one")->{content};
	my $r = form("/events/$id/edit", fields($edit), title => 'Special');
	is $r->{status}, 409;
	like words($r->{content}), qr/set its status to "confirmed" as well/;
	my %again = fields($r->{content});
	is $again{title}, 'Special', 'what was typed is still there';
	is comes(), '10-19T09:00 Round, 11-02T09:00 Round, 11-09T09:00 Round';
	is form("/events/$id/edit", %again, status => 'confirmed')->{status}, 303;
	is comes(),
	    '10-19T09:00 Round, 10-26T09:00 Special, 11-02T09:00 Round, 11-09T09:00 Round';
	$t->del("/api/events/$id/occurrences/$at");
	$r = form("/events/$id", do => 'bring', at => $at);
	is_deeply [$r->{status}, $r->{headers}{location}], [303, $page];
	like words(page($page)->{content}), qr/Edit this event/;
	is form("/events/$id", do => 'bring')->{status}, 400, 'which one must be said';
	gone();
};

subtest 'an event says where it stands, and why it is so' => sub {
	my $id = made(%round);
	like words(page("/events/$id")->{content}), qr/This event is in this calendar only/;
	$t->source->put('/a.csv', "id\n1\n");
	my %state = (
		Level => ['synced'], Waits => ['queued'], Broken => ['failed', 'Share it with me.'],
		Clash => ['conflict'], Off => ['skipped', 'The organiser is somebody else.']
	);
	for my $name (sort keys %state) {
		my $c = $t->connect(
			csv => $t->source->url('/a.csv'), start => JSON::PP::false, name => $name
		);
		my ($state, $why) = @{ $state{$name} };
		$t->sql('INSERT INTO link (id, owner, connection_id, object_kind, dataset_no, '
			    . 'object_key, remote_id, state, rev, error_code, error_detail, '
			    . "created_at, updated_at) SELECT '$name', owner, '$c->{id}', 'event', "
			    . "0, id, 'far', '$state', 1, "
			    . ($why ? "'code', '$why'" : 'NULL, NULL')
			    . ", 1, 1 FROM event WHERE id = '$id'");
	}
	$t->sql('INSERT INTO conflict (id, owner, link_id, connection_id, object_kind, dataset_no, '
		    . 'object_key, policy, state, fields, kept, detected_at) SELECT '
		    . "'c', owner, id, "
		    . "connection_id, object_kind, dataset_no, object_key, 'ask', 'open', "
		    . q{'[{"field":"title","local":"Tea","remote":"Coffee"}]', '{}', 1 }
		    . "FROM link WHERE id = 'Clash'");
	edit("/events/$id/edit", title => 'Tea', endTime => '10:00');
	$t->put("/api/events/$id", { recurrence => ['RRULE:FREQ=WEEKLY;COUNT=2'] });
	my $words = words(page("/events/$id")->{content});
	like $words, qr/$_/
	    for qr/Broken (?:Being written|Not written)/, qr/Clash Changed on both sides/,
	    qr/Off Left alone The organiser is somebody else\./,
	    qr/Title : here Tea , there Coffee ; nobody has decided yet/,
	    qr/You changed it/, qr/Title : Round &#8594; became Tea|Title : Round . became Tea/,
	    qr/When : Monday, 19 October 2026, 09:00 to 09:30/,
	    qr/Repeats : Every week on Monday, 4 times .{1,10} became Every week .*, 2 times/,
	    qr/The program "command line" made it/;
	like words(page('/calendar?date=2026-10-19')->{content}), qr/Changed on both sides/,
	    'the month shows the worst of it';
	$t->put("/api/events/$id", { title => "Tea $_" }) for 1 .. 25;
	my ($older) = page("/events/$id")->{content} =~ m{href="(/events/\S+\?before=\d+)};
	like words(page($older)->{content}), qr/made it/, 'in pages';
	gone();
};

subtest 'what is on its way is listed with its reason, and can be tried now' => sub {
	$t->sql('DELETE FROM outbox');
	like words(page('/calendar/queue')->{content}), qr/No pending changes/;
	$t->source->put('/a.csv', "id\n1\n");
	my $c = $t->connect(
		csv => $t->source->url('/a.csv'), start => JSON::PP::false, name => 'Out'
	)->{id};
	my %item;
	for my $state (qw(waiting failed held)) {
		my $event = made(%round, title => "Is $state");
		$item{$state} = item_of(
			$t, twin_of($t, $event, $c), state => $state,
			$state eq 'failed'
			? (error_code => 'source_forbidden', error_detail => 'Share it first.')
			: ()
		);
	}
	my $words = words(page('/calendar/queue')->{content});
	like $words, qr/Could not be written 1 .*Is failed is to be changed in Out /;
	like $words, qr/Is failed .*Share it first\. Try now : Is failed/;
	like $words, qr/Waiting for your answer 1 .*Is held/;
	like $words, qr/Waiting 1 .*Is waiting/;
	like words(page('/calendar')->{content}), qr/2 changes have not been written\./;
	my $r = form('/calendar/queue', id => $item{failed});
	is $r->{status}, 303;
	is $t->sql("SELECT state FROM outbox WHERE id = '$item{failed}'"), 'waiting';
	is form('/calendar/queue', id => 'nonsense')->{status}, 404;
	is form('/calendar/queue')->{status}, 303, 'all of them';
	# What goes nowhere is not waited for.
	$t->del("/api/connections/$c");
	like words(page('/calendar/queue')->{content}), qr/No pending changes/;
	is $t->get('/api/calendar/sync/queue')->{json}{stats}{PENDING}, 0;
	unlike words(page('/calendar')->{content}), qr/not been written/;
	gone();
};

subtest 'events can be taken along, and are read again as the same' => sub {
	my %text = (
		title => "Commas, semicolons; back\\slashes and \x{fc}mlauts " . "\x{20ac}" x 60,
		description => "one\ntwo\\n three", location => 'Here; there'
	);
	made(
		%text, startDateTime => '2026-10-05T10:00:00+02:00',
		endDateTime => '2026-10-05T11:00:00+02:00', timeZone => 'Europe/Berlin'
	);
	made(title => 'Fair', startDateTime => '2026-10-08', endDateTime => '2026-10-11');
	my $id = made(%round, title => 'Series');
	$t->put(
		"/api/events/$id/occurrences/20261026T080000Z",
		{
			title => 'Moved', startDateTime => '2026-10-27T14:00:00',
			endDateTime => '2026-10-27T15:00:00'
		}
	);
	$t->del("/api/events/$id/occurrences/20261102T080000Z");
	my $r = page('/calendar.ics');
	is $r->{headers}{'content-type'} =~ s/;.*//r, 'text/calendar';
	my $ics = $r->{content};
	ok !(grep { length > 75 } split /\r\n/, $ics), 'no line is too long';
	is scalar(() = $ics =~ /^BEGIN:VTIMEZONE\r$/mg), 1, 'a zone is written once';
	like $ics,
	    qr/DTSTART:20261025T030000\r\nTZOFFSETFROM:\+0200\r\nTZOFFSETTO:\+0100\r\n/,
	    'with the changes of its clock';
	$t->source->put('/all.ics', $ics);
	my $c = $t->connect(ical => $t->source->url('/all.ics'), name => 'Again');
	$t->wait_run($c->{lastSync}{syncId}) if $c->{lastSync};
	my ($set) = @{ $t->get("/api/connections/$c->{id}/datasets")->{json}{data} };
	my @again = @{ $t->get("/api/datasets/$set->{id}/records")->{json}{data} };
	my %again = map { ($_->{summary} => $_) } @again;
	is scalar(@again), 5 or diag explain \@again;
	my $first = $again{ $text{title} };
	ok $first, 'the title' or diag explain [sort keys %again];
	is $first->{description}, $text{description};
	is $first->{location}, $text{location};
	is $again{Moved}{start}, '2026-10-27T13:00:00Z';
	my %series =
	    map { ($_->{start} => $_->{status}) } grep { $_->{summary} eq 'Series' } @again;
	is_deeply [sort keys %series], ['2026-10-19T09:00:00', '2026-11-02T08:00:00Z'];
	like $series{'2026-11-02T08:00:00Z'}, qr/cancelled/i, 'what is left out says so';
	is $again{Fair}{start}, '2026-10-08';
	my $one = page("/events/$id/event.ics")->{content};
	is scalar(() = $one =~ /^BEGIN:VEVENT\r$/mg), 3, 'one event, with what differs in it';
	is page('/events/nonsense/event.ics')->{status}, 404;
	gone();
};

subtest 'many events are one file, which is sent again only when one has changed' => sub {
	gone();
	my $id = made(title => 'First', startDateTime => '2026-10-05', endDateTime => '2026-10-06');
	$t->sql(
		<<~END
		INSERT INTO event (id, owner, uid, value, from_at, until_at, created_at, updated_at)
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
		SELECT e.id || i, owner, uid || i, value, from_at + i / 7, until_at, created_at,
			updated_at
		FROM event e, n WHERE e.id = '$id'
		END
	);
	my $r = page('/calendar.ics');
	my %seen;
	$seen{$_}++ for $r->{content} =~ /^UID:(.*)\r$/mg;
	is scalar(keys %seen), 1201, 'all of them';
	is_deeply [grep { $seen{$_} > 1 } keys %seen], [], 'each once';
	like $r->{content}, qr/\ABEGIN:VCALENDAR\r\n.*^END:VCALENDAR\r\n\z/ms, 'one calendar';
	my $again = sub {
		return $t->get('/calendar.ics',
			headers => { 'if-none-match' => $r->{headers}{etag} })->{status}
	};
	is $again->(), 304, 'nothing has changed';
	$t->put("/api/events/$id", { title => 'Other' });
	is $again->(), 200, 'one has changed';
	$r = page('/calendar.ics');
	$t->del("/api/events/$id");
	is $again->(), 200, 'one has gone';
	$t->sql('DELETE FROM event');
};

subtest 'a conflict is answered where the event is' => sub {
	my $id = made(%round);
	my $c = $t->connect(
		csv => $t->source->url('/a.csv'), start => JSON::PP::false, name => 'Two'
	)->{id};
	my $conflict = conflict_of($t, twin_of($t, $id, $c),
		[{ field => 'title', local => 'Round', remote => 'Circle' }]);
	like words(page("/events/$id")->{content}),
	    qr/here Round , there Circle .*Keep what is here Take what is there/;
	my %answer = (do => 'answer', conflict => $conflict);
	is form("/events/$id", %answer, choice => 'both')->{status}, 422;
	is form("/events/$id", %answer, choice => 'remote')->{status}, 303;
	is event($id)->{title}, 'Circle';
	like words(page("/events/$id")->{content}), qr/the edit made there stands/;
	gone();
};

done_testing;
