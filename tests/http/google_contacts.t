# Contacts kept level with an address book at Google: who is there, who has changed, who is gone;
# merges, labels, the end of a sync token.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Google;

my $g = Tidemark::Google->start;
my $t = Tidemark->start(
	env => { $g->env, TIDEMARK_RETRY_MS => 2, TIDEMARK_GOOGLE_PEOPLE_CALLS_USER => 100000 }
);
$g->control({ quota => { people => { user => 0, project => 0 } } });
my @emails = map { "p$_\@example.com" } 1 .. 20;

# An address book of its own for each test: the account at Google, its user here.
my $n = 0;
sub book {
	my (%o) = @_;
	my $user = 'user' . ++$n;
	my $email = "$user\@example.com";
	$t->token($user);
	$g->control({ account => { email => $email, name => $user } });
	$g->connect(
		$t, user => $user, account => $email,
		path => '/api/auth/google/start?for=google-contacts', %o
	);
	return { owner => $email, as => [token => "$user:read,sync,write"], user => $user };
}
sub person {
	my ($b, $id, $name, %o) = @_;
	my ($given, $family) = split / /, $name;
	my %content = (names => [{ givenName => $given, $family ? (familyName => $family) : () }]);
	$content{emailAddresses} = [map { { value => $_ } } @{ $o{mail} }] if $o{mail};
	$content{phoneNumbers} = [map { { value => $_ } } @{ $o{phone} }] if $o{phone};
	return $g->control({
		person => {
			owner => $b->{owner}, id => "people/$id", labels => $o{labels} // [],
			content => { %content, %{ $o{more} // {} } }
		}
	})->{person};
}
sub gone {
	my ($b, $id) = @_;
	return $g->control({ person_delete => { owner => $b->{owner}, person => "people/$id" } })
}
sub connected {
	my ($b, %config) = @_;
	my $c = $t->connect('google-contacts', undef, config => \%config, @{ $b->{as} });
	my $r = $t->wait_run($c->{lastSync}{syncId} // $c->{activeSyncId}, 30, @{ $b->{as} });
	return ($c->{id}, $r);
}
sub again { my ($b, $id) = @_; return $t->sync_and_wait($id, 30, @{ $b->{as} }) }
sub people_of {
	my ($b, $id) = @_;
	my $r = $t->records($id, undef, @{ $b->{as} });
	my %all;
	for my $key (keys %$r) {
		my %x = %{ $r->{$key} };
		delete $x{_meta};
		$all{ $key =~ s{^people/}{}r } = \%x;
	}
	return \%all;
}
sub names { my ($b, $id) = @_; my $p = people_of($b, $id); return join ' ', sort keys %$p }
sub counts {
	my ($r) = @_;
	return join ' ', map { $r->{stats}{$_} // '-' } qw(added updated deleted unchanged);
}
# The calls that were made since.
sub calls { return grep { m{^/v1/} } map { $_->{path} } @{ $g->state->{log} } }
sub fresh { return $g->control({ reset => true }) }

subtest 'a person comes with all that is known of it' => sub {
	my $b = book();
	person(
		$b, 'c1', 'Ada Martens', labels => ['Tea', 'Starred people'],
		more => {
			emailAddresses => [
				{ value => 'b@x.example', type => 'work' },
				{
					value => 'a@x.example', type => 'home',
					metadata => { primary => true }
				}
			],
			phoneNumbers => [{ value => '+49 30 55', type => 'mobile' }],
			birthdays => [{ date => { month => 7, day => 30 } }],
			organizations => [{ name => 'Nowak', title => 'Buyer' }],
			addresses => [{ streetAddress => 'Torstr. 1', city => 'Berlin' }],
			biographies => [{ value => "Call after 6\nor write" }],
			userDefined => [
				{ key => 'No.', value => '00042' }, { key => 'Size', value => 'L' },
				{ key => 'Size', value => 'M' }
			],
			photos => [{ url => 'https://lh3.example/ada' }]
		}
	);
	person($b, 'c2', 'Gustav');
	my ($id, $r) = connected($b);
	is($r->{status}, 'complete', 'read') or diag explain $r;
	my $p = people_of($b, $id);
	my $ada = $p->{c1};
	like(delete $ada->{updatedAt}, qr/^2\d{3}-.*Z$/, 'when it was changed');
	is_deeply(
		$ada,
		{
			resourceName => 'people/c1', displayName => 'Ada Martens',
			givenName => 'Ada', familyName => 'Martens', middleName => undef,
			honorificPrefix => undef, honorificSuffix => undef, nickname => undef,
			emails => [
				{ value => 'a@x.example', type => 'home', primary => true },
				{ value => 'b@x.example', type => 'work', primary => false }
			],
			phones => [{
				value => '+49 30 55', type => 'mobile', primary => true,
				canonical => '+493055'
			}],
			addresses => [{
				value => 'Torstr. 1, Berlin', type => undef, primary => true,
				street => 'Torstr. 1', city => 'Berlin'
			}],
			organizations => [{
				value => 'Nowak', type => undef, primary => true, title => 'Buyer'
			}],
			birthday => '--07-30', labels => ['Starred people', 'Tea'],
			notes => "Call after 6\nor write", urls => [], events => [],
			relations => [], chats => [],
			custom => { 'No.' => '00042', Size => ['L', 'M'] },
			photo => 'https://lh3.example/ada'
		},
		'field by field'
	) or diag explain $ada;
	is($p->{c2}{displayName}, 'Gustav', 'one without any address is kept');
	is($r->{stats}{total_contacts}, 2, 'counted');
	is($r->{stats}{synced}, 2, 'all of them are kept');
	is($r->{stats}{skipped_no_identifier}, 1, 'and the one that nobody can write to is told');
};

subtest 'case 8, B4: the same sync 15 times gives the same people and writes nothing; two merged '
    . 'at Google are one, and the other says where to' => sub {
	my $b = book();
	person($b, "c$_", "Person $_", mail => [$emails[$_ - 1]]) for 1 .. 3, 5, 6;
	person($b, 'c4', 'Person 4', phone => ['030 55']);
	my ($id, $r) = connected($b);
	is(counts($r), '6 0 0 0', 'the first time');
	my $records = "SELECT group_concat(r.seq || r.key || r.payload || r.changed || r.rev, ' ')
		FROM record r JOIN dataset d ON d.no = r.dataset_no WHERE d.connection_id = '$id'";
	my $before = $t->sql($records);
	for (1 .. 15) {
		fresh();
		$r = again($b, $id);
		is(counts($r), '0 0 0 6', "nothing the next time ($_)") or last;
		is(scalar(calls()), 1, "one call ($_)") or diag explain [calls()];
	}
	is($t->sql($records), $before, 'no record was written');
	is($r->{stats}{synced}, 6, 'and they are still counted');
	person($b, 'c3', 'Person Three', mail => ['p3@example.com', 'third@example.com']);
	is(counts(again($b, $id)), '0 1 0 5', 'the survivor had a life before');
	$g->control({
		merge_people =>
		    { owner => $b->{owner}, into => 'people/c3', from => ['people/c4'] }
	});
	$r = again($b, $id);
	is(counts($r), '0 1 1 4', 'one changes, one goes') or diag explain $r;
	is(names($b, $id), 'c1 c2 c3 c5 c6', 'one survivor, the loser is gone');
	is(people_of($b, $id)->{c3}{phones}[0]{value}, '030 55', 'who has what it had');
	my ($set) = map { $_->{id} }
	    @{ $t->get("/api/connections/$id/datasets", @{ $b->{as} })->{json}{data} };
	my $log = sub {
		return $t->get("/api/datasets/$set/records/people%2F$_[0]/history", @{ $b->{as} })
		    ->{json}{data};
	};
	is(scalar @{ $log->('c3') }, 3, 'its history goes back to where it began')
	    or diag explain $log->('c3');
	like(
		$log->('c4')->[0]{reason}, qr{merged at Google into Person Three \(people/c3\)},
		'the other one says where to'
	) or diag explain $log->('c4');
	is(counts(again($b, $id)), '0 0 0 5', 'and then nothing');
};

subtest 'B4: one that goes on under another name is one person, and nobody told as deleted is '
    . 'kept' => sub {
	my $b = book();
	person($b, "c$_", "Person $_", mail => [$emails[$_ - 1]]) for 1 .. 3;
	my ($id) = connected($b);
	$g->control({
		merge_people => {
			owner => $b->{owner}, into => 'people/c1', from => ['people/c2'],
			as => 'people/c9', hushed => true
		}
	});
	again($b, $id);
	is(names($b, $id), 'c3 c9', 'one of the two');
	is(people_of($b, $id)->{c9}{displayName}, 'Person 1', 'with what it was');
};

subtest 'case 9, B4: a token older than seven days, and other fields, are one clean full read; '
    . 'who is gone is found by comparison' => sub {
	my $b = book();
	person($b, "c$_", "Person $_", mail => [$emails[$_ - 1]]) for 1 .. 12;
	my ($id) = connected($b);
	gone($b, 'c2');
	person($b, 'c1', 'Ada', mail => ['ada@example.com']);
	$g->control({ clock => { advance_ms => 8 * 86400 * 1000 } });
	fresh();
	my $r = again($b, $id);
	is($r->{status}, 'complete', 'it is no failure') or diag explain $r;
	is(counts($r), '0 1 1 10', 'what has changed, and who is gone');
	is(
		join(
			' ',
			map { $_->{status} }
			    grep { $_->{path} =~ /connections/ } @{ $g->state->{log} }
		),
		'401 400 200',
		'access is asked for again, one token refused, one full read'
	);
	is(names($b, $id), join(' ', sort map { "c$_" } 1, 3 .. 12), 'no doubles');
	gone($b, 'c3');
	$g->control({ people_tokens => true });
	$r = again($b, $id);
	is(counts($r), '0 0 1 10', 'refused before its time');
	# Fewer fields.
	my $patch = $t->patch(
		"/api/connections/$id", { config => { fields => ['displayName', 'emails'] } },
		@{ $b->{as} }
	);
	is($patch->{status}, 200, 'other fields are chosen') or diag explain $patch->{json};
	gone($b, 'c4');
	fresh();
	$r = again($b, $id);
	is($r->{status}, 'complete', 'read') or diag explain $r;
	is(scalar(grep { m{connections} } calls()), 1, 'once, in full');
	is(names($b, $id), join(' ', sort map { "c$_" } 1, 5 .. 12), 'no doubles, and one is gone');
	is(people_of($b, $id)->{c1}{phones}, undef, 'what is not chosen is not there');
	fresh();
	is(counts(again($b, $id)), '0 0 0 9', 'and then nothing');
	is(scalar(calls()), 1, 'with one call');
};

subtest 'what is written comes late, and is not lost' => sub {
	my $b = book();
	person($b, "c$_", "Person $_", mail => [$emails[$_ - 1]]) for 1 .. 3;
	my ($id) = connected($b);
	$g->control({ people_delay_ms => 120000 });
	person($b, 'c4', 'Late', phone => ['030 55']);
	gone($b, 'c1');
	is(counts(again($b, $id)), '0 0 0 3', 'not there yet');
	$g->control({ clock => { advance_ms => 121000 } });
	is(counts(again($b, $id)), '1 0 1 2', 'there');
	$g->control({ people_delay_ms => 0 });
	is(names($b, $id), 'c2 c3 c4', 'all of it');
};

subtest 'B7: people without an address are counted also where only changes are read' => sub {
	my $b = book();
	person($b, 'c1', 'Ada', mail => ['a@x.example']);
	person($b, 'c2', 'Bruno');
	person($b, 'c3', 'Chiara');
	my ($id, $r) = connected($b);
	my $none = sub { return again($b, $id)->{stats}{skipped_no_identifier} };
	is($r->{stats}{skipped_no_identifier}, 2, 'two');
	person($b, 'c2', 'Bruno', phone => ['030 55']);
	is($none->(), 1, 'one has got a number');
	is($none->(), 1, 'nothing has changed');
	person($b, 'c1', 'Ada');
	person($b, 'c4', 'Dmitri');
	is($none->(), 3, 'one has lost its address, one is new');
	gone($b, $_) for 'c3', 'c4';
	is($none->(), 1, 'two are gone');
	is(again($b, $id)->{stats}{total_contacts}, 2, 'of those that are there');
};

subtest 'B5: only people with a chosen label come, and the label is the same under another name' =>
    sub {
	my $b = book();
	person($b, 'c1', 'Ada', labels => ['Tea'], mail => ['a@x.example']);
	person($b, 'c2', 'Bruno', labels => ['Coffee'], mail => ['b@x.example']);
	person($b, 'c3', 'Chiara', mail => ['c@x.example']);
	person($b, 'c4', 'Dmitri', labels => ['Tea', 'Coffee']);
	my $look = $t->post(
		'/api/test', { provider => 'google-contacts', config => {} },
		@{ $b->{as} }
	)->{json};
	is_deeply(
		[grep { /^(?:Tea|Coffee)$/ } @{ $look->{choices}{labels} }], ['Tea', 'Coffee'],
		'the labels can be chosen from'
	) or diag explain $look;
	my ($id) = connected($b, labels => ['Tea'], people => ['people/c3']);
	is(names($b, $id), 'c1 c3 c4', 'those, and a single one');
	person($b, 'c1', 'Ada', mail => ['a@x.example']);
	person($b, 'c2', 'Bruno', labels => ['Tea'], mail => ['b@x.example']);
	my $r = again($b, $id);
	is(counts($r), '1 0 1 2', 'one comes, one goes') or diag explain $r;
	is(names($b, $id), 'c2 c3 c4', 'by their labels');
	my $groups = sub { return "$g->{base}/fake/people/v1/contactGroups$_[0]" };
	$g->control({ token => { value => "tok-$b->{user}", email => $b->{owner} } });
	my %as = (
		headers => {
			authorization => "Bearer tok-$b->{user}",
			'content-type' => 'application/json'
		}
	);
	my ($tea) = map { $_->{resourceName} =~ s{.*/}{}r }
	    grep { $_->{name} eq 'Tea' }
	    @{ Tidemark::json($g->{http}->get($groups->(''), \%as)->{content})->{contactGroups} };
	$g->{http}->request(
		PUT => $groups->("/$tea"),
		{ %as, content => '{"contactGroup": {"name": "Green tea"}}' }
	);
	person($b, 'c3', 'Chiara L.', mail => ['c@x.example']);
	again($b, $id);
	is(names($b, $id), 'c2 c3 c4', 'the same people');
	is_deeply(people_of($b, $id)->{c2}{labels}, ['Green tea'], 'under its new name');
	$r = $t->post(
		'/api/preview',
		{ provider => 'google-contacts', config => { labels => ['Nothing'] } },
		@{ $b->{as} }
	);
	like($r->{json}{detail}, qr/no label "Nothing"/, 'one that is not there is told');
};

# Looks for a word, with these people chosen already.
sub looks {
	my ($b, $word, %o) = @_;
	return $t->post(
		$o{at} // '/api/test', {
			$o{at} ? () : (provider => 'google-contacts'),
			config => { people => $o{people} // [] }, search => $word
		},
		@{ $b->{as} }
	);
}
sub people_in { return [map { "$_->{id} $_->{title}" } @{ $_[0]{json}{choices}{people} }] }

subtest 'B5: single people are found by a word, and who is chosen already is told by name' => sub {
	my $b = book();
	person($b, 'c1', 'Ada Martens', mail => ['ada@x.example'], phone => ['030 55']);
	person($b, 'c2', 'Adam', phone => ['030 66']);
	person($b, 'c3', 'Bruno', more => { organizations => [{ name => 'Adler' }] });
	person($b, 'c4', 'Chiara', mail => ['c@x.example']);
	fresh();
	my $r = looks($b, ' ada ');
	is($r->{status}, 200, 'asked') or diag explain $r->{json};
	is($r->{json}{message}, '2 people are found.', 'how many');
	is_deeply(
		$r->{json}{choices}{people},
		[
			{
				id => 'people/c1', title => 'Ada Martens',
				detail => 'ada@x.example', gone => false, found => true
			},
			{
				id => 'people/c2', title => 'Adam', detail => '030 66',
				gone => false, found => true
			}
		],
		'who'
	) or diag explain $r->{json}{choices};
	is_deeply(
		$r->{json}{choices}{search},
		{
			word => 'ada', found => 2, more => Tidemark::json('false'),
			message => '2 people are found.'
		},
		'and for what'
	);
	ok(@{ $r->{json}{choices}{fields} }, 'what else can be chosen is told as ever');
	is(scalar(grep { /connections/ } calls()), 0, 'and nobody is read for it');
	is_deeply(people_in(looks($b, 'adl')), ['people/c3 Bruno'], 'by the company');
	is_deeply(people_in(looks($b, '030 66')), ['people/c2 Adam'], 'by the number');
	$r = looks($b, 'chi', people => ['people/c1', 'people/c4']);
	is_deeply(
		people_in($r), ['people/c1 Ada Martens', 'people/c4 Chiara'],
		'who is chosen comes first, and nobody twice'
	);
	is_deeply(
		[map { $_->{found} } @{ $r->{json}{choices}{people} }],
		[false, true], 'and each says whether it was found'
	);
	is($r->{json}{message}, '1 person is found.', 'found is who was looked for');
	my ($id) = connected($b, people => ['people/c1']);
	is(names($b, $id), 'c1', 'one alone is read');
	is_deeply(
		people_in(looks($b, 'adam', people => ['people/c1'],
			at => "/api/connections/$id/test")),
		['people/c1 Ada Martens', 'people/c2 Adam'],
		'the same of a connection'
	);
};

subtest 'a search that finds nobody says so, and nobody new is missed for being new' => sub {
	my $b = book();
	person($b, 'c1', 'Ada', mail => ['a@x.example']);
	my $r = looks($b, 'zzz');
	is($r->{status}, 200, 'asked') or diag explain $r->{json};
	is($r->{json}{message}, 'Nobody is called that.', 'said');
	is_deeply($r->{json}{choices}{people}, [], 'nobody');
	person($b, 'c2', 'Bruno', mail => ['b@x.example']);
	$g->control({ people_search_lag => 2 });
	is_deeply(people_in(looks($b, 'bru')), ['people/c2 Bruno'], 'found once Google has it');
	$g->control({ people_search_lag => 0 });
};

subtest 'of more than thirty the first are told, and that there may be more' => sub {
	my $b = book();
	$g->control({ fill_people => { owner => $b->{owner}, count => 31 } });
	my $r = looks($b, 'person');
	is(scalar @{ $r->{json}{choices}{people} }, 30, 'thirty');
	like($r->{json}{message}, qr/the first 30 who are found; there may be more/, 'said');
	ok($r->{json}{choices}{search}{more}, 'for programs, too');
	$r = looks($b, 'person 31');
	is(scalar @{ $r->{json}{choices}{people} }, 1, 'more of the name finds one');
	ok(!$r->{json}{choices}{search}{more}, 'and that is all');
};

subtest 'somebody chosen who is gone is told as gone' => sub {
	my $b = book();
	person($b, "c$_", "Person $_", mail => [$emails[$_ - 1]]) for 1, 2;
	gone($b, 'c2');
	fresh();
	my $r = $t->post(
		'/api/test', {
			provider => 'google-contacts',
			config => { people => ['people/c1', 'people/c2', 'people/no one'] }
		},
		@{ $b->{as} }
	);
	is($r->{status}, 200, 'asked') or diag explain $r->{json};
	is_deeply(
		[
			map { join ' ', $_->{title}, $_->{detail}, $_->{gone} ? 'gone' : 'there' }
			    @{ $r->{json}{choices}{people} }
		],
		[
			"Person 1 $emails[0] there", 'Somebody who is gone people/c2 gone',
			'Somebody who is gone people/no one gone'
		],
		'each'
	) or diag explain $r->{json};
	is(scalar(grep { /searchContacts/ } calls()), 0, 'nobody was looked for');
	$r = $t->post(
		'/api/test', {
			provider => 'google-contacts',
			config => { people => ['people/c1', map { "people/x$_" } 2 .. 500] }
		},
		@{ $b->{as} }
	);
	is(
		scalar(grep { $_->{gone} } @{ $r->{json}{choices}{people} }), 499,
		'as many as may be chosen'
	) or diag explain $r->{json};
	is(scalar(grep { /batchGet/ } calls()), 1 + 3, 'in as few calls as Google allows');
	$r = $t->post(
		'/api/test', {
			provider => 'google-contacts',
			config => { people => [map { "people/x$_" } 1 .. 501] }
		},
		@{ $b->{as} }
	);
	is($r->{status}, 422, 'and no more');
	like($r->{json}{errors}[0]{message}, qr/at most 500/, 'said') or diag explain $r->{json};
};

subtest 'what is looked for is a word, for a kind that has something to find' => sub {
	my $b = book();
	for my $word ('', '  ', 'x' x 201, 5, ['a']) {
		my $r = looks($b, $word);
		is($r->{status}, 422, 'refused') or diag explain $r->{json};
		is($r->{json}{errors}[0]{field}, 'search', 'for what it is');
	}
	my $r = $t->post(
		'/api/test',
		{ provider => 'csv', config => { url => 'http://x.example/a' }, search => 'a' },
		@{ $b->{as} }
	);
	like($r->{json}{errors}[0]{message}, qr/nothing to search/, 'another kind has nothing');
	$r = $t->post(
		'/api/preview', { provider => 'google-contacts', config => {}, search => 'a' },
		@{ $b->{as} }
	);
	is($r->{status}, 422, 'and a preview looks for nothing');
};

subtest 'without the permission a search says what is missing' => sub {
	my $b = book(path => '/api/auth/google/start?for=google-calendar');
	my $r = looks($b, 'ada');
	is($r->{status}, 422, 'refused');
	is($r->{json}{code}, 'permission_missing', 'said') or diag explain $r->{json};
};

subtest 'other contacts come when they are wanted, with a token of their own' => sub {
	my $b = book();
	person($b, 'c1', 'Ada', mail => ['a@x.example']);
	$g->control({
		person => {
			owner => $b->{owner}, id => 'otherContacts/c5',
			content => { emailAddresses => [{ value => 'x@y.example' }] }
		}
	});
	my ($id) = connected($b, otherContacts => true);
	is(names($b, $id), 'c1 otherContacts/c5', 'both');
	$g->control({ person_delete => { owner => $b->{owner}, person => 'otherContacts/c5' } });
	fresh();
	is(counts(again($b, $id)), '0 0 1 1', 'one is gone');
	is(scalar(calls()), 2, 'with two calls');
};

subtest 'a large address book says how far it is, and comes in pages' => sub {
	my $b = book();
	$g->control({ fill_people => { owner => $b->{owner}, count => 1028 }, latency_ms => 600 });
	my $c = $t->connect('google-contacts', undef, config => {}, @{ $b->{as} });
	my $sync = $c->{activeSyncId} // $c->{lastSync}{syncId};
	my %said;
	wait_for {
		my $r = $t->get("/api/sync?syncId=$sync", @{ $b->{as} })->{json};
		$said{ $r->{message} }++;
		$r->{status} =~ /^(?:complete|error)$/
	};
	$g->control({ latency_ms => 0 });
	ok($said{'Fetched 400 of about 1028'}, 'how many of about how many') or diag explain \%said;
	my $r = $t->wait_run($sync, 30, @{ $b->{as} });
	is(counts($r), '1028 0 0 0', 'all of them');
	is($r->{stats}{skipped_no_identifier}, 102, 'with those that nobody can write to');
};

subtest 'an account that does not show its contacts is refused, with the way to allow it' => sub {
	my $b = book(path => '/api/auth/google/start');
	my $r = $t->post(
		'/api/connections', { provider => 'google-contacts', name => 'x', config => {} },
		@{ $b->{as} }
	);
	is($r->{status}, 422, 'refused');
	is($r->{json}{code}, 'permission_missing', 'in a word');
	like($r->{json}{detail}, qr{/start\?account=[-0-9a-f]+&add=google-contacts}, 'and the way');
	my ($way) = $r->{json}{detail} =~ m{(/api/auth/google/start\S+)};
	my $session = $t->sign_in($b->{user});
	$r = $t->post(
		'/settings/add', undef, token => undef, headers => { cookie => $session->{cookie} },
		form =>
		    { csrf => $session->{csrf}, do => 'connect', provider => 'google-contacts' }
	);
	like($r->{content}, qr{yet\.</strong>}, 'a page says so');
	my ($button) = $r->{content} =~ m{<a class="button" href="([^"]*)">Allow it<};
	like($button, qr{/start\?account=[-0-9a-f]+&amp;add=google-contacts$}, 'with a button');
	my $form = sub {
		$t->get('/settings?tab=integrations&add=google-contacts',
			token => undef, headers => { cookie => $session->{cookie} })->{content};
	};
	like($form->(), qr{see your contacts yet\.</strong> Google asks.*>Allow it<}s,
		'and the empty form says so before anything is filled in');
	my $back = $g->consent($t, $session, path => $way, account => $b->{owner});
	like(Tidemark::Google::said($back), qr/is connected/, 'it is allowed');
	like($back->{headers}{location}, qr{add=google-contacts}, 'and the form is there again');
	unlike($form->(), qr/Allow it/, 'with nothing left to ask');
	person($b, 'c1', 'Ada', mail => ['a@x.example']);
	my ($id) = connected($b);
	is(names($b, $id), 'c1', 'and then it is read');
};

done_testing;
