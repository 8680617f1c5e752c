import { BlockList, isIP } from "node:net";
import { invalidOption } from "./read-option.ts";

/**
 * The proxies in front of the server, from `BELAY_TRUSTED_PROXIES`: addresses and networks, separated by commas.
 *
 * @throws `CLI_OPTION_INVALID`.
 */
export function readTrustedProxies(environment: Readonly<Record<string, string | undefined>>): {
  readonly trustedProxies?: readonly string[];
} {
  const { BELAY_TRUSTED_PROXIES: list } = environment;
  if (list === undefined || list.trim() === "") return {};
  const trustedProxies = list.split(",").map((each) => each.trim());
  const wrong = trustedProxies.find((each) => !isNetwork(each));
  if (wrong !== undefined)
    throw invalidOption(
      "BELAY_TRUSTED_PROXIES",
      `takes addresses and networks such as 10.0.0.0/8, separated by commas; this was "${wrong}".`,
    );
  return { trustedProxies };
}

function isNetwork(text: string): boolean {
  const [address = "", prefix, more] = text.split("/");
  const family = isIP(address);
  if (family === 0 || more !== undefined) return false;
  if (prefix === undefined) return true;
  if (!/^\d{1,3}$/.test(prefix)) return false;
  try {
    new BlockList().addSubnet(address, Number(prefix), family === 4 ? "ipv4" : "ipv6");
    return true;
  } catch {
    return false; // longer than an address is
  }
}
