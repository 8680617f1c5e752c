import { defineMapping, unified } from "@belay/sdk/models";
import { customer } from "../resources/customer.ts";

/**
 * Stripe's customers. They have one name, which is that of a person or of a company: Stripe does not say which.
 *
 * @see https://docs.stripe.com/api/customers/object
 */
export const toContact = defineMapping(
  customer,
  unified.contact,
)({
  resource: "customer",
  version: "1",
  url: ({ id, livemode }) => `https://dashboard.stripe.com/${livemode ? "" : "test/"}customers/${id}`,
  fields: {
    name: { from: "name", write: (name) => ({ name: name ?? "" }) },
    emails: {
      from: "email",
      read: ({ email }) => [{ address: email, kind: "work" }],
      write: ([first]) => ({ email: first?.address ?? "" }),
    },
    phones: {
      from: ["phone", "address.country"],
      read: ({ phone, address }) => [{ number: phone, kind: "work", country: address?.country }],
      write: ([first]) => ({ phone: first?.number ?? "" }),
    },
    addresses: {
      from: ["address.line1", "address.line2", "address.city", "address.state", "address.postal_code", "address.country"],
      read: ({ address }) => [
        {
          street: [address?.line1, address?.line2].filter(Boolean).join("\n"),
          locality: address?.city,
          region: address?.state,
          postalCode: address?.postal_code,
          country: address?.country,
          kind: "work",
        },
      ],
      write: ([first]) => {
        const [line1 = "", ...further] = (first?.street ?? "").split("\n");
        return {
          address: {
            line1,
            line2: further.join(", "),
            city: first?.locality ?? "",
            state: first?.region ?? "",
            postal_code: first?.postalCode ?? "",
            country: first?.country ?? "",
          },
        };
      },
    },
    notes: { from: "description", write: (text) => ({ description: text ?? "" }) },
    createdAt: { from: "created", read: ({ created }) => new Date(created * 1_000) },
  },
});
