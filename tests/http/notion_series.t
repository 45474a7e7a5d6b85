# seconds: 20
# A series is one page of Notion, with the date of its next occurrence: in whichever way it is
# changed, on either side, there is one page for each series and no ghost.
use strict;
use warnings;
use POSIX qw(strftime);
use Test::More;
use Tidemark;
use Tidemark::Notion;

my ($g, $n, $t) = Tidemark::Notion->beside;
my $s = $n->source('Plans', { When => { date => {} }, Repeats => { rich_text => {} } });
my $c = $t->connect('notion', undef, name => 'plans', config => { dataSource => $s })->{id};
$t->wait_run($t->get("/api/connections/$c")->{json}{lastSync}{syncId});

sub until_so(&$) {
	my ($so, $name) = @_;
	my $v = Tidemark::wait_for { $t->tick; $so->() } 20;
	ok($v, $name);
	return $v;
}
sub text { return join '', map { $_->{plain_text} } @{ $_[0] } }
# [title, first day, words] of each page, by title and day.
sub pages {
	my $r = $n->call(POST => "/data_sources/$s/query", {});
	return sort { "@$a" cmp "@$b" } map {
		my $p = $_->{properties};
		[text($p->{Name}{title}), substr($p->{When}{date}{start}, 0, 10),
			text($p->{Repeats}{rich_text})]
	} @{ $r->{results} };
}
sub count { my @all = pages(); return scalar @all }
sub page { return $n->call(POST => "/data_sources/$s/query", {})->{results}[0] }
my $now = time;
sub day { return strftime('%Y-%m-%d', gmtime $now + 86400 * $_[0]) }
sub slot { return strftime('%Y%m%d', gmtime $now + 86400 * $_[0]) }
sub event { return $t->get("/api/events/$_[0]")->{json}{event} }
# The days on which it comes in the next six weeks.
sub days {
	my ($id) = @_;
	my $r = $t->get('/api/events?expand=1&limit=500&from=' . day(-1) . '&to=' . day(42));
	return join ' ', map { substr $_->{startDateTime}, 0, 10 }
	    grep { $_->{eventId} eq $id } @{ $r->{json}{data} };
}
sub same { my ($want, $name) = @_; return until_so { eq_array([pages()], $want) } $name }
sub writes { return grep { !/^GET / && !m{/query$|/search$} } $n->calls }

# Days from today: an occurrence was a week ago, is in three days, and each week from then on.
my $id = $t->post(
	'/api/events',
	{
		title => 'Choir', startDateTime => day(-11), endDateTime => day(-10),
		allDay => true, recurrence => ['RRULE:FREQ=WEEKLY']
	}
)->{json}{event}{id};

subtest 'it is there once, and nothing is written twice' => sub {
	until_so { (pages())[0] } 'it is there';
	my ($p) = pages();
	is_deeply([@$p[0, 1]], ['Choir', day(3)], 'on the next day that it comes');
	like($p->[2], qr/^Every week on \w+day$/, 'with its rule in words');
	until_so { event($id)->{links}[0]{state} eq 'synced' } 'the link says so';
	my $before = event($id);
	$n->forget;
	for (1 .. 3) { $t->sync_and_wait($c); $t->tick }
	is_deeply([writes()], [], 'nothing more is written there');
	is_deeply(event($id), $before, 'nor here');
};
my $words = (pages())[0][2];

subtest 'case 17: each scope of an edit here' => sub {
	my $at = "/api/events/$id/occurrences/" . slot(3);
	$t->put($at, { startDateTime => day(4), endDateTime => day(5) });
	same([['Choir', day(4), $words]], 'the next one is moved');
	$t->del($at);
	same([['Choir', day(10), $words]], 'it is left out');
	$t->put("/api/events/$id", { title => 'Singing' });
	same([['Singing', day(10), $words]], 'all of it has another name');
	my $r = $t->put("/api/events/$id/occurrences/" . slot(17) . '?scope=following',
		{ title => 'Dancing' });
	my $following = $r->{json}{following}{id};
	until_so { count() == 2 } 'what follows is a series of its own';
	my @p = map { [@$_[0, 1]] } pages();
	is_deeply(\@p, [['Dancing', day(17)], ['Singing', day(10)]], 'each with its next day');
	$t->del("/api/events/$following");
	until_so { count() == 1 } 'it goes again';
	$t->put("/api/events/$id", { recurrence => ['RRULE:FREQ=WEEKLY'] });
	until_so { (pages())[0][2] eq $words } 'the first one goes on';
	is(count(), 1, 'one page');
};

subtest 'edits there' => sub {
	my $before = days($id);
	like($before, qr/^\Q@{[day(10)]}\E /, 'the next one is in ten days');
	my $p = page()->{id};
	$n->edit($p, Name => $n->title('Chorus'));
	until_so { $t->sync_and_wait($c); event($id)->{title} eq 'Chorus' } 'a name is for all';
	is(days($id), $before, 'and moves nothing');
	$n->edit($p, When => { date => { start => day(12) } });
	my $want = $before =~ s/^\S+/day(12)/er;
	until_so { $t->sync_and_wait($c); days($id) eq $want } 'a day is that occurrence\'s';
	$t->tick;
	$n->forget;
	for (1 .. 3) { $t->sync_and_wait($c); $t->tick }
	is_deeply([writes()], [], 'and that is all');
	is(days($id), $want, 'it stays');
	is((pages())[0][1], day(12), 'there too');
	my $nonsense = '{"keep": {"recurrence": ["RRULE:X"]}}';
	$n->edit($p, Tidemark => { rich_text => $n->text($nonsense) });
	until_so { $t->sync_and_wait($c); !event($id) || !event($id)->{recurrence} } 'nonsense';
	is($t->get("/api/connections/$c")->{json}{lastError}, undef, 'ends no sync');
	$t->del("/api/events/$id");
	until_so { count() == 0 } 'a deletion here is one there';
};

subtest 'the page goes on when what it shows is over' => sub {
	my $began = time;
	my $at = sub { return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $began + $_[0]) };
	my $end = $at->(8);
	$t->post(
		'/api/events',
		{
			title => 'Watch', startDateTime => $at->(-1000), endDateTime => $end,
			recurrence => ['RRULE:FREQ=DAILY;INTERVAL=2']
		}
	);
	my $start = substr $at->(2 * 86400 - 1000), 0, 10;
	until_so { (pages())[0] } 'it is there';
	until_so { $t->sync_and_wait($c); (pages())[0][1] eq $start } 'it has gone on';
	is(count(), 1, 'and is the only one');
};

done_testing;
