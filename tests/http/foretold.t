# seconds: 60
# What a preview tells of an account's source is what the sync does to the records, field by field:
# over random edits of a spreadsheet, of contacts and of a database of Notion, read by what reads
# them in earnest. (tests/unit/test_foretold*.c have the planner alone, over thousands.)
use strict;
use warnings;
use Test::More;
use Tidemark::Json;
use Tidemark;
use Tidemark::Google;
use Tidemark::Notion;

use constant { CASES => 25, ROWS => 12 };

my $g = Tidemark::Google->start;
my $n = Tidemark::Notion->new($g);
my $t = Tidemark->start(
	env => {
		$g->env, $n->env, NOTION_API_KEY => 'ntn_test', TIDEMARK_RETRY_MS => 2,
		TIDEMARK_NOTION_CALLS => 100000, TIDEMARK_NOTION_CALLS_ALL => 100000,
		TIDEMARK_GOOGLE_PEOPLE_CALLS_USER => 100000, TIDEMARK_GOOGLE_SHEETS_READS => 100000,
		TIDEMARK_GOOGLE_SHEETS_READS_USER => 100000
	}
);
$g->control({
	quota => {
		notion => { user => 0 }, people => { user => 0, project => 0 },
		'sheets.read' => { user => 0, project => 0 }
	},
	token => { value => 'other', email => $g->{email} }
});
$g->connect($t, path => "/api/auth/google/start?for=$_") for qw(google-sheets google-contacts);
my $json = Tidemark::Json->new->utf8->canonical->allow_nonref;

# The same at each run.
my $chance = 20260;
sub dice {
	my ($of) = @_;
	$chance = ($chance * 1103515245 + 12345) % 2**31;
	return int($chance / 2**16) % $of;
}
sub word { return ('', 'Ada', 'Béla', 'Tea, "black"', '7', '-0.50', ' x ')[dice(7)] . dice(9) }

# --- the sources: each has rows {key: [name, place]} and does to one of them what is asked ---

my $sheet = $g->sheet('Sheet', [['id', 'name', 'place']]);
my $table = $n->source('Table', { Place => { rich_text => {} }, Size => { number => {} } });
sub people {
	my ($method, $path, $body) = @_;
	my $r = $g->{http}->request(
		$method => "$g->{base}/fake/people/v1/$path",
		{
			headers => {
				authorization => 'Bearer other',
				'content-type' => 'application/json'
			},
			$body ? (content => $json->encode($body)) : ()
		}
	);
	die "$method $path: $r->{status} $r->{content}" if $r->{status} >= 300;
	return json($r->{content});
}
my $person = sub {
	my ($name, $place) = @_;
	return {
		names => [{ givenName => $name }], emailAddresses => [{ value => 'p@example.com' }],
		addresses => [length $place ? { city => $place } : ()],
	};
};
my $properties = sub {
	my ($name, $place) = @_;
	return (
		Name => $n->title($name), Place => { rich_text => $n->text($place) },
		Size => { number => length $place }
	);
};
my %source = (
	'google-sheets' => {
		config => { spreadsheet => $sheet, key => 'id' },
		level => sub {
			my ($rows) = @_;
			my @all = map { [$_, @{ $rows->{$_} }] } sort { $a <=> $b } keys %$rows;
			push @all, ['', '', ''] while @all < ROWS + 1;
			unshift @all, ['id', 'name', 'place'];
			$g->edit($sheet, 'Sheet1!A1:C' . (ROWS + 2), \@all);
		},
	},
	'google-contacts' => {
		config => {},
		make => sub {
			return people(POST => 'people:createContact', $person->(@_));
		},
		edit => sub {
			my ($had, @v) = @_;
			my $fields = 'names,addresses';
			my $at = $had->{resourceName};
			my $now = people(GET => "$at?personFields=$fields,metadata");
			my %body = (etag => $now->{etag}, %{ $person->(@v) });
			$body{metadata}{sources} = [{ type => 'CONTACT' }];
			people(PATCH => "$at:updateContact?updatePersonFields=$fields", \%body);
		},
		drop => sub { people(DELETE => "$_[0]{resourceName}:deleteContact") },
	},
	notion => {
		config => { dataSource => $table, mode => 'table' },
		make => sub { return $n->page($table, $_[0], $properties->(@_)) },
		edit => sub { my ($had, @v) = @_; return $n->edit($had, $properties->(@v)) },
		drop => sub { return $n->trash($_[0]) },
	},
);

