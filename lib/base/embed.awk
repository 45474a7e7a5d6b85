# embed.awk - the one generator: turns text files into C.
#   awk -v mode=sql  -f embed.awk sql/*.sql      -> build/gen/sql.h      named statements and migrations
#   awk -v mode=view -f embed.awk view/*.html    -> build/gen/views.h    templates
function c_line(l) { gsub(/\\/, "\\\\", l); gsub(/"/, "\\\"", l); return "\t\t\"" l "\\n\"\n" }
function base(path) { sub(/.*\//, "", path); return path }
function flush_sql() {
	if (name == "")
		return
	enums = enums "\tQ_" toupper(name) ",\n"
	rows = rows "\t[Q_" toupper(name) "] = { \"" name "\",\n" body "\t},\n"
	name = ""
}
function flush_file() {
	if (file == "")
		return
	files = files "\t{ \"" file "\",\n" (body == "" ? "\t\t\"\"\n" : body) "\t},\n"
	file = ""
}
FNR == 1 {
	flush_sql(); flush_file()
	body = ""
	migration = (mode == "sql" && base(FILENAME) ~ /^[0-9]/)
	if (migration || mode == "view") {
		file = base(FILENAME)
		sub(/\.[a-z]+$/, "", file)
	}
}
mode == "sql" && !migration && /^-- name: / { flush_sql(); name = $3; body = ""; next }
mode == "sql" && !migration && (name == "" || /^[ \t]*$/) { next }
{ body = body c_line($0) }
END {
	flush_sql(); flush_file()
	if (mode == "sql") {
		printf "/* Made from sql/ by lib/base/embed.awk. */\n#ifndef GEN_SQL_H\n#define GEN_SQL_H\nenum sql {\n%s\tQ__MAX\n};\n#endif\n", enums
		printf "#ifdef SQL_TEXTS\nstatic const struct { const char *name, *text; } sql_texts[Q__MAX] = {\n%s};\n", rows
		printf "static const struct { const char *name, *text; } sql_migrations[] = {\n%s};\n#endif\n", files
	} else
		printf "/* Made from cgi-src/view by lib/base/embed.awk. */\nstatic const struct view views[] = {\n%s\t{ 0, 0 }\n};\n", files
}
