# seconds: 10
# Profiles: one answer to who somebody is, from all sources.
use strict;
use warnings;
use Test::More;
use Tidemark;

my $t = Tidemark->start(env => { TIDEMARK_PHONE_COUNTRY => 'DE' });
my $src = $t->source;
sub put { my ($name, @lines) = @_; $src->put("/$name.csv", join '', map { "$_\n" } @lines) }
my %conn;
sub source {
	my ($name, @lines) = @_;
	put($name, @lines);
	my $c = $t->connect(
		csv => $src->url("/$name.csv"), name => $name, start => false,
		config => { key => 'id' }
	);
	$t->sync_and_wait($c->{id});
	return $conn{$name} = $c->{id};
}
sub asked {
	my ($query) = @_;
	my $r = $t->get("/api/profiles?$query");
	is $r->{status}, 200 or diag $r->{content};
	return @{ $r->{json}{data} };
}
sub found { return join '; ', map { names($_) } asked(@_) }
sub names {
	my ($p) = @_;
	return join ' ', map { "$_->{connection}/$_->{key}" } @{ $p->{sources} };
}

source(
	'shop', 'id,Name,Email,City', '1,Ada Lovelace,ada@example.com,London',
	'2,Charles Babbage,info@example.com,London', '3,Grace Hopper,info@example.com,New York',
	'4,Nobody,,Paris'
);
source(
	'crm', 'id,First name,Last name,E-mail,Phone,City',
	'a,A.,Lovelace,ADA@example.com,030 123456,Marylebone', 'b,Grace,Hopper,,+49 30 999999,',
	'c,Alan,Turing,alan@example.com,030 777777,'
);
source('calls', 'id,Caller,Telephone', 'x,Ada,0049-30-123456', 'y,,"030/77 77 77"');

subtest 'B7: who is ada@example.com? has one answer from all sources' => sub {
	my @all = asked('email=Ada%40Example.com');
	is scalar @all, 1;
	my $p = $all[0];
	is names($p), 'shop/1 crm/a calls/x';
	is_deeply $p->{emails}, ['ada@example.com'];
	is_deeply $p->{phones}, ['+4930123456'];
	is $p->{name}, 'Ada Lovelace';
	is_deeply $p->{sources}[1]{fields},
	    {
		id => 'a', 'First name' => 'A.', 'Last name' => 'Lovelace',
		'E-mail' => 'ADA@example.com', Phone => '030 123456', City => 'Marylebone'
	    },
	    'as the source has it';
	is $p->{fields}{City}{value}, 'London';
	is_deeply $p->{fields}{City}{others}, [{ value => 'Marylebone', source => 1 }];
	is $t->get("/api/profiles/$p->{id}")->{json}{id}, $p->{id};
};

subtest 'B7: asked for by number, however it is written' => sub {
	is found("phone=$_"), 'shop/1 crm/a calls/x', $_
	    for '030%20123456', '%2B49%2030%20123456', '+4930123456', '0049%2030%2F123456';
	is found('phone=030%20777777'), 'crm/c calls/y';
	is found('phone=123'), '';
	is found('email=nobody'), '';
};

subtest 'asked for by beginnings of words' => sub {
	is found('q=ada'), 'shop/1 crm/a calls/x';
	is found('q=LOVE%20ad'), 'shop/1 crm/a calls/x';
	is found('q=hopp'), 'shop/3; crm/b', 'who shares nothing is two';
	is found('q=alan%40ex'), 'crm/c calls/y';
	is found('q=zzz'), '';
	is found('q=nobody'), 'shop/4', 'who has neither address nor number is kept';
};

subtest 'a word that is on many costs nothing beside one that is on few' => sub {
	my $many = 6000;
	my @rows = map { "$_,Visitor No$_,visitor$_\@example.com" } 1 .. $many;
	source('many', 'id,Name,Email', @rows);
	my $all = wait_for {
		$t->tick;
		asked("email=visitor$many\@example.com") == 1
	};
	ok $all, 'all are there';
	is found("q=$_"), 'many/5999', "$_: at once" for 'visitor%20no5999', 'no5999%20visitor';
	my $r = $t->get('/api/profiles?q=visitor%20no5&limit=500')->{json};
	is scalar @{ $r->{data} }, 500, 'a page of more';
	my %seen = map { $_->{id} => 1 } @{ $r->{data} };
	$r = $t->get('/api/profiles?q=visitor%20no5&limit=500&cursor=' . enc($r->{nextCursor}))
	    ->{json};
	is scalar(grep { $seen{ $_->{id} } } @{ $r->{data} }), 0, 'the next has others';
	is scalar @{ $r->{data} }, 500;
	is $t->del("/api/connections/$conn{many}?data=delete")->{status}, 204, 'gone again';
	ok wait_for {
		$t->tick;
		!asked('q=visitor')
	}, 'with all of them';
};

