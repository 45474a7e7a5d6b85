/*
 * demo_people.c - the demo account's contacts: people with several addresses, with a birthday
 * without a year, with fields of their own, a shared mailbox, one who is there twice, and one whom
 * nobody can write to.
 */
#include "fake/demo/demo.h"

#include "fake/google/people.h"

struct demo_person {
	const char *given, *family, *email, *phone; /* NULL: none */
	const char *label;                          /* beside "My contacts"; NULL: none */
	const char *more;                           /* members of JSON, or NULL */
};

static const struct demo_person book[] = {
	{ "Ada", "Martens", "ada.martens@example.com", "+49 30 5550142", "Customers",
	    "\"birthdays\": [{\"date\": {\"year\": 1988, \"month\": 3, \"day\": 14}}], "
	    "\"addresses\": [{\"streetAddress\": \"Torstr. 1\", \"city\": \"Berlin\", "
	    "\"postalCode\": \"10119\", \"country\": \"Germany\", \"type\": \"home\"}]" },
	{ "Bruno", "Okafor", "bruno@example.com", "+49 89 5550143", "Customers",
	    "\"userDefined\": [{\"key\": \"Customer no.\", \"value\": \"00043\"}]" },
	{ "Chiara", "Lindqvist", "Chiara.Lindqvist@Example.com", NULL, "Customers",
	    "\"biographies\": [{\"value\": \"Call after 6 pm\", \"contentType\": "
	    "\"TEXT_PLAIN\"}], \"birthdays\": [{\"date\": {\"month\": 7, \"day\": 30}}]" },
	{ "Dmitri", "Santos", NULL, "030 5550145", "Customers", NULL },
	{ "Elif", "Nowak", "elif.nowak@example.com", "0221 5550146", "Suppliers",
	    "\"organizations\": [{\"name\": \"Nowak Tea Imports\", \"title\": \"Buyer\", "
	    "\"department\": \"Asia\"}], \"urls\": [{\"value\": \"https://nowak.example\", "
	    "\"type\": \"work\"}]" },
	{ NULL, NULL, "info@storage.example", "+49 40 5550150", "Suppliers",
	    "\"organizations\": [{\"name\": \"Hamburg Harbour Storage\"}]" },
	/* The same person twice, as it happens. */
	{ "Farah", "de Boer", NULL, "+31 20 5550147", NULL, NULL },
	{ "F.", "de Boer", "farah@example.com", NULL, NULL, NULL },
	{ "Gustav", "of the market", NULL, NULL, NULL, NULL },
};

/* A list of one object with what is not NULL. */
static void
demo_item(struct fake *f, json *content, const char *field, const char *const members[4])
{
	json *list = json_list(f->a), *one = json_new(f->a);

	for (int i = 0; i < 4; i += 2)
		if (members[i] && members[i + 1])
			json_set_str(one, members[i], members[i + 1]);
	json_add(list, one);
	json_set(content, field, list);
}

static json *
demo_content(struct fake *f, const struct demo_person *d)
{
	json *content = json_stored(f->a,
	    arena_printf(f->a, "{\"labels\": [\"myContacts\"]%s%s}", d->more ? ", " : "",
		d->more ? d->more : ""));

	if (d->given)
		demo_item(f, content, "names",
		    (const char *const[4]){ "givenName", d->given, "familyName", d->family });
	if (d->email)
		demo_item(f, content, "emailAddresses",
		    (const char *const[4]){ "value", d->email, "type", "home" });
	if (d->phone)
		demo_item(f, content, "phoneNumbers",
		    (const char *const[4]){ "value", d->phone, "type", "mobile" });
	return content;
}

void
demo_people(struct fake *f, struct account *demo)
{
	for (size_t i = 0; i < sizeof book / sizeof *book; i++) {
		const struct demo_person *d = &book[i];
		struct person *p = person_add(f, demo, person_new_name(f, false));
		const struct label *l = d->label ? label_named(f, demo, d->label) : NULL;

		if (d->label && !l)
			l = label_add(f, demo, d->label);
		p->now.content = demo_content(f, d);
		person_touch(f, p);
		if (l)
			person_label(f, p, l->id, true);
	}
}
