# What spreadsheets do to people: failures of other products, each named after the behaviour that
# must hold here.
use strict;
use warnings;
use Test::More;
use Tidemark;
use Tidemark::Google;

my $g = Tidemark::Google->start;
my $t = Tidemark->start(
	env => {
		$g->env, TIDEMARK_RETRY_MS => 2, TIDEMARK_GOOGLE_SHEETS_READS => 100000,
		TIDEMARK_GOOGLE_SHEETS_READS_USER => 100000
	}
);
$g->control({
	quota => { 'sheets.read' => { user => 0, project => 0 } },
	account => { email => 'bob@example.com', name => 'Bob' }
});
$g->connect($t);

sub conn { return $t->get("/api/connections/$_[0]")->{json} }
sub codes {
	my ($r) = @_;
	return join ' ', sort map { $_->{code} } @{ $r->{warnings} }
}
sub counts {
	my ($r) = @_;
	return join ' ', map { $r->{stats}{$_} } qw(added updated deleted unchanged)
}
sub counted {
	my ($like) = @_;
	return scalar grep { $_->{path} =~ $like } @{ $g->state->{log} }
}
# All that was ever written to the records of a connection.
sub written {
	my ($id) = @_;
	return $t->sql(
		"SELECT group_concat(r.seq || r.key || r.payload || r.changed || r.sync_no,
			char(10))
		FROM record r JOIN dataset d ON d.no = r.dataset_no
		WHERE d.connection_id = '$id'"
	);
}
sub rows_of {
	my ($id) = @_;
	my $r = $t->records($id);
	return { map { my %x = %{ $r->{$_} }; delete $x{_meta}; ($_ => \%x) } keys %$r }
}
sub types_of {
	my ($id) = @_;
	return { map { $_->{name} => $_->{type} }
		    @{ $t->get("/api/connections/$id/datasets")->{json}{data}[0]{columns} } }
}

# A spreadsheet that is connected and read once: connection, file, first run.
sub connected {
	my ($sheet, %o) = @_;
	my $file = $g->sheet('case', ref $sheet eq 'HASH' ? (tabs => [$sheet]) : $sheet);
	my $c = $t->connect(
		'google-sheets', undef, name => "case $file",
		config => { spreadsheet => $file, %o }
	);
	return ($c->{id}, $file, $t->wait_run($c->{lastSync}{syncId}));
}

subtest 'a header with a repeated and a blank cell, and a value right of it, imports every column '
    . 'under a stable name' => sub {
	my ($id, $file, $r) = connected(
		[['id', 'name', 'name', ''], [1, 'a', 'b', 'c', 'stray'], [2, 'd', 'e', 'f']]);
	is($r->{status}, 'complete', 'no failure') or diag explain $r;
	like(codes($r), qr/column_blank/, 'the blank one is told');
	like(codes($r), qr/column_duplicate/, 'the repeated one too');
	my $all = {
		1 => { id => 1, name => 'a', name_2 => 'b', column_4 => 'c', column_5 => 'stray' },
		2 => { id => 2, name => 'd', name_2 => 'e', column_4 => 'f', column_5 => undef }
	};
	is_deeply(rows_of($id), $all, 'each value under a name of its own');
	$g->edit($file, 'Sheet1!B2', [['A']]);
	$t->poll($id);
	$all->{1}{name} = 'A';
	is_deeply(rows_of($id), $all, 'the same names the next time');
    };

subtest 'an emptied tab keeps the old rows, is never shown as fresh and does not fail in a loop' =>
    sub {
	my ($id, $file) = connected([['id', 'v'], ['a', 1], ['b', 2]]);
	my ($good, $rows) = (conn($id)->{lastSuccessAt}, written($id));
	$g->control({ edit => { file => $file, clear => 'Sheet1' } });
	my $r = $t->poll($id);
	is($r->{error}{code}, 'empty_source', 'an error that says it') or diag explain $r;
	is(conn($id)->{lastSuccessAt}, $good, 'the last success stays what it was');
	is(conn($id)->{status}, 'retrying', 'not fresh');
	is(written($id), $rows, 'every row is still served, untouched');
	my $tries = 0;
	$tries++ while $tries < 10 && $t->poll($id);
	cmp_ok($tries, '<', 10, 'it is given up') or diag explain conn($id);
	is(conn($id)->{status}, 'attention', 'and asks for a person');
	is(written($id), $rows, 'still with every row');
	$g->edit($file, 'Sheet1!A1', [['id', 'v']]);
	$r = $t->sync_and_wait($id);
	is($r->{error}{code}, 'needs_approval', 'headers alone ask first') or diag explain $r;
	is(written($id), $rows, 'and delete nothing');
	is($t->post("/api/sync/$r->{syncId}/approve", {})->{status}, 202, 'a person confirms');
	ok(
		wait_for { my $x = conn($id); !$x->{activeSyncId} && $x->{status} eq 'active' },
		'then it is done'
	) or diag explain conn($id);
	is(scalar keys %{ rows_of($id) }, 0, 'the rows are gone');
    };

