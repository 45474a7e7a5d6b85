package Tidemark::Json;
# JSON::PP that reads what is plain at once, and not character by character, which was half of
# what tests of pages take of a processor. Whatever it does not know as good, JSON::PP decides
# about: what is refused and how it is said stays the same (tests/lint/json.t).
use strict;
use warnings;
no warnings 'recursion';
use JSON::PP ();
use parent -norequire, 'JSON::PP';

use constant { DEPTH => 500, DIGITS => 15 };

my %escaped =
    (b => "\b", f => "\f", n => "\n", r => "\r", t => "\t", '"' => '"', '\\' => '\\', '/' => '/');
my $plain = qr/[^"\\\x00-\x1f\x7f]/;
my $space = qr/[ \t\r\n]*+/;
# Of bytes; what Perl takes for UTF-8 and JSON does not.
my $strange = qr/\xed[\xa0-\xbf]|\xf4[\x90-\xbf]|[\xf5-\xff]/;
# What is being read, at its pos().
my ($text, $depth);

sub unknown { die \'JSON::PP' }

sub in_string {
	my $s = '';
	while ($text =~ /\G(?:($plain++)|\\(?:(["\\\/bfnrt])|u00([2-7][0-9a-fA-F])))/gc) {
		$s .= defined $1 ? $1 : defined $2 ? $escaped{$2} : chr hex $3;
	}
	$text =~ /\G"$space/gc or unknown();
	return $s;
}

sub string {
	my $s = $text =~ /\G($plain*+)"$space/gc ? $1 : in_string();
	$s !~ $strange && utf8::decode($s) or unknown() if $s =~ /[\x80-\xff]/;
	return $s;
}

sub object {
	my %object;
	return \%object if $text =~ /\G\}$space/gc;
	do {
		$text =~ /\G"/gc or unknown();
		my $key = string();
		$text =~ /\G:$space/gc or unknown();
		$object{$key} = value();
	} while ($text =~ /\G,$space/gc);
	$text =~ /\G\}$space/gc or unknown();
	return \%object;
}

sub list {
	my @list;
	return \@list if $text =~ /\G\]$space/gc;
	do {
		push @list, value();
	} while ($text =~ /\G,$space/gc);
	$text =~ /\G\]$space/gc or unknown();
	return \@list;
}

sub inner {
	my ($read) = @_;
	++$depth < DEPTH or unknown();
	my $value = $read->();
	$depth--;
	return $value;
}

sub value {
	return string() if $text =~ /\G"/gc;
	return inner(\&object) if $text =~ /\G\{$space/gc;
	return inner(\&list) if $text =~ /\G\[$space/gc;
	if ($text =~ /\G(-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?)$space/gc) {
		unknown() if length $1 > DIGITS;
		return 0 + $1;
	}
	$text =~ /\G(?:(true)|(false)|null)$space/gc or unknown();
	return $1 ? $JSON::PP::true : $2 ? $JSON::PP::false : undef;
}

sub decode {
	my ($self, $given) = @_;
	my $value;
	if (defined $given && !ref $given && $self->get_utf8) {
		($text, $depth) = ($given, 0);
		local $@;
		my $known = utf8::downgrade($text, 1) && eval {
			local $SIG{__DIE__};
			$text =~ /\G$space/gc;
			$value = value();
			pos $text == length $text && (ref $value || $self->get_allow_nonref);
		};
		$text = '';
		return $value if $known;
	}
	return $self->SUPER::decode($given);
}

1;
