import dns from "node:dns";
import { isIP } from "node:net";
import type { LookupFunction } from "node:net";
import { Agent, buildConnector } from "undici";
import type { Dispatcher } from "undici";
import { refuseAddress } from "./address-guard.ts";
import type { AddressScope } from "./address-guard.ts";

export interface NetworkOptions {
  /** Most connections per origin. Default 64. */
  readonly connectionsPerOrigin?: number;
  /** Time for DNS, TCP and TLS together. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Name resolution; asked with `all: true`. Default: the machine's. */
  readonly lookup?: LookupFunction;
}

/**
 * The outgoing connections of a process, in two pools that share nothing: one that reaches public addresses only, one that also
 * reaches loopback and private networks. Idle connections are kept alive.
 */
export interface Network extends AsyncDisposable {
  readonly public: Dispatcher;
  readonly private: Dispatcher;
}

/**
 * Opens the pools; one per process. Addresses are judged after name resolution and exactly the judged ones are connected to, so a
 * name cannot change its mind in between. Dispose it to close all connections.
 */
export function createNetwork(options: NetworkOptions = {}): Network {
  const pools = { public: createPool("public", options), private: createPool("private", options) };
  return {
    ...pools,
    async [Symbol.asyncDispose](): Promise<void> {
      await Promise.all([pools.public.destroy(), pools.private.destroy()]);
    },
  };
}

function createPool(scope: AddressScope, options: NetworkOptions): Agent {
  const connect = buildConnector({
    timeout: options.connectTimeoutMs ?? 5_000,
    // Over HTTP/2 a request has no moment at which its bytes begin to leave, which the lease check needs.
    allowH2: false,
    lookup: guardLookup(scope, options.lookup ?? dns.lookup),
  });
  return new Agent({
    connections: options.connectionsPerOrigin ?? 64,
    pipelining: 1,
    allowH2: false,
    // The attempt's own time limit covers both.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect(target, callback) {
      // A literal address is never looked up, so it is judged here.
      const refused = isIP(target.hostname.replace(/^\[|\]$/g, "")) === 0 ? undefined : refuseAddress(target.hostname, scope);
      if (refused === undefined) connect(target, callback);
      else callback(refused, null);
    },
  });
}

function guardLookup(scope: AddressScope, lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, "");
        return;
      }
      const addresses = Array.isArray(found) ? found : [{ address: found, family: isIP(found) }];
      // One bad address refuses the name: a name with public and private addresses is not to be trusted at all.
      for (const { address } of addresses) {
        const refused = refuseAddress(address, scope);
        if (refused === undefined) continue;
        callback(refused, "");
        return;
      }
      const first = addresses[0];
      if (options.all === true || first === undefined) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
