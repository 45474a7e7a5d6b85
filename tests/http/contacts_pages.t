# Single people of an address book, found and chosen in the forms as they are without JavaScript.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Google;

my $g = Tidemark::Google->start;
my $t = Tidemark->start(env => { $g->env, TIDEMARK_GOOGLE_PEOPLE_CALLS_USER => 100_000 });
$g->control({ quota => { people => { user => 0, project => 0 } } });
my $admin = $t->sign_in('admin');
$g->connect($t, path => '/api/auth/google/start?for=google-contacts');

sub page {
	my ($path) = @_;
	return $t->get($path, token => undef, headers => { cookie => $admin->{cookie} })->{content}
}
sub form {
	my ($path, %form) = @_;
	return $t->post(
		$path, undef, token => undef, headers => { cookie => $admin->{cookie} },
		form => { csrf => $admin->{csrf}, %form }
	)
}
sub add { return form('/settings/add', provider => 'google-contacts', @_) }
sub person {
	my ($id, $name) = @_;
	return $g->control({
		person => {
			owner => $g->{email}, id => "people/$id",
			content => {
				names => [{ givenName => $name }],
				emailAddresses => [{ value => lc($name) . '@example.com' }]
			}
		}
	});
}
# The boxes of the people: "[x] name: detail".
sub boxes {
	my ($html) = @_;
	my @all;
	my $box =
	    qr{name="l_people"\s+value="([^"]*)"( checked)?>\s*<span>(.*?)</span>\s*</label>}s;
	while ($html =~ /$box/g) {
		my ($id, $on, $words) = ($1, $2, $3);
		$words =~ s/<[^>]+>//g;
		$words =~ s/\s+/ /g;
		push @all, ($on ? '[x]' : '[ ]') . " $id $words";
	}
	return \@all;
}
# Whom the page tells of as chosen; those who are found stand before them.
sub chosen { return $_[0] =~ m{<summary>Chosen \(<span[^>]*>([\d,]+)</span>\)</summary>} ? $1 : 0 }
sub said { return $_[0] =~ m{<p class="sought"[^>]*>([^<]*)</p>} ? $1 : undef }
sub written { return $_[0] =~ m{name="search" value="([^"]*)"} ? $1 : undef }

person('c1', 'Ada');
person('c2', 'Adam');
person('c3', 'Bruno');
my ($ada, $adam, $bruno) = (
	'people/c1 Ada ada@example.com', 'people/c2 Adam adam@example.com',
	'people/c3 Bruno bruno@example.com'
);

subtest 'the form to connect finds people, and what is ticked stays ticked' => sub {
	my $html = page('/settings?tab=integrations&add=google-contacts');
	is_deeply(boxes($html), [], 'nobody at first');
	like($html, qr{<label for="f-people-s">Find people by name}, 'and a place to look');
	$html = add(do => 'find', search => 'ada', name => 'My own', f_labels => 'Tea')->{content};
	is_deeply(boxes($html), ["[ ] $ada", "[ ] $adam"], 'who is found') or diag $html;
	is(said($html), '2 people are found.', 'how many');
	is(written($html), '', 'the place is free for the next word');
	like($html, qr{name="name" value="My own"}, 'what was typed is kept');
	like($html, qr{name="l_labels"\s+value="Tea" checked}, 'and what was chosen');
	$html = add(do => 'find', search => 'bru', l_people => 'people/c2')->{content};
	is_deeply(boxes($html), ["[ ] $bruno", "[x] $adam"], 'the one that was ticked still is');
	is(chosen($html), 1, 'told apart from who is found');
	$html = add(do => 'find', search => 'ada', l_people => 'people/c2')->{content};
	is_deeply(boxes($html), ["[x] $adam", "[ ] $ada"], 'who is found and ticked is there once');
	my @both = ('people/c2', 'people/c3');
	$html = add(do => 'find', search => 'zzz', l_people => \@both)->{content};
	is(said($html), 'Nobody is called that.', 'nobody is said');
	is_deeply(boxes($html), ["[x] $adam", "[x] $bruno"], 'and they stay');
	$html = add(do => 'preview', search => 'half', l_people => 'people/c2')->{content};
	is(written($html), 'half', 'a word that was not looked for is kept');
	is_deeply(boxes($html), ["[x] $adam"], 'with their names');
	like($html, qr{\b1 record\b}, 'exactly that one would come');
};

