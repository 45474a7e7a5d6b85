# Nothing grows beyond what one reads at once.
use strict;
use warnings;
use File::Temp ();
use Test::More;
use Tidemark::Lint;

use constant { FUNCTION_LINES => 60, FILE_LINES => 600, COLUMNS => 100 };

my @c = files(qr/\.[ch]$/, 'lib', 'cgi-src');
my @tests = files(qr/\.[ch]$/, 'tests/unit', 'tests/fuzz', 'tests/fake');

my @found = functions(
	"static int\nshort_one(void)\n{\n\treturn 1;\n}\n\nint\nlong_one(int a,\n    int b)\n{\n"
	    . ("\ta++;\n" x 59)
	    . "}\n");
is_deeply(
	[map { "$_->[0] $_->[2]" } @found], ['short_one 3', 'long_one 61'],
	'functions are measured from brace to brace'
);

my @functions = map {
	my $f = $_;
	map { [$f, @$_] } functions(slurp($f))
} @c;
cmp_ok(scalar @functions, '>', 200, 'the functions are found');
none_of(
	'no function is longer than ' . FUNCTION_LINES . ' lines',
	map { "$_->[0]:$_->[2]: $_->[1] has $_->[3]" }
	    grep { $_->[3] > FUNCTION_LINES } @functions
);
my @sorted = sort { $a <=> $b } map { $_->[3] } @functions;
cmp_ok($sorted[int(@sorted * 0.9)], '<=', 40, 'nine functions of ten fit on a screen');
none_of(
	'no file is longer than ' . FILE_LINES . ' lines',
	map { my $n = () = slurp($_) =~ /\n/g; $n > FILE_LINES ? "$_ has $n" : () } @c, @tests
);

sub untidy {
	my ($path, $text) = @_;
	my ($n, @bad) = 0;
	my @bare = split /\n/, bare_c($text);
	push @bad, "$path: no newline at the end" if $text !~ /\n\z/;
	push @bad, "$path: empty lines at the end" if $text =~ /\n\n\z/;
	for (split /\n/, $text) {
		$n++;
		push @bad, "$path:$n: white space at the end" if /[ \t]$/;
		# Four spaces go on with a line that began in column 0.
		push @bad, "$path:$n: indented with spaces"
		    if $bare[$n - 1] =~ /^ {2,}\S/ && $bare[$n - 1] !~ /^ {4}\S/;
		push @bad, "$path:$n: " . length($_) . ' columns' if length($_) > COLUMNS;
		push @bad, "$path:$n: control or foreign character" if /[^\t\x20-\x7E]/;
	}
	return @bad;
}
is(scalar untidy('x', "a \n   b\n" . 'c' x 201 . "\n\xC3\n\n"), 5, 'untidy lines are found');
none_of('lines are tidy', map { untidy($_, slurp($_)) } @c);

# Views are HTML that one reads, an element a line, which the build joins again
# (lib/base/embed.awk). They nest deeper than C: a tab counts four.
sub unreadable {
	my ($path, $text) = @_;
	my ($n, @bad) = 0;
	my $block = qr/(?:p|div|li|td|th|tr|form|section|h\d)/;
	for (split /\n/, $text) {
		$n++;
		my $columns = length s/\t/    /gr;
		push @bad, "$path:$n: $columns columns" if $columns > 120;
		push @bad, "$path:$n: indented with spaces, or white space at the end"
		    if /^\t* |[ \t]$/;
		push @bad, "$path:$n: several elements in one line"
		    if /<\/$block><$block\b/;
	}
	push @bad,
	    map { "$path: a <$_> over several lines" } $text =~ m{<(pre|textarea)\b[^<>]*>[^<]*\n};
	return @bad;
}
is(
	scalar unreadable('x', 'a' x 121 . "\n  <p>\n<p>a</p><p>b</p>\n<pre>a\n</pre>\n"), 4,
	'views that nobody can read are found'
);
none_of('views are readable', map { unreadable($_, slurp($_)) } files(qr/\.html$/, 'cgi-src'));

# What the build makes of a view: as if it stood in one line, but for tags of the template that
# have a line of their own.
sub served {
	my ($text) = @_;
	my $file = File::Temp->new(SUFFIX => '.html');
	print $file $text;
	close $file;
	return join '',
	    map { /^\t\t"(.*)\\n"$/ ? $1 =~ s/\\"/"/gr . "\n" : () }
	    qx(awk -v mode=view -f lib/base/embed.awk $file < /dev/null);
}
is(
	served("<p>\n\t<b\n\t\tid=\"a\">x</b>\n\ty {{z}}\n</p>\n"),
	qq{<p><b id="a">x</b> y {{z}}</p>\n},
	'lines of a view are joined: with nothing between tags, with a blank in a text and in a tag'
);
is(
	served("<ul>\n\t{{#a}}\n\t\t<li>{{.}}</li>\n\t{{/a}}\n</ul>\n"),
	"<ul>\n{{#a}}\n<li>{{.}}</li>\n{{/a}}\n</ul>\n",
	'a tag of the template alone in a line keeps it'
);
is(
	served("<i\n\tt=\"one\n\ttwo\"\n\t{{#a}} b{{/a}}>\n</i>\n"),
	qq{<i t="one two"{{#a}} b{{/a}}></i>\n}, 'a text in quotes goes on'
);

# KNF: the return type has a line of its own, so that a definition is found by its name in column 0.
sub not_knf {
	my ($path, $text) = @_;
	my @l = split /\n/, bare_c($text);
	return map {
		       $l[$_ + 1]
		    && $l[$_ + 1] =~ /^\{/ && $l[$_] =~ /^(?!extern)\w[\w \*]*[ \*]\w+\([^;]*\)$/
		    ? "$path:" . ($_ + 1) . ": $l[$_]"
		    : ()
	} 0 .. $#l
}
is(
	scalar not_knf('x', "int f(void)\n{\n}\nint\ng(void)\n{\n}\n"), 1,
	'a type beside its function is found'
);
none_of('functions are written in KNF', map { not_knf($_, slurp($_)) } @c);

done_testing;
