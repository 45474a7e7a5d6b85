# seconds: 7
# A sheet of several blocks in which rows are moved while it is read: nothing is lost, nothing
# doubled, nothing deleted that is there.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Google;

my $g = Tidemark::Google->start;
my $t = Tidemark->start(
	env => {
		$g->env, TIDEMARK_GOOGLE_SHEETS_READS => 100_000,
		TIDEMARK_GOOGLE_SHEETS_READS_USER => 100_000
	}
);
$g->control({ quota => { 'sheets.read' => { user => 0, project => 0 } } });
$g->connect($t);

# Rows of 10 columns: 20,000 of them are a block. Most are empty; r19999 to r20004 stand at the
# seam.
my @rows = (
	['id', 'v'], ['a', 1], ['b', 2],
	map { ($_ >= 19_990 && $_ <= 20_010) || ($_ >= 24_900 && $_ <= 25_000) ? ["r$_", 1] : [] }
	    4 .. 25_000
);
my $all = join ' ', sort 'a', 'b', map { $_->[0] =~ /^r/ ? $_->[0] : () } grep { @$_ } @rows;
my $n = 0;

# Reads a new sheet, then once more while these requests change it between the two blocks. The
# run, and the keys of all records.
sub moved {
	my (@requests) = @_;
	my $file = $g->sheet(
		'moved ' . ++$n,
		tabs => [{ title => 'S', rows => 25_500, cols => 10, values => \@rows }]
	);
	my $c = $t->connect(
		'google-sheets', undef, name => "moved $n",
		config => { spreadsheet => $file, key => 'id' }
	);
	$t->wait_run($c->{lastSync}{syncId});
	is(keys_of($c), $all, 'read');
	$g->edit($file, 'S!B2', [[7]]);
	# The tabs are told at once; then each answer takes a while, and says what was there when
	# it was asked.
	my $asked = sub {
		return scalar grep { $_->{path} =~ /batchGet/ } @{ $g->state->{log} }
	};
	my $before = $asked->();
	$g->control({
		faults => [{
			kind => 'slow', path => '/v4/', delay_ms => 1000, skip => 1,
			count => 2
		}]
	});
	my $sync;
	$t->cooled($c->{id});
	wait_for { ($sync = $t->post('/api/sync', { connectionId => $c->{id} })->{json}{syncId}) }
	    or die 'no sync';
	wait_for { $asked->() >= $before + 2 } or die 'no first block';
	$g->control({ edit => { file => $file, requests => \@requests } });
	my $run = $t->wait_run($sync);
	cmp_ok($asked->(), '>', $before + 2, 'the second block was asked for afterwards');
	$g->control({ faults => [] });
	return ($run, keys_of($c), $c, $file);
}

sub keys_of { my ($c) = @_; return join ' ', sort keys %{ $t->records($c->{id}) } }

sub rows_at {
	my ($from, $to) = @_;
	return { sheetId => 0, dimension => 'ROWS', startIndex => $from, endIndex => $to }
}

subtest 'rows deleted above the part that is still to be read' => sub {
	my ($run, $keys) = moved({ deleteDimension => { range => rows_at(5, 8) } });
	is($run->{status}, 'complete', 'the run') or diag explain $run;
	is($keys, $all, 'the rows that slid up are there');
	is($run->{stats}{deleted}, 0, 'nothing was deleted');
};

subtest 'rows inserted above it' => sub {
	my ($run, $keys) = moved({ insertDimension => { range => rows_at(5, 8) } });
	is($run->{status}, 'complete', 'the run') or diag explain $run;
	is($keys, $all, 'none is there twice');
	is($run->{stats}{deleted}, 0, 'nothing was deleted');
};

subtest 'sorted while it is read, nothing is deleted before it has been read in peace' => sub {
	my ($run, $keys, $c, $file) = moved(
		{ deleteDimension => { range => rows_at(2, 3) } },
		{ deleteDimension => { range => rows_at(19_980, 20_009) } }
	);
	is($run->{status}, 'complete', 'the run');
	is_deeply(
		[grep { $_ eq 'moved_while_read' } map { $_->{code} } @{ $run->{warnings} }],
		['moved_while_read'], 'it says so'
	) or diag explain $run;
	is($run->{stats}{deleted}, 0, 'nothing was deleted');
	is($keys, $all, 'all is there');
	$run = $t->sync_and_wait($c->{id});
	is($run->{status}, 'complete', 'the next one');
	isnt(keys_of($c), $all, 'deletes what is gone');
	unlike(keys_of($c), qr/\bb\b/, 'from the first block');
	like(keys_of($c), qr/\ba\b.*\br24900\b.*\br25000\b/, 'and nothing else');
};

done_testing;
