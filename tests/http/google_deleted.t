# seconds: 10
# Somebody edits an event at Google and then deletes it, before we have read either. Edited here as
# well, it comes back: with what was edited there, as far as Google tells of it. It promises no more
# than the name of what is deleted, and usually tells all.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Google;

my $g = Tidemark::Google->start;
my $t = Tidemark->start(env => { $g->env, TIDEMARK_RETRY_MS => 2 });
$g->control({ token => { value => 'cal', email => $g->{email} } });
my $account = $g->connect($t, path => '/api/auth/google/start?for=google-calendar');
my $c = $t->connect(
	'google-calendar', undef, name => 'Ann', accountId => $account->{id},
	config => { calendar => 'primary' }
);
$t->wait_run($c->{lastSync}{syncId});

sub google { return $g->calendar('cal', @_) }
sub one { return $t->get("/api/events/$_[0]")->{json}{event} }
sub quiet {
	return wait_for { !$t->sql('SELECT count(*) FROM outbox WHERE finished_at IS NULL') } 20;
}
my $n = 0;
# One that was made there, and is here: its id there, and here.
sub both {
	my (%more) = @_;
	my $title = 'Event ' . ++$n;
	my $there = google(
		'POST',
		'primary/events',
		{
			summary => $title, location => 'Hall',
			start => { dateTime => '2027-10-05T10:00:00Z', timeZone => 'UTC' },
			end => { dateTime => '2027-10-05T11:00:00Z', timeZone => 'UTC' }, %more
		}
	)->{id};
	$t->sync_and_wait($c->{id});
	my $here = $t->get('/api/events?limit=500')->{json}{data};
	my ($e) = grep { $_->{title} eq $title } @$here;
	return ($there, $e->{id});
}
# It is edited there, deleted there, and edited here; then it is as it comes to be on both sides.
sub crossed {
	my ($whole, $theirs, $ours, %made) = @_;
	my ($there, $here) = both(%made);
	$g->control({ deleted_whole => $whole ? \1 : \0 });
	google('PATCH', "primary/events/$there", $theirs);
	google('DELETE', "primary/events/$there");
	is($t->put("/api/events/$here", $ours)->{status}, 200, 'edited here');
	ok(quiet(), 'quiet');
	$t->sync_and_wait($c->{id}) for 1 .. 2;
	ok(quiet(), 'and stays so');
	return (google('GET', "primary/events/$there"), one($here), $here);
}
sub kept {
	my ($id) = @_;
	return $t->sql("SELECT group_concat(kept) FROM conflict WHERE object_key = '$id'"
		. " AND kept <> '{}'") // '';
}

subtest 'what was edited in another field is in what comes back' => sub {
	my ($there, $here, $id) = crossed(1, { location => 'Room 5' }, { title => 'Ours' });
	is($there->{status}, 'confirmed', 'it is back');
	is("$there->{summary}, $there->{location}", 'Ours, Room 5', 'with both edits');
	is("$here->{title}, $here->{location}", 'Ours, Room 5', 'here, too');
	unlike(kept($id), qr/Room 5/, 'that is no conflict');
};

subtest 'in the same field the edit that brings it back stands, and the other one is kept' => sub {
	my ($there, $here, $id) = crossed(1, { summary => 'Theirs' }, { title => 'Ours' });
	is($there->{summary}, 'Ours', 'there');
	is($here->{title}, 'Ours', 'here');
	like(kept($id), qr/Theirs/, 'the other one is kept');
};

subtest 'so it is with a series, of which one occurrence differs' => sub {
	my ($there, $here) = both(recurrence => ['RRULE:FREQ=DAILY;COUNT=5']);
	google('PATCH', "primary/events/${there}_20271007T100000Z", { summary => 'One' });
	$t->sync_and_wait($c->{id});
	$g->control({ deleted_whole => \1 });
	google('PATCH', "primary/events/$there", { location => 'Room 5' });
	google('DELETE', "primary/events/$there");
	$t->put("/api/events/$here", { title => 'Ours' });
	ok(quiet(), 'quiet');
	$t->sync_and_wait($c->{id}) for 1 .. 2;
	ok(quiet(), 'and stays so');
	my $series = google('GET', "primary/events/$there");
	is("$series->{summary}, $series->{location}", 'Ours, Room 5', 'with both edits');
	is(google('GET', "primary/events/${there}_20271007T100000Z")->{summary},
		'One', 'the occurrence says what it said');
	is(google('GET', "primary/events/${there}_20271008T100000Z")->{summary},
		'Ours', 'the others say what the series says');
};

subtest 'where Google tells the name alone, what is here comes back' => sub {
	my ($there, $here) = crossed(0, { location => 'Room 5' }, { title => 'Ours' });
	is("$there->{summary}, $there->{location}", 'Ours, Hall', 'there');
	is("$here->{title}, $here->{location}", 'Ours, Hall', 'here');
};

subtest 'what nobody has edited here goes, whatever Google tells' => sub {
	for my $whole (0, 1) {
		my ($there, $here) = both();
		$g->control({ deleted_whole => $whole ? \1 : \0 });
		google('PATCH', "primary/events/$there", { location => 'Room 5' });
		google('DELETE', "primary/events/$there");
		$t->sync_and_wait($c->{id});
		is(one($here), undef, 'it is gone here');
	}
};

done_testing;
