# A change of a configuration names what is to be changed: what it does not name stays, null
# removes, and whatever it is tried out with before is read in the same way. A form has all of it.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Google;
use Tidemark::Source;

my $g = Tidemark::Google->start;
my $t = Tidemark->start(env => { $g->env, TIDEMARK_DEMO => 1 });
my ($home, $away) = ($t->source, Tidemark::Source->start);
my $admin = $t->sign_in('admin');
my %off = (schedule => { enabled => Tidemark::false }, start => Tidemark::false);
$_->put('/a.csv', "id;name\n1;Ann\n"), $_->put('/b.csv', "id;name\n1;Ann\n") for $home, $away;

sub of { my ($id) = @_; return $t->get("/api/connections/$id")->{json}{config} }
sub change {
	my ($id, $config, %more) = @_;
	return $t->patch("/api/connections/$id", { config => $config, %more });
}
sub wrong {
	my ($r) = @_;
	return join ' ', $r->{status}, sort map { $_->{field} } @{ $r->{json}{errors} };
}
sub csv {
	my ($name, %config) = @_;
	return $t->connect(csv => $home->url('/a.csv'), name => $name, config => \%config, %off)
	    ->{id};
}
sub form {
	my ($id, %form) = @_;
	return $t->post(
		"/connections/$id", undef, token => undef,
		headers => { cookie => $admin->{cookie} },
		form => { csrf => $admin->{csrf}, name => 'By a form', %form }
	);
}

subtest 'what is not named stays, and null removes' => sub {
	my $id = csv('Merged', key => ['id', 'name'], delimiter => 'semicolon', skip_rows => 0);
	my %is = %{ of($id) };
	for (
		['another value', { delimiter => 'comma' }],
		['one that was not there', { encoding => 'utf-8' }],
		['a list is one value', { key => ['id'] }],
		['a number', { skip_rows => 1 }],
		['null', { delimiter => undef }],
		['null where nothing is', { delimiter => undef }],
		['both', { key => undef, url => $home->url('/b.csv') }],
		['an empty text is none either', { encoding => '' }],
		['nothing', {}]
	) {
		my ($what, $config) = @$_;
		is change($id, $config)->{status}, 200, $what;
		$is{$_} = $config->{$_} for keys %$config;
		delete @is{ grep { !length($is{$_} // '') } keys %is };
		is_deeply of($id), \%is, "$what: the rest is as it was";
	}
	is $t->patch("/api/connections/$id", { config => undef })->{status}, 200;
	is_deeply of($id), \%is, 'no configuration at all changes nothing';
};

subtest 'what is wrong changes nothing' => sub {
	my $id = csv('Wrong', key => 'id', delimiter => 'semicolon');
	my $is = of($id);
	for (
		['one that there is not', '422 config.colour', { colour => 'red' }],
		['nor by null', '422 config.colour', { colour => undef, delimiter => 'comma' }],
		['one that is needed', '422 config.url', { url => undef }],
		['a value that there is not', '422 config.delimiter', { delimiter => 'dot' }],
		['no object', '422 config', 'key'],
		['a list', '422 config', ['key']]
	) {
		my ($what, $complaint, $config) = @$_;
		is wrong(change($id, $config)), $complaint, $what;
		is wrong($t->post("/api/connections/$id/$_", { config => $config })), $complaint,
		    "$what: $_"
		    for 'test', 'preview';
		is_deeply of($id), $is, "$what: all is as it was";
	}
};

subtest 'it is tried out as it would be changed' => sub {
	my $id = csv('Tried', key => 'id', delimiter => 'comma');
	my $sees = sub {
		my $r = $t->post("/api/connections/$id/preview", { config => $_[0] });
		return join ' ', $r->{status},
		    map { $_->{name} } @{ $r->{json}{datasets}[0]{columns} };
	};
	is $sees->({ key => 'name', delimiter => 'semicolon' }), '200 id name';
	is $sees->({ key => undef }), '200 id;name', 'with the delimiter that is stored';
};

subtest 'secrets and headers stay with their server' => sub {
	my $id = $t->connect(
		csv => $home->url('/a.csv'), name => 'Secret', %off,
		config => { headers => { 'X-Api-Key' => 'key-of-ann', Accept => 'text/csv' } },
		secret => { authorization => 'Bearer of-ann' }
	)->{id};
	my $sent = sub {
		my ($last) = reverse $_[0]->requests($_[1]);
		return join '|',
		    map { $last->{headers}{$_} // '' } qw(authorization x-api-key accept);
	};
	my $all = 'Bearer of-ann|key-of-ann|text/csv';
	is change($id, { delimiter => 'semicolon' })->{status}, 200;
	is_deeply of($id)->{headers}, { 'X-Api-Key' => '(stored)', Accept => 'text/csv' };
	is $t->sync_and_wait($id)->{status}, 'complete';
	is $sent->($home, '/a.csv'), $all, 'a change of something else';
	is change($id, { url => $home->url('/b.csv') })->{status}, 200;
	is $t->sync_and_wait($id)->{status}, 'complete';
	is $sent->($home, '/b.csv'), $all, 'another address of the server';
	my $there = { url => $away->url('/a.csv') };
	is wrong(change($id, $there)), '422 secret.authorization', 'another server';
	is wrong(change($id, $there, secret => { authorization => 'Bearer new' })),
	    '422 config.headers', 'the headers are secrets, too';
	is_deeply [$away->requests('/a.csv')], [], 'it was told nothing';
	is change($id, { %$there, headers => undef }, secret => { authorization => 'Bearer new' })
	    ->{status}, 200, 'with new ones, and without the headers';
	is $t->sync_and_wait($id)->{status}, 'complete';
	like $sent->($away, '/a.csv'), qr/^Bearer new\|\|/;
	is of($id)->{headers}, undef;
	unlike join("\n", $t->sql('SELECT config FROM connection')), qr/of-ann/;
};

subtest 'a form has all, and what is empty in it is removed' => sub {
	my %all = (key => ['id'], delimiter => 'semicolon', encoding => 'utf-8');
	my $id = csv('Form', %all);
	is form($id, do => 'look', f_url => $home->url('/a.csv'))->{status}, 200, 'a look';
	is_deeply of($id), { url => $home->url('/a.csv'), %all },
	    'changes nothing';
	is form($id, do => 'edit', f_url => $home->url('/a.csv'), f_delimiter => 'semicolon',
		f_encoding => '', f_key => '')->{status}, 303;
	is_deeply of($id), { url => $home->url('/a.csv'), delimiter => 'semicolon' };
	is form($id, do => 'edit', f_url => $home->url('/a.csv'), l_key => 'name')->{status}, 303;
	is_deeply of($id), { url => $home->url('/a.csv'), key => ['name'] }, 'ticked';
};

subtest 'the direction of a calendar' => sub {
	$g->connect($t, path => '/api/auth/google/start?for=google-calendar');
	my $id = $t->connect('google-calendar', undef, name => 'Work', %off,
		config => { calendar => 'ann@example.com', conflicts => 'ask' })->{id};
	is change($id, { direction => 'pull' })->{status}, 200;
	my %is = (calendar => 'ann@example.com', conflicts => 'ask', direction => 'pull');
	is_deeply of($id), \%is, 'its calendar is the same';
	is wrong(change($id, { direction => 'sideways' })), '422 config.direction';
	is wrong(change($id, { write => 'selected' })), '422 config.writeFrom',
	    'what belongs together is checked together';
	is change($id, { direction => undef, calendar => undef })->{status}, 200;
	is_deeply of($id), { calendar => 'primary', conflicts => 'ask' }, 'as by default';
};
done_testing;
