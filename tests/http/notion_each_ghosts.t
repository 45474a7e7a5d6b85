# seconds: 8
# A series is edited here while its page is not shown to us, and those of its occurrences are: it
# gets a page of its own there. Shown again, the old one stands for it with the pages that it had,
# and of those that were made meanwhile none is left beside them.
use strict;
use warnings;
use POSIX qw(strftime);
use Test::More;
use Tidemark;
use Tidemark::Notion;

my ($g, $n, $t) = Tidemark::Notion->beside;
my $s = $n->source('Plans', { When => { date => {} } });
my $c = $t->connect('notion', undef, name => 'plans',
	config => { dataSource => $s, series => 'each' })->{id};
$t->wait_run($t->get("/api/connections/$c")->{json}{lastSync}{syncId});

my $now = time;
sub day { return strftime('%Y-%m-%d', gmtime $now + 86400 * $_[0]) }
sub all { return @{ $n->call(POST => "/data_sources/$s/query", {})->{results} } }
sub start { return substr $_[0]{properties}{When}{date}{start} // '', 0, 10 }
sub title { return $_[0]{properties}{Name}{title}[0]{plain_text} }
sub there {
	return join ' ', sort map { "$_->{id} " . start($_) . ' ' . title($_) } all();
}
sub until_so(&$) {
	my ($so, $name) = @_;
	my $v = Tidemark::wait_for { $t->sync_and_wait($c); $t->tick; $so->() } 20;
	return ok($v, $name);
}
sub here {
	my $r = $t->get('/api/events?expand=1&limit=500&from=' . day(-9) . '&to=' . day(70));
	return join '|', sort map { substr($_->{startDateTime}, 0, 10) . " $_->{title}" }
	    @{ $r->{json}{data} };
}
sub event {
	my ($title, $day, @rule) = @_;
	return $t->post(
		'/api/events',
		{
			title => $title, startDateTime => day($day),
			endDateTime => day($day + 1), allDay => Tidemark::true,
			@rule ? (recurrence => \@rule) : ()
		}
	)->{json}{event}{id};
}

sub shown {
	my ($page, $yes) = @_;
	my %o = (id => $page, token => 'ntn_test');
	return $g->control(
		{ notion_share => { %o, shared => $yes ? Tidemark::true : Tidemark::false } });
}
# The pages of occurrences, each "day title".
sub pages {
	my @days = sort map { start($_) . ' ' . title($_) } grep { start($_) } all();
	return @days;
}
sub named { my ($title) = @_; return grep { title($_) eq $title && !start($_) } all() }
sub level { return join('|', pages()) eq here() }

# Beside others: all that there is would be asked about.
my $id = event('Choir', -46, 'RRULE:FREQ=DAILY;INTERVAL=21');
event("Other $_", 20) for 1 .. 3;
until_so { pages() == 7 && level() } 'each occurrence has a page';
my ($series) = map { $_->{id} } named('Choir');
my $had = join ' ', sort map { $_->{id} } all();

for my $edit (
	[{ title => 'Chorus' }, 'another title'],
	[{ startDateTime => day(-45), endDateTime => day(-44) }, 'another day'],
    ) {
	my ($said, $what) = @$edit;
	shown($series, 0);
	is($t->put("/api/events/$id", $said)->{status}, 200, "$what, while it is not shown");
	my $came = here();
	until_so { named('Choir') + named('Chorus') == 2 && pages() == 11 }
	    'it is made again, with pages of its own';
	is(here(), $came, 'here it is as it was edited');
	shown($series, 1);
	$t->reset_and_wait($c, 'refetch');
	until_so { pages() == 7 && level() } 'shown again, each occurrence has one page'
	    or diag here(), "\n", join '|', pages();
	is(here(), $came, 'as it was edited');
	is(join(' ', sort map { $_->{id} } all()), $had, 'in the pages that there were');
	$t->reset_and_wait($c, 'refetch');
	$t->sync_and_wait($c) for 1, 2;
	ok(level(), 'and so it stays');
}

done_testing;