subtest 'five hundred people are a list to remove some from, and nobody is lost' => sub {
	$g->control({ fill_people => { owner => $g->{email}, count => 500 } });
	my $s = $t->post('/api/test',
		{ provider => 'google-contacts', config => {}, search => 'person' });
	my ($first) = $s->{json}{choices}{people}[0]{id} =~ /(\d+)$/;
	my @many = map { 'people/c' . ($first + $_) } 0 .. 499;
	my $html = add(do => 'find', search => 'ada', l_people => \@many)->{content};
	my @boxes = @{ boxes($html) };
	is_deeply([@boxes[0, 1]], ["[ ] $ada", "[ ] $adam"], 'who is found is at hand');
	is(scalar(grep { /^\[x\] people\/c\d+ Person \d+/ } @boxes), 500, 'all of them, by name');
	is(chosen($html), 500, 'counted');
	unlike($html, qr{<details id="f-people-c" open>}, 'and folded');
	my $r = add(do => 'connect', name => 'Many', l_people => \@many);
	my ($path) = $r->{headers}{location} =~ m{(/connections/[-0-9a-f]+)};
	ok($path, 'connected') or diag $r->{content};
	my $id = $path =~ s{.*/}{}r;
	is(scalar @{ $t->get("/api/connections/$id")->{json}{config}{people} }, 500, 'with all');
	my $c = $t->get("/api/connections/$id")->{json};
	$t->wait_run($c->{lastSync}{syncId} // $c->{activeSyncId});
	is(scalar(keys %{ $t->records($id) }), 500, 'who are read');
	is(chosen($html = page($path)), 500, 'and shown on its page');
	is(scalar(grep { /^\[x\] \S+ Person / } @{ boxes($html) }), 500, 'by name');
	$r = form($path, do => 'edit', name => 'Many', l_people => [@many[1 .. 499], 'people/c3']);
	is($r->{status}, 303, 'one is removed, and another one chosen') or diag $r->{content};
	$t->sync_and_wait($id);
	my $now = $t->records($id);
	ok(!$now->{ $many[0] } && $now->{'people/c3'}, 'which is so then');
	is(scalar(keys %$now), 500, 'of the same number');
	$r = form($path, do => 'edit', name => 'Many', l_people => [@many, 'people/c3']);
	is($r->{status}, 422, 'one more than may be chosen');
	is(chosen($r->{content}), 501, 'is refused with all of them there');
	like($r->{content}, qr{id="e-people-e"[^>]*>Give at most 500 items}, 'said beside them');
	is($t->del("/api/connections/$id?data=delete")->{status}, 204, 'gone again');
};

subtest 'Enter looks for a word that is written, and connects without one' => sub {
	my $r = add(do => 'enter', search => 'ada');
	is(said($r->{content}), '2 people are found.', 'looked for');
	$r = add(do => 'find', search => ' ');
	is($r->{status}, 422, 'without a word there is nothing to look for');
	like(
		$r->{content}, qr{id="f-people-e"[^>]*>Write the beginning of a name},
		'said beside it'
	);
	$r = add(do => 'enter', search => '', name => 'One', l_people => 'people/c1');
	is($r->{status}, 303, 'connected') or diag $r->{content};
};

subtest 'the form of a connection knows who is chosen by name, and finds more' => sub {
	my ($c) = @{ $t->get('/api/connections')->{json}{data} };
	my $path = "/connections/$c->{id}";
	is_deeply($c->{config}{people}, ['people/c1'], 'the one that was ticked');
	$t->wait_run($c->{lastSync}{syncId} // $c->{activeSyncId});
	is_deeply(boxes(page($path)), ['[x] people/c1 Ada'], 'by name, and nobody is asked for it');
	my $html = form($path, do => 'find', search => 'bru', l_people => 'people/c1')->{content};
	is_deeply(boxes($html), ["[ ] $bruno", "[x] $ada"], 'one more');
	like($html, qr{data-dirty-guard data-dirty}, 'which is not saved yet');
	$html = form(
		$path, do => 'enter', search => '', name => '',
		l_people => ['people/c1', 'people/c3']
	)->{content};
	is_deeply(
		boxes($html), ['[x] people/c1 Ada', '[x] people/c3 Not read yet people/c3'],
		'when it is not saved, what is known of them'
	);
	my $r = form($path, do => 'enter', name => 'One', l_people => ['people/c1', 'people/c3']);
	is($r->{status}, 303, 'saved') or diag $r->{content};
	$t->sync_and_wait($c->{id});
	is_deeply(boxes(page($path)), ['[x] people/c1 Ada', '[x] people/c3 Bruno'], 'both');
	$g->control({ person_delete => { owner => $g->{email}, person => 'people/c3' } });
	$html = form($path, do => 'look', l_people => ['people/c1', 'people/c3'])->{content};
	is_deeply(
		boxes($html),
		["[x] $ada", '[x] people/c3 Somebody who is gone people/c3, not there now'],
		'one who is gone is told as gone'
	);
};

done_testing();
