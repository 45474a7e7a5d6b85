# What Tidemark::Json reads is what JSON::PP reads, and what one refuses the other refuses in the
# same words: of texts at random, and of the same texts with something wrong in them.
use strict;
use warnings;
use JSON::PP ();
use Test::More;
use Tidemark::Json;

srand 7;
my @strings = (
	'', 'plain', 'a "quote" \\ / ', "line\nfeed\ttab\r\b\f", "M\x{fc}nchen \x{20ac} \x{1f600}",
	"nul\0", "del\x7f", 'x' x 3000
);
my @written = (
	'"\u0041\u002f"', '"\u00e9"', '"\ud83d\ude00"', '"\ud83d"', '"\u0000"', '"\/"', '"\x"',
	"\"raw\ntab\"", "\"\xc3\"", "\"\xed\xa0\x80\"", "\"\xef\xbf\xbf\"",
	"\"\xf4\x90\x80\x80\"", "\"\xf8\x88\x80\x80\x80\"", '-0', '0.50', '1e3', '1E+2',
	'-1.5e-3', '01', '.5', '1.', '+1', '123456789012345', '1234567890123456',
	'12345678901234567890', '1e999', 'tru', 'TRUE', "'a'", '{"a":1,"a":2}', '{"a":1,}',
	'[1,]', '{a:1}', '[1 2]', '"open', '{', '', ' ', "\xef\xbb\xbf[]", "[]\0", '[] []',
	"\t[\r\n1 ,\t2 ] ", '/* */ 1', '# 1'
);

sub any {
	my ($depth) = @_;
	my $what = int rand($depth > 3 ? 4 : 6);
	return $strings[rand @strings] if $what == 0;
	return (JSON::PP::true, JSON::PP::false, undef)[rand 3] if $what == 1;
	return int(rand 2000) - 1000 if $what == 2;
	return (rand 1000) - 500 if $what == 3;
	return [map { any($depth + 1) } 1 .. rand 5] if $what == 4;
	return { map { $strings[rand @strings] . $_ => any($depth + 1) } 1 .. rand 5 };
}

# Its value as it is written again, or why there is none.
sub read_by {
	my ($class, $text, $options) = @_;
	my $json = $class->new->canonical;
	$json->$_ for @$options;
	my $value = eval { $json->decode($text) };
	my $why = $@ =~ s/ at \S+ line \d+\.$//r;
	return defined $value || !$why
	    ? 'value ' . JSON::PP->new->ascii->canonical->allow_nonref->encode($value) : $why;
}

my ($n, @other) = (0);
sub compare {
	my ($text) = @_;
	for my $options ([qw(utf8)], [qw(utf8 allow_nonref)], ['allow_nonref']) {
		my @read = map { read_by($_, $text, $options) } 'Tidemark::Json', 'JSON::PP';
		$n++;
		push @other, [$text, @$options, @read] if $read[0] ne $read[1];
	}
	return;
}

compare($_), compare("[$_]"), compare("{\"a\": $_}") for @written;
compare('[' x $_ . ']' x $_) for 1, 499, 500, 511, 512, 513;
for (1 .. 300) {
	my $json = JSON::PP->new->utf8->allow_nonref;
	$json->pretty if rand() < 0.5;
	$json->ascii if rand() < 0.3;
	my $text = $json->encode(any(0));
	compare($text);
	compare(substr $text, 0, rand length $text);
	for (1 .. 3) {
		my $wrong = $text;
		substr $wrong, rand length $wrong, 1, substr "\"\\{}[],:0u\x80\n", rand 12, 1;
		compare($wrong);
	}
}
is_deeply(\@other, [], "$n texts are read alike") or diag explain @other[0 .. 2];
my $long = '["' . 'x' x 5_000_000 . '"]';
is(length Tidemark::Json->new->utf8->decode($long)->[0], 5_000_000, 'and a long one');
done_testing;
