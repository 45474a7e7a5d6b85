# Named statements: used, unique, in the portable subset (sql/README.md), and never across owners.
use strict;
use warnings;
use File::Temp ();
use Test::More;
use Tidemark::Lint;

my @statements = statements();
cmp_ok(scalar @statements, '>', 40, 'the statements are found');

my %seen;
none_of(
	'names are unique',
	map { $seen{ $_->{name} }++ ? "$_->{file}:$_->{line}: $_->{name}" : () } @statements
);
none_of(
	'names are words in lower case',
	map { $_->{name} =~ /^[a-z][a-z0-9_]*$/ ? () : "$_->{file}:$_->{line}: $_->{name}" }
	    @statements
);
none_of(
	'no statement is empty',
	map { $_->{sql} =~ /\S/ ? () : "$_->{file}:$_->{line}: $_->{name}" } @statements
);
none_of(
	'one statement each',
	map { $_->{sql} =~ /;/ ? "$_->{file}:$_->{line}: $_->{name}" : () } @statements
);

# --- used ---
my %used;
for my $file (files(qr/\.[ch]$/, 'lib', 'cgi-src')) {
	$used{$1}{$file} = 1 while bare_c(slurp($file)) =~ /\bQ_([A-Z0-9_]+)/g && !$used{$1}{$file};
	my $text = bare_c(slurp($file));
	$used{$_}{$file} = 1 for $text =~ /\bQ_([A-Z0-9_]+)/g;
}
none_of(
	'every statement is used',
	map { $used{ uc $_->{name} } ? () : "$_->{file}:$_->{line}: $_->{name}" } @statements
);
none_of(
	'every used statement is there',
	map {
		my $q = $_;
		$q =~ /^_MAX$/ || $seen{ lc $q } ? () : "Q_$q in " . join ', ',
		    sort keys %{ $used{$q} }
	} sort keys %used
);

