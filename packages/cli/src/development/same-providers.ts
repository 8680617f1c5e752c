import type { Config } from "@belay/sdk";

/**
 * Whether simulated providers fit both configurations: the connectors are the very same objects, and the connections say the same. Credentials are left
 * out, because a simulated connection has others.
 */
export function sameProviders(before: Config, after: Config): boolean {
  return (
    before.connectors.length === after.connectors.length &&
    before.connectors.every((connector, index) => connector === after.connectors[index]) &&
    JSON.stringify(before.connections) === JSON.stringify(after.connections)
  );
}
