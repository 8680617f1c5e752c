import { account } from "./account.ts";
import { contact } from "./contact.ts";
import { employee } from "./employee.ts";
import { order } from "./order.ts";
import { ticket } from "./ticket.ts";

/** The models that Belay has: `unified.contact`. */
export const unified = { account, contact, order, ticket, employee } as const;
