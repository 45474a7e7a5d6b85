# Names that only one place may use, and names that nobody may use.
use strict;
use warnings;
use Test::More;
use Tidemark::Lint;

my $call = sub { my $names = join '|', @_; qr/(?<![\w.>])(?:$names)\s*\(/ };
# what, pattern, where it is allowed, an example that must be found
my @rules = (
	[
		'unbounded texts',
		$call->(qw(strcpy stpcpy strcat sprintf vsprintf gets strncpy strncat)), qr/^$/,
		'strcpy(a, b);'
	],
	['numbers without an error', $call->(qw(atoi atol atoll atof)), qr/^$/, 'int n = atoi(s);'],
	['scanning streams', $call->(qw(scanf fscanf vscanf vfscanf)), qr/^$/, 'scanf("%d", &n);'],
	[
		'hidden state',
		$call->(qw(strtok localtime gmtime ctime asctime localtime_r setlocale
			strerror_l rand srand random drand48)),
		qr/^$/,
		'strtok(s, ",")'
	],
	['a shell', $call->(qw(system popen)), qr/^$/, 'system("x");'],
	[
		'names of temporary files', $call->(qw(tmpnam tempnam mktemp tmpfile)), qr/^$/,
		'tmpnam(NULL)'
	],
	['memory on the stack by size', $call->(qw(alloca)), qr/^$/, 'p = alloca(n);'],
	[
		'the environment', $call->(qw(getenv secure_getenv)),
		qr{^lib/base/(?:conf|step)\.c$}, 'getenv("HOME")'
	],
	[
		'changing the environment', $call->(qw(setenv putenv unsetenv)),
		qr{^lib/base/conf\.c$}, 'setenv("A", "b", 1)'
	],
	[
		'the clock', $call->(qw(time clock_gettime gettimeofday clock timespec_get)),
		qr{^lib/base/clock\.c$}, 'now = time(NULL);'
	],
	[
		'sleeping', $call->(qw(sleep usleep nanosleep clock_nanosleep)),
		qr{^lib/base/clock\.c$}, 'sleep(1);'
	],
	[
		'random bytes', $call->(qw(getrandom getentropy arc4random RAND_bytes)),
		qr{^lib/base/rand\.c$}, 'getrandom(p, n, 0)'
	],
	[
		'the heap',
		$call->(qw(malloc calloc realloc reallocarray strdup strndup asprintf
			vasprintf free)),
		qr{^lib/base/},
		'free(p);'
	],
	[
		# ctl_say() escapes what a terminal would obey
		'writing to a terminal', $call->(qw(printf puts putchar fputs)),
		qr{^cgi-src/(?:ctl/ctl|\w+/(?:app|tick|worker|stream))\.c$}, 'puts("x");'
	],
	['libcurl', qr/\b(?:curl_|CURL)/, qr{^lib/net/}, 'curl_easy_init()'],
	[
		'the checks of certificates', qr/SSL_VERIFY/, qr{^lib/net/wire\.c$},
		'curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L)'
	],
	[
		'regular expressions', $call->(qw(regcomp regexec re_compile_pattern)), qr/^$/,
		'regcomp(&r, text, 0)'
	],
	['FastCGI', qr/\bFCGX_/, qr{^cgi-src/fcgi/app\.c$}, 'FCGX_Init()'],
	['SQLite', qr/\bsqlite3/, qr{^lib/db/sqlite(?:_care)?\.[ch]$}, 'sqlite3_step(s)'],
	[
		'json-c', qr/\bjson_(?:object_|tokener_)/, qr{^lib/base/json(?:_parse)?\.c$},
		'json_object_get(o)'
	],
	[
		'libcrypto', qr/\b(?:EVP_\w+|HMAC\s*\(|CRYPTO_\w+|SHA256\s*\()/,
		qr{^lib/(?:base/hash|vault/\w+)\.c$}, 'EVP_sha256()'
	],
	[
		'raw SQL', qr/"\s*(?:SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|PRAGMA|ATTACH)\s/,
		qr{^lib/(?:db/|store/view\.c)}, '"SELECT 1"'
	],
);

# Looked for with the texts left in, because it is the texts that are meant.
my %with_texts = ('raw SQL' => 1);
sub without_comments {
	my ($text) = @_;
	$text =~ s{(/\*.*?\*/)|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')}{
		defined $1 ? Tidemark::Lint::blank($1) : $2
	}ges;
	return $text;
}

sub hits {
	my ($rule, $path, $text) = @_;
	my ($what, $pattern, $where) = @$rule;
	return if $path =~ $where;
	my ($n, @found) = 0;
	for (split /\n/, $with_texts{$what} ? without_comments($text) : bare_c($text)) {
		$n++;
		# System headers are named where their calls are used; that is the same question.
		push @found, "$path:$n: $_" if $_ =~ $pattern;
	}
	return @found;
}

my @files = files(qr/\.[ch]$/, 'lib', 'cgi-src');
for my $rule (@rules) {
	is(
		scalar hits($rule, 'lib/web/x.c', "a;\n/* $rule->[3] */\n\t$rule->[3]\n"), 1,
		"$rule->[0]: found in code, not in comments"
	);
	none_of("$rule->[0]: only where it belongs", map { hits($rule, $_, slurp($_)) } @files);
}
is(
	scalar hits($rules[0], 'lib/web/x.c', qq{a("strcpy(x)"); my_strcpy(x); p->strcpy(x);\n}), 0,
	'texts, longer names and members are not meant'
);

done_testing;
