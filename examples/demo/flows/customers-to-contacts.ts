import { hubspot } from "@belay/connector-hubspot";
import { stripe } from "@belay/connector-stripe";
import { defineFlow } from "@belay/sdk";

/** Keeps a HubSpot contact for every Stripe customer. */
export const customersToContacts = defineFlow({
  id: "customers-to-contacts",
  on: [stripe.events["customer.created"], stripe.events["customer.updated"]],
  to: hubspot,
  orderKey: ({ data }) => data.object.id,
  version: ({ created }) => created,

  async run({ event, target, step }) {
    const customer = event.data.object;
    const properties = {
      stripe_customer_id: customer.id,
      stripe_event_created: String(event.created),
      email: customer.email ?? "",
      lastname: customer.name ?? "",
    };

    const contact = await step("find", () => target.contact.find({ stripe_customer_id: customer.id }));
    if (contact) {
      await step("update", () => target.contact.update(contact.id, properties));
    } else {
      await step("create", () => target.contact.create(properties));
    }
  },
});
