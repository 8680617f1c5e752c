import dns from "node:dns";
import { isIP } from "node:net";
import type { LookupFunction } from "node:net";
import { Agent, buildConnector } from "undici";
import type { Dispatcher } from "undici";
import type { ConnectionTls } from "../config/define-config.ts";
import { isPublicAddress, refuseAddress } from "./address-guard.ts";
import type { AddressScope } from "./address-guard.ts";
import { httpError } from "./errors.ts";
import type { BelayError } from "../errors/belay-error.ts";
import { Places } from "./places.ts";
import { isMetadataName } from "./url-guard.ts";

export interface NetworkOptions {
  /** Most exchanges of one tenant with one origin at a time. Default 64. */
  readonly tenantConnectionsPerOrigin?: number;
  /** Most connections per origin. Default: as many as there are exchanges, or one tenant could take what all of them need. */
  readonly connectionsPerOrigin?: number;
  /** Time for DNS, TCP and TLS together. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Name resolution; asked with `all: true`. Default: the machine's. */
  readonly lookup?: LookupFunction;
}

/**
 * The outgoing connections of a process, in pools that share nothing: one that reaches public addresses only and that by https, one that
 * also reaches loopback and private networks, there by http too, and one for each certificate. Idle connections are kept alive.
 */
export interface Network extends AsyncDisposable {
  readonly public: Dispatcher;
  readonly private: Dispatcher;
  /** Where exchanges wait for their turn. Default: they need not. */
  readonly places?: Places;
  /** A pool whose connections trust `tls.ca` and show `tls.cert`. Asked again for the same texts, it is the same pool. */
  withTls(scope: AddressScope, tls: ConnectionTls): Dispatcher;
}

/**
 * Opens the pools; one per process. Addresses are judged after name resolution and exactly the judged ones are connected to, so a
 * name cannot change its mind in between. Dispose it to close all connections.
 */
export function createNetwork(options: NetworkOptions = {}): Network {
  const pools = { public: createPool("public", options), private: createPool("private", options) };
  const own = new Map<string, Agent>();
  return {
    ...pools,
    places: new Places(options.tenantConnectionsPerOrigin ?? 64),
    withTls(scope, tls) {
      const texts = { ca: tls.ca?.reveal(), cert: tls.cert?.reveal(), key: tls.key?.reveal() };
      const key = JSON.stringify([scope, texts]);
      const pool = own.get(key) ?? createPool(scope, options, texts);
      own.set(key, pool);
      return pool;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await Promise.all([pools.public, pools.private, ...own.values()].map((pool) => pool.destroy()));
    },
  };
}

/** PEM texts. */
interface Certificates {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

function createPool(scope: AddressScope, options: NetworkOptions, certificates?: Certificates): Agent {
  const { lookup = dns.lookup } = options;
  const connectWith = (refuse: (address: string) => BelayError | undefined): ReturnType<typeof buildConnector> =>
    buildConnector({
      timeout: options.connectTimeoutMs ?? 5_000,
      // Over HTTP/2 a request has no moment at which its bytes begin to leave, which the lease check needs.
      allowH2: false,
      lookup: guardLookup(refuse, lookup),
      ...(certificates?.ca !== undefined && { ca: certificates.ca }),
      ...(certificates?.cert !== undefined && { cert: certificates.cert }),
      ...(certificates?.key !== undefined && { key: certificates.key }),
    });
  const judges = {
    "https:": (address: string) => refuseAddress(address, scope),
    "http:": (address: string) => refusePlain(address, scope),
  };
  const connectors = { "https:": connectWith(judges["https:"]), "http:": connectWith(judges["http:"]) };
  return new Agent({
    connections: options.connectionsPerOrigin ?? null,
    pipelining: 1,
    allowH2: false,
    // The attempt's own time limit covers both.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect(target, callback) {
      const protocol = target.protocol === "https:" ? "https:" : "http:";
      const refused = refuseHost(target.hostname, judges[protocol]);
      if (refused === undefined) connectors[protocol](target, callback);
      else callback(refused, null);
    },
  });
}

/** What can be said before the name is looked up. A literal address never is, so it is judged here. */
function refuseHost(hostname: string, refuse: (address: string) => BelayError | undefined): BelayError | undefined {
  if (isIP(hostname.replace(/^\[|\]$/g, "")) !== 0) return refuse(hostname);
  if (!isMetadataName(hostname)) return undefined;
  return httpError("HTTP_ADDRESS_FORBIDDEN", "The host gives out the credentials of machines (metadata).", {
    details: { range: "metadata", sent: false },
  });
}

/** Without encryption a credential goes only where nobody else is on the way. */
function refusePlain(address: string, scope: AddressScope): BelayError | undefined {
  const refused = refuseAddress(address, scope);
  if (refused !== undefined || !isPublicAddress(address)) return refused;
  return httpError(
    "HTTP_ADDRESS_FORBIDDEN",
    "The host's address is public, and the connection would not be encrypted (plain): write https://.",
    {
      details: { range: "plain", sent: false },
    },
  );
}

function guardLookup(refuse: (address: string) => BelayError | undefined, lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, "");
        return;
      }
      const addresses = Array.isArray(found) ? found : [{ address: found, family: isIP(found) }];
      // One bad address refuses the name: a name with public and private addresses is not to be trusted at all.
      for (const { address } of addresses) {
        const refused = refuse(address);
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
