# What of an address somebody else could read with is stored sealed and never shown: "(stored)"
# stands for it wherever the address is shown or sent back, for its owner as for whoever may only
# look, and the source is asked at the whole one.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Source;

my $t = Tidemark->start;
my ($home, $away) = ($t->source, Tidemark::Source->start);
my @paths = map { "/$_" } 'key/path-of-ann/a.csv', 'key/path-of-ann/b.csv';
for my $source ($home, $away) {
	$source->put($_, "id,name\n1,Ann\n") for @paths, '/key/other-path/a.csv';
}
my $address = $home->url("$paths[0]?token=token-of-ann&format=csv");
my $shown = $home->url('/key/(stored)/a.csv?token=(stored)&format=csv');

my $c = $t->connect(
	csv => $address, config => { key => 'id' }, schedule => { enabled => false }
);
my $path = "/api/connections/$c->{id}";
is $t->wait_run($c->{activeSyncId})->{status}, 'complete', 'the source is read';

sub asked { my ($last) = reverse $home->requests($_[0]); return $last && $last->{query} }
sub sync { return $t->sync_and_wait($c->{id}) }
sub config { return $t->get($path)->{json}{config} }
sub everything {
	return join "\n", map { $t->sql("SELECT * FROM $_") } qw(
	    connection credential sync sync_log dataset audit webhook message delivery_attempt
	);
}

is asked($paths[0]), 'token=token-of-ann&format=csv', 'at the whole address';
is config()->{url}, $shown, 'who may read sees which parts there are';
is $t->get("$path/datasets")->{json}{data}[0]{name}, 'a.csv', 'and its name';
unlike everything(), qr/of-ann/, 'nothing of it lies open in the database';
my $s = $t->sign_in('admin');
for my $page (
	"/connections/$c->{id}", "/connections/$c->{id}?tab=settings", '/',
	'/settings?tab=activity'
) {
	my $r = $t->get($page, token => undef, headers => { cookie => $s->{cookie} });
	is $r->{status}, 200;
	unlike $r->{content}, qr/of-ann/, "nor is it on $page";
}

subtest 'sent back as it was shown it changes nothing' => sub {
	is $t->patch($path, { config => config() })->{status}, 200;
	is $t->patch($path, { name => 'Renamed' })->{status}, 200;
	is $t->patch($path, { secret => { authorization => 'Bearer x' } })->{status}, 200;
	is sync()->{status}, 'complete';
	is asked($paths[0]), 'token=token-of-ann&format=csv';
	is $t->post("$path/test", { config => config() })->{status}, 200, 'tried out, too';
};

subtest 'another address of the server is asked with it' => sub {
	my $r = $t->patch($path, {
		config => { url => $home->url('/key/(stored)/b.csv?format=x&token=(stored)') }
	});
	is $r->{status}, 200 or diag $r->{content};
	is sync()->{status}, 'complete';
	is asked($paths[1]), 'format=x&token=token-of-ann';
	is $t->patch($path, { config => { url => $address } })->{status}, 200;
	is config()->{url}, $shown;
};

subtest 'one part is changed' => sub {
	is $t->patch($path, {
		config => { url => $home->url('/key/other-path/a.csv?token=(stored)') }
	})->{status}, 200;
	is sync()->{status}, 'complete';
	is asked('/key/other-path/a.csv'), 'token=token-of-ann';
	is config()->{url}, $home->url('/key/(stored)/a.csv?token=(stored)');
	unlike everything(), qr/of-ann|other-path/;
};

subtest 'another server is not sent it' => sub {
	for my $way (sub { $t->post("$path/test", $_[0]) }, sub { $t->patch($path, $_[0]) }) {
		for my $more ({}, { secret => { authorization => 'Bearer x' } }) {
			my $r = $way->({
				%$more, config => { url => $away->url('/a.csv?token=(stored)') }
			});
			is $r->{status}, 422;
			ok((grep { $_->{field} eq 'config.url' } @{ $r->{json}{errors} }),
				'the address is asked for')
			    or diag explain $r->{json};
		}
	}
	is_deeply [$away->requests('/a.csv')], [], 'and is not even asked';
};

subtest 'what stands for a value is none' => sub {
	for my $way ('?token=(stored)', '?sig=%28stored%29', '/(stored)/a.csv') {
		my $r = $t->post('/api/connections', {
			provider => 'csv', name => 'x', config => { url => $home->url($way) }
		});
		is $r->{status}, 422, $way;
		like $r->{json}{errors}[0]{message}, qr/nothing is stored of it/;
	}
};

