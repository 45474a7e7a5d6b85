# seconds: 20
# What an account holds is shown to choose from page by page, and where that ends before all of it
# is there, it is said.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Notion;

use constant MOST => 500;

my ($g, $n, $t) = Tidemark::Notion->beside;
my $admin = $t->sign_in('admin');
$g->control({ quota => { drive => { user => 0, project => 0 } } });
$g->connect($t, path => '/api/auth/google/start?for=google-sheets');

sub tested {
	my (%what) = @_;
	my $r = $t->post('/api/test', { config => {}, %what });
	is $r->{status}, 200 or diag $r->{content};
	return $r->{json};
}
sub notion { return tested(provider => 'notion', secret => { token => $n->{token} }) }
sub sheets { return tested(provider => 'google-sheets') }
sub page {
	my ($provider) = @_;
	return $t->post(
		'/settings/add', undef, token => undef, headers => { cookie => $admin->{cookie} },
		form => { csrf => $admin->{csrf}, do => 'sources', provider => $provider }
	)->{content}
}

# As many as the titles say, each once, and what is said of them.
sub holds {
	my ($answer, $list, $count, $what) = @_;
	my %seen;
	$seen{ $_->{id} }++ for @{ $answer->{choices}{$list} };
	is_deeply [scalar keys %seen, grep { $seen{$_} > 1 } keys %seen], [$count], "$what of them"
	    or diag $answer->{message};
	return $answer->{message};
}

# How many there are: a page, pages, all that are listed, and one more.
my @steps = (99, 100, 101, 230, MOST, MOST + 1);

subtest 'databases of Notion' => sub {
	my $are = 0;
	for my $count (@steps) {
		$n->source('Shared ' . ++$are) while $are < $count;
		my $said = holds(notion(), 'dataSources', $count > MOST ? MOST : $count, $count);
		if ($count > MOST) {
			like $said, qr/^These are the first 500 \w+; there are more/;
		} else {
			like $said, qr/^These are the \w+ that can be read\./;
		}
	}
	# Of one that is connected they are shown, too.
	my $last = $n->source('Connected');
	my $c = $t->connect(
		'notion', undef, name => 'one', start => false,
		config => { dataSource => $last, mode => 'table' },
		secret => { token => $n->{token} }
	);
	my $r = $t->post("/api/connections/$c->{id}/test", {})->{json};
	is scalar @{ $r->{choices}{dataSources} }, MOST;
	ok $r->{choices}{more}, 'and that there are more';
	is $r->{choices}{title}, 'Connected', 'the one that is read by its name';
};

subtest 'spreadsheets of Google' => sub {
	my $are = 0;
	for my $count (@steps) {
		$g->sheet('Sheet ' . ++$are, [['id'], [1]]) while $are < $count;
		my $said = holds(
			sheets(), 'spreadsheets', $count > MOST ? MOST : $count, $count
		);
		if ($count > MOST) {
			like $said, qr/^These are the first 500 spreadsheets; there are more/;
			like page('google-sheets'),
			    qr/These are the first 500 spreadsheets; there are more\./,
			    'the page says so';
		} else {
			like $said, qr/^These are the spreadsheets that can be read\./;
			unlike page('google-sheets'), qr/there are more\./, 'on the page';
		}
	}
};

done_testing;
