# embed.awk - the one generator: turns text files into C.
#
#	awk -v mode=sql   -f embed.awk sql/*.sql     names: statements, columns, parameters (sql.h)
#	awk -v mode=texts -f embed.awk sql/*.sql     texts: statements, migrations (sql_texts.h)
#	awk -v mode=plain -f embed.awk sql/*.sql     the statements as the database gets them
#	awk -v mode=view  -f embed.awk view/*.html   templates (views.h)
#
# The headers are in build/gen; the plain statements are for the lint and for people.
#
# Names and texts are two files, so that a changed text rebuilds only the two or three objects
# that hold texts.
#
# In statements, {run} stands for the columns said in "-- columns: run = no, id, ...", {run s.}
# for the same ones of table s; :name is a parameter by name. sql/README.md has the rules.

function complain(what)
{
	print FILENAME ":" FNR ": " what > "/dev/stderr"
	wrong = 1
	exit 1
}

function c_line(l)
{
	gsub(/\\/, "\\\\", l)
	gsub(/"/, "\\\"", l)
	return "\t\t\"" l "\\n\"\n"
}

function base(path)
{
	sub(/.*\//, "", path)
	return path
}

# Splits at the commas that are in no parentheses; part[1] ... part[n].
function split_list(list, part,    i, n, c, depth)
{
	n = 1
	part[1] = ""
	for (i = 1; i <= length(list); i++) {
		c = substr(list, i, 1)
		if (c == "(")
			depth++
		else if (c == ")")
			depth--
		if (c == "," && !depth)
			part[++n] = ""
		else
			part[n] = part[n] c
	}
	for (i = 1; i <= n; i++)
		gsub(/^[ \t]+|[ \t]+$/, "", part[i])
	return n
}

# What C calls a column: its alias, or its name without the table's.
function column_name(c)
{
	if (c ~ / AS [a-z_0-9]+$/)
		sub(/.* /, "", c)
	else
		sub(/^[a-z_0-9]+\./, "", c)
	if (c !~ /^[a-z_0-9]+$/)
		complain("the column \"" c "\" needs a name: " c " AS name")
	return c
}

# One {group} or {group prefix.}
function group_text(word,    name, prefix, n, i, part, text)
{
	name = word
	prefix = ""
	if (split(word, part, / +/) == 2) {
		name = part[1]
		prefix = part[2]
	}
	if (!(name in group))
		complain("{" word "}: there is no line \"-- columns: " name " = ...\" above")
	group_used[name] = 1
	if (prefix == "")
		return group[name]
	n = split_list(group[name], part)
	for (i = 1; i <= n; i++) {
		if (prefix !~ /^[a-z_0-9]+\.$/ || part[i] !~ /^[a-z_0-9]+$/)
			complain("{" word "}: a table is put before bare names only")
		text = text (i > 1 ? ", " : "") prefix part[i]
	}
	return text
}

function expand(l,    out, from, to)
{
	while ((from = index(l, "{")) > 0) {
		to = index(l, "}")
		if (to < from)
			complain("a { without its }")
		out = out substr(l, 1, from - 1) group_text(substr(l, from + 1, to - from - 1))
		l = substr(l, to + 1)
	}
	return out l
}

# :name becomes ?1, ?2 ... in order of first appearance. Not inside '...'.
function number_parameters(l,    n, i, part, out, name)
{
	n = split(l, part, "'")
	for (i = 1; i <= n; i++) {
		while (i % 2 && match(part[i], /:[a-z][a-z_0-9]*/)) {
			name = substr(part[i], RSTART + 1, RLENGTH - 1)
			if (!(name in parameter)) {
				parameter[name] = ++parameters
				parameter_enum = parameter_enum "\tP_" \
				    toupper(statement "_" name) ",\n"
			}
			part[i] = substr(part[i], 1, RSTART - 1) "?" parameter[name] \
			    substr(part[i], RSTART + RLENGTH)
		}
		out = out (i > 1 ? "'" : "") part[i]
	}
	return out
}

function begin_group(l)
{
	if (l !~ /^[a-z][a-z_0-9]* = ./)
		complain("a line of columns reads \"-- columns: name = a, b, c\"")
	open_group = l
	sub(/ .*/, "", open_group)
	sub(/^[^=]*= */, "", l)
	if (open_group in group)
		complain("the columns \"" open_group "\" are said twice")
	open_list = l
}

function end_group(    name, n, i, part)
{
	if (open_group == "")
		return
	name = open_group
	open_group = ""
	group[name] = expand(open_list)
	column_enums = column_enums "enum {\n"
	n = split_list(group[name], part)
	for (i = 1; i <= n; i++)
		column_enums = column_enums "\tC_" toupper(name "_" column_name(part[i])) ",\n"
	column_enums = column_enums "\tC_" toupper(name) "__N\n};\n"
}

function flush_sql()
{
	if (statement == "")
		return
	enums = enums "\tQ_" toupper(statement) ",\n"
	rows = rows "\t[Q_" toupper(statement) "] = { \"" statement "\",\n" body "\t},\n"
	if (parameters)
		parameter_enums = parameter_enums "enum {\n" parameter_enum \
		    "\tP_" toupper(statement) "__N\n};\n"
	statement = ""
}

function begin_statement(name)
{
	flush_sql()
	statement = name
	body = ""
	parameters = 0
	parameter_enum = ""
	split("", parameter)
	plain = plain "-- at: " FILENAME ":" FNR "\n-- name: " name "\n"
}

# Does a tag of the text go on behind its end?
function tag_is_open(text)
{
	gsub(/\{\{[^{}]*\}\}/, "", text)
	gsub(/"[^"]*"/, "", text)
	return text ~ /<[^>]*$/
}

function view_line(l,    alone, ends, begins)
{
	alone = l ~ /^\{\{[#^\/>!][^{}]*\}\}$/
	if (line == "")
		line = l
	else if (tag_is_open(line))
		line = line (l ~ /^\{\{/ ? "" : " ") l
	else if (alone || line_alone) {
		body = body c_line(line)
		line = l
	} else {
		ends = line ~ /(>|\}\})$/
		begins = l ~ /^(<|\{\{)/
		if (line ~ /<[^\/<>][^<>]*>$/ && line !~ /<(br|input)[^<>]*>$/)
			begins = 1
		if (l ~ /^<\//)
			ends = 1
		line = line (ends && begins ? "" : " ") l
	}
	line_alone = alone
}

function flush_file()
{
	if (file == "")
		return
	if (line != "")
		body = body c_line(line)
	line = ""
	files = files "\t{ \"" file "\",\n" (body == "" ? "\t\t\"\"\n" : body) "\t},\n"
	file = ""
}

FNR == 1 {
	end_group()
	flush_sql()
	flush_file()
	body = ""
	migration = (mode != "view" && base(FILENAME) ~ /^[0-9]/)
	if (migration || mode == "view") {
		file = base(FILENAME)
		sub(/\.[a-z]+$/, "", file)
	}
}
# Views are written as people read them, an element a line, and served without the blanks that
# this takes: lines are joined. Between two tags there is nothing then, and a blank where a text
# or a tag goes on. A tag of the template that has a line of its own keeps that.
mode == "view" {
	sub(/^\t+/, "")
	view_line($0)
	next
}
migration {
	body = body c_line($0)
	next
}
open_group != "" && /^--\t/ {
	sub(/^--\t/, "")
	open_list = open_list " " $0
	next
}
{
	end_group()
}
/^-- columns: / {
	flush_sql()
	sub(/^-- columns: */, "")
	begin_group($0)
	next
}
/^-- name: / {
	begin_statement($3)
	next
}
statement == "" || /^[ \t]*$/ {
	next
}
/^--/ {
	plain = plain $0 "\n"
	next
}
{
	line = number_parameters(expand($0))
	body = body c_line(line)
	plain = plain line "\n"
}
END {
	if (wrong)
		exit 1
	flush_sql()
	flush_file()
	for (name in group)
		if (!(name in group_used)) {
			print "the columns \"" name "\" are used nowhere" > "/dev/stderr"
			exit 1
		}
	if (mode == "plain") {
		printf "%s", plain
	} else if (mode == "sql") {
		printf "/* Made from sql/ by lib/base/embed.awk. */\n"
		printf "#ifndef GEN_SQL_H\n#define GEN_SQL_H\n"
		printf "/* Statements. */\nenum sql {\n%s\tQ__MAX\n};\n", enums
		printf "/* Columns: where they are in a row. */\n%s", column_enums
		printf "/* Parameters with names: where they are among the arguments. */\n"
		printf "%s#endif\n", parameter_enums
	} else if (mode == "texts") {
		printf "/* Made from sql/ by lib/base/embed.awk. */\n"
		printf "#ifndef GEN_SQL_TEXTS_H\n#define GEN_SQL_TEXTS_H\n"
		printf "#include \"sql.h\"\n"
		printf "static const struct { const char *name, *text; } "
		printf "sql_texts[Q__MAX] = {\n%s};\n", rows
		printf "static const struct { const char *name, *text; } "
		printf "sql_migrations[] = {\n%s};\n#endif\n", files
	} else {
		printf "/* Made from cgi-src/view by lib/base/embed.awk. */\n"
		printf "static const struct view views[] = {\n%s\t{ 0, 0 }\n};\n", files
	}
}
