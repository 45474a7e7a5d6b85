# Forms as a person without JavaScript meets them: what is wrong is said beside the field, which the
# keyboard is on; what was typed stays; a page that a form was answered with can be loaded again;
# what cannot be undone asks first.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Tidemark;

my $t = Tidemark->start;
my $admin = $t->sign_in('admin');

sub page {
	my ($path, $as) = @_;
	return $t->get(
		$path, token => undef,
		headers => { cookie => ($as // $admin)->{cookie} }
	);
}
sub form {
	my ($path, %form) = @_;
	return $t->post(
		$path, undef, token => undef, headers => { cookie => $admin->{cookie} },
		form => { csrf => $admin->{csrf}, %form }
	);
}
# The element that the keyboard is put on: its id, or its class.
sub focused {
	my ($html) = @_;
	my @on = $html =~ /<(\w+ [^<>]*\bautofocus\b[^<>]*)>/g;
	return 'on ' . @on . ' places' if @on != 1;
	return $on[0] =~ /\b(?:id|class)="([^"]*)"/ ? $1 : $on[0];
}

my $src = $t->source;
$src->put('/a.csv', "id,name\n1,Ann\n");
my $conn = $t->connect(csv => $src->url('/a.csv'), name => 'People', start => false)->{id};
my $hook = $t->post('/api/webhooks', { url => $src->url('/hook'), events => ['sync.failed'] })
    ->{json}{id};