subtest 'a shared mailbox makes nobody one person' => sub {
	is found('email=info%40example.com'), 'shop/2; shop/3';
};

subtest 'all of them, in pages' => sub {
	my (@all, $cursor);
	do {
		my $at = $cursor ? "&cursor=$cursor" : '';
		my $r = $t->get("/api/profiles?limit=2$at")->{json};
		cmp_ok scalar @{ $r->{data} }, '<=', 2;
		push @all, map { names($_) } @{ $r->{data} };
		$cursor = $r->{nextCursor};
	} while defined $cursor;
	is_deeply [sort @all],
	    ['crm/b', 'crm/c calls/y', 'shop/1 crm/a calls/x', 'shop/2', 'shop/3', 'shop/4'];
	my ($words, @found) = ('q=l');
	do {
		my $r = $t->get("/api/profiles?$words&limit=1")->{json};
		push @found, map { names($_) } @{ $r->{data} };
		$words = defined $r->{nextCursor} ? 'q=l&cursor=' . enc($r->{nextCursor}) : undef;
	} while defined $words;
	is_deeply \@found, ['shop/1 crm/a calls/x'];
	is $t->get('/api/profiles?q=a&email=b')->{status}, 422;
	is $t->get('/api/profiles?q=a&cursor=x')->{status}, 422;
	is $t->get('/api/profiles?name=a')->{status}, 422;
	is $t->get('/api/profiles/none')->{status}, 404;
};
sub enc { return $_[0] =~ s/([^\w.-])/sprintf '%%%02X', ord $1/ger }

