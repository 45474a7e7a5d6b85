/*
 * quota_row.c - see quota_row.h.
 */
#include "kind/quota_row.h"

#include "base/conf.h"

static const struct {
	const char *name, *service, *title;
	enum conf_key project, account;
} quotas[QUOTA__MAX] = {
#define QUOTA(id, name, service, title, project, account) \
	{ name, service, title, project, account },
#include "kind/quota.def"
#undef QUOTA
};

const char *
quota_name(enum quota q)
{
	return quotas[q].name;
}

const char *
quota_service(enum quota q)
{
	return quotas[q].service;
}

const char *
quota_title(enum quota q)
{
	return quotas[q].title;
}

int64_t
quota_limit(enum quota q, bool account)
{
	return conf_int(account ? quotas[q].account : quotas[q].project);
}