subtest 'the keyboard is on the first field that is wrong, and the title says so' => sub {
	for (
		['f-url', '/settings/add', provider => 'csv', do => 'connect', f_url => 'nonsense'],
		['f-url', '/settings/add', provider => 'csv', do => 'connect'],
		[
			'f-url', '/settings/add', provider => 'ical', do => 'preview',
			f_url => 'ftp://x/', f_timezone => 'Nowhere/At_all'
		],
		[
			'e-percent', '/settings/add', provider => 'csv', do => 'connect',
			f_url => $src->url('/a.csv'), guardPercent => 101
		],
		['e-url', "/connections/$conn", do => 'edit', name => 'x', f_url => 'nonsense'],
		[
			'e-name', "/connections/$conn", do => 'edit', name => ' ',
			f_url => $src->url('/a.csv')
		],
		[
			"r-$conn", "/connections/$conn", do => 'schedule', enabled => 'on',
			frequency => 'rule', rrule => 'EVERY DAY'
		],
		[
			"m-$conn", "/connections/$conn", do => 'schedule', enabled => 'on',
			frequency => 'custom', intervalMinutes => 'ten'
		],
		[
			"hf-$conn", "/connections/$conn", do => 'schedule', enabled => 'on',
			frequency => 'hours', from => 20, until => 8
		],
		['name', '/settings/tokens', do => 'make', read => 1, name => ''],
		['name', '/settings/users', do => 'add', name => 'with space'],
		[
			'url', '/settings/webhooks', do => 'add', url => 'nonsense',
			event => 'sync.failed'
		],
		[
			'url', "/webhooks/$hook", do => 'edit', url => 'nonsense',
			event => 'sync.failed'
		],
	) {
		my ($where, $path, %form) = @$_;
		my $r = form($path, %form);
		is $r->{status}, 422, "$path, $form{do}" or diag $r->{content} =~ /<main.*/s;
		is focused($r->{content}), $where, 'the keyboard';
		like $r->{content}, qr{<title>Error: }, 'the title';
		is page($r->{headers}{location} // $path)->{status} =~ /^[23]/, 1, 'loaded again';
	}
	is focused(form('/settings/account', do => 'email', email => 'x')->{content}),
	    'note is-error', 'where no field is meant, it is on the sentence';
	unlike page('/settings?tab=integrations&add=csv')->{content}, qr/autofocus|<title>Error/,
	    'and nowhere when nothing is wrong';
};

subtest 'what was typed stays' => sub {
	my $r = form(
		"/connections/$conn",
		do => 'schedule', enabled => 'on', frequency => 'rule', rrule => 'EVERY <DAY>',
		ruleZone => 'Asia/Tokyo', intervalMinutes => 77
	)->{content};
	like $r, qr/name="rrule" value="EVERY &lt;DAY&gt;"/, 'a rule';
	like $r, qr/name="ruleZone" value="Asia\/Tokyo"/, 'its zone';
	like $r, qr/value="rule" selected/, 'how often';
	like $r, qr/name="intervalMinutes"[^>]*value="77"/, 'a number';
	$r = form(
		"/connections/$conn",
		do => 'schedule', frequency => 'hours', from => 20, until => 8, every => 15,
		days => 'all', zone => 'Europe/Paris'
	)->{content};
	like $r, qr/name="from"[^>]*value="20"/, 'an hour';
	like $r, qr/name="until"[^>]*value="8"/, 'another';
	like $r, qr/value="15" selected/, 'how often in it';
	like $r, qr/value="all" selected/, 'the days';
	like $r, qr/name="zone" value="Europe\/Paris"/, 'the zone';
	unlike $r, qr/name="enabled"\s+value="on" checked/, 'the switch';
	$r = form('/settings/tokens', do => 'make', write => 1, sync => 1, days => 365, name => '')
	    ->{content};
	is_deeply [$r =~ /type="checkbox" name="(\w+)" value="1" checked/g], [qw(sync write)],
	    'boxes that were ticked';
	like $r, qr/value="365" selected/, 'a choice';
	like form('/settings/users', do => 'add', name => 'a b', operator => 1)->{content},
	    qr/name="operator" value="1" checked/, 'a box';
	is $t->get("/api/connections/$conn/schedule")->{json}{frequency}, 'hourly',
	    'and nothing was saved';
};

subtest 'an address that forms are sent to can be loaded again' => sub {
	for (qw(accounts tokens webhooks account users)) {
		is page("/settings/$_")->{headers}{location}, "/settings?tab=$_", $_;
	}
	is page("/settings/$_")->{headers}{location}, '/settings?tab=integrations', $_
	    for qw(add contacts);
	is page('/settings/nowhere')->{status}, 404, 'what is none is not there';
	is page('/sign-out')->{headers}{location}, '/', 'the way out';
	is page('/confirm')->{status}, 401, 'the confirmation of an address';
	for my $path ('/nowhere', "/connections/none", '/settings/nowhere') {
		my $r = page($path)->{content};
		like $r, qr{<nav aria-label="Main">}, "the page on $path has the menu";
	}
	my $r = form('/settings/tokens', do => 'make', name => '')->{content};
	like $r, qr{<a href="/settings\?tab=integrations" aria-current="page">},
	    'and knows its place';
};

subtest 'who was signed out meanwhile is told that nothing was saved, and led back' => sub {
	my $r = $t->post('/settings/webhooks', undef, token => undef, form => { do => 'add' });
	is $r->{status}, 303;
	is $r->{headers}{location}, '/sign-in?next=%2Fsettings%2Fwebhooks', 'led back';
	my ($say) = $r->{headers}{'set-cookie'} =~ /(tidemark-say=[^;]+)/;
	$r = $t->get($r->{headers}{location}, token => undef, headers => { cookie => $say });
	like $r->{content}, qr/nothing was saved/, 'told';
	like $r->{content}, qr{name="next" value="/settings/webhooks"}, 'and remembered';
	$r = $t->get('/settings?tab=webhooks', token => undef);
	ok !$r->{headers}{'set-cookie'}, 'who only looks is told nothing';
};

subtest 'every page is below one of the menu' => sub {
	my $read = $t->connect(csv => $src->url('/a.csv'), name => 'Read');
	my $run = $t->get("/api/connections/$read->{id}")->{json}{lastSync}{syncId};
	my %below = (
		'/' => 'Home', '/calendar' => 'Calendar', '/calendar/queue' => 'Calendar',
		'/calendar/new' => 'Calendar', '/profiles' => 'People', '/conflicts' => 'Conflicts',
		'/settings?tab=tokens' => 'Settings', '/kept' => 'Settings',
		'/integrations-overview' => 'Overview', '/analytics' => 'Overview',
		"/connections/$conn" => 'Overview', "/connections/$conn/remove" => 'Overview',
		"/syncs/$run" => 'Overview', '/nowhere' => ''
	);
	for my $path (sort keys %below) {
		my ($menu) = page($path)->{content} =~ m{<nav aria-label="Main">(.*?)</nav>}s;
		my @here = $menu =~ m{aria-current="page">\s*(\w+)}g;
		is "@here", $below{$path}, $path;
	}
};

# The hidden fields of the form that a page asks with.
sub asked {
	my ($r) = @_;
	return 'no question' if $r->{status} != 200 || $r->{content} !~ /<h1>Are you sure\?/;
	my ($inner) = $r->{content} =~ m{<h1>Are you sure.*?(<form.*?</form>)}s;
	return { $inner =~ /<input type="hidden" name="(\w+)" value="([^"]*)"/g };
}

