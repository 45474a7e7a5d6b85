# seconds: 20
# Conditions say which pages of Notion are events. One that does not fit leaves the calendar and is
# kept, comes back when it fits again, and takes nothing of anybody else's with it.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Notion;

my ($g, $n, $t) = Tidemark::Notion->beside;
my $s = $n->source('Tasks',
	{
		When => { date => {} }, Status => { status => {} },
		Tags => { multi_select => {} }, Ready => { checkbox => {} }
	}
);
sub page {
	my ($title, $status, %more) = @_;
	return $n->page($s, $title, When => { date => { start => '2026-10-05' } },
		Status => { status => { name => $status } }, %more);
}
sub titles {
	return join ' ', sort map { $_->{title} }
	    @{ $t->get('/api/events?from=2026-10-01&to=2026-11-01&limit=500')->{json}{data} };
}
sub until_so(&$) {
	my ($so, $name) = @_;
	my $v = Tidemark::wait_for { $t->tick; $so->() } 20;
	ok($v, $name) or diag titles();
	return $v;
}
# A sync that begins now, to its end: one that was under way may have read before.
sub synced {
	my ($c) = @_;
	my %before = map { $_->{syncId} => 1 } $t->runs($c);
	my $r;
	do { $r = $t->sync_and_wait($c) } while $before{ $r->{syncId} };
	return $r;
}
sub status { return $n->edit($_[0], Status => { status => { name => $_[1] } }) }

my %page = map { $_ => page($_, 'Not started') } qw(Tea Cake Milk);
$page{Old} = page('Old', 'Done');
my $made = $t->connect('notion', undef, name => 'tasks',
	config => { dataSource => $s, where => ['Status is not Done'] });
my $c = $made->{id};
is($t->wait_run($made->{lastSync}{syncId})->{status}, 'complete', 'connected');

my $ann = 'ann@example.com';
$g->control({ calendar => { id => $ann, owner => $ann, zone => 'UTC' } });
$g->connect($t, path => '/api/auth/google/start?for=google-calendar');
$g->control({ token => { value => 'ann', email => $ann } });
my $google = $t->connect('google-calendar', undef, name => 'Google', config => {});
$t->wait_run($google->{lastSync}{syncId});
sub there {
	return join ' ', sort map { $_->{summary} }
	    grep { $_->{status} ne 'cancelled' }
	    @{ $g->calendar('ann', 'GET', 'primary/events')->{items} };
}

subtest 'pages that do not fit are records, and no events' => sub {
	is(titles(), 'Cake Milk Tea', 'three fit');
	is(scalar keys %{ $t->copy_of($c) }, 4, 'all are kept');
	until_so { there() eq 'Cake Milk Tea' } 'Google has what fits';
};

subtest 'one that is done leaves the calendar, and comes back when it is not' => sub {
	my ($event) = grep { $_->{title} eq 'Tea' }
	    @{ $t->get('/api/events?from=2026-10-01&to=2026-11-01')->{json}{data} };
	status($page{Tea}, 'Done');
	$t->poll($c);
	until_so { titles() eq 'Cake Milk' } 'it leaves, by what was edited alone';
	is(scalar keys %{ $t->copy_of($c) }, 4, 'its record stays');
	ok(!$n->call(GET => "/pages/$page{Tea}")->{in_trash}, 'and its page');
	until_so { there() eq 'Cake Milk' } 'the copy at Google goes';
	synced($c);
	is(titles(), 'Cake Milk', 'a read of everything says the same');
	status($page{Tea}, 'In progress');
	$t->poll($c);
	until_so { titles() eq 'Cake Milk Tea' } 'it comes back';
	until_so { there() eq 'Cake Milk Tea' } 'at Google, too, once';
	status($page{Milk}, 'Done');
	synced($c);
	until_so { titles() eq 'Cake Tea' } 'a read of everything sees it as well';
	status($page{Milk}, 'Not started');
	synced($c);
	until_so { titles() eq 'Cake Milk Tea' } 'both ways';
};