# Four blocks of rows, with a row in each.
sub long_sheet {
	my ($mark, $more) = @_;
	return { title => 'Long', rows => 38000, cols => 20, values =>
		    [['id', 'v'], map { $_ % 9000 == 5 ? ["r$_", "$mark $_"] : [] } 2 .. 37000] };
}

subtest 'a source that fails after its first pages deletes and overwrites nothing' => sub {
	my ($id, $file, $r) = connected(long_sheet('old'));
	is($r->{stats}{added}, 5, 'read in whole') or diag explain $r;
	my ($good, $rows) = (conn($id)->{lastSuccessAt}, written($id));
	$g->edit($file, 'Long!B9005', [['new']]);
	$g->edit($file, 'Long!A27005', [['other', 'new']]);
	$g->control({
		reset => JSON::PP::true,
		faults => [{
			kind => '500', path => '/v4/', method => 'GET', skip => 4,
			count => -1
		}]
	});
	$r = $t->poll($id);
	is($r->{error}{code}, 'source_unavailable', 'it fails') or diag explain $r;
	is(counted(qr{values:batchGet}), 3 + 6, 'in the third of its blocks, after six tries');
	is(written($id), $rows, 'every row is served as it was');
	is(conn($id)->{lastSuccessAt}, $good, 'the last success stays what it was');
	$g->control({ faults => [] });
	$r = $t->poll($id);
	is(counts($r), '1 1 1 3', 'the next run brings what has changed') or diag explain $r;
};

subtest 'a 429 in the middle skips and doubles no row, and a run that ends with it is no success' =>
    sub {
	my ($id, $file, $r) = connected(long_sheet('old'));
	my $good = conn($id)->{lastSuccessAt};
	$g->edit($file, 'Long!B9005', [['new']]);
	$g->control({
		reset => JSON::PP::true,
		faults => [{ kind => '429', path => '/v4/', skip => 3, count => 2 }]
	});
	$r = $t->poll($id);
	is($r->{status}, 'complete', 'two of them are waited out') or diag explain $r;
	is(counts($r), '0 1 0 4', 'each row once');
	is(counted(qr{values:batchGet}), 5 + 2, 'no block is read twice');
	my $rows = written($id);
	$good = conn($id)->{lastSuccessAt};
	$g->edit($file, 'Long!B18005', [['newer']]);
	$g->control({
		reset => JSON::PP::true,
		faults => [{ kind => '429', path => '/v4/', skip => 4, count => -1 }]
	});
	$r = $t->poll($id);
	is($r->{status}, 'error', 'one that stays is no success');
	is($r->{error}{code}, 'rate_limited', 'and says so') or diag explain $r;
	is(written($id), $rows, 'nothing was applied');
	is(conn($id)->{lastSuccessAt}, $good, 'the last success stays what it was');
	is(conn($id)->{schedule}{retryCount}, 0, 'it is not counted against the source');
	$g->control({ faults => [] });
    };

subtest 'values follow inserted, moved and renamed columns, and a renamed one is told' => sub {
	my ($id, $file) = connected([
		['id', 'name', 'city'], [1, 'Ann', 'Rome'], [2, 'Bob', 'Bonn'],
		[3, 'Cem', 'Izmir']
	]);
	$g->control({
		edit => {
			file => $file,
			requests => [{
				insertDimension => {
					range => {
						sheetId => 0, dimension => 'COLUMNS',
						startIndex => 1, endIndex => 2
					}
				}
			}]
		}
	});
	$g->edit($file, 'Sheet1!B1', [['age'], [30], [40], [50]]);
	my $r = $t->poll($id);
	is_deeply(
		rows_of($id)->{2}, { id => 2, age => 40, name => 'Bob', city => 'Bonn' },
		'inserted'
	);
	is(codes($r), 'column_added', 'told');
	$g->control({
		edit => {
			file => $file,
			requests => [{
				moveDimension => {
					source => {
						sheetId => 0, dimension => 'COLUMNS',
						startIndex => 3, endIndex => 4
					},
					destinationIndex => 0
				}
			}]
		}
	});
	my $rows = written($id);
	$r = $t->poll($id);
	is_deeply(
		rows_of($id)->{2}, { id => 2, age => 40, name => 'Bob', city => 'Bonn' },
		'moved'
	);
	is(written($id), $rows, 'without a change of any record');
	$g->edit($file, 'Sheet1!A1', [['town'], ['Roma']]);
	$r = $t->poll($id);
	is(codes($r), 'column_renamed', 'renamed: told') or diag explain $r->{warnings};
	is_deeply(
		rows_of($id)->{1}, { id => 1, age => 30, name => 'Ann', town => 'Roma' },
		'with the values of today'
	);
};

