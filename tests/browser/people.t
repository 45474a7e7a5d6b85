# Users, tokens, sessions and activity in a real browser. Runs people.mjs as pages.t runs pages.mjs.
use strict;
use warnings;
use lib 'tests/lib';
use Tidemark;
use Tidemark::Browser;

my $t = Tidemark->start(web => 3, loop => 60);
exit Tidemark::Browser::run($t, 'people.mjs', { link => sub { return $t->link($_[0] // 'admin') } });
