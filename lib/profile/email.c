/*
 * email.c - see email.h.
 */
#include "profile/email.h"

#include "base/fold.h"

static struct str
email_bare(struct str s)
{
	const char *open = s.n ? memchr(s.p, '<', s.n) : NULL, *close;

	if (open) {
		s = (struct str){ open + 1, s.n - (size_t)(open + 1 - s.p) };
		close = s.n ? memchr(s.p, '>', s.n) : NULL;
		s.n = close ? (size_t)(close - s.p) : s.n;
	}
	s = str_trim(s);
	if (str_istarts(s, "mailto:")) {
		s = (struct str){ s.p + 7, s.n - 7 };
		s = str_cut(s, '?', &(struct str){ 0 });
	}
	return str_trim(s);
}

/* A character that stands in no address as people have them. */
static bool
email_odd(struct str s)
{
	static const char odd[] = "()<>,;:\\\"[]";

	for (size_t i = 0; i < s.n; i++) {
		const char c = s.p[i];

		if ((c >= 0 && c <= ' ') || c == 0x7f || strchr(odd, c))
			return true;
	}
	return false;
}

bool
email_address(struct arena *a, struct str text, struct str *out)
{
	struct str host, local, s = email_bare(text);

	if (s.n == 0 || s.n > ADDRESS_MAX || email_odd(s) || !str_utf8_ok(s))
		return false;
	local = str_cut(s, '@', &host);
	if (local.n == 0 || !host.p || host.n < 3 || memchr(host.p, '@', host.n))
		return false;
	if (host.p[0] == '.' || !memchr(host.p, '.', host.n - 1))
		return false;
	*out = fold_case(a, s);
	if (out->n > 0 && out->p[out->n - 1] == '.')
		out->n--;
	return out->n > 0;
}

bool
email_of_many(struct str address)
{
	static const char words[] =
	    "abuse,accounting,accounts,admin,administrator,all,billing,booking,buchhaltung,"
	    "careers,commercial,contact,contacto,contato,customerservice,datenschutz,direktion,"
	    "einkauf,empfang,enquiries,events,feedback,finance,frontdesk,hello,help,helpdesk,hi,"
	    "hostmaster,hr,info,information,inquiries,invoice,invoices,it,jobs,kontakt,legal,mail,"
	    "marketing,media,news,newsletter,no-reply,noc,noreply,office,orders,personal,post,"
	    "postmaster,presse,press,privacy,purchasing,rechnung,reception,recruiting,reservations,"
	    "root,sales,secretary,security,sekretariat,service,shop,staff,support,team,usenet,"
	    "uucp,verkauf,vertrieb,webmaster,welcome,www";
	struct str rest;

	return str_has_word((struct str){ words, sizeof words - 1 }, ',',
	    str_cut(str_cut(address, '@', &rest), '+', &(struct str){ 0 }));
}
