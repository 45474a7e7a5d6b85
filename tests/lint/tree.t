# The tree stands by itself: what is in it is in it, and nothing points elsewhere.
use strict;
use warnings;
use File::Find;
use File::Temp;
use Test::More;
use Tidemark::Lint;

# What is made here and never committed.
my $made = qr{^(?:\.git|build(?:-.*)?|var|node_modules)$};

sub links {
	my ($root) = @_;
	my @found;
	find({
			preprocess => sub { return grep { -l || !/$made/ } @_ },
			wanted => sub { push @found, $File::Find::name if -l }
		}, $root);
	return @found;
}

my $dir = File::Temp->newdir;
mkdir "$dir/$_" for qw(static build);
symlink '/nowhere', "$dir/$_" for qw(static/node_modules build/latest);
is_deeply([links("$dir")], ["$dir/static/node_modules"], 'a link is found where files are kept');
none_of('no file is a symbolic link', links('.'));

done_testing;