sub share {
	my ($file, $role) = @_;
	return $g->control({ share => { file => $file, email => $g->{email}, role => $role } })
}
sub refuse_as {
	my ($kind) = @_;
	return sub {
		$g->control({
			faults => [{ kind => $kind, path => "/drive/v3/files/$_[0]", count => -1 }]
		})
	}
}
my $well = sub { $g->control({ faults => [] }) };
for (
	[
		'not shared any more', sub { share($_[0], undef) }, 'source_not_found',
		sub { share($_[0], 'reader') }
	],
	['refused', refuse_as('forbidden'), 'source_forbidden', $well],
	['refused without a word', refuse_as('blank403'), 'source_forbidden', $well],
	['not found, without a word', refuse_as('blank404'), 'source_not_found', $well],
	['deleted', sub { $g->control({ delete => $_[0] }) }, 'source_not_found']
) {
	my ($what, $break, $code, $mend) = @$_;
	subtest "a spreadsheet that is $what stops at once and says with whom to share it" => sub {
		my $file = $g->sheet(
			'lent', owner => 'bob@example.com',
			tabs => [{ title => 'Sheet1', values => [['id'], ['a']] }]
		);
		$g->control({ share => { file => $file, email => $g->{email}, role => 'reader' } });
		my $c = $t->connect(
			'google-sheets', undef, name => 'lent',
			config => { spreadsheet => $file }
		);
		my $id = $c->{id};
		is($t->wait_run($c->{lastSync}{syncId})->{status}, 'complete', 'read');
		my $rows = written($id);
		$g->control({ reset => JSON::PP::true });
		$break->($file);
		my $r = $t->poll($id);
		is($r->{error}{code}, $code, 'an error of its own') or diag explain $r;
		like(
			$r->{error}{detail}, qr/[Ss]hare it with that address/,
			'that says what to do'
		);
		like($r->{error}{detail}, qr/\Q$g->{email}\E/, 'and with whom');
		is(counted(qr{\Q$file\E}), 1, 'one call');
		$c = conn($id);
		is($c->{status}, 'attention', 'a person is asked');
		is($c->{nextPollAt}, undef, 'it is not tried again');
		is($c->{schedule}{retryCount}, 0, 'no retry is burnt');
		is($t->poll($id), undef, 'nor by the next tick');
		is(written($id), $rows, 'the data is kept');
		is(
			$t->sql("SELECT count(*) FROM notice WHERE connection_id = '$id'"), 1,
			'one notice'
		);
		return if !$mend;
		$mend->($file);
		$t->post("/api/connections/$id/resume");
		ok(
			wait_for { my ($last) = $t->runs($id); $last->{status} eq 'complete' },
			'mended and resumed it goes on'
		) or diag explain [$t->runs($id)];
		is(conn($id)->{status}, 'active', 'well');
	};
}

subtest 'what Google does not take is counted, told, and stops after some tries' => sub {
	for (
		['notASheet', 'source_unsupported', qr/Excel file .* "Save as Google Sheets"/],
		['badArgument', 'source_status', qr/invalid argument/]
	) {
		my ($kind, $code, $words) = @$_;
		my ($id, $file) = connected([['id', 'v'], ['a', 'one']], key => 'id');
		$g->edit($file, 'Sheet1!B2', [["before $kind"]]);
		$g->control({ faults => [{ kind => $kind, path => '/v4/', count => -1 }] });
		# On a busy machine a tick that begins late may take the next try along.
		my $tried = sub { scalar grep { $_->{status} eq 'error' } $t->runs($id) };
		my $counted = sub { conn($id)->{schedule}{retryCount} == $tried->() };
		while (conn($id)->{status} ne 'attention' && $tried->() < 10) {
			my $run = $t->poll($id) // last;
			is($run->{error}{code}, $code, "$kind, again");
			my $c = conn($id);
			like($c->{status}, qr/^(?:retrying|attention)$/, 'it is not well');
			like($c->{lastError}{detail}, $words, 'in words');
			ok(wait_for { $counted->() || conn($id)->{status} eq 'attention' },
				'and counted');
		}
		is($tried->(), 4, 'the last one');
		is(conn($id)->{status}, 'attention', 'stops it');
		is($t->poll($id), undef, 'and nothing is asked any more');
		is(
			$t->sql("SELECT count(*) FROM notice WHERE connection_id = '$id'"), 1,
			'its owner is told once'
		);
		is($t->records($id)->{a}{v}, 'one', 'what was read is kept');
		$g->control({ faults => [] });
	}
};

