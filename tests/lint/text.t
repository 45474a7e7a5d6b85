# What is not C ends at column 100 as well, so that two files stand beside each other on a screen.
use strict;
use warnings;
use Test::More;
use Tidemark::Lint;

use constant COLUMNS => 100;

# What was applied to databases has its hash recorded there: migrations stay as they are.
my @files = (
	grep({ !m{/\d{4}_[^/]*$} } files(qr/\.sql$/, 'sql')),
	files(qr/[^\/]/, 'nginx'),
	files(qr/\.(?:js|css)$/, 'static'),
	files(qr/\.(?:awk|sh|pl)$/, 'lib', 'cgi-src', 'tests/toy'),
	grep({ !/node_modules/ } files(qr/\.(?:mk|pm|t|mjs)$/, 'tests')),
	'Makefile', 'tests/run', 'tests/attack/run',
	map { "tests/bench/$_" } qw(bench contacts people sheets)
);

# One line each, and no other way to write it: of a crontab, and the value of a header.
my %whole = (
	'nginx/cron.d' => qr/^\* \* \* \* \* /,
	'nginx/snippets/tidemark-headers.conf' => qr/^add_header Content-Security-Policy /,
);

sub wide {
	my ($path, $text) = @_;
	my ($n, @found) = 0;
	for my $line (split /\n/, $text) {
		$n++;
		next if $whole{$path} && $line =~ $whole{$path};
		1 while $line =~ s/\t/' ' x (8 - $-[0] % 8)/e;
		push @found, "$path:$n: " . length($line) . ' columns' if length $line > COLUMNS;
	}
	return @found;
}
is(
	scalar wide('x', ("\t" x 12) . "12345\n" . ('c' x 100) . "\n" . ('c' x 101) . "\n"), 2,
	'long lines are found, and a tab counts as far as it reaches'
);
is(scalar wide('nginx/cron.d', '* * * * * tidemark ' . 'x' x 200), 0, 'a crontab has one line');
cmp_ok(scalar @files, '>', 120, 'the files are found');
none_of('no line is wider than ' . COLUMNS . ' columns', map { wide($_, slurp($_)) } @files);
my %length = map { $_ => 1 } @files;
ok($length{$_}, "$_ is among them")
    for qw(sql/run.sql nginx/run.sh static/js/app.js tests/http/auth.t tests/lib/Tidemark.pm);

done_testing;
