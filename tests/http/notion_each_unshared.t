# seconds: 8
# The page of a series is not shown to us any more, while those of its occurrences are: nothing of
# the series is left here, nothing is put into the trash there, and shown again it is back whole,
# with what somebody has written meanwhile.
use strict;
use warnings;
use POSIX qw(strftime);
use Test::More;
use Tidemark;
use Tidemark::Notion;

my ($g, $n, $t) = Tidemark::Notion->beside;
my $s = $n->source('Plans', { When => { date => {} }, Who => { rich_text => {} } });
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

# Beside others: all that there is would be asked about.
my $id = event('Choir', -46, 'RRULE:FREQ=DAILY;INTERVAL=21');
event("Other $_", 80) for 1 .. 3;
until_so { scalar(all()) == 8 } 'each occurrence has a page';
my ($series) = grep { !start($_) } all();
my ($page) = grep { start($_) eq day(17) } all();

sub shared {
	my ($yes) = @_;
	my %o = (id => $series->{id}, token => 'ntn_test');
	return $g->control(
		{ notion_share => { %o, shared => $yes ? Tidemark::true : Tidemark::false } });
}

for my $again (1, 2) {
	my ($was, $came) = (there(), here());
	my @ids = sort map { $_->{id} } all();
	shared(0);
	$t->reset_and_wait($c, 'refetch');
	until_so { here() eq '' } "time $again: not shown, the series is not here";
	is($t->get("/api/events/$id")->{status}, 404, 'nor by its name');
	is(there(), $was, 'and all of its pages are as they were');
	$n->edit($page->{id}, Name => $n->title("Solo $again"));
	$t->sync_and_wait($c) for 1, 2;
	is(here(), '', 'what somebody writes in one of them is no event of its own');
	$t->reset_and_wait($c, 'refetch');
	is(here(), '', 'nor when all is read');

	shared(1);
	my $want = join '|', map { s/^(\Q${\day(17)}\E) .*/$1 Solo $again/r } split /\|/, $came;
	$t->reset_and_wait($c, 'refetch');
	until_so { here() eq $want } 'shown again, it is back whole' or diag here(), " / $want";
	is($t->get("/api/events/$id")->{status}, 200, 'by the name that it had');
	$t->sync_and_wait($c) for 1, 2;
	is(join(' ', sort map { $_->{id} } all()), "@ids", 'with the pages that it had');
	is(scalar(grep { title($_) eq "Solo $again" } all()), 1, 'and what was written there');
}

done_testing;