subtest 'texts, numbers and dates are kept without loss, and one odd row changes no other' => sub {
	my $sheet = {
		title => 'Sheet1',
		rows => 30000,
		cols => 6,
		values => [
			['id', 'zip', 'phone', 'amount', 'day', 'big'],
			[
				'a', "'0003", "'+49 30 1234", "'1.234,56", '2026-03-29',
				"'12345678901234567890"
			],
			['b', "'0004", "'+49301234", 1234.56, '2026-12-24', 0.1],
			['c', "'1", '', -3, '2027-01-01', 1e15]
		]
	};
	my ($id, $file, $r) = connected($sheet, key => ['id']);
	$g->edit($file, 'Sheet1!A21000', [['far', "'7", "'x", 5, '2028-02-29', 7]]);
	$t->poll($id);
	my $rows = rows_of($id);
	is_deeply(
		$rows->{a},
		{
			id => 'a', zip => '0003', phone => '+49 30 1234', amount => '1.234,56',
			day => '2026-03-29', big => '12345678901234567890'
		},
		'texts to the letter'
	) or diag explain $rows->{a};
	is_deeply(
		$rows->{b},
		{
			id => 'b', zip => '0004', phone => '+49301234', amount => 1234.56,
			day => '2026-12-24', big => 0.1
		},
		'numbers and dates'
	);
	is($rows->{far}{day}, '2028-02-29', 'also far down') or diag explain $rows->{far};
	is(types_of($id)->{day}, 'date', 'a column of dates');
	my $types = types_of($id);
	$g->control({
		edit => {
			file => $file, range => 'Sheet1!E2', values => [[12]],
			raw => JSON::PP::true
		}
	});
	$g->control({
		edit => {
			file => $file,
			requests => [{
				repeatCell => {
					range => {
						sheetId => 0, startRowIndex => 1, endRowIndex => 2,
						startColumnIndex => 4, endColumnIndex => 5
					},
					cell => {
						userEnteredFormat => {
							numberFormat =>
							    { type => 'NUMBER', pattern => '0' }
						}
					},
					fields => 'userEnteredFormat.numberFormat'
				}
			}]
		}
	});
	$r = $t->poll($id);
	is(counts($r), '0 1 0 3', 'a number among the dates is a change of that row')
	    or diag explain $r, rows_of($id);
	is(rows_of($id)->{a}{day}, 12, 'as it is shown');
	is(rows_of($id)->{far}{day}, '2028-02-29', 'the others keep their dates');
	like(codes($r), qr/type_changed/, 'that the column is no longer all dates is told');
	$g->edit($file, 'Sheet1!B2', [[7]]);
	$r = $t->poll($id);
	is(counts($r), '0 1 0 3', 'a number in a column of texts too');
	is(types_of($id)->{zip}, $types->{zip}, 'and the column stays one of texts');
	is(rows_of($id)->{b}{zip}, '0004', 'with its zeros');
};

subtest 'an unchanged spreadsheet writes nothing, the second time and the tenth' => sub {
	my ($id, $file) = connected([
		['id', 'name', 'day', 'n'],
		map { ["k$_", "name $_", "2026-01-0$_", $_ / 3] } 1 .. 9
	]);
	my $rows = written($id);
	for (2 .. 10) {
		$g->control({ reset => JSON::PP::true });
		my $r = $t->poll($id);
		is(counts($r), '0 0 0 9', "read $_: no change") or diag explain $r;
		is(scalar @{ $g->state->{log} }, 1, 'one call');
	}
	# A version that is higher, and the same cells.
	for (11 .. 15) {
		$g->edit($file, 'Sheet1!B2', [['name 1']]);
		my $r = $t->poll($id);
		is(counts($r), '0 0 0 9', "read $_ in full: no change") or diag explain $r;
		cmp_ok($r->{stats}{apiCalls}, '>', 1, 'really read');
	}
	is(written($id), $rows, 'and no record was touched');
	is(
		$t->sql(
			"SELECT count(DISTINCT c.sync_no) FROM change c
			JOIN dataset d ON d.no = c.dataset_no JOIN sync s ON s.no = c.sync_no
			WHERE d.connection_id = '$id' AND s.trigger = 'schedule'"
		),
		0,
		'nor a history written'
	);
};

done_testing;
