# Conflicts over HTTP: which there are, what a person may say to one that is open, and what becomes
# of it: what stands is an edit that is sent.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Twoway;

my $t = Tidemark->start;
$t->source->put('/a.csv', "id\n1\n");
my $conn =
    $t->connect(csv => $t->source->url('/a.csv'), name => 'Work', start => false)->{id};
my $other =
    $t->connect(csv => $t->source->url('/a.csv'), name => 'Home', start => false)->{id};

# An event that both sides have edited: title and place here, title there.
sub asked {
	my %o = (conn => $conn, @_);
	my $event = made($t, title => 'Tea');
	my $link = twin_of($t, $event, $o{conn});
	$t->put("/api/events/$event", { title => 'Coffee', location => 'Here' });
	$t->sql("DELETE FROM outbox WHERE link_id = '$link'");
	my $fields = $o{fields}
	    // [{ field => 'title', base => 'Tea', local => 'Coffee', remote => 'Cocoa' }];
	my $id = conflict_of($t, $link, $fields);
	return ($id, $event, $link);
}
sub event { return $t->get("/api/events/$_[0]")->{json}{event} }
sub answer { my ($id, $said) = @_; return $t->post("/api/conflicts/$id", $said) }
sub base_of { return json($t->sql("SELECT base FROM link WHERE id = '$_[0]'")) }
sub waits {
	return $t->sql(
		"SELECT op || ' ' || state FROM outbox WHERE link_id = '$_[0]' "
		    . 'AND finished_at IS NULL'
	)
}

subtest 'what is open is listed with all three versions' => sub {
	my ($id, $event) = asked();
	my ($c) = @{ $t->get('/api/conflicts?state=open')->{json}{data} };
	is $c->{id}, $id;
	is $c->{eventId}, $event;
	is $c->{title}, 'Coffee';
	is $c->{connectionId}, $conn;
	is $c->{policy}, 'ask';
	is_deeply $c->{fields},
	    [{
		field => 'title', base => 'Tea', local => 'Coffee', remote => 'Cocoa',
		chosen => undef
	}];
	like $c->{detectedAt}, qr/^2026-09-/;
	is_deeply $t->get("/api/conflicts/$id")->{json}, $c;
	is_deeply $t->get('/api/conflicts?state=resolved')->{json}{data}, [];
	is scalar @{ $t->get("/api/conflicts?eventId=$event")->{json}{data} }, 1;
	is $t->get('/api/conflicts?state=over')->{status}, 422;
};

subtest 'ours stands: it is sent, and theirs is kept' => sub {
	my ($id, $event, $link) = asked();
	my $r = answer($id, { choice => 'local' });
	is $r->{status}, 200 or diag $r->{content};
	ok $r->{json}{success};
	is $r->{json}{state}, 'resolved';
	like $r->{json}{resolvedBy}, qr{^token };
	is $r->{json}{fields}[0]{chosen}, 'local';
	is_deeply $r->{json}{kept}, { title => 'Cocoa' };
	is event($event)->{title}, 'Coffee';
	is base_of($link)->{title}, 'Cocoa', 'what is there is agreed on as it is there';
	ok !exists base_of($link)->{location};
	is waits($link), 'put waiting';
	is event($event)->{links}[0]{state}, 'queued';
	is answer($id, { choice => 'remote' })->{status}, 409;
	my $over = $t->get('/api/conflicts?state=resolved')->{json}{data};
	is_deeply [map { $_->{id} } @$over], [$id];
	ok scalar(@{ $t->get('/api/conflicts?limit=1')->{json}{data} }) == 1;
	my @all = map { "$_->{id} $_->{state}" }
	    map { @{ $t->get("/api/conflicts$_")->{json}{data} } } '?state=open', '?state=resolved';
	like "@all", qr/ open.* resolved/;
	is_deeply [map { "$_->{id} $_->{state}" } @{ $t->get('/api/conflicts')->{json}{data} }],
	    [reverse sort @all], 'asked for without a state: both';
};

