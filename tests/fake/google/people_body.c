/*
 * people_body.c - the members of a person and of the other bodies, as the reference has them
 * (discovery document people:v1, revision 20251117).
 */
#include "fake/google/people.h"

static const struct fake_param body_profile_metadata[] = {
	{ .name = "objectType", .type = P_ENUM, .choices = "OBJECT_TYPE_UNSPECIFIED|PERSON|PAGE" },
	{ .name = "userTypes", .type = P_LIST },
	{ .name = NULL },
};
static const struct fake_param body_source[] = {
	{ .name = "etag" },
	{ .name = "id" },
	{ .name = "profileMetadata", .type = P_OBJECT, .sub = body_profile_metadata },
	{ .name = "type",
	    .type = P_ENUM,
	    .choices =
		"SOURCE_TYPE_UNSPECIFIED|ACCOUNT|PROFILE|DOMAIN_PROFILE|CONTACT|OTHER_CONTACT|"
		"DOMAIN_CONTACT" },
	{ .name = "updateTime" },
	{ .name = NULL },
};
static const struct fake_param body_field_metadata[] = {
	{ .name = "primary", .type = P_BOOL },
	{ .name = "source", .type = P_OBJECT, .sub = body_source },
	{ .name = "sourcePrimary", .type = P_BOOL },
	{ .name = "verified", .type = P_BOOL },
	{ .name = NULL },
};
static const struct fake_param body_address[] = {
	{ .name = "city" },
	{ .name = "country" },
	{ .name = "countryCode" },
	{ .name = "extendedAddress" },
	{ .name = "formattedType" },
	{ .name = "formattedValue" },
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = "poBox" },
	{ .name = "postalCode" },
	{ .name = "region" },
	{ .name = "streetAddress" },
	{ .name = "type" },
	{ .name = NULL },
};
static const struct fake_param body_age_range_type[] = {
	{ .name = "ageRange",
	    .type = P_ENUM,
	    .choices =
		"AGE_RANGE_UNSPECIFIED|LESS_THAN_EIGHTEEN|EIGHTEEN_TO_TWENTY|TWENTY_ONE_OR_OLDER" },
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = NULL },
};
static const struct fake_param body_biography[] = {
	{ .name = "contentType",
	    .type = P_ENUM,
	    .choices = "CONTENT_TYPE_UNSPECIFIED|TEXT_PLAIN|TEXT_HTML" },
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = "value" },
	{ .name = NULL },
};
static const struct fake_param body_date[] = {
	{ .name = "day", .type = P_INT, .min = INT32_MIN, .max = INT32_MAX },
	{ .name = "month", .type = P_INT, .min = INT32_MIN, .max = INT32_MAX },
	{ .name = "year", .type = P_INT, .min = INT32_MIN, .max = INT32_MAX },
	{ .name = NULL },
};
static const struct fake_param body_birthday[] = {
	{ .name = "date", .type = P_OBJECT, .sub = body_date },
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = NULL },
};
static const struct fake_param body_calendar_url[] = {
	{ .name = "formattedType" },
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = "type" },
	{ .name = "url" },
	{ .name = NULL },
};
static const struct fake_param body_client_data[] = {
	{ .name = "key" },
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = "value" },
	{ .name = NULL },
};
static const struct fake_param body_cover_photo[] = {
	{ .name = "default", .type = P_BOOL },
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = "url" },
	{ .name = NULL },
};
static const struct fake_param body_email_address[] = {
	{ .name = "displayName" },
	{ .name = "formattedType" },
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = "type" },
	{ .name = "value" },
	{ .name = NULL },
};
static const struct fake_param body_event[] = {
	{ .name = "date", .type = P_OBJECT, .sub = body_date },
	{ .name = "formattedType" },
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = "type" },
	{ .name = NULL },
};
static const struct fake_param body_external_id[] = {
	{ .name = "formattedType" },
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = "type" },
	{ .name = "value" },
	{ .name = NULL },
};
static const struct fake_param body_file_as[] = {
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = "value" },
	{ .name = NULL },
};
static const struct fake_param body_gender[] = {
	{ .name = "addressMeAs" },
	{ .name = "formattedValue" },
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = "value" },
	{ .name = NULL },
};
static const struct fake_param body_im_client[] = {
	{ .name = "formattedProtocol" },
	{ .name = "formattedType" },
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = "protocol" },
	{ .name = "type" },
	{ .name = "username" },
	{ .name = NULL },
};
static const struct fake_param body_interest[] = {
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = "value" },
	{ .name = NULL },
};
static const struct fake_param body_locale[] = {
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = "value" },
	{ .name = NULL },
};
static const struct fake_param body_location[] = {
	{ .name = "buildingId" },
	{ .name = "current", .type = P_BOOL },
	{ .name = "deskCode" },
	{ .name = "floor" },
	{ .name = "floorSection" },
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = "type" },
	{ .name = "value" },
	{ .name = NULL },
};
static const struct fake_param body_contact_group_membership[] = {
	{ .name = "contactGroupResourceName" },
	{ .name = NULL },
};
static const struct fake_param body_domain_membership[] = {
	{ .name = "inViewerDomain", .type = P_BOOL },
	{ .name = NULL },
};
static const struct fake_param body_membership[] = {
	{ .name = "contactGroupMembership",
	    .type = P_OBJECT,
	    .sub = body_contact_group_membership },
	{ .name = "domainMembership", .type = P_OBJECT, .sub = body_domain_membership },
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = NULL },
};
static const struct fake_param body_person_metadata[] = {
	{ .name = "deleted", .type = P_BOOL },
	{ .name = "linkedPeopleResourceNames", .type = P_LIST },
	{ .name = "previousResourceNames", .type = P_LIST },
	{ .name = "sources", .type = P_LIST, .sub = body_source },
	{ .name = NULL },
};
static const struct fake_param body_misc_keyword[] = {
	{ .name = "formattedType" },
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = "type",
	    .type = P_ENUM,
	    .choices = "TYPE_UNSPECIFIED|OUTLOOK_BILLING_INFORMATION|OUTLOOK_DIRECTORY_SERVER|"
		       "OUTLOOK_KEYWORD|OUTLOOK_MILEAGE|OUTLOOK_PRIORITY|OUTLOOK_SENSITIVITY|"
		       "OUTLOOK_SUBJECT|OUTLOOK_USER|HOME|WORK|OTHER" },
	{ .name = "value" },
	{ .name = NULL },
};
static const struct fake_param body_name[] = {
	{ .name = "displayName" },
	{ .name = "displayNameLastFirst" },
	{ .name = "familyName" },
	{ .name = "givenName" },
	{ .name = "honorificPrefix" },
	{ .name = "honorificSuffix" },
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = "middleName" },
	{ .name = "phoneticFamilyName" },
	{ .name = "phoneticFullName" },
	{ .name = "phoneticGivenName" },
	{ .name = "phoneticHonorificPrefix" },
	{ .name = "phoneticHonorificSuffix" },
	{ .name = "phoneticMiddleName" },
	{ .name = "unstructuredName" },
	{ .name = NULL },
};
static const struct fake_param body_nickname[] = {
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = "type",
	    .type = P_ENUM,
	    .choices = "DEFAULT|MAIDEN_NAME|INITIALS|GPLUS|OTHER_NAME|ALTERNATE_NAME|SHORT_NAME" },
	{ .name = "value" },
	{ .name = NULL },
};
static const struct fake_param body_occupation[] = {
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = "value" },
	{ .name = NULL },
};
static const struct fake_param body_organization[] = {
	{ .name = "costCenter" },
	{ .name = "current", .type = P_BOOL },
	{ .name = "department" },
	{ .name = "domain" },
	{ .name = "endDate", .type = P_OBJECT, .sub = body_date },
	{ .name = "formattedType" },
	{ .name = "fullTimeEquivalentMillipercent",
	    .type = P_INT,
	    .min = INT32_MIN,
	    .max = INT32_MAX },
	{ .name = "jobDescription" },
	{ .name = "location" },
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = "name" },
	{ .name = "phoneticName" },
	{ .name = "startDate", .type = P_OBJECT, .sub = body_date },
	{ .name = "symbol" },
	{ .name = "title" },
	{ .name = "type" },
	{ .name = NULL },
};
static const struct fake_param body_phone_number[] = {
	{ .name = "canonicalForm" },
	{ .name = "formattedType" },
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = "type" },
	{ .name = "value" },
	{ .name = NULL },
};
static const struct fake_param body_photo[] = {
	{ .name = "default", .type = P_BOOL },
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = "url" },
	{ .name = NULL },
};
static const struct fake_param body_relation[] = {
	{ .name = "formattedType" },
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = "person" },
	{ .name = "type" },
	{ .name = NULL },
};
static const struct fake_param body_sip_address[] = {
	{ .name = "formattedType" },
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = "type" },
	{ .name = "value" },
	{ .name = NULL },
};
static const struct fake_param body_skill[] = {
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = "value" },
	{ .name = NULL },
};
static const struct fake_param body_url[] = {
	{ .name = "formattedType" },
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = "type" },
	{ .name = "value" },
	{ .name = NULL },
};
static const struct fake_param body_user_defined[] = {
	{ .name = "key" },
	{ .name = "metadata", .type = P_OBJECT, .sub = body_field_metadata },
	{ .name = "value" },
	{ .name = NULL },
};
const struct fake_param person_body[] = {
	{ .name = "addresses", .type = P_LIST, .sub = body_address },
	{ .name = "ageRanges", .type = P_LIST, .sub = body_age_range_type },
	{ .name = "biographies", .type = P_LIST, .sub = body_biography },
	{ .name = "birthdays", .type = P_LIST, .sub = body_birthday },
	{ .name = "calendarUrls", .type = P_LIST, .sub = body_calendar_url },
	{ .name = "clientData", .type = P_LIST, .sub = body_client_data },
	{ .name = "coverPhotos", .type = P_LIST, .sub = body_cover_photo },
	{ .name = "emailAddresses", .type = P_LIST, .sub = body_email_address },
	{ .name = "etag" },
	{ .name = "events", .type = P_LIST, .sub = body_event },
	{ .name = "externalIds", .type = P_LIST, .sub = body_external_id },
	{ .name = "fileAses", .type = P_LIST, .sub = body_file_as },
	{ .name = "genders", .type = P_LIST, .sub = body_gender },
	{ .name = "imClients", .type = P_LIST, .sub = body_im_client },
	{ .name = "interests", .type = P_LIST, .sub = body_interest },
	{ .name = "locales", .type = P_LIST, .sub = body_locale },
	{ .name = "locations", .type = P_LIST, .sub = body_location },
	{ .name = "memberships", .type = P_LIST, .sub = body_membership },
	{ .name = "metadata", .type = P_OBJECT, .sub = body_person_metadata },
	{ .name = "miscKeywords", .type = P_LIST, .sub = body_misc_keyword },
	{ .name = "names", .type = P_LIST, .sub = body_name },
	{ .name = "nicknames", .type = P_LIST, .sub = body_nickname },
	{ .name = "occupations", .type = P_LIST, .sub = body_occupation },
	{ .name = "organizations", .type = P_LIST, .sub = body_organization },
	{ .name = "phoneNumbers", .type = P_LIST, .sub = body_phone_number },
	{ .name = "photos", .type = P_LIST, .sub = body_photo },
	{ .name = "relations", .type = P_LIST, .sub = body_relation },
	{ .name = "resourceName" },
	{ .name = "sipAddresses", .type = P_LIST, .sub = body_sip_address },
	{ .name = "skills", .type = P_LIST, .sub = body_skill },
	{ .name = "urls", .type = P_LIST, .sub = body_url },
	{ .name = "userDefined", .type = P_LIST, .sub = body_user_defined },
	{ .name = NULL },
};
static const struct fake_param body_group_client_data[] = {
	{ .name = "key" },
	{ .name = "value" },
	{ .name = NULL },
};
static const struct fake_param body_contact_group_metadata[] = {
	{ .name = "deleted", .type = P_BOOL },
	{ .name = "updateTime" },
	{ .name = NULL },
};
static const struct fake_param body_contact_group[] = {
	{ .name = "clientData", .type = P_LIST, .sub = body_group_client_data },
	{ .name = "etag" },
	{ .name = "formattedName" },
	{ .name = "groupType",
	    .type = P_ENUM,
	    .choices = "GROUP_TYPE_UNSPECIFIED|USER_CONTACT_GROUP|SYSTEM_CONTACT_GROUP" },
	{ .name = "memberCount", .type = P_INT, .min = INT32_MIN, .max = INT32_MAX },
	{ .name = "memberResourceNames", .type = P_LIST },
	{ .name = "metadata", .type = P_OBJECT, .sub = body_contact_group_metadata },
	{ .name = "name" },
	{ .name = "resourceName" },
	{ .name = NULL },
};
const struct fake_param group_create_body[] = {
	{ .name = "contactGroup", .type = P_OBJECT, .sub = body_contact_group },
	{ .name = "readGroupFields" },
	{ .name = NULL },
};
const struct fake_param group_update_body[] = {
	{ .name = "contactGroup", .type = P_OBJECT, .sub = body_contact_group },
	{ .name = "readGroupFields" },
	{ .name = "updateGroupFields" },
	{ .name = NULL },
};
const struct fake_param members_body[] = {
	{ .name = "resourceNamesToAdd", .type = P_LIST },
	{ .name = "resourceNamesToRemove", .type = P_LIST },
	{ .name = NULL },
};
const struct fake_param batch_delete_body[] = {
	{ .name = "resourceNames", .type = P_LIST },
	{ .name = NULL },
};
static const struct fake_param body_contact_to_create[] = {
	{ .name = "contactPerson", .type = P_OBJECT, .sub = person_body },
	{ .name = NULL },
};
const struct fake_param batch_create_body[] = {
	{ .name = "contacts", .type = P_LIST, .sub = body_contact_to_create },
	{ .name = "readMask" },
	{ .name = "sources", .type = P_LIST },
	{ .name = NULL },
};
const struct fake_param copy_body[] = {
	{ .name = "copyMask" },
	{ .name = "readMask" },
	{ .name = "sources", .type = P_LIST },
	{ .name = NULL },
};
