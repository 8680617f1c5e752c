/**
 * Keeps the customers of each tenant's Stripe and the users of its Zendesk the same.
 *
 * @module
 */
import { stripe } from "@belay/connector-stripe";
import { zendesk } from "@belay/connector-zendesk";
import { defineSync, defineTwoWay } from "@belay/sdk";
import { standardRules } from "@belay/sdk/identity";
import { unified } from "@belay/sdk/models";

export const customers = defineSync({
  id: "customers",
  source: stripe.customer,
  target: unified.contact,
  every: "5m",
  identity: standardRules,
});

export const users = defineSync({
  id: "users",
  source: zendesk.user,
  target: unified.contact,
  every: "5m",
  identity: standardRules,
});

export const people = defineTwoWay({
  id: "people",
  a: { sync: customers },
  b: { sync: users },
  own: { notes: "each" },
  conflict: "queue",
});
