# Why a test in the browser has failed is told beside its TAP, where a harness shows it: in short,
# and without what would open anything.
use strict;
use warnings;
use Test::More;
use Tidemark::Browser;

# As node says it: one that has passed, one that has not, and one of whom the details are long.
my $long = join '', map { sprintf "    line %d %s\n", $_, 'x' x 400 } 1 .. 100;
my $said = <<"END";
ok 1 - it goes well
  ---
  duration_ms: 1
  ...
not ok 2 - it fails
  ---
  duration_ms: 120000.5
  location: '/somewhere/tests/browser/people.mjs:170:1'
  failureType: 'testCodeFailure'
  error: |-
    locator.waitFor: Timeout 120000ms exceeded.
    Call log:
    \e[2m  - waiting for locator('#live') to be visible\e[22m
      - navigated to "http://127.0.0.1:1/sign-in?key=Abc-DEF_9"
      - authorization: Bearer opensesame, tm_0123, tmp_4567, whsec_89
  code: 'ERR_TEST_FAILURE'
  stack: |-
    TestContext.<anonymous> (/somewhere/tests/browser/people.mjs:196:9)
    Test.run (node:internal/test_runner/test:796:25)
  ...
not ok 3 - and one more
  ---
  error: |-
$long  ...
1..3
END

open my $from, '<', \$said or die $!;
my ($tap, $beside) = ('', '');
open my $out, '>', \$tap or die $!;
open my $err, '>', \$beside or die $!;
{
	my $was = select $out;
	Tidemark::Browser::say_plainly($from, $err);
	select $was;
}
close $_ for $out, $err;

is(join(' ', $tap =~ /^((?:not )?ok \d)/mg), 'ok 1 not ok 2 not ok 3', 'the TAP is as it was');
is(join('', $tap =~ /^(?!#|(?:not )?ok|1\.\.3)/mg), '', 'its details are comments');
my ($second, $third) = $beside =~ /\A(.*?)(^# not ok 3.*)\z/ms;
is($second, <<'END', 'a failure is told with its message, its log and its line');
# not ok 2 - it fails
#   location: '/somewhere/tests/browser/people.mjs:170:1'
#   error: |-
#     locator.waitFor: Timeout 120000ms exceeded.
#     Call log:
#       - waiting for locator('#live') to be visible
#       - navigated to "http://127.0.0.1:1/sign-in?key=..."
#       - authorization: Bearer ..., tm_..., tmp_..., whsec_...
#   stack: |-
#     TestContext.<anonymous> (/somewhere/tests/browser/people.mjs:196:9)
END
cmp_ok($third =~ tr/\n//, '<=', 62, 'one that is long is cut');
cmp_ok((sort { $b <=> $a } map { length } split /\n/, $third)[0], '<=', 320, 'and so is a line');
like($third, qr/^#   \(41 lines more\)$/m, 'which is said');

done_testing;