sub edited {
	my ($rows, $s, $made) = @_;
	my @keys = sort { $a <=> $b } keys %$rows;
	my $key = @keys ? $keys[dice(scalar @keys)] : undef;
	if (@keys < ROWS / 2 || (@keys < ROWS && dice(3) == 0)) {
		($key) = grep { !$rows->{$_} } 1 .. ROWS;
		$rows->{$key} = [word(), word()];
		$made->{$key} = $s->{make}->(@{ $rows->{$key} }) if $s->{make};
	} elsif (dice(4) == 0) {
		delete $rows->{$key};
		$s->{drop}->(delete $made->{$key}) if $s->{drop};
	} else {
		$rows->{$key}[dice(2)] = word();
		$s->{edit}->($made->{$key}, @{ $rows->{$key} }) if $s->{edit};
	}
	return;
}

# --- changes as lines ---

sub line {
	my ($action, $key, @fields) = @_;
	my $all = join ', ', sort map {
		my ($field, $before, $after) = @$_;
		"$field: " . $json->encode($before) . ' > ' . $json->encode($after)
	} @fields;
	return "$action $key {$all}";
}
sub plan_lines {
	my ($id) = @_;
	my ($cursor, @lines, $counts) = ('');
	while (defined $cursor) {
		my $r = $t->post("/api/connections/$id/preview?limit=3&cursor=$cursor", {});
		die "preview: $r->{status} $r->{content}" if $r->{status} != 200;
		for my $c (@{ $r->{json}{changes} }) {
			my @fields = map { [@$_{qw(field before after)}] } @{ $c->{fields} };
			push @lines, line($c->{action}, $c->{key}, @fields);
		}
		$counts = $r->{json}{counts}{local};
		$cursor = $r->{json}{nextCursor};
	}
	return ($counts, sort @lines);
}
sub effect_lines {
	my ($before, $after) = @_;
	my @lines;
	for my $key (keys %{ { %$before, %$after } }) {
		my $action = !$before->{$key} ? 'add' : !$after->{$key} ? 'delete' : 'update';
		my ($x, $y) = map { $_->{$key} // {} } $before, $after;
		my %all = (%$x, %$y);
		my @fields = map { [$_, $x->{$_}, $y->{$_}] }
		    grep { $json->encode($x->{$_}) ne $json->encode($y->{$_}) } keys %all;
		push @lines, line($action, $key, @fields) if @fields;
	}
	return sort @lines;
}

for my $kind (sort keys %source) {
	subtest $kind => sub {
		my $s = $source{$kind};
		my (%rows, %made);
		edited(\%rows, $s, \%made) for 1 .. ROWS;
		$s->{level}->(\%rows) if $s->{level};
		my $c = $t->connect($kind, undef, name => $kind, config => $s->{config});
		$t->wait_run($c->{activeSyncId} // $c->{lastSync}{syncId});
		is(scalar keys %{ $t->records($c->{id}) }, scalar keys %rows, 'it is here');
		$t->patch("/api/connections/$c->{id}", { guard => 'always' });
		my $told = 0;
		for my $case (1 .. CASES) {
			edited(\%rows, $s, \%made) for 0 .. dice(4);
			$s->{level}->(\%rows) if $s->{level};
			my $before = $t->copy_of($c->{id});
			my ($counts, @plan) = plan_lines($c->{id});
			my $run = $t->sync_and_wait($c->{id});
			my @effect = effect_lines($before, $t->copy_of($c->{id}));
			$told += @plan;
			next if "@plan" eq "@effect" && $run->{status} eq 'complete'
			    && $json->encode([@$counts{qw(add update delete)}])
			    eq $json->encode([@{ $run->{stats} }{qw(added updated deleted)}]);
			is($run->{status}, 'complete', "case $case: it comes to its end");
			is_deeply(\@plan, \@effect, 'told and done');
			is_deeply([@$counts{qw(add update delete)}],
				[@{ $run->{stats} }{qw(added updated deleted)}], 'counted');
			last;
		}
		cmp_ok($told, '>', CASES, "in all $told changes are as they were told");
	};
}

done_testing;
