# What must not be left in the tree: marks of unfinished work, paths of one machine, secrets.
use strict;
use warnings;
use Test::More;
use Tidemark::Lint;

# Put together here, or this file would find itself.
my $unfinished = join '|', 'TO' . 'DO', 'FIX' . 'ME', 'XX' . 'X', 'HA' . 'CK', 'W' . 'IP',
    'TB' . 'D';
my @rules = (
	['marks of unfinished work', qr/\b(?:$unfinished)\b/, 'TO' . 'DO: later'],
	[
		'paths of one machine',
		qr{(?<![\w.:/~-])/(?:wo${\'rk'}|ro${\'ot'}|home/\w+|Users|mnt)/}, 'see /wo' . 'rk/x'
	],
	['conflict marks', qr/^(?:<{7}|>{7}|={7})(?: |$)/m, '<' x 7 . ' HEAD'],
	[
		'private keys', qr/-----BEGIN [A-Z ]*PRIVATE KEY-----[\r\n]+[A-Za-z0-9+\/]{20}/,
		'-----BEGIN PRIVATE KEY-----' . "\n" . 'A' x 30
	],
	[
		'tokens of other services',
		qr/\b(?:gh[po]_[0-9A-Za-z]{20}|xox[bp]-[0-9]|AKIA[0-9A-Z]{12}
			|AIza[0-9A-Za-z_-]{30}|secret_[0-9A-Za-z]{40})/x,
		'gh' . 'p_' . 'x' x 30
	],
);

my @files = grep { !m{\.(?:png|ico|gz|db|sqlite|woff2|pem|key|crt)$} }
    files(qr/./, qw(lib cgi-src sql static nginx docs doc examples tests), '.ci');
push @files,
    grep { -f }
    qw(Makefile README.md LICENSE CHANGELOG.md CONTRIBUTING.md SECURITY.md DESIGN.md .gitignore);
cmp_ok(scalar @files, '>', 80, 'the files are found');
for my $rule (@rules) {
	my ($what, $pattern, $example) = @$rule;
	like($example, $pattern, "$what: found");
	none_of(
		"$what: none",
		map {
			my ($path, $text) = ($_, slurp($_));
			my @hits;
			while ($text =~ /$pattern/g) {
				my $n = 1 + (substr($text, 0, $-[0]) =~ tr/\n//);
				push @hits, "$path:$n: $&"
			}
			@hits;
		} @files
	);
}
unlike(
	'/tmp/tidemark-test-XXXXXX and https://example.com/home/x', $_->[1],
	"$_->[0]: names of temporary files and addresses are not meant"
) for @rules;

done_testing;
