# seconds: 6
# What Google says of an event and nobody edits here - guests, who has called, the call, reminders,
# who sees it - is shown on its page of Notion, one-way, and as it becomes.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Notion;

my ($g, $n, $t) = Tidemark::Notion->beside;
my $ann = 'ann@example.com';
$g->control({ calendar => { id => $ann, owner => $ann, zone => 'Europe/Berlin' } });
$g->connect($t, path => '/api/auth/google/start?for=google-calendar');
$g->control({ token => { value => 'ann', email => $ann } });
my $google = $t->connect('google-calendar', undef, name => 'Google', config => {});
$t->wait_run($google->{lastSync}{syncId});
my $s = $n->source('Plans',
	{ When => { date => {} }, Guests => { rich_text => {} }, Call => { url => {} } });
my $c = $t->connect('notion', undef, name => 'plans', config => { dataSource => $s });
$t->wait_run($c->{lastSync}{syncId});
$c = $c->{id};

sub text {
	my ($page, $name) = @_;
	my $p = $page->{properties}{$name} // return 'no such property';
	return $p->{select} ? $p->{select}{name} : undef if $p->{type} eq 'select';
	return $p->{url} if $p->{type} eq 'url';
	return join '', map { $_->{plain_text} } @{ $p->{ $p->{type} } };
}
sub page {
	my ($title) = @_;
	return (grep { text($_, 'Name') eq $title }
		    @{ $n->call(POST => "/data_sources/$s/query", {})->{results} })[0];
}
sub until_so(&$) {
	my ($so, $name) = @_;
	my $v = Tidemark::wait_for {
		$t->sync_and_wait($_) for $google->{id}, $c;
		$t->tick;
		$so->();
	} 20;
	ok($v, $name);
	return $v;
}
sub shows {
	my ($title, %want) = @_;
	my $p = page($title) // return 0;
	return !grep { (text($p, $_) // '') ne $want{$_} } keys %want;
}

my %bob = (email => 'bob@example.com', displayName => 'Bob');
my $e = $g->calendar('ann', 'POST', 'primary/events',
	{
		summary => 'Plan', visibility => 'private',
		start => { date => '2026-12-07' }, end => { date => '2026-12-08' },
		attendees =>
		    [{ %bob, responseStatus => 'accepted' }, { email => 'eve@example.com' }],
		reminders => {
			useDefault => Tidemark::false,
			overrides => [{ method => 'popup', minutes => 10 },
				{ method => 'email', minutes => 1440 }]
		}
	});
$g->calendar('ann', 'POST', 'primary/events',
	{ summary => 'Alone', start => { date => '2026-12-09' }, end => { date => '2026-12-10' } });

my $guests = 'Bob (accepted), eve@example.com';
until_so { shows('Plan', Guests => $guests) } 'guests are shown'
    or diag explain page('Plan');
until_so { page('Alone') } 'an event without has a page';
is(text(page('Alone'), 'Guests'), '', 'and shows none');

subtest 'as it becomes' => sub {
	$g->calendar('ann', 'PATCH', "primary/events/$e->{id}",
		{ attendees => [{ %bob, responseStatus => 'declined' }] });
	until_so { shows('Plan', Guests => 'Bob (declined)') } 'an answer';
	my $id = (grep { $_->{title} eq 'Plan' }
		    @{ $t->get('/api/events?from=2026-12-01&to=2026-12-31')->{json}{data} })[0]{id};
	$t->put("/api/events/$id", { title => 'Plans' });
	until_so { shows('Plans', Guests => 'Bob (declined)') } 'it stays with an edit here';
	$n->edit(page('Plans')->{id}, Guests => { rich_text => $n->text('Me') });
	$t->sync_and_wait($c) for 1, 2;
	my $there = $g->calendar('ann', 'GET', "primary/events/$e->{id}");
	is_deeply([map { $_->{email} } @{ $there->{attendees} }], ['bob@example.com'],
		'what is typed there goes nowhere');
};

subtest 'the page of the connection says which are one-way' => sub {
	my $session = $t->sign_in('admin');
	my $r = $t->get("/connections/$c", token => undef,
		headers => { cookie => $session->{cookie} });
	my $seen = $r->{content} =~ s/<[^>]*>//gr =~ s/\s+/ /gr;
	my $only = ', one way: written there, never read';
	like($seen, qr/Guests: the property Guests$only/, 'one that there is');
	like($seen, qr/Organiser: no property$only/, 'one that there is not');
	unlike($seen, qr/Date: the property When$only/, 'others are not');
};

subtest 'properties that are added are filled in' => sub {
	my %more = map { $_ => '+' } qw(reminders visibility organizer);
	my $r = $t->patch("/api/connections/$c", { config => { properties => \%more } });
	is($r->{status}, 200, 'added') or diag explain $r->{json};
	until_so {
		shows('Plans', Reminders => '10 minutes before, 1 day before by e-mail',
			Visibility => 'Private')
	}
	'with what there is' or diag explain page('Plans');
	isnt(text(page('Plans'), 'Organiser'), '', 'who has called');
	is(text(page('Alone'), 'Organiser'), '', 'which nobody asks of what is for oneself');
	$n->forget;
	$t->sync_and_wait($_) for $google->{id}, $c, $google->{id}, $c;
	is_deeply([grep { /^PATCH/ } $n->calls], [], 'once');
};

done_testing;
