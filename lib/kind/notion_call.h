/*
 * notion_call.h - the messages of Notion. Pure.
 */
#ifndef KIND_NOTION_CALL_H
#define KIND_NOTION_CALL_H

#include "kind/kind.h"

/* Either {"verification_token"}, or what has changed, signed in X-Notion-Signature. Source:
 * "Webhooks", "Event types and delivery". */
extern const struct kind_receiver notion_receiver;

#endif
