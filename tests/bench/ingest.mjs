// ingest.mjs FILE DATABASE - the same job with csv-parse and better-sqlite3, as one would write
// it in an afternoon. For tests/bench/bench.
import fs from 'node:fs';
import { parse } from 'csv-parse';
import Database from 'better-sqlite3';

const db = new Database(process.argv[3]);
db.pragma('journal_mode = WAL');
db.exec(
	'CREATE TABLE t (id INTEGER PRIMARY KEY, ' +
		'name, email, city, amount, price, date, flag, code, note)',
);
const put = db.prepare(
	'INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ' +
		'ON CONFLICT (id) DO UPDATE SET name = excluded.name, note = excluded.note',
);
const save = db.transaction((rows) => {
	for (const row of rows) put.run(row);
});
let page = [];
for await (const row of fs.createReadStream(process.argv[2]).pipe(parse({ from_line: 2 }))) {
	page.push(row);
	if (page.length === 1000) {
		save(page);
		page = [];
	}
}
save(page);
console.log(`${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
