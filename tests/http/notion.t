# Databases of Notion as tables, against the stand-in: what becomes of properties, what a poll
# costs, and what must never be lost or doubled.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Notion;

my ($g, $n, $t) = Tidemark::Notion->beside(NOTION_API_KEY => undef);

sub shared {
	my ($id, $yes) = @_;
	return $g->control({
		notion_share => {
			id => $id, token => 'ntn_test',
			shared => $yes ? Tidemark::true : Tidemark::false
		}
	});
}
sub connected {
	my ($source, %o) = @_;
	my $c = $t->connect(
		'notion', undef, name => "of $source",
		config => { dataSource => $source, mode => 'table' },
		secret => { token => 'ntn_test' }, %o
	);
	return ($c->{id}, $t->wait_run($c->{lastSync}{syncId}));
}
sub counts {
	my ($r) = @_;
	return join ' ', map { $r->{stats}{$_} } qw(added updated deleted unchanged)
}
sub codes { return join ' ', map { $_->{code} } @{ $_[0]{warnings} } }
sub names { return join ' ', sort map { $_->{Name} // '' } values %{ $t->copy_of($_[0]) } }

subtest 'every property becomes a column, with values that stay' => sub {
	my $shop = $n->source('Shop', { Price => { number => {} } });
	my $tea = $n->page($shop, 'Tea', Price => { number => 4.50 });
	my $s = $n->source(
		'Everything',
		{
			Notes => { rich_text => {} }, Count => { number => {} },
			Kind => { select => {} }, Tags => { multi_select => {} },
			State => { status => {} }, When => { date => {} }, Who => { people => {} },
			Files => { files => {} }, Done => { checkbox => {} }, Link => { url => {} },
			Mail => { email => {} }, Phone => { phone_number => {} },
			Twice => { formula => { expression => 'prop("Count")' } },
			Odd => { formula => { expression => 'now(' } },
			No => { unique_id => { prefix => 'T' } }, Made => { created_time => {} },
			By => { created_by => {} }, Push => { button => {} },
			Item => { relation => { data_source_id => $shop, single_property => {} } }
		}
	);
	my $rolled = sub {
		my ($what, $how) = @_;
		return {
			rollup => {
				relation_property_name => 'Item', rollup_property_name => $what,
				function => $how
			}
		}
	};
	$n->schema($s, Sum => $rolled->('Price', 'sum'));
	$n->schema($s, Names => $rolled->('Name', 'show_original'));
	my $me = $n->call(GET => '/users/me')->{id};
	my $id = $n->page(
		$s, 'All',
		Notes => {
			rich_text => [
				{ text => { content => 'a ' } },
				{ text => { content => 'b', link => { url => 'https://b.de' } } }
			]
		},
		Count => { number => 7 }, Kind => { select => { name => 'New' } },
		Tags => { multi_select => [{ name => 'x' }, { name => 'y' }] },
		State => { status => { name => 'Done' } },
		When => { date => { start => '2026-10-05', end => '2026-10-07' } },
		Who => { people => [{ id => $me }] },
		Files => {
			files => [
				{ name => 'a.pdf', file => {} },
				{ name => 'b', external => { url => 'https://b.example/b' } }
			]
		},
		Done => { checkbox => Tidemark::true }, Link => { url => 'https://l.example' },
		Mail => { email => 'a@b.example' }, Phone => { phone_number => '+49 30 1' },
		Item => { relation => [{ id => $tea }] }
	);
	$n->page($s, 'Empty');
	my ($c, $run) = connected($s);
	is(counts($run), '2 0 0 0', 'two records') or diag explain $run;
	my %r = %{ $t->copy_of($c)->{$id} };
	my $made = delete $r{Made};
	my $by = delete $r{By};
	like($made, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:00/, 'the time at which it was made');
	is($by->{id}, $me, 'and by whom');
	is_deeply(
		\%r,
		{
			Name => 'All', Notes => 'a b', Count => 7, Kind => 'New',
			Tags => ['x', 'y'], State => 'Done', When => '2026-10-05',
			'When (end)' => '2026-10-07',
			Who => [{ id => $me, name => 'Paula', email => $r{Who}[0]{email} }],
			Files =>
			    [{ name => 'a.pdf' }, { name => 'b', url => 'https://b.example/b' }],
			Done => Tidemark::true, Link => 'https://l.example', Mail => 'a@b.example',
			Phone => '+49 30 1', Twice => 7, Odd => undef, No => 'T-1', Sum => 4.5,
			Item => [{ id => $tea, title => 'Tea' }], Names => ['Tea']
		},
		'each as it is'
	) or diag explain \%r;
	like(codes($run), qr/property_unsupported/, 'what Notion does not tell is told of');
	is(counts($t->sync_and_wait($c)), '0 0 0 2', 'reading it all again changes nothing');
	$n->edit($id, Count => { number => 8 });
	is(counts($t->poll($c)), '0 1 0 1', 'an edit of one is one change');
	my %again = %{ $t->copy_of($c)->{$id} };
	is_deeply(
		[@again{qw(Count Twice Sum Item)}],
		[8, 8, 4.5, [{ id => $tea, title => 'Tea' }]],
		'the rest stays, the title of what it is related to too'
	);
};

subtest 'a poll of an unchanged database is one call' => sub {
	my $s = $n->source('Quiet', { Count => { number => {} } });
	$n->page($s, "p$_", Count => { number => $_ }) for 1 .. 3;
	my ($c) = connected($s);
	$n->forget;
	is(counts($t->poll($c)), '0 0 0 3', 'nothing has changed');
	is(join(', ', $n->calls), "POST /v1/data_sources/$s/query", 'and that was asked once');
	is($t->get("/api/connections/$c")->{json}{schedule}{intervalMinutes}, 2,
		'every two minutes');
};

subtest 'case 20: two edits in one minute, the second after a poll: both arrive' => sub {
	my $s = $n->source('Minute', { Count => { number => {} } });
	my $p = $n->page($s, 'p', Count => { number => 0 });
	my ($c) = connected($s);
	for my $i (1 .. 4) {
		$n->edit($p, Count => { number => $i });
		is(counts($t->poll($c)), '0 1 0 0', "edit $i");
		is($t->copy_of($c)->{$p}{Count}, $i, 'has come');
	}
	$n->page($s, 'q');
	is(counts($t->poll($c)), '1 0 0 1', 'a new page in the same minute too');
	is(counts($t->poll($c)), '0 0 0 2', 'and is one record');
};

subtest 'a clock that is wrong loses nothing' => sub {
	my $s = $n->source('Clock', {});
	for my $hours (-3, 7) {
		$g->control({ clock => { advance_ms => $hours * 3600_000 } });
		my $p = $n->page($s, 'p');
		my ($c) = connected($s);
		$n->edit($p, Name => $n->title("p $hours"));
		is(counts($t->poll($c)), '0 1 0 0', "$hours hours away");
		is(names($c), "p $hours", 'the edit has come');
		$t->del("/api/connections/$c?data=delete");
		$n->trash($p);
		$g->control({ clock => { advance_ms => -$hours * 3600_000 } });
	}
};

subtest 'an index that lags brings it later' => sub {
	my $s = $n->source('Lag', {});
	my $p = $n->page($s, 'p');
	my ($c) = connected($s);
	$g->control({ notion_lag_ms => 60_000 });
	$n->edit($p, Name => $n->title('later'));
	is(counts($t->poll($c)), '0 0 0 1', 'not yet');
	$g->control({ clock => { advance_ms => 61_000 } });
	is(counts($t->poll($c)), '0 1 0 0', 'now');
	is(names($c), 'later', 'nothing was lost');
	$g->control({ notion_lag_ms => 0, clock => { advance_ms => -61_000 } });
};

subtest 'a page in the trash goes when everything is read, and comes back with its edits' => sub {
	my $s = $n->source('Trash', {});
	my @p = map { $n->page($s, "p$_") } 1 .. 4;
	my ($c) = connected($s);
	$n->trash($p[0]);
	is(counts($t->poll($c)), '0 0 0 4', 'a poll cannot see it');
	is(counts($t->sync_and_wait($c)), '0 0 1 3', 'a sync that somebody asks for does');
	is(names($c), 'p2 p3 p4', 'it is gone');
	$n->trash($p[0], 0);
	is(counts($t->poll($c)), '1 0 0 3', 'taken out, it is back');
	is(names($c), 'p1 p2 p3 p4', 'and is one record');
	$n->trash($p[1]);
	$t->sql("UPDATE connection SET cursor = json_set(cursor, '\$.source.sweptAt',
		json_extract(cursor, '\$.source.sweptAt') - 10 * 60000) WHERE id = '$c'");
	is(counts($t->poll($c)), '0 0 1 3', 'after ten minutes the schedule looks at everything');
};

subtest 'case 19: a database that answers empty, or is not shared, deletes nothing' => sub {
	my $s = $n->source('Empty', {});
	my @p = map { $n->page($s, "p$_") } 1 .. 5;
	my ($c) = connected($s);
	$n->trash($_) for @p;
	my $r = $t->sync_and_wait($c);
	is($r->{error}{code}, 'needs_approval', 'it asks');
	is(names($c), 'p1 p2 p3 p4 p5', 'and keeps what there was');
	$n->trash($_, 0) for @p;
	is($t->sync_and_wait($c)->{status}, 'complete', 'they are back');
	shared($s, 0);
	$r = $t->poll($c);
	is($r->{error}{code}, 'source_not_found', 'not shared: said at once');
	like($r->{error}{detail}, qr/Connections.*add "Tidemark test"/, 'with what to do');
	is(names($c), 'p1 p2 p3 p4 p5', 'nothing is deleted');
	is($t->get("/api/connections/$c")->{json}{status}, 'attention',
		'and it is not tried again and again');
	shared($s, 1);
	is($t->sync_and_wait($c)->{status}, 'complete', 'shared again, it goes on');
};

subtest 'case 18: one related database that is not shared is no reason to fail' => sub {
	my $hidden = $n->source('Hidden', {});
	my $h = $n->page($hidden, 'secret');
	my $s = $n->source('Open',
		{ R => { relation => { data_source_id => $hidden, single_property => {} } } });
	my $p = $n->page($s, 'p', R => { relation => [{ id => $h }] });
	shared($hidden, 0);
	my ($c, $r) = connected($s);
	is($r->{status}, 'complete', 'read') or diag explain $r;
	is_deeply($t->copy_of($c)->{$p}{R}, [], 'Notion does not tell of it');
	is(counts($t->poll($c)), '0 0 0 1', 'and it goes on');
};

subtest 'a property that is renamed, retyped, added or removed is told, no value is stale' => sub {
	my $s = $n->source('Drift', { Kind => { select => {} }, Old => { number => {} } });
	my $p = $n->page($s, 'p', Kind => { select => { name => 'x' } }, Old => { number => 1 });
	my ($c) = connected($s);
	$n->schema($s, Kind => { name => 'Sort' }, Old => undef, New => { checkbox => {} });
	$n->edit($p, New => { checkbox => Tidemark::true });
	my $r = $t->poll($c);
	is($r->{status}, 'complete', 'a poll notices') or diag explain $r;
	like(codes($r), qr/property_renamed/, 'and tells');
	my %v = %{ $t->copy_of($c)->{$p} };
	is_deeply([@v{qw(Name Sort New)}], ['p', 'x', Tidemark::true], 'values under their names');
	ok(!defined $v{Kind} && !defined $v{Old}, 'none under those of before');
	$n->schema($s, Sort => { rich_text => {} });
	like(codes($t->sync_and_wait($c)), qr/property_retyped/, 'another type is told');
};

subtest 'long texts and lists of relations come in full' => sub {
	my $parts = $n->source('Parts', {});
	my @parts = map { $n->page($parts, "part $_") } 1 .. 30;
	my $pieces = sub {
		return { rich_text => [map { { text => { content => "$_ " } } } @_] }
	};
	my $s = $n->source(
		'Long',
		{
			Notes => { rich_text => {} },
			Parts => { relation => { data_source_id => $parts, single_property => {} } }
		}
	);
	my $p = $n->page(
		$s, 'p',
		Notes => $pieces->(1 .. 60),
		Parts => { relation => [map { { id => $_ } } @parts] }
	);
	my ($c) = connected($s);
	my $r = $t->copy_of($c)->{$p};
	is($r->{Notes}, join('', map { "$_ " } 1 .. 60), 'all 60 parts of the text');
	is_deeply([map { $_->{title} } @{ $r->{Parts} }], [map { "part $_" } 1 .. 30],
		'all 30 relations, with their titles');
	# The first 25 are what they were, and the minute is the same.
	$n->edit($p, Notes => $pieces->(1 .. 59, 'x'));
	is(counts($t->poll($c)), '0 1 0 0', 'an edit behind what a page tells');
	like($t->copy_of($c)->{$p}{Notes}, qr/ 59 x $/, 'has come');
};

subtest 'more pages than a query tells of, and short answers: each page once' => sub {
	my $s = $n->source('Many', {});
	$g->control({ notion_fill => { source => $s, count => 950, gap_ms => 7000 } });
	$g->control({ notion_cap => 300, notion_brief_pages => Tidemark::true });
	my ($c, $r) = connected($s);
	is(counts($r), '950 0 0 0', 'all of them') or diag explain $r;
	is(counts($t->sync_and_wait($c)), '0 0 0 950', 'and again');
	$g->control({ notion_cap => 10000, notion_brief_pages => Tidemark::false });
	# Everything in one minute: Notion tells of no more than it does.
	my $one = $n->source('One minute', {});
	$g->control(
		{ notion_fill => { source => $one, count => 60, gap_ms => 1 }, notion_cap => 40 });
	($c, $r) = connected($one);
	like(codes($r), qr/query_limit/, 'what cannot be told is told of');
	is($r->{stats}{added}, 40, 'the rest is read');
	$g->control({ notion_cap => 10000 });
};

subtest 'trouble on the way: no row twice, none missing' => sub {
	my $s = $n->source('Trouble', {});
	$g->control({ notion_fill => { source => $s, count => 350 } });
	for my $kind (qw(429 500 502 503 504 529 409 cut reset html)) {
		$g->control({
			faults => [
				{
					kind => $kind, path => '/v1/data_sources', skip => 2,
					retry_after => 1
				}
			]
		});
		my ($c, $r) = connected($s);
		is(counts($r), '350 0 0 0', "an answer $kind") or diag explain $r;
		$g->control({ faults => [] });
		$t->del("/api/connections/$c?data=delete");
	}
};

subtest 'a link, a database with several data sources, and what is none' => sub {
	my $s = $n->source('Linked', {});
	my $database = $n->{database};
	$n->page($s, 'p');
	(my $plain = $database) =~ s/-//g;
	my ($c, $r) = connected("https://www.notion.so/team/Linked-$plain?v=1");
	is(counts($r), '1 0 0 0', 'the link of the database');
	is($t->get("/api/connections/$c")->{json}{config}{dataSource}, $database,
		'is kept as an id');
	my $second = $n->call(
		POST => '/data_sources',
		{
			parent => { database_id => $database }, title => $n->text('Second'),
			properties => { Name => { title => {} } }
		}
	)->{id};
	($c, $r) = connected($database);
	like(
		$r->{error}{detail}, qr/"Second" \(\Q$second\E\).*Give the id/s,
		'of several, one is asked for'
	) or diag explain $r;
	my %new = (provider => 'notion', name => 'x');
	$r = $t->post(
		'/api/connections',
		{
			%new, config => { dataSource => 'Tasks', mode => 'table' },
			secret => { token => 'ntn_test' }
		}
	);
	is($r->{status}, 422, 'a name is no link');
	$r = $t->post('/api/connections',
		{ %new, config => { dataSource => $database, mode => 'table' } });
	is($r->{status}, 422, 'without account and token');
	like($r->{content}, qr/or give token/, 'it says what it takes');
};

subtest 'what is shared can be chosen' => sub {
	my $quiet = $n->source('Choice', {});
	my ($c) = connected($quiet);
	my $r = $t->post("/api/connections/$c/test", {});
	my ($one) = grep { $_->{id} eq $quiet } @{ $r->{json}{choices}{dataSources} };
	is($one->{title}, 'Choice', 'by title') or diag explain $r->{json};
	is($r->{json}{choices}{title}, 'Choice', 'and the one that is chosen is named');
	my %given = (provider => 'notion', secret => { token => $n->{token} });
	$r = $t->post('/api/test', { %given, config => {} });
	is($r->{status}, 200, 'also before one is named') or diag $r->{content};
	($one) = grep { $_->{id} eq $quiet } @{ $r->{json}{choices}{dataSources} };
	is($one->{title}, 'Choice', 'by title');
	like($r->{json}{message}, qr/config\.dataSource/, 'and it says where its id goes');
	my %named = (dataSource => $one->{id}, mode => 'table');
	is($t->post('/api/test', { %given, config => \%named })->{json}{ok}, JSON::PP::true,
		'where it is taken');
	for my $wrong ({ mode => 'tabel' }, { dataSource => 'nonsense' }, { sources => 1 }) {
		is($t->post('/api/test', { %given, config => $wrong })->{status}, 422,
			'nothing else may be wrong');
	}
	is($t->post('/api/preview', { %given, config => {} })->{status}, 422, 'one is previewed');
};

subtest 'people sign in, and each refresh is used once' => sub {
	my $s = $n->source('Signed in', {});
	$n->page($s, 'p');
	my $account = $g->connect($t, path => '/api/auth/notion/start');
	like($account->{address}, qr/^Workspace \(paula/, 'the workspace and who it was')
	    or diag explain $account;
	my $c = $t->connect('notion', undef, config => { dataSource => $s, mode => 'table' });
	is($c->{accountId}, $account->{id}, 'it reads with the account');
	is(counts($t->wait_run($c->{lastSync}{syncId})), '1 0 0 0', 'and reads');
	for (1 .. 3) {
		$g->control({ faults => [{ kind => 'expired', path => '/v1/data_sources' }] });
		is($t->poll($c->{id})->{status}, 'complete', 'an access that has ended is renewed');
	}
	is(
		scalar(
			grep { $_->{path} eq '/v1/oauth/token' && $_->{status} != 200 }
			    @{ $g->state->{log} }
		),
		0,
		'no refresh token twice'
	);
	is($t->del("/api/accounts/$account->{id}")->{status}, 204, 'disconnected');
	is($t->poll($c->{id}), undef, 'its connections stop');
};

subtest 'a secret of the installation serves who has none; who has the same shares its calls' =>
    sub {
	my $other = Tidemark->start(
		env => {
			$n->env, NOTION_API_KEY => 'ntn_test', TIDEMARK_NOTION_CALLS => 120,
			TIDEMARK_RETRY_MS => 2
		}
	);
	my $s = $n->source('Installation', {});
	$n->page($s, 'p');
	my %config = (config => { dataSource => $s, mode => 'table' });
	my @c = map { $other->connect('notion', undef, %config, %$_) }
	    {}, { secret => { token => 'ntn_test' } };
	is($other->wait_run($_->{lastSync}{syncId})->{stats}{added}, 1, 'reads') for @c;
	my $names = $other->sql("SELECT group_concat(name, ' ') FROM rate_bucket ORDER BY name");
	my @own = $names =~ /(notion\|token:\w+)/g;
	is(scalar @own, 1, 'one account of calls') or diag $names;
	unlike($names, qr/ntn_/, 'which does not name the secret');
	my $wrong = $other->connect('notion', undef, %config, secret => { token => 'ntn_wrong' });
	my $r = $other->wait_run($wrong->{lastSync}{syncId});
	is($r->{error}{code}, 'reconnect', 'a secret that is refused stops it');
	like($r->{error}{detail}, qr/does not accept the secret/, 'and says so');
    };

done_testing;
