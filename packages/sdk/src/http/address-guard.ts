import ipaddr from "ipaddr.js";
import { httpError } from "./errors.ts";
import type { BelayError } from "../errors/belay-error.ts";

/**
 * Which addresses may be connected to: `public` for hosts that a tenant can influence, `private` also for hosts that an operator
 * named. Link-local addresses (cloud metadata), multicast and the like are closed to both.
 */
export type AddressScope = "public" | "private";

const openTo: Readonly<Record<AddressScope, ReadonlySet<string>>> = {
  public: new Set(["unicast"]),
  private: new Set(["unicast", "private", "loopback", "uniqueLocal", "carrierGradeNat"]),
};

/**
 * The error for an address outside `scope`, else undefined. Takes addresses as a resolver gives them; an IPv4 address dressed as
 * IPv6 is judged as what it is.
 */
export function refuseAddress(address: string, scope: AddressScope): BelayError | undefined {
  const literal = address.replace(/^\[|\]$/g, "");
  const range = ipaddr.isValid(literal) ? ipaddr.process(literal).range() : "unreadable";
  if (openTo[scope].has(range)) return undefined;
  return httpError("HTTP_ADDRESS_FORBIDDEN", `The host's address is not one that may be called (${range}).`, {
    details: { range, sent: false },
  });
}