subtest 'what cannot be undone asks first, also without JavaScript' => sub {
	$t->run('tidemark', 'user', 'add', 'bob');
	my $bob = $t->sql("SELECT id FROM account WHERE name = 'bob'");
	my %old = (name => 'old "one"', scopes => ['read']);
	my $token = $t->post('/api/tokens', \%old)->{json}{id};
	$t->sql("INSERT INTO remote_account (id, owner, provider, kind, subject, address, "
		    . "scopes, sealed, granted_at, created_at) SELECT 'acc-1', id, 'google', "
		    . "'service', 's', 'a\@example.com', '', '', 1, 1 FROM account "
		    . "WHERE name = 'admin'");
	my $role = "SELECT role FROM account WHERE name = 'bob'";
	my $disabled = "SELECT disabled_at IS NOT NULL FROM account WHERE name = 'bob'";
	for (
		['/settings/users', 'operator', $bob, qr/Make bob an oper/, $role, 'operator'],
		['/settings/users', 'disable', $bob, qr/Disable bob\? They are/, $disabled, 1],
		[
			'/settings/tokens', 'revoke', $token, qr/Revoke old &(?:#34|quot);one/,
			"SELECT revoked_at IS NOT NULL FROM api_token WHERE id = '$token'", 1
		],
		[
			'/settings/accounts', 'remove', 'acc-1', qr/Disconnect a\@example\.com\?/,
			"SELECT count(*) FROM remote_account", 0
		],
		[
			"/webhooks/$hook", 'remove', $hook, qr/Remove this webhook\?/,
			"SELECT count(*) FROM webhook WHERE doomed_at IS NULL", 0
		],
	) {
		my ($path, $do, $id, $question, $sql, $after) = @$_;
		my $before = $t->sql($sql);
		my $r = form($path, do => $do, id => $id);
		my $form = asked($r);
		is ref $form, 'HASH', "$path $do asks" or next;
		like $r->{content}, $question, 'about what it is';
		is $t->sql($sql), $before, 'and has done nothing';
		is $form->{do}, $do, 'it knows what was asked for';
		form($path, %$form);
		is $t->sql($sql), $after, 'which is done when it is answered';
	}
	is form('/settings/users', do => 'reset', id => 'nobody')->{status}, 404,
	    'about nobody nothing is asked';
	is ref asked(form('/settings/users', do => 'enable', id => $bob)), '', 'what is harmless';
};

subtest 'who has chosen a password is like everybody who has one' => sub {
	$t->run('tidemark', 'user', 'add', 'eve');
	my ($key) = $t->run('tidemark', 'user', 'invite', 'eve')->{out} =~ /key=([\w-]+)/;
	my $r = $t->post('/sign-in', undef, token => undef, form => { key => $key });
	my ($cookie) = map { /^([^;]+)/ } grep { !/max-age=0/i }
	    ref $r->{headers}{'set-cookie'}
	    ? @{ $r->{headers}{'set-cookie'} }
	    : $r->{headers}{'set-cookie'};
	my $eve = { cookie => $cookie };
	my $first = page('/settings?tab=account', $eve)->{content};
	like $first, qr/Choose a password now/, 'first she is asked to';
	unlike $first, qr/name="current"/, 'without another one';
	my ($csrf) = $first =~ /name="csrf" value="([^"]+)"/;
	$r = $t->post(
		'/settings/account', undef, token => undef, headers => { cookie => $cookie },
		form => {
			csrf => $csrf, do => 'password', password => 'four words in a row',
			again => 'four words in a row'
		}
	);
	is $r->{status}, 303, 'she does';
	my $then = page('/settings?tab=account', $eve)->{content};
	unlike $then, qr/Choose a password now/, 'then she is not asked any more';
	like $then, qr/name="current"/, 'and another one needs this one';
};

done_testing;