# --- portable ---
my @subset = (
	['parameters without a number', qr/\?(?!\d)/],
	['named parameters', qr/(?<![\w:])[:\@\$][A-Za-z_]\w*/],
	['names in double quotes', qr/"/],
	['names in backticks or brackets', qr/[`\[\]]/],
	['LIKE, GLOB, REGEXP or MATCH', qr/\b(?:I?LIKE|GLOB|REGEXP|MATCH)\b/i],
	['INSERT OR, REPLACE', qr/\bINSERT\s+OR\b|\bREPLACE\b/i],
	['rowid', qr/\b(?:rowid|_rowid_|oid)\b/i],
	['JSON', qr/\bjson\w*\s*\(|->>?/i],
	[
		'functions of one engine',
		qr/\b(?:ifnull|iif|date|datetime|julianday|strftime|unixepoch|instr|printf|typeof
			|hex|quote|total_changes|changes|last_insert_rowid|group_concat|random
			|randomblob|total|char|glob|likely|unlikely)\s*\(/ix
	],
	['max() or min() of several values', qr/\b(?:max|min)\s*\((?:[^()]|\([^()]*\))*,/i],
	['PRAGMA, ATTACH, VACUUM', qr/\b(?:PRAGMA|ATTACH|DETACH|VACUUM|REINDEX)\b/i],
	['IS between values', qr/\bIS\s+(?!(?:NOT\s+)?(?:NULL|DISTINCT|TRUE|FALSE)\b)/i],
	['== and ISNULL', qr/==|\b(?:ISNULL|NOTNULL)\b/i],
	['LIMIT with a comma', qr/\bLIMIT\s+\S+\s*,/i],
	['COLLATE, INDEXED BY', qr/\bCOLLATE\b|\bINDEXED\s+BY\b/i],
	[
		'a lone parameter without a CAST',
		qr/\bSELECT\s+(?:DISTINCT\s+)?\?\d+\s*(?:,|\bAS\b|\bFROM\b|$)
			|\?\d+\s+IS\s+(?:NOT\s+)?NULL/ix
	],
	['flags compared as booleans', qr/=\s*(?:TRUE|FALSE)\b/i],
	['NULLIF of a parameter without a CAST', qr/\bNULLIF\s*\(\s*\?\d/i],
	['a sum without a CAST', qr/(?<!CAST\()(?<!CAST\(COALESCE\()\bsum\s*\(/i],
	[
		'numbers of a whole table made by max()',
		qr/\bmax\s*\(\s*[\w.]+\s*\)(?:\s*,\s*\d+\s*\))?\s*\+\s*1\s+
			FROM\s+\w+(?:\s+\w+)?\s*\)/ix
	],
	[
		'a conflict that is passed over without its columns',
		qr/\bON\s+CONFLICT\s+DO\s+NOTHING\b/i
	],
);
# The text without constants and without the hints that only PostgreSQL reads.
sub code { my $s = shift; $s =~ s{/\*pg .*?\*/}{}gs; $s =~ s/'(?:[^']|'')*'/''/g; return $s }
my %bad = (
	'parameters without a number' => 'a = ?', 'named parameters' => 'a = :x',
	'names in double quotes' => '"a"', 'names in backticks or brackets' => '[a]',
	'LIKE, GLOB, REGEXP or MATCH' => 'a LIKE ?1', 'INSERT OR, REPLACE' => 'INSERT OR IGNORE',
	'rowid' => 'rowid = ?1', 'JSON' => "a ->> 'x'",
	'functions of one engine' => 'ifnull(a, 1)',
	'max() or min() of several values' => 'max(coalesce(a, 0), ?1)',
	'PRAGMA, ATTACH, VACUUM' => 'PRAGMA x',
	'IS between values' => 'a IS ?1', '== and ISNULL' => 'a == 1',
	'LIMIT with a comma' => 'LIMIT ?1, ?2', 'COLLATE, INDEXED BY' => 'a COLLATE NOCASE',
	'a lone parameter without a CAST' => '?1 IS NULL',
	'flags compared as booleans' => 'a = TRUE',
	'NULLIF of a parameter without a CAST' => 'NULLIF(?4, 0)',
	'a sum without a CAST' => 'SELECT sum(a)',
	'numbers of a whole table made by max()' => '(SELECT COALESCE(max(no), 0) + 1 FROM sync)',
	'a conflict that is passed over without its columns' => 'ON CONFLICT DO NOTHING',
);
for my $rule (@subset) {
	my ($what, $pattern) = @$rule;
	like(code($bad{$what}), $pattern, "$what: found");
	none_of(
		"$what: none",
		map { code($_->{sql}) =~ $pattern ? "$_->{file}:$_->{line}: $_->{name}: $&" : () }
		    @statements
	);
}
my $good =
    "SELECT max(a), CAST(COALESCE(sum(b), 0) AS BIGINT), CAST(sum(d) AS BIGINT), NULLIF(CAST(?2 AS "
    . "BIGINT), 0), (SELECT max(n) + 1 FROM l WHERE s = ?1), CAST(?1 AS TEXT), 'x = ? LIKE' FROM t "
    . "WHERE b IS NOT NULL AND c = ?2 ORDER BY a LIMIT 10 /*pg FOR UPDATE SKIP LOCKED */";
is(
	join(',', map { code($good) =~ $_->[1] ? $_->[0] : () } @subset), '',
	'a portable statement passes'
);
none_of(
	'parameters are numbered without gaps',
	map {
		my %p = map { $_ => 1 } $_->{sql} =~ /\?(\d+)/g;
		(grep { !$p{$_} } 1 .. keys %p) ? "$_->{file}:$_->{line}: $_->{name}" : ();
	} @statements
);

# --- columns and parameters by name ---
# A list of columns that stands twice is said once, in a line of columns.
sub lists {
	my ($text) = @_;
	my %seen;
	$text =~ s/^--.*$//gm;
	for my $list (
		$text =~ /\b(?:SELECT|RETURNING)\s+(?:DISTINCT\s+)?
			((?:[^()]|(\((?:[^()]|(?-1))*\)))*?)(?=\bFROM\b|\n--[ ]|\n\s*\n|\z)/gsx
	) {
		next if !defined $list;
		(my $one = $list) =~ s/\s+/ /g;
		my $commas = () = $one =~ /,/g;
		$seen{$one}++ if $commas >= 2;
	}
	return grep { $seen{$_} > 1 } sort keys %seen;
}
is(
	join('|', lists("SELECT a, b, c FROM t WHERE x = ?1\n\nSELECT a, b,\n\tc FROM t\n")),
	'a, b, c ', 'a list of columns that is written twice is found'
);
is(
	join(
		'|',
		lists(
			      "SELECT {t} FROM t\n\nSELECT {t} FROM t\n\nSELECT a, b FROM t\n\n"
			    . "SELECT a, b FROM t\n"
		)
	),
	'',
	'names and short lists pass'
);
my %list_in;
for my $file (grep { !m{/\d[^/]*$} } files(qr/\.sql$/, 'sql')) {
	push @{ $list_in{$_} }, $file for lists(slurp($file));
}
none_of('no list of columns is written twice', map { "@{$list_in{$_}}: $_" } sort keys %list_in);

# Letters that say the types of many arguments are counted by nobody: such a statement has its
# parameters by name.
my $letters = qr/"[sSidn]{10,}"/;
like('db_run(cx, db, NULL, Q_X, "sissiiiiis", a)', $letters, 'ten types in a row are found');
none_of(
	'no statement is bound by ten letters or more',
	map {
		my $file = $_;
		my $n = 0;
		map { $n++; /\bQ_\w+.*$letters/ || /^\s*$letters\s*,/ ? "$file:$n" : () }
		    split /\n/, slurp($file);
	} files(qr/\.c$/, 'lib', 'cgi-src')
);

# A row is read by name: a number other than 0, the one column of a statement that has one, says
# nothing.
my $by_number = qr/\bdb_(?:num|text|dup|str|null|flag)\s*\((?:[^()]|\([^()]*\))*,\s*[1-9]\d*\s*\)/;
like('x = db_num(db, q, 12) != 0;', $by_number, 'a column by number is found');
unlike(
	'x = db_num(db, q, C_RUN_NO) + db_num(db, q, 0);', $by_number,
	'names and the only column pass'
);
none_of(
	'columns are read by name',
	map {
		my $file = $_;
		my $t = bare_c(slurp($file));
		map { "$file: $_" } $t =~ /($by_number)/g
	} files(qr/\.c$/, 'lib', 'cgi-src')
);

# What has no name is refused where it is made into C.
for my $bad (
	['{nobody}' => "-- name: x\nSELECT {nobody} FROM t\n"],
	['a column without a name' => "-- columns: x = count(*)\n-- name: x\nSELECT {x} FROM t\n"],
	[
		'columns said twice' =>
		    "-- columns: x = a\n-- columns: x = b\n-- name: x\nSELECT {x} FROM t\n"
	],
	['columns used nowhere' => "-- columns: x = a\n-- name: x\nSELECT a FROM t\n"],
	[
		'a table before an expression' =>
		    "-- columns: x = s.a\n-- name: x\nSELECT {x t.} FROM t\n"
	]
) {
	my ($what, $text) = @$bad;
	is(made('sql', $text), undef, "$what: refused");
}
my $scratch;
sub made {
	$scratch //= File::Temp::tempdir(CLEANUP => 1);
	my ($mode, $text) = @_;
	open my $f, '>', "$scratch/planted.sql" or die $!;
	print $f $text;
	close $f or die $!;
	open my $err, '>&', \*STDERR or die $!;
	open STDERR, '>', '/dev/null' or die $!;
	my $made = eval { embed($mode, "$scratch/planted.sql") };
	open STDERR, '>&', $err or die $!;
	return $made;
}
my $planted =
      "-- columns: x = a, b AS bee, count(*) AS n\n-- name: one\nSELECT {x} FROM t WHERE a = :who "
    . "AND b > :from AND c = 'at 12:from' AND d = :who\n";
my $written = 'SELECT a, b AS bee, count(*) AS n FROM t '
    . "WHERE a = ?1 AND b > ?2 AND c = 'at 12:from' AND d = ?1";
like(
	made('plain', $planted),
	qr/\Q$written\E/,
	'names are written out, not inside texts'
);
like(
	made('sql', $planted),
	qr/C_X_A,\s+C_X_BEE,\s+C_X_N,\s+C_X__N.*P_ONE_WHO,\s+P_ONE_FROM,\s+P_ONE__N/s,
	'and C has them in that order'
);

# A changed text rebuilds what holds texts, and nothing else.
(my $changed = $planted) =~ s/b > :from/b >= :from/;
is(made('sql', $changed), made('sql', $planted), 'a changed text changes no name');
isnt(made('texts', $changed), made('texts', $planted), 'it changes the texts');
my $build = $ENV{TIDEMARK_BUILD} // 'build';
my @deps =
    map { slurp($_) =~ /\bsql_texts\.h\b/ ? m{([^/]+)\.d$} : () } files(qr/\.d$/, "$build/obj");
SKIP: {
	skip 'nothing is built here', 2 if !-d "$build/obj";
	cmp_ok(scalar @deps, '>=', 1, 'objects that hold texts are found');
	is(join(' ', sort @deps), 'migrate stmt', 'they are two');
}

# --- tenants ---
# A table is a tenant's when a migration gives it a column `owner`; these hang on one that has.
my %hangs = map { $_ => 1 } qw(record record_change sync_log delivery_attempt);
# These belong to nobody: what the product knows of itself, the users themselves, guesses at
# passwords by digest, the order of work, quotas and clocks of providers, what services sign with.
my %nobody = map { $_ => 1 } qw(meta account sign_in_limit lane_turn rate_bucket
	remote_clock subscription heard);

# {table => has an owner} after these migrations.
sub tables_of {
	my %owner;
	for my $text (map { s/--[^\n]*//gr } @_) {
		while (
			$text =~ /CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?
				(\w+)\s*\((.*?)\)\s*(?:STRICT|WITHOUT\s+ROWID|;)/gsix
		) {
			my ($name, $columns) = ($1, $2);
			$owner{$name} = $columns =~ /^\s*owner\s/m ? 1 : 0;
		}
		$owner{$1} = 1
		    while $text =~ /ALTER\s+TABLE\s+(\w+)\s+ADD\s+(?:COLUMN\s+)?owner\b/gsi;
		$owner{$2} = delete $owner{$1}
		    while $text =~ /ALTER\s+TABLE\s+(\w+)\s+RENAME\s+TO\s+(\w+)/gsi;
	}
	return %owner;
}
my %table = tables_of(map { slurp($_) } grep { m{/\d[^/]*$} } files(qr/\.sql$/, 'sql'));
my %tenant = (%hangs, map { $_ => 1 } grep { $table{$_} } keys %table);
cmp_ok(scalar keys %tenant, '>=', 12, 'the tenant tables are found');
none_of(
	'every table belongs to a user, hangs on what does, or is known to belong to nobody',
	grep { !$tenant{$_} && !$nobody{$_} } sort keys %table
);
is_deeply(
	{
		tables_of(
			      "CREATE TABLE a (\n\tid TEXT\n) STRICT;\nCREATE TABLE b (\n"
			    . "\towner TEXT\n) STRICT;\n",
			'ALTER TABLE a ADD COLUMN owner TEXT; ALTER TABLE b RENAME TO c;'
		)
	},
	{ a => 1, c => 1 },
	'an owner that a later migration adds is seen'
);

# It compares the owner in a condition, or writes it with a new row; only to show or to set it is
# not enough.
sub crosses_owners {
	my ($s) = @_;
	my $sql = code($s->{sql});
	my @tables = grep { $tenant{ lc $_ } }
	    $sql =~ /(?:\b(?:FROM|JOIN|INTO|UPDATE)\s+|,\s*)(\w+)(?=\s|\(|$)/gi;
	return 0 if !@tables;
	return length $s->{system} < 10 if defined $s->{system};
	# A row that is there already may be another's: its owner is part of the conflict, or of
	# the condition, or the new row is taken from one of the owner's.
	my ($key, $change) = $sql =~ /\bON\s+CONFLICT\s*\(([^)]*)\)\s*DO\s+UPDATE\b(.*)/is;
	return 1
	    if defined $key
	    && $key !~ /\bowner\b/i
	    && $change !~ /\bWHERE\b.*\bowner\b/is
	    && $sql !~ /\)\s*SELECT\b.*\bowner\s*=\s*\?\d.*\bON\s+CONFLICT\b/is;
	return 0 if $sql =~ /\bINSERT\s+INTO\s+\w+\s*\([^)]*\bowner\b/i;
	$sql =~ s/\bSET\b.*?(?=\bWHERE\b|$)/SET /gis;
	return $sql !~ /\bowner\s*(?:=|>=|>)\s*\?\d|\?\d+\s*=\s*(?:\w+\.)?owner\b
		|\bowner\s+IN\s*\(|\(\s*(?:\w+\.)?owner\s*,[^)]*\)\s*[<>=]/ix;
}
my @planted = (
	'SELECT owner FROM connection WHERE id = ?1', 'DELETE FROM record WHERE seq = ?1',
	'UPDATE connection SET owner = ?1 WHERE id = ?2',
	'SELECT 1 FROM sync s JOIN connection c ON c.owner = s.owner WHERE s.id = ?1',
	'INSERT INTO connection (id, owner) VALUES (?1, ?2) ON CONFLICT (id) DO '
	    . 'UPDATE SET name = ?3',
	'INSERT INTO sync_log (sync_no, text) VALUES (?1, ?2)',
	'SELECT 1 FROM meta m, connection WHERE id = ?1',
	map { "SELECT 1 FROM $_ WHERE id = ?1" } sort keys %tenant,
);
none_of(
	'planted statements across owners are found',
	grep { !crosses_owners({ sql => $_ }) } @planted
);
ok(crosses_owners({ sql => 'SELECT 1 FROM sync', system => 'why?' }), 'a reason must be a reason');
none_of(
	'what names its owner passes',
	grep { crosses_owners({ sql => $_ }) } 'SELECT 1 FROM connection WHERE owner = ?1',
	'SELECT 1 FROM meta', 'UPDATE connection SET name = ?1 WHERE id = ?2 AND owner = ?3',
	'INSERT INTO connection (id, owner) VALUES (?1, ?2)',
	'INSERT INTO idempotency (owner, key) VALUES (?1, ?2) ON CONFLICT (owner, key) DO '
	    . 'UPDATE SET body = ?3'
);
none_of(
	'every statement on a tenant table names the owner or says why not',
	map { crosses_owners($_) ? "$_->{file}:$_->{line}: $_->{name}" : () } @statements
);

# --- migrations ---
my @migrations = map { m{/([^/]+)$} } grep { m{/\d[^/]*$} } files(qr/\.sql$/, 'sql');
my $n = 0;
none_of(
	'migrations are numbered in order',
	map { $n++; /^(\d{4})_[a-z0-9_]+\.sql$/ && $1 == $n ? () : $_ } @migrations
);

done_testing;