subtest 'what somebody decides sticks' => sub {
	my ($shop) = asked('q=grace%20hopper');
	my ($crm) = (asked('q=grace%20hopper'))[1];
	my $r = $t->post("/api/profiles/$shop->{id}/link", { with => $crm->{id}, same => true });
	is $r->{status}, 200 or diag $r->{content};
	is_deeply [map { names($_) } @{ $r->{json}{data} }], ['shop/3 crm/b'];
	my $id = $r->{json}{data}[0]{id};
	ok $id eq $shop->{id} || $id eq $crm->{id}, 'under the id of one of them';
	put('shop', 'id,Name,Email,City', '3,Grace M. Hopper,grace@example.com,Arlington');
	my $sync = $t->sync_and_wait($conn{shop});
	$t->wait_run($t->post("/api/sync/$sync->{syncId}/approve")->{json}{syncId})
	    if ($sync->{error}{code} // '') eq 'needs_approval';
	is found('email=grace%40example.com'), 'shop/3 crm/b', 'it is changed';
	my ($p) = asked('email=grace%40example.com');
	my %from = map { $_ => $p->{sources}[1]{$_} } qw(connectionId datasetId key);
	$r = $t->post("/api/profiles/$p->{id}/link", { with => \%from, same => false });
	is $r->{status}, 200 or diag $r->{content};
	is_deeply [sort map { names($_) } @{ $r->{json}{data} }], ['crm/b', 'shop/3'];
	put(
		'crm', 'id,First name,Last name,E-mail,Phone,City',
		'b,Grace,Hopper,grace@example.com,,', 'c,Alan,Turing,alan@example.com,030 777777,',
		'a,A.,Lovelace,ada@example.com,030 123456,Marylebone'
	);
	$t->sync_and_wait($conn{crm});
	is found('email=grace%40example.com'), 'shop/3; crm/b', 'whatever they share';
	is $t->post("/api/profiles/$p->{id}/link", $_)->{status}, 422
	    for {}, { with => $p->{id} }, { with => 'none', same => true },
	    { with => $p->{id}, same => true }, { with => {}, same => true },
	    { with => $p->{id}, same => true, more => 1 };
	is $t->post('/api/profiles/none/link', { with => $p->{id}, same => true })->{status}, 404;
};

subtest 'which source is believed' => sub {
	my ($p) = asked('email=alan%40example.com');
	is $p->{sources}[0]{connection}, 'crm';
	my $r = $t->put('/api/profiles/order', { order => [$conn{calls}] });
	is $r->{status}, 200 or diag $r->{content};
	is_deeply $r->{json}, { order => [$conn{calls}] };
	($p) = asked('email=alan%40example.com');
	is $p->{sources}[0]{connection}, 'calls';
	is $p->{name}, 'Alan Turing', 'who says nothing is not believed';
	is $t->put('/api/profiles/order', { order => ['none'] })->{status}, 422;
	is $t->put('/api/profiles/order', {})->{status}, 422;
	is_deeply $t->get('/api/profiles/order')->{json}, { order => [$conn{calls}] };
};

subtest 'which columns say who somebody is' => sub {
	my $set = $t->get("/api/connections/$conn{calls}/datasets")->{json}{data}[0]{id};
	my $r = $t->get("/api/datasets/$set");
	is_deeply $r->{json}{people}, { name => [], email => [], phone => ['Telephone'] };
	is $t->patch("/api/datasets/$set", { people => $_ })->{status}, 422
	    for 1, true, {}, { name => ['Caller'] }, { phone => ['None'] },
	    { phone => 'Telephone' }, { phone => ['Telephone'], more => [] };
	$r = $t->patch(
		"/api/datasets/$set",
		{ people => { name => ['Caller'], phone => ['Telephone'] } }
	);
	is $r->{status}, 200 or diag $r->{content};
	ok wait_for { found('q=calls') eq '' && found('q=ada') =~ /calls/ };
	is $t->patch("/api/datasets/$set", { people => false })->{json}{people}, undef;
	ok wait_for { found('phone=030%20123456') !~ /calls/ }, 'none any more';
	$t->patch("/api/datasets/$set", { people => undef });
	ok wait_for { found('phone=030%20123456') =~ /calls/ }, 'again';
};

subtest 'pages' => sub {
	my $s = $t->sign_in;
	my %o = (token => undef, headers => { cookie => $s->{cookie} });
	like $t->get('/profiles', %o)->{content}, qr/>A. Lovelace</;
	like $t->get('/profiles?q=zzz', %o)->{content}, qr/Nobody has this name/;
	my ($p) = asked('email=alan%40example.com');
	my $page = $t->get("/profiles/$p->{id}?same=lovelace", %o)->{content};
	like $page, qr/030 777777/;
	like $page, qr/Join<span/;
	source(
		'bare', 'id,Name,Email', '1,Somebody,somebody@example.com', '2,Nobody,',
		'3,Desk,office@example.com'
	);
	my $set = $t->get("/api/connections/$conn{bare}/datasets")->{json}{data}[0]{id};
	my $record = sub { $t->get("/datasets/$set/records/$_[0]", %o)->{content} };
	my $why = qr/neither an e-mail address nor a phone number/;
	like $record->(2), $why, 'why nobody is told to be the same elsewhere';
	like $record->(1), qr/somebody\@example.com/;
	unlike $record->(1), $why, 'not of others';
	is found('q=nobody'), 'bare/2', 'found by the name';
	my %story = (
		'q=nobody' => ['no_identifier', 'Neither an e-mail address nor a phone number'],
		'q=desk' => ['shared_mailbox', 'one that several people read'],
		'q=somebody' => [undef, undef], 'q=alan' => [undef, undef]
	);
	for my $q (sort keys %story) {
		my ($who) = asked($q);
		my ($word, $said) = @{ $story{$q} };
		is $who->{sources}[0]{skipped}, $word, "$q: why it is matched with nobody";
		my $text = $t->get("/profiles/$who->{id}", %o)->{content} =~ s/\s+/ /gr;
		my ($there) = grep { $text =~ /\Q$_\E/ } grep { $_ } map { $_->[1] } values %story;
		is $there, $said, 'the page says so, too';
	}
	my $r = $t->post(
		"/profiles/$p->{id}", undef, %o,
		form => {
			csrf => $s->{csrf}, do => 'apart', dataset => $p->{sources}[1]{datasetId},
			key => $p->{sources}[1]{key}
		}
	);
	is $r->{status}, 303;
	is scalar(asked('phone=030%20777777')), 2, 'two now';
};

subtest 'a source that is disconnected says nothing any more' => sub {
	$t->del("/api/connections/$conn{shop}?data=delete");
	ok wait_for { found('email=grace%40example.com') eq 'crm/b' };
	is found('q=lovelace'), 'calls/x crm/a';
};

done_testing;