subtest 'pages that the source names are asked with it and written down without' => sub {
	my ($one, $two) = map { "/items?${_}api_key=key-of-ann" } '', 'page=2&';
	$home->put($one, qq({"data": [{"id": 1}], "next": "$two"}));
	$home->put($two, '{"data": [{"id": 2}], "next": null}', hold => 5);
	my $j = $t->connect(
		json => $home->url('/items?api_key=key-of-ann'),
		config => { key => 'id', records => 'data', next => 'next' },
		schedule => { enabled => false }
	);
	my @next;
	ok wait_for {
		@next = grep { /items/ } $t->sql('SELECT checkpoint FROM sync')
	};
	like $next[0], qr/page=2/, 'the run notes the next page';
	unlike join("\n", @next), qr/of-ann/, 'without its key';
	$home->release($_) for '/items', $two;
	is $t->wait_run($j->{activeSyncId})->{stats}{added}, 2, 'and both are read';
	is $t->request('DELETE', "/api/connections/$j->{id}?data=delete")->{status}, 204;
};

subtest 'what an older version has stored open is sealed' => sub {
	my $gone = $t->connect(csv => $home->url('/a.csv'), name => 'Gone', start => false);
	is $t->request('DELETE', "/api/connections/$gone->{id}?data=keep")->{status}, 204;
	$t->sql("UPDATE connection SET config = '{\"url\":\"$address\",\"key\":\"id\"}' "
		    . "WHERE id IN ('$c->{id}', '$gone->{id}')");
	for my $again (0, 1) {
		$t->run('tidemark', 'migrate');
		unlike everything(), qr/of-ann/;
		is_deeply config(), { url => $shown, key => 'id' };
		is sync()->{status}, 'complete';
		is asked($paths[0]), 'token=token-of-ann&format=csv';
	}
	my $r = $t->post("/api/kept/$gone->{id}/reconnect", {});
	ok $r->{status} =~ /^20[012]$/, 'what was disconnected can be connected again'
	    or diag $r->{content};
	ok wait_for {
		($t->get("/api/connections/$gone->{id}")->{json}{lastError} // {})->{code}
	};
	my $error = $t->get("/api/connections/$gone->{id}")->{json}{lastError};
	is $error->{code}, 'secret_unreadable';
	like $error->{detail}, qr/Enter the address anew/, 'and asks for its address';
	is $t->patch("/api/connections/$gone->{id}", { config => { url => $address } })->{status},
	    200;
};

subtest 'the address of a webhook' => sub {
	$home->put('/hook/secret-of-ann', 'ok');
	my $h = $t->post('/api/webhooks', {
		url => $home->url('/hook/secret-of-ann?k=of-ann'), events => ['sync.failed']
	})->{json};
	my $is = $home->url('/hook/(stored)?k=(stored)');
	is $h->{url}, $is;
	is $t->get("/api/webhooks/$h->{id}")->{json}{url}, $is;
	is $t->patch("/api/webhooks/$h->{id}", { url => $is, description => 'x' })->{status}, 200;
	is $t->patch("/api/webhooks/$h->{id}", { url => $away->url('/hook/(stored)') })->{status},
	    422, 'elsewhere it is asked for';
	$t->post("/api/webhooks/$h->{id}/test", {});
	ok wait_for { asked('/hook/secret-of-ann') }, 'it is called at the whole one';
	my ($get) = map {
		$t->get($_, token => undef, headers => { cookie => $s->{cookie} })->{content}
	} "/webhooks/$h->{id}";
	like $get, qr/\Q$is\E/;
	unlike $get, qr/of-ann/;
	unlike everything(), qr/of-ann/, 'nothing of it lies open in the database';
	unlike $t->get('/api/audit')->{content}, qr/of-ann/;

	my $at = "/api/webhooks/$h->{id}";
	my $called = sub {
		my ($path) = @_;
		my $before = () = $home->requests($path);
		$t->post("$at/test", {});
		return wait_for { (() = $home->requests($path)) > $before };
	};
	$t->post("$at/rotate", {});
	ok $called->('/hook/secret-of-ann'), 'as it is with another secret';
	is asked('/hook/secret-of-ann'), 'k=of-ann';

	$t->sql("UPDATE webhook SET url = '" . $home->url('/hook/secret-of-ann?k=of-ann') . "'");
	like everything(), qr/of-ann/, 'as an older version has stored it';
	$t->run('tidemark', 'migrate');
	unlike everything(), qr/of-ann/, 'it is sealed';
	is $t->get($at)->{json}{url}, $is;
	ok $called->('/hook/secret-of-ann'), 'and called';

	$home->put('/hook/secret-other', 'ok');
	is $t->patch($at, { url => $home->url('/hook/secret-other?k=(stored)') })->{status}, 200;
	ok $called->('/hook/secret-other'), 'one part was changed, the other one stays';
	is asked('/hook/secret-other'), 'k=of-ann';
	is $t->patch($at, { url => $home->url('/hook') })->{status}, 200, 'nothing of it is secret';
	$home->put('/hook', 'ok');
	ok $called->('/hook');
	is $t->patch($at, { url => $is })->{status}, 422, 'and nothing is left of what was';
};
unlike $t->logs, qr/of-ann/, 'no log has said it';
done_testing;
