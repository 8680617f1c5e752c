import { newLease, newMessage } from "../../../../../test/setup/new-message.ts";
import type { Message } from "../../mailbox/index.ts";

/* Messages for the flow of `belay.config.ts`, without a database. */

export const lease = newLease();

let ids = 0;

/** A message that says what its handler is to do. */
export function messageTo(what: string, { name = "", ...given }: Partial<Message> & { readonly name?: string } = {}): Message {
  ids += 1;
  return newMessage({ id: ids, payload: JSON.stringify({ do: what, name }), receivedAtMs: Date.now(), ...given });
}