subtest 'theirs stands: it comes here, and other fields of ours are still sent' => sub {
	my ($id, $event, $link) = asked();
	my $r = answer($id, { choice => 'remote' });
	is $r->{status}, 200 or diag $r->{content};
	is_deeply $r->{json}{kept}, { title => 'Coffee' };
	is event($event)->{title}, 'Cocoa';
	is event($event)->{location}, 'Here';
	is waits($link), 'put waiting';
	my ($why) = @{ $t->get("/api/events/$event/history")->{json}{data} };
	is $why->{reason}, 'A conflict was answered: the title as it is there.';
	like $why->{actor}, qr{^token };
	is_deeply [map { $_->{field} } @{ $why->{changes} }], ['title'];
};

my @three = (
	{ field => 'title', base => 'Tea', local => 'Coffee', remote => 'Cocoa' },
	{
		field => 'time',
		base => { startDateTime => '2026-10-05T10:00:00+02:00' },
		local => {
			startDateTime => '2026-10-05T10:00:00+02:00',
			endDateTime => '2026-10-05T11:00:00+02:00', timeZone => 'Europe/Berlin'
		},
		remote => {
			startDateTime => '2026-10-05T14:00:00+02:00',
			endDateTime => '2026-10-05T15:00:00+02:00', timeZone => 'Europe/Berlin'
		}
	},
	{ field => 'notes', remote => 'theirs' }
);

subtest 'each field by itself, and what was entered' => sub {
	my ($id, $event, $link) = asked(fields => \@three);
	my $r = answer(
		$id,
		{
			choice => 'merge',
			fields => {
				title => 'Mocha', time => { side => 'remote' },
				notes => { value => 'both' }
			}
		}
	);
	is $r->{status}, 200 or diag $r->{content};
	my $e = event($event);
	is $e->{title}, 'Mocha';
	is $e->{startDateTime}, '2026-10-05T14:00:00+02:00';
	is $e->{endDateTime}, '2026-10-05T15:00:00+02:00';
	is $e->{notes}, 'both';
	is_deeply [map { $_->{chosen} } @{ $r->{json}{fields} }], [qw(edited remote edited)];
	is waits($link), 'put waiting';
	is base_of($link)->{notes}, 'theirs';
};

subtest 'a time that is entered is checked like any other' => sub {
	my ($id, $event) = asked(fields => [$three[1]]);
	my $say = sub { answer($id, { choice => 'merge', fields => { time => @_ } }) };
	my $r = $say->({ value => { endDateTime => '2026-10-05T09:00:00+02:00' } });
	is $r->{status}, 422;
	is $r->{json}{errors}[0]{field}, 'fields.time';
	like $r->{json}{detail}, qr/^fields\.time: /;
	$r = $say->('at noon');
	is $r->{status}, 422;
	is $r->{json}{errors}[0]{field}, 'fields.time';
	is $t->get("/api/conflicts/$id")->{json}{state}, 'open', 'nothing was done';
	$r = $say->({ value => { endDateTime => '2026-10-05T12:00:00+02:00' } });
	is $r->{status}, 200 or diag $r->{content};
	is event($event)->{endDateTime}, '2026-10-05T12:00:00+02:00';
	is event($event)->{startDateTime}, '2026-10-05T10:00:00+02:00';
};

subtest 'what cannot be understood is said field by field' => sub {
	my ($id) = asked(fields => \@three);
	for my $case (
		[{}, 'choice'],
		[{ choice => 'both' }, 'choice'],
		[{ choice => 'local', fields => {} }, 'fields'],
		[{ choice => 'local', sure => true }, 'sure'],
		[{ choice => 'merge' }, 'fields'],
		[
			{
				choice => 'merge',
				fields => {
					title => { value => 1 }, time => { side => 'local' },
					notes => 'x'
				}
			},
			'fields.title'
		],
		[{ choice => 'merge', fields => { title => 'x', notes => 'x' } }, 'fields.time'],
		[
			{
				choice => 'merge',
				fields => {
					title => 'local', time => { side => 'local' }, notes => 'x'
				}
			},
			'fields.title'
		],
		[
			{
				choice => 'merge',
				fields => {
					title => { side => 'ours' }, time => { side => 'local' },
					notes => 'x'
				}
			},
			'fields.title'
		],
		[
			{
				choice => 'merge',
				fields => {
					title => 'x', time => { side => 'local' }, notes => 'x',
					url => 'x'
				}
			},
			'fields.url'
		],
		[
			{
				choice => 'merge', alike => true,
				fields => {
					title => 'x', time => { side => 'local' }, notes => 'x'
				}
			},
			'alike'
		],
	    ) {
		my $r = answer($id, $case->[0]);
		is $r->{status}, 422, "$case->[1]: $r->{content}";
		is $r->{json}{errors}[0]{field}, $case->[1];
	}
	is answer('00000000-0000-7000-8000-000000000000', { choice => 'local' })->{status}, 404;
};

