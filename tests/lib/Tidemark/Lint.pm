package Tidemark::Lint;
# What the rule tests share: lists of files, C without comments and texts, named statements. Paths
# are relative to the root of the repository.
use strict;
use warnings;
use Cwd ();
use Exporter 'import';
use File::Find ();
our @EXPORT = qw(files slurp bare_c functions statements embed none_of);

(my $root = Cwd::abs_path(__FILE__)) =~ s{/tests/lib/Tidemark/Lint\.pm$}{};
chdir $root or die "$root: $!";

# Files below the directories whose name matches, sorted.
sub files {
	my ($name, @dirs) = @_;
	my @found;
	File::Find::find(
		{
			no_chdir => 1,
			wanted => sub {
				$File::Find::prune = 1
				    if -d && m{/(?:node_modules|\.git|build[^/]*|var|corpus)$};
				push @found, $_ if -f && !-l && $_ =~ $name;
			}
		},
		grep { -d } @dirs
	);
	return sort @found;
}

sub slurp {
	my ($path) = @_;
	open my $f, '<', $path or die "$path: $!";
	local $/;
	return scalar <$f>;
}

# The same lines with comments and the inside of texts blanked; #include lines stay as they are.
sub bare_c {
	my ($text) = @_;
	my $include = qr/^[ \t]*\#[ \t]*include[^\n]*/m;
	my $comment = qr{/\*.*?\*/|//[^\n]*}s;
	my $string = qr/"((?:[^"\\\n]|\\.)*)"/s;
	my $char = qr/'((?:[^'\\\n]|\\.)*)'/s;
	$text =~ s{($include)|($comment)|$string|$char}{
		defined $1 ? $1
		    : defined $2 ? blank($2)
		    : defined $3 ? '"' . blank($3) . '"'
		    : "'" . blank($4) . "'"
	}ge;
	return $text;
}
sub blank { my $s = shift; $s =~ s/[^\n]/ /g; return $s }

# [name, first line, number of lines] of each function; the house style puts its name and both
# braces in column 0.
sub functions {
	my ($text) = @_;
	my ($name, $start, @found);
	my $n = 0;
	for (split /\n/, bare_c($text), -1) {
		$n++;
		if (/^(\w+)\s*\(/) { $name = $1 }
		elsif (/^\w.*?\b(\w+)\s*\([^;]*$/ && !/^(?:struct|enum|union|typedef)\s[^(]*=/) {
			$name = $1
		}
		if (/^\{/ && defined $name) { $start = $n }
		elsif (/^\}/ && defined $start) {
			push @found, [$name, $start, $n - $start + 1];
			undef $start;
			undef $name
		}
	}
	return @found;
}

# {name, file, line, system, sql} of each statement in sql/*.sql, as the database gets it: columns
# and parameters that have names are written out. Migrations begin with a digit and are none.
sub statements {
	my @files = grep { !m{/\d[^/]*$} } files(qr/\.sql$/, 'sql');
	return parse_statements(embed('plain', @files));
}

# What lib/base/embed.awk makes of these files in this mode; dies of what it complains about.
sub embed {
	my ($mode, @files) = @_;
	open my $out, '-|', 'awk', '-v', "mode=$mode", '-f', 'lib/base/embed.awk', @files
	    or die "awk: $!";
	local $/;
	my $text = <$out>;
	close $out or die "lib/base/embed.awk refuses @files\n";
	return $text;
}
sub parse_statements {
	my ($text) = @_;
	my ($file, $line, @found);
	for (split /\n/, $text) {
		if (/^-- at: (.*):(\d+)$/) { ($file, $line) = ($1, $2) }
		elsif (/^-- name:\s*(\S*)/) {
			push @found,
			    { name => $1, file => $file, line => $line, system => undef, sql => '' }
		} elsif (!@found) {
			next
		} elsif (/^-- system:\s*(.*)/) {
			$found[-1]{system} = $1
		} else {
			s/--.*//;
			$found[-1]{sql} .= "$_\n"
		}
	}
	return @found;
}

# One assertion: the list is empty. What is in it is shown.
sub none_of {
	my ($what, @bad) = @_;
	Test::More::ok(!@bad, $what)
	    or Test::More::diag(map { "$_\n" }
		    @bad > 40 ? (@bad[0 .. 39], '... ' . (@bad - 40) . ' more') : @bad);
}

1;
