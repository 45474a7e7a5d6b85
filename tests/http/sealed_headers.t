# The value of a request header that may be a secret is stored sealed and never shown; "(stored)"
# stands for it wherever the configuration is shown or sent back.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Source;

my $t = Tidemark->start;
my ($home, $away) = ($t->source, Tidemark::Source->start);
$_->put('/a.csv', "id,name\n1,Ann\n"), $_->put('/b.csv', "id,name\n1,Ann\n") for $home, $away;
my %value = (
	'X-Api-Key' => 'key-of-ann', Cookie => 'session=of-ann', 'PRIVATE-TOKEN' => 'token-of-ann',
	'X-Whatever' => 'who-knows-of-ann'
);
my %plain = (Accept => 'text/csv', 'X-Api-Version' => '2', 'User-Agent' => 'Ours/1');
my %shown = (%plain, map { $_ => '(stored)' } keys %value);

my $c = $t->connect(
	csv => $home->url('/a.csv'), name => 'People',
	config => { headers => { %plain, %value } }, schedule => { enabled => false }
);
my $path = "/api/connections/$c->{id}";
$t->wait_run($c->{activeSyncId});

# What a source was sent of these headers by its last request.
sub sent {
	my ($source, $what) = @_;
	my ($last) = reverse $source->requests($what // '/a.csv');
	return { map { defined $last->{headers}{ lc $_ } ? ($_ => $last->{headers}{ lc $_ }) : () }
		    keys %value, keys %plain };
}
sub sync {
	my $run;
	wait_for { ($run = $t->post('/api/sync', { connectionId => $c->{id} }))->{status} == 202 };
	return $t->wait_run($run->{json}{syncId});
}
sub config { return $t->get($path)->{json}{config} }
sub everything { return join "\n", map { $t->sql("SELECT * FROM $_") } qw(connection credential) }

is_deeply sent($home), { %plain, %value }, 'the server is sent all of them';
is_deeply config()->{headers}, \%shown, 'who may read sees which there are';
unlike everything(), qr/of-ann/, 'no value lies in the database';
like everything(), qr/Ours/, 'but of what is no secret';
my $s = $t->sign_in('admin');
for my $page ("/connections/$c->{id}", "/connections/$c->{id}?tab=settings") {
	my $r = $t->get($page, token => undef, headers => { cookie => $s->{cookie} });
	unlike $r->{content}, qr/of-ann/, "not on $page either";
}

subtest 'sent back as it was shown it changes nothing' => sub {
	my $config = config();
	is $t->patch($path, { config => $config })->{status}, 200;
	is sync()->{status}, 'complete';
	is_deeply sent($home), { %plain, %value };
	is $t->patch($path, { config => { %$config, url => $home->url('/b.csv') } })->{status}, 200;
	is sync()->{status}, 'complete';
	is_deeply sent($home, '/b.csv'), { %plain, %value }, 'with another address of that server';
	is $t->patch($path, { config => $config })->{status}, 200;
};

subtest 'tried out, it is the stored one' => sub {
	my $r = $t->post("$path/test", { config => config() });
	is $r->{status}, 200;
	is_deeply sent($home), { %plain, %value };
};

subtest 'one is changed and one removed, the others stay' => sub {
	my %headers = (%shown, 'X-Api-Key' => 'new-key-of-ann');
	delete $headers{Cookie};
	is $t->patch($path, { config => { %{ config() }, headers => \%headers } })->{status}, 200;
	is sync()->{status}, 'complete';
	my %now = (%plain, %value, 'X-Api-Key' => 'new-key-of-ann');
	delete $now{Cookie};
	is_deeply sent($home), \%now;
	unlike everything(), qr/of-ann/;
	# Authorization comes and goes by itself.
	is $t->patch($path, { secret => { authorization => 'Bearer of-ann' } })->{status}, 200;
	is sync()->{status}, 'complete';
	is_deeply sent($home), \%now, 'a new Authorization takes none away';
	is $t->patch($path, { secret => {} })->{status}, 200;
	is sync()->{status}, 'complete';
	is_deeply sent($home), \%now, 'nor does its end';
	my ($last) = reverse $home->requests('/a.csv');
	is $last->{headers}{authorization}, undef;
};

subtest 'another server is not sent them' => sub {
	for my $way (
		sub { $t->post("$path/test", $_[0]) },
		sub { $t->patch($path, $_[0]) }
	) {
		for my $more ({}, { secret => { authorization => 'Bearer x' } }) {
			my $r = $way->({
				%$more, config => { %{ config() }, url => $away->url('/a.csv') }
			});
			is $r->{status}, 422;
			ok((grep { $_->{field} eq 'config.headers' } @{ $r->{json}{errors} }),
				'the headers are asked for')
			    or diag explain $r->{json};
		}
	}
	is_deeply [$away->requests('/a.csv')], [], 'and is not even asked';
};

subtest 'what stands for a value is none' => sub {
	for my $name ('X-Api-Key', 'Cookie', 'x-other') {
		my $r = $t->post(
			'/api/connections',
			{
				provider => 'csv',
				name => 'x',
				config => {
					url => $home->url('/a.csv'),
					headers => { $name => '(stored)' }
				}
			}
		);
		is $r->{status}, 422, $name;
		like $r->{json}{errors}[0]{message}, qr/^Enter the value of \Q$name\E/;
	}
	my $r = $t->post(
		'/api/connections',
		{
			provider => 'csv',
			name => 'x',
			secret => { headers => { 'X-Key' => "a\r\nX-B: c" } },
			config =>
			    { url => $home->url('/a.csv'), headers => { 'X-Key' => '(stored)' } }
		}
	);
	is $r->{status}, 422, 'and one that is given apart is one line';
};

subtest 'what an older version has stored open is sealed' => sub {
	my $open = '{"url":"' . $home->url('/a.csv') . '","headers":{"X-Api-Key":"old-of-ann",'
	    . '"Accept":"text/csv","Cookie":"(stored)","PRIVATE-TOKEN":"p-of-ann"}}';
	is $t->patch($path, { config => { %{ config() }, headers => { Cookie => 'c-of-ann' } } })
	    ->{status}, 200;
	my $gone = $t->connect(
		csv => $home->url('/a.csv'), name => 'Gone', start => false
	);
	is $t->request('DELETE', "/api/connections/$gone->{id}?data=keep")->{status}, 204;
	$t->sql("UPDATE connection SET config = '$open' WHERE id IN ('$c->{id}', '$gone->{id}')");
	for my $again (0, 1) {
		$t->run('tidemark', 'migrate');
		unlike everything(), qr/of-ann/, 'no value lies in the database';
		is_deeply config()->{headers},
		    {
			'X-Api-Key' => '(stored)', Accept => 'text/csv', Cookie => '(stored)',
			'PRIVATE-TOKEN' => '(stored)'
		    };
		is sync()->{status}, 'complete';
		is_deeply sent($home),
		    {
			'X-Api-Key' => 'old-of-ann', Accept => 'text/csv', Cookie => 'c-of-ann',
			'PRIVATE-TOKEN' => 'p-of-ann', 'User-Agent' => sent($home)->{'User-Agent'}
		    },
		    'and all are sent';
	}
	# They went with it, like every secret of what is disconnected.
	my $r = $t->post("/api/kept/$gone->{id}/reconnect", {});
	ok $r->{status} =~ /^20[012]$/, 'what was disconnected can be connected again'
	    or diag $r->{content};
	is_deeply $t->get("/api/connections/$gone->{id}")->{json}{config}{headers},
	    { Accept => 'text/csv' };
};
done_testing;