subtest 'an edit against a deletion' => sub {
	my $event = made($t);
	my $link = twin_of($t, $event, $conn);
	my $gone = { field => 'deleted', base => false, local => true, remote => false };
	$t->del("/api/events/$event");
	$t->sql("DELETE FROM outbox WHERE link_id = '$link'");
	my $id = conflict_of($t, $link, [{ %$gone, value => { title => 'Cocoa' } }]);
	my $r = answer($id, { choice => 'merge', fields => { deleted => true } });
	is $r->{status}, 200 or diag $r->{content};
	is $r->{json}{fields}[0]{chosen}, 'local';
	ok !exists $r->{json}{fields}[0]{value};
	is waits($link), 'delete waiting';
	is $t->get("/api/events/$event")->{status}, 404;

	$event = made($t);
	$link = twin_of($t, $event, $conn);
	$id = conflict_of($t, $link, [{ %$gone, local => false, remote => true }]);
	is answer($id, { choice => 'remote' })->{status}, 200;
	is $t->get("/api/events/$event")->{status}, 404, 'deleted here, as it is there';

	# It was removed there before that was answered, and that was known when it was asked.
	$event = made($t);
	$link = twin_of($t, $event, $conn);
	$id = conflict_of($t, $link, [{ %$gone, local => false, remote => true }]);
	is answer($id, { choice => 'local' })->{status}, 200;
	my ($past) = grep { $_->{action} eq 'DELETED' }
	    @{ $t->get("/api/events/$event/history")->{json}{data} };
	is $past->{actor}, $conn, 'who removed it';
	is $past->{at}, $t->get("/api/conflicts/$id")->{json}{detectedAt}, 'and when';
};

subtest 'the same for all alike' => sub {
	my $fields = [{ field => 'location', local => 'Here', remote => 'There' }];
	my @same = map { (asked(fields => $fields))[0] } 1 .. 3;
	my ($elsewhere) = asked(conn => $other, fields => $fields);
	my ($more) = asked(fields => [@$fields, $three[0]]);
	my $r = answer($same[1], { choice => 'remote', alike => true });
	is $r->{json}{alike}, 2;
	is $t->get("/api/conflicts/$_")->{json}{state}, 'resolved' for @same;
	is $t->get("/api/conflicts/$_")->{json}{state}, 'open' for $elsewhere, $more;
};

subtest 'a conflict outlives its connection, and ends here' => sub {
	my ($id, $event) = asked(conn => $other);
	$t->del("/api/connections/$other?data=delete");
	$t->sql("DELETE FROM link WHERE connection_id = '$other'");
	my $r = answer($id, { choice => 'remote' });
	is $r->{status}, 200 or diag $r->{content};
	is event($event)->{title}, 'Cocoa';
};

my $me = $t->sign_in('admin');
sub page {
	my ($path) = @_;
	return $t->get($path, token => undef, headers => { cookie => $me->{cookie} })->{content}
}
sub form {
	my ($path, %form) = @_;
	return $t->post(
		$path, undef, token => undef, headers => { cookie => $me->{cookie} },
		form => { csrf => $me->{csrf}, %form }
	)
}