subtest 'what comes from elsewhere is not taken away by a tick in Notion' => sub {
	$g->calendar('ann', 'POST', 'primary/events',
		{ summary => 'Dentist', start => { date => '2026-10-06' },
			end => { date => '2026-10-07' } });
	synced($google->{id});
	my $page = until_so {
		(grep { ($_->{properties}{Name}{title}[0]{plain_text} // '') eq 'Dentist' }
			@{ $n->call(POST => "/data_sources/$s/query", {})->{results} })[0]
	} 'an event of Google is a page';
	status($page->{id}, 'Done');
	$t->poll($c);
	synced($c);
	$t->tick;
	is(titles(), 'Cake Dentist Milk Tea', 'done there, it stays here');
	is(there(), 'Cake Dentist Milk Tea', 'and at Google');
};

subtest 'many at once ask before anything goes at Google' => sub {
	my @many = map { page("M$_", 'Not started') } 10 .. 40;
	synced($c);
	until_so { my @m = there() =~ /M\d+/g; @m == 31 } 'thirty more';
	status($_, 'Done') for @many;
	$t->poll($c);
	my $asks = sub { return $t->sql("SELECT count(*) FROM outbox WHERE state = 'held'") };
	Tidemark::wait_for { $t->tick; $asks->() || titles() !~ /M/ } 20;
	Tidemark::wait_for { $t->tick; $asks->() } 20;
	my @m = there() =~ /M\d+/g;
	is(scalar @m, 31, 'all of them are there');
	cmp_ok($asks->(), '>', 0, 'a person is asked');
	status($_, 'Not started') for @many;
	$t->poll($c);
	Tidemark::wait_for { $t->tick; my @h = titles() =~ /M\d+/g; @h == 31 } 20;
	@m = titles() =~ /M\d+/g;
	is(scalar @m, 31, 'undone, they are here again');
};

subtest 'a property of a condition is renamed, or gone' => sub {
	$n->schema($s, Status => { name => 'State' });
	is(synced($c)->{status}, 'complete', 'renamed, it is found');
	like(titles(), qr/^Cake Dentist M.*Milk Tea$/, 'and nothing comes or goes');
	unlike(titles(), qr/Old/, 'what did not fit does not now');
	$n->schema($s, State => undef);
	my $r = synced($c);
	like($r->{error}{detail}, qr/"Status is not Done" is about a property that the data/,
		'gone, it is said') or diag explain $r;
	like(titles(), qr/^Cake Dentist M.*Milk Tea$/, 'and all stays as it was');
	$r = $t->request(PATCH => "/api/connections/$c", { config => { where => ['Done'] } });
	is($r->{status}, 422, 'what is no condition is refused');
};

subtest 'other types: boxes, tags, texts' => sub {
	my %boxes = (Tags => { multi_select => {} }, Ready => { checkbox => {} });
	my $x = $n->source('Types', { When => { date => {} }, %boxes });
	my $put = sub {
		my ($title, $ready, @tags) = @_;
		$n->page($x, $title, When => { date => { start => '2026-10-09' } },
			Ready => { checkbox => $ready ? Tidemark::true : Tidemark::false },
			Tags => { multi_select => [map { { name => $_ } } @tags] });
	};
	$put->('Xa', 1, 'home', 'work');
	$put->('Xb', 1, 'home');
	$put->('Xc', 0, 'work');
	my $d = $t->connect('notion', undef, name => 'types', config => {
		dataSource => $x, direction => 'pull',
		where => ['Ready is true', 'Tags contains work', 'Name is not empty'] });
	is($t->wait_run($d->{lastSync}{syncId})->{status}, 'complete', 'read');
	is(join(' ', titles() =~ /X\w/g), 'Xa', 'all conditions hold for one');
};

done_testing;
