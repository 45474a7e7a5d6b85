# seconds: 30
# A series as a page of Notion for each of its occurrences in a window, and one for the series: in
# whichever of three scopes it is changed, on either side, there is one page for each occurrence
# and no ghost. The choice can be changed, too.
use strict;
use warnings;
use POSIX qw(strftime);
use Test::More;
use Tidemark;
use Tidemark::Notion;

my ($g, $n, $t) = Tidemark::Notion->beside;
my $s = $n->source('Plans',
	{ When => { date => {} }, Repeats => { rich_text => {} }, Where => { rich_text => {} } });
my $c = $t->connect('notion', undef, name => 'plans',
	config => { dataSource => $s, series => 'each' })->{id};
$t->wait_run($t->get("/api/connections/$c")->{json}{lastSync}{syncId});

sub until_so(&$) {
	my ($so, $name) = @_;
	my $v = Tidemark::wait_for { $t->sync_and_wait($c); $t->tick; $so->() } 20;
	ok($v, $name);
	return $v;
}
sub text { return join '', map { $_->{plain_text} } @{ $_[0] // [] } }
sub all { return @{ $n->call(POST => "/data_sources/$s/query", {})->{results} } }
sub start { return substr $_[0]{properties}{When}{date}{start} // '', 0, 10 }
# "title first-day" of each page, by day; that of a series has none.
sub pages {
	return join ', ', map { $_->[1] } sort { "@$a" cmp "@$b" }
	    map { [start($_), text($_->{properties}{Name}{title}) . ' ' . start($_)] } all();
}
sub page { my ($day) = @_; return (grep { start($_) eq $day } all())[0] }
my $now = time;
sub day { return strftime('%Y-%m-%d', gmtime $now + 86400 * $_[0]) }
sub slot { return strftime('%Y%m%d', gmtime $now + 86400 * $_[0]) }
sub event { return $t->get("/api/events/$_[0]")->{json}{event} }
sub comes {
	my ($id) = @_;
	my $r = $t->get('/api/events?expand=1&limit=500&from=' . day(-9) . '&to=' . day(70));
	return join ', ', map { "$_->{title} " . substr $_->{startDateTime}, 0, 10 }
	    grep { $_->{eventId} eq $id } @{ $r->{json}{data} };
}
sub same {
	my ($want, $name) = @_;
	my $v = until_so { pages() eq $want } $name;
	is(pages(), $want, $name) if !$v;
	return $v;
}
sub writes { return grep { !/^GET / && !m{/query$|/search$} } $n->calls }
sub quiet {
	my ($name) = @_;
	$t->sync_and_wait($c);
	$t->sync_and_wait($c);
	$n->forget;
	for (1 .. 3) { $t->sync_and_wait($c); $t->tick }
	is_deeply([writes()], [], $name);
}
sub list { my ($title, @days) = @_; return join ', ', "$title ", map { "$title " . day($_) } @days }

# It was four days ago, and each three weeks from then on.
my $id = $t->post(
	'/api/events',
	{
		title => 'Choir', startDateTime => day(-46), endDateTime => day(-45),
		allDay => true, recurrence => ['RRULE:FREQ=DAILY;INTERVAL=21']
	}
)->{json}{event}{id};
my @days = (-4, 17, 38, 59);

subtest 'each occurrence in the window has a page' => sub {
	same(list('Choir', @days), 'all are there');
	my ($series) = grep { start($_) eq '' } all();
	is(text($series->{properties}{Repeats}{rich_text}), 'Every 21 days', 'the series in words');
	is(event($id)->{links}[0]{externalId}, $series->{id}, 'the twin is the page of the series');
	quiet('nothing is written twice');
	is(scalar @{ $t->get('/api/events?limit=500')->{json}{data} }, 1, 'it is one event');
};

subtest 'case 17: each scope of an edit here' => sub {
	my $at = "/api/events/$id/occurrences/" . slot(17);
	$t->put($at, { title => 'Song', startDateTime => day(18), endDateTime => day(19) });
	same(list('Choir', -4) . ', Song ' . day(18) . ', Choir ' . day(38) . ', Choir ' . day(59),
		'one of them');
	$t->del($at);
	same(list('Choir', -4, 38, 59), 'it is left out');
	$t->put("/api/events/$id", { title => 'Singing', location => 'Hall' });
	same(list('Singing', -4, 38, 59), 'all of them have another name');
	is(text(page(day 38)->{properties}{Where}{rich_text}), 'Hall', 'and place');
	my $r = $t->put("/api/events/$id/occurrences/" . slot(38) . '?scope=following',
		{ title => 'Dancing' });
	my $following = $r->{json}{following}{id};
	same('Dancing , Singing , Singing ' . day(-4) . ', Dancing ' . day(38) . ', Dancing '
		    . day(59), 'what follows is a series of its own');
	quiet('and that is all');
	$t->del("/api/events/$following");
	same(list('Singing', -4), 'it goes with its pages');
	$t->put("/api/events/$id", { recurrence => ['RRULE:FREQ=DAILY;INTERVAL=21'] });
	same(list('Singing', -4, 38, 59), 'they come again');
};

subtest 'case 17: each scope of an edit there' => sub {
	$n->edit(page(day 38)->{id}, Name => $n->title('Solo'),
		When => { date => { start => day 40 } });
	my $want = 'Singing ' . day(-4) . ', Solo ' . day(40) . ', Singing ' . day(59);
	until_so { comes($id) eq $want } 'one of them is that occurrence alone' or diag comes($id);
	same('Singing , ' . $want, 'and stays so there');
	quiet('nothing more is written');
	my ($series) = grep { start($_) eq '' } all();
	$n->edit($series->{id}, Name => $n->title('Opera'));
	$want =~ s/Singing/Opera/g;
	same('Opera , ' . $want, 'the page of the series is for all that say nothing else');
	is(comes($id), $want, 'here, too');
	$n->trash(page(day 59)->{id});
	$want =~ s/, Opera [-\d]+$//;
	until_so { comes($id) eq $want } 'one in the trash is left out' or diag comes($id);
	$n->edit(page(day 40)->{id}, Name => $n->title('Opera'));
	$want =~ s/Solo/Opera/;
	until_so { comes($id) eq $want } 'one that is as the others again' or diag comes($id);
	same('Opera , ' . $want, 'all of it');
	quiet('and it is quiet');
};

subtest 'the choice is changed' => sub {
	my $change = sub {
		my $r = $t->patch("/api/connections/$c", { config => { series => $_[0] } });
		$t->post("/api/sync/$r->{json}{plan}{syncId}/approve", {}) if $r->{status} == 202;
	};
	my $said = sub {
		return join ' ', map { $_->{message} }
		    map { @{ $_->{warnings} // [] } } $t->runs($c);
	};
	my $before = comes($id);
	$change->('one');
	same('Opera ' . day(40), 'one page with the next occurrence');
	like($said->(), qr/occurrences that go to the trash .*: 2\./, 'it is said');
	quiet('it stays');
	is(comes($id), $before, 'nothing of it is another one here');
	$change->('each');
	same('Opera , ' . $before, 'a page for each again');
	is(comes($id), $before, 'nor by that');
	like($said->(), qr/Series that are one page now, .*: 1\./, 'that is said, too');
	quiet('it stays, too');
	my ($series) = grep { start($_) eq '' } all();
	$n->trash($series->{id});
	my $held;
	until_so { $held = $t->get("/api/connections/$c")->{json}{lastSync}; $held->{review} }
	    'the page of the series in the trash is all that there is, and that is asked about';
	is(pages(), $before, 'until then nothing goes');
	my $r = $t->post("/api/sync/$held->{syncId}/approve", {});
	is($r->{status}, 202, 'it is answered') or diag explain $r->{json};
	$t->wait_run($r->{json}{syncId});
	my $gone = Tidemark::wait_for { $t->tick; !event($id) } 20;
	ok($gone, 'the series is deleted');
	same('', 'and takes all along');
};

done_testing;
