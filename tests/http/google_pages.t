# Setting Google up: what operators see and what can be checked; and what people see of their
# accounts.
use strict;
use warnings;
use JSON::PP ();
use Tidemark::Json;
use Test::More;
use Tidemark;
use Tidemark::Google;

my $g = Tidemark::Google->start;
# What a minute allows is the business of other tests.
my $t = Tidemark->start(
	env => {
		$g->env, TIDEMARK_GOOGLE_SHEETS_READS => 100_000,
		TIDEMARK_GOOGLE_SHEETS_READS_USER => 100_000
	}
);
$g->control({ quota => { 'sheets.read' => { user => 0, project => 0 } } });
my $admin = $t->sign_in('admin');
my $json = Tidemark::Json->new->utf8;

sub page {
	my ($path, $session) = @_;
	return $t->get(
		$path, token => undef,
		headers => { cookie => ($session // $admin)->{cookie} }
	)->{content}
}
sub form {
	my ($path, %form) = @_;
	return $t->post(
		$path, undef, token => undef, headers => { cookie => $admin->{cookie} },
		form => { csrf => $admin->{csrf}, %form }
	)
}
# The rows of the doctor about Google, by name.
sub doctor {
	my ($env, @options) = @_;
	my $r = $t->run({ env => $env }, 'tidemark', 'doctor', '--json', @options);
	return {
		map { $_->{name} => $_ }
		grep { $_->{name} =~ /^google/ } @{ $json->decode($r->{out}) }
	};
}
my %real = (
	GOOGLE_CLIENT_ID => '1-a.apps.googleusercontent.com', GOOGLE_CLIENT_SECRET => 'secret',
	GOOGLE_OAUTH_BASE => 'https://oauth2.googleapis.com'
);

subtest 'the doctor looks at client, secret and addresses' => sub {
	my $d = doctor({ GOOGLE_CLIENT_ID => '', GOOGLE_CLIENT_SECRET => '' });
	ok($d->{google}{ok}, 'nothing set up is no fault');
	like($d->{google}{detail}, qr/not set up/, 'and is said');
	$d = doctor({ %real, APP_URL => 'https://sync.example.com/' });
	is_deeply([map { $_->{ok} ? () : $_ } values %$d], [], 'set up well');
	like(
		$d->{'google-redirect'}{detail},
		qr{https://sync\.example\.com/api/auth/google/callback$}, 'the redirect address'
	);
	like(
		$d->{'google-push'}{detail},
		qr{https://sync\.example\.com/api/webhooks/google-drive},
		'the address for changes'
	);
	for (
		[{ GOOGLE_CLIENT_SECRET => '' }, 'google', qr/GOOGLE_CLIENT_SECRET is missing/],
		[{ GOOGLE_CLIENT_ID => '' }, 'google', qr/GOOGLE_CLIENT_ID is missing/],
		[
			{ GOOGLE_CLIENT_ID => 'GOCSPX-abc' }, 'google',
			qr/does not look like a client id/
		],
		[{ APP_URL => 'http://sync.example.com' }, 'google-redirect', qr/redirect address/]
	) {
		my ($env, $name, $like) = @$_;
		$d = doctor({ %real, APP_URL => 'https://sync.example.com', %$env });
		ok(!$d->{$name}{ok}, "$name sees it");
		like($d->{$name}{detail}, $like, 'and says it');
		ok(length $d->{$name}{advice}, 'with advice');
	}
	$d = doctor({ %real, APP_URL => 'http://127.0.0.1:8080' });
	ok($d->{'google-redirect'}{ok}, 'to this machine Google sends people without TLS');
	like($d->{'google-push'}{detail}, qr/read by schedule/, 'but does not call it');
};

subtest 'Google is asked only when that is wanted' => sub {
	ok(!doctor({})->{'google-online'}, 'not without the option');
	my $d = doctor({}, '--online');
	ok($d->{'google-online'}{ok}, 'client and secret are taken') or diag explain $d;
	$d = doctor({ GOOGLE_CLIENT_SECRET => 'wrong' }, '--online');
	ok(!$d->{'google-online'}{ok}, 'a wrong secret is not') or diag explain $d;
	like($d->{'google-online'}{detail}, qr/does not take/, 'which is said');
	$d = doctor({ GOOGLE_OAUTH_BASE => 'http://127.0.0.1:9/' }, '--online');
	ok(!$d->{'google-online'}{ok}, 'nobody there');
	like($d->{'google-online'}{detail}, qr/could not be asked/, 'is another thing');
};

subtest 'operators get the addresses to paste, others do not' => sub {
	my $page = page('/settings?tab=accounts');
	my $redirect = "$t->{base}/api/auth/google/callback";
	like(
		$page,
		qr{<code id="redirect">\Q$redirect\E</code><button[^>]*data-copy="redirect"},
		'the redirect address, to copy'
	);
	like($page, qr/publish the app/, 'with what is forgotten most');
	like($page, qr/Client id and secret are set/, 'and what is checked');
	unlike(
		page('/settings?tab=accounts', $t->sign_in('bob')), qr/id="redirect"/,
		'not for others'
	);
};

subtest 'without credentials people are told who can help' => sub {
	my $bare = Tidemark->start;
	my $s = $bare->sign_in('admin');
	my $get = sub {
		$bare->get($_[0], token => undef, headers => { cookie => $_[1]{cookie} })->{content}
	};
	like(
		$get->('/settings?tab=accounts', $s), qr/<details open><summary>Step by step/,
		'an operator sees the steps'
	);
	unlike(
		$get->('/settings?tab=accounts', $s), qr/api\/auth\/google\/start/,
		'and nothing that leads nowhere'
	);
	like(
		$get->('/settings?tab=accounts', $bare->sign_in('bob')),
		qr/An operator of this installation has to set Google up first/, 'others are told'
	);
	like(
		$get->('/settings?tab=integrations&add=google-sheets', $s), qr/Set up Google/,
		'at the form too'
	);
	unlike($get->('/', $s), qr/class="demo"/, 'no label of a demo');
};

subtest 'a service account is connected with its key, and says with whom to share' => sub {
	my $key = $g->control({ service_account => 'robot@project.iam.gserviceaccount.com' });
	$key = $key->{service_account} // $key->{key} // $key;
	my $r = form('/settings/accounts', do => 'service', key => $json->encode($key));
	is($r->{status}, 303, 'connected') or diag $r->{content} =~ s/.*<main//sr;
	my $page = page('/settings?tab=accounts');
	my $robot = qr/robot\@project\.iam\.gserviceaccount\.com/;
	like(
		$page,
		qr{Share each spreadsheet with <code[^>]*>$robot</code>},
		'its address, to share with'
	);
	unlike($page, qr/PRIVATE KEY/, 'the key is not shown');
	my $id = $g->sheet('shared', [['id'], ['a1']]);
	my ($account) = @{ $t->get('/api/accounts')->{json}{data} };
	$r = form(
		'/settings/add', provider => 'google-sheets', do => 'test', f_spreadsheet => $id,
		account => $account->{id}
	);
	like(
		$r->{content},
		qr/<strong>[^<]*$robot[^<]*Share it with that address/,
		'what is not shared with it'
	);
	$g->control({
		share => {
			file => $id, email => 'robot@project.iam.gserviceaccount.com',
			role => 'reader'
		}
	});
	$r = form(
		'/settings/add', provider => 'google-sheets', do => 'test', f_spreadsheet => $id,
		account => $account->{id}
	);
	like($r->{content}, qr/can be read: 1 column\./, 'shared, it is read');
	form('/settings/accounts', do => 'remove', sure => 1, id => $account->{id});
};

subtest 'what an account does not allow is said in words' => sub {
	my $r = $g->consent($t, $admin, scope => sub { $_[0] !~ /spreadsheets/ });
	like(
		Tidemark::Google::said($r),
		qr/^Nothing was connected: Tidemark was not allowed to see your spreadsheets\./,
		'what is needed'
	);
	like(page($r->{headers}{location}), qr/Connected accounts/, 'on the page of accounts');
	is_deeply($t->get('/api/accounts')->{json}{data}, [], 'there is none');
};

subtest 'A12: rows are counted as contacts, by columns that are guessed or named' => sub {
	$g->connect($t, session => $admin);
	my $id = $g->sheet(
		'people',
		[
			['Kunde', 'Mail', 'Telefon', 'Second mail'],
			['Ann', 'ann@example.com', '', ''], ['Bob', '', '', 'bob@example.com'],
			['Cy', '', '030 1', '']
		]
	);
	my $test =
	    $t->post('/api/test', { provider => 'google-sheets', config => { spreadsheet => $id } })
	    ->{json};
	is_deeply(
		$test->{choices}{suggested},
		{ name_column => 'Kunde', email_column => 'Mail', phone_column => 'Telefon' },
		'guessed by their names'
	) or diag explain $test;
	my %two = (
		provider => 'google-sheets',
		config => { spreadsheet => $id, columns => 'Kunde, Mail' }
	);
	is_deeply(
		$t->post('/api/test', \%two)->{json}{choices}{columns},
		['Kunde', 'Mail', 'Telefon', 'Second mail'],
		'columns that are not chosen can be'
	);
	is_deeply(
		$t->post('/api/preview', \%two)->{json}{rows}[0],
		['Ann', 'ann@example.com'], 'and are not shown'
	);
	my $codes = sub {
		my $r = $t->post(
			'/api/preview',
			{
				provider => 'google-sheets',
				config => { spreadsheet => $id, contacts => JSON::PP::true, @_ }
			}
		)->{json};
		return { map { $_->{code} => $_->{message} } @{ $r->{warnings} } }
	};
	my $w = $codes->();
	is(
		$w->{contacts},
		'3 contacts: the name from "Kunde", the e-mail address from "Mail", the phone '
		    . 'number from "Telefon".',
		'counted, with their columns'
	);
	is(
		$w->{contacts_unreachable},
		'1 contact has neither an e-mail address nor a phone number; kept all the same.',
		'those without an identifier too'
	);
	is(
		$codes->(email_column => 'Second mail')->{contacts_unreachable},
		'1 contact has neither an e-mail address nor a phone number; kept all the same.',
		'another column'
	);
	my $c = $t->connect(
		'google-sheets',
		undef,
		name => 'people',
		config => {
			spreadsheet => $id, contacts => JSON::PP::true,
			email_column => 'Second mail'
		}
	);
	my $run = $t->wait_run($c->{lastSync}{syncId});
	is($run->{stats}{fetched}, 3, 'nobody is dropped');
	is(
		(grep { $_->{code} eq 'contacts' } @{ $run->{warnings} })[0]{message},
		'3 contacts: the name from "Kunde", the e-mail address from "Second mail", '
		    . 'the phone number from "Telefon".',
		'the run says so'
	);
};

subtest 'a sheet with more columns than anybody ticks has a line to write them in' => sub {
	my $acc = (grep { $_->{health} eq 'ok' } @{ $t->get('/api/accounts')->{json}{data} })[0];
	my $look = sub {
		my ($columns, %form) = @_;
		my $id = $g->sheet(
			"wide $columns",
			[[map { "Column $_" } 1 .. $columns], [1 .. $columns]]
		);
		return form(
			'/settings/add', provider => 'google-sheets', do => 'test',
			f_spreadsheet => $id, account => $acc->{id}, %form
		);
	};
	my $r = $look->(32);
	is(scalar(() = $r->{content} =~ /name="l_columns"/g), 32, 'boxes, where they are few');
	# All of them ticked, of every list.
	my $body = join '&', "csrf=$admin->{csrf}", 'provider=google-sheets', 'do=preview',
	    "account=$acc->{id}", 'f_spreadsheet=' . ($r->{content} =~ m{(1Test\d{38})})[0],
	    map {
		my $list = $_;
		map { "l_$list=Column+$_" } 1 .. 32
	    } qw(columns key tabs);
	isnt(
		$t->request(
			'POST',
			'/settings/add',
			$body,
			token => undef,
			headers => {
				cookie => $admin->{cookie},
				'content-type' => 'application/x-www-form-urlencoded'
			}
		)->{status},
		400,
		'all can be ticked at once'
	);
	$r = $look->(200, f_columns => 'Column 1, Column 200');
	is($r->{status}, 200, 'a wide one');
	unlike($r->{content}, qr/name="l_columns"/, 'has no boxes');
	like(
		$r->{content}, qr/name="f_columns"[^>]*(?:value="|>)Column 1, Column 200/,
		'what was written stays'
	);
};

done_testing;