subtest 'the page of an event says who has deleted it, and who has edited it' => sub {
	my $of = sub {
		my ($gone_here) = @_;
		my $event = made($t);
		my $link = twin_of($t, $event, $conn);
		my %on = (local => $gone_here ? true : false, remote => $gone_here ? false : true);
		my $id = conflict_of($t, $link, [{ field => 'deleted', base => false, %on }]);
		return ($id, sub { page("/events/$event") =~ s/<[^>]*>//gr =~ s/\s+/ /gr });
	};
	my ($id, $said) = $of->(0);
	like $said->(), qr/Changed here and in Work .*Deleted there and edited here; nobody has/;
	unlike $said->(), qr/Edited on both|have edited|\byes\b/;
	is answer($id, { choice => 'local' })->{status}, 200;
	like $said->(), qr/Deleted there and edited here; the edit stands/;
	($id, $said) = $of->(1);
	like $said->(), qr/Deleted here and edited there; nobody has decided yet/;
	is answer($id, { choice => 'local' })->{status}, 200;
	like $said->(), qr/Deleted here and edited there; the deletion stands/;
};

subtest 'the page shows the versions beside each other, the words that differ marked' => sub {
	$t->sql("DELETE FROM conflict");
	like page('/conflicts'), qr/Nothing needs a decision/;
	my ($id) = asked(
		fields => [{
			field => 'description', base => 'bring the red cup',
			local => 'bring the blue cup',
			remote => "bring the <b>red</b> cup\nand tea"
		}]
	);
	my $html = page('/conflicts');
	like $html, qr{bring the <mark>red</mark> cup}, 'before';
	like $html, qr{bring the <mark>blue</mark> cup}, 'here';
	like $html, qr{<mark>&lt;b&gt;red&lt;/b&gt;</mark>}, 'there, and nothing of it is markup';
	like $html, qr{href="/conflicts"[^>]*>\s*Conflicts <span class="count">1<}, 'in the menu';
	like page("/conflicts/$id"), qr{<textarea name="v_description"};
	unlike $html, qr/alike/, 'there is no other like it';
};

subtest 'a form answers by side, by field or by what is written' => sub {
	my ($id, $event) = asked(fields => \@three);
	my $r = form("/conflicts/$id", do => 'merge', s_title => 'value', v_title => 'Mocha');
	is $r->{status}, 422, 'a field is missing';
	like $r->{content}, qr/value="Mocha"/, 'what was written stays';
	$r = form(
		"/conflicts/$id", do => 'merge', s_title => 'value', v_title => 'Mocha',
		s_time => 'value', v_time => '2026-10-05T08:00:00+02:00',
		e_time => '2026-10-05T09:00:00+02:00', s_notes => 'remote'
	);
	is $r->{status}, 303 or diag $r->{content};
	my $e = event($event);
	is_deeply [@$e{qw(title startDateTime notes)}],
	    ['Mocha', '2026-10-05T08:00:00+02:00', 'theirs'];
	my @same = map { (asked())[0] } 1 .. 2;
	like page('/conflicts'), qr/Do the same for 1 other like this/;
	is form("/conflicts/$same[0]", do => 'local', alike => 1)->{status}, 303;
	is $t->get("/api/conflicts/$_")->{json}{state}, 'resolved' for @same;
	my $html = page('/conflicts?state=resolved');
	like $html, qr/You have answered it/;
	like $html, qr/class="version stands"/;
	is form("/conflicts/$same[0]", do => 'local')->{status}, 409, 'once';
};

subtest 'an occurrence is named so that people know it, and answered by its key' => sub {
	my $event = made($t, recurrence => ['RRULE:FREQ=WEEKLY;COUNT=3']);
	my $key = '@20261012T080000Z';
	$t->put("/api/events/$event/occurrences/20261012T080000Z", { title => 'Coffee' });
	my $link = twin_of($t, $event, $conn);
	$t->sql("DELETE FROM outbox WHERE link_id = '$link'");
	my $id = conflict_of(
		$t, $link,
		[{
			field => $key, base => undef, local => { title => 'Coffee' },
			remote => { title => 'Cocoa' }
		}]
	);
	my $c = $t->get("/api/conflicts/$id")->{json};
	my ($f) = @{ $c->{fields} };
	is_deeply [$c->{title}, @$f{qw(field name occurrence)}],
	    [
		'Tea', $key, 'the occurrence of 12 Oct 2026, 10:00', '2026-10-12T10:00:00+02:00'
	    ];
	my $r = answer($id, { choice => 'merge', fields => { $key => { side => 'remote' } } });
	is $r->{status}, 200 or diag $r->{content};
	is $r->{json}{fields}[0]{name}, $f->{name}, 'so it is in the reply';
	is_deeply [map { $_->{title} } @{ event($event)->{exceptions} }], ['Cocoa']
	    or diag explain event($event);
};

done_testing;
