/*
 * person.c - see person.h.
 */
#include "kind/person.h"

enum { WORDS = 14 };

const char *const person_fields[PEOPLE] = { "name_column", "email_column", "phone_column" };

/* By what people call such columns. */
static bool
person_called(struct str name, int what, size_t w)
{
	static const char *const words[PEOPLE][WORDS] = {
		{ "name", "full name", "contact", "contact name", "vollst\xc3\xa4ndiger name",
		    "nom", "nombre", "nome", "kunde", "customer", "first name", "vorname",
		    "last name" },
		{ "email", "e-mail", "mail", "email address", "e-mail address", "e-mail-adresse",
		    "courriel", "correo" },
		{ "phone", "telephone", "tel", "mobile", "phone number", "telefon", "handy",
		    "t\xc3\xa9l\xc3\xa9phone", "tel\303\251fono", "telefono", "mobil" },
	};

	return words[what][w] && str_ieq(str_trim(name), str_c(words[what][w]));
}

int
person_guess(const struct str *names, size_t n, int what)
{
	for (size_t w = 0; w < WORDS; w++)
		for (size_t i = 0; i < n; i++)
			if (person_called(names[i], what, w))
				return (int)i;
	return -1;
}
