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
 * Where clouds give out the credentials of a machine. Most lie in ranges that are closed anyway; these would be open to somebody: Alibaba's is one of a
 * carrier's NAT, Azure's is public, those over IPv6 are unique local.
 */
const metadataAddresses = new Set(["169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"]);

/** All that is routed in the internet so far. What lies outside is unassigned, or an IPv4 address in one of its old disguises (`::127.0.0.1`). */
const globalUnicast = ipaddr.IPv6.parseCIDR("2000::/3");

/** The translation of IPv4 for networks that have none. Its suffix is the address that is called. @see RFC 6052, section 2.1 */
const translated = ipaddr.IPv6.parseCIDR("64:ff9b::/96");

/**
 * The error for an address outside `scope`, else undefined. Takes addresses as a resolver gives them; an IPv4 address dressed as
 * IPv6 is judged as what it is. `details.range` names the reason.
 */
export function refuseAddress(address: string, scope: AddressScope): BelayError | undefined {
  const range = rangeOf(address);
  if (openTo[scope].has(range)) return undefined;
  return httpError("HTTP_ADDRESS_FORBIDDEN", `The host's address is not one that may be called (${range}).`, {
    details: { range, sent: false },
  });
}

/** True for an address of the internet: one that anybody on the way could listen at. */
export function isPublicAddress(address: string): boolean {
  return rangeOf(address) === "unicast";
}

function rangeOf(address: string): string {
  const literal = address.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  if (!ipaddr.isValid(literal)) return "unreadable";
  const parsed = ipaddr.process(literal);
  if (metadataAddresses.has(parsed.toString())) return "metadata";
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.range();
  if (parsed.match(translated)) {
    // Nobody has a reason to reach his own network in this way.
    const suffix = rangeOf(ipaddr.fromByteArray(parsed.toByteArray().slice(12)).toString());
    return suffix === "unicast" ? suffix : "rfc6052";
  }
  const range = parsed.range();
  return range === "unicast" && !parsed.match(globalUnicast) ? "unassigned" : range;
}
