import type { Fault } from "./fault.ts";
import { configurationFaults } from "./injections/configuration.ts";
import { contractFaults } from "./injections/contract.ts";
import { flowFaults } from "./injections/flow.ts";
import { installationFaults } from "./injections/installation.ts";
import { networkFaults } from "./injections/network.ts";
import { providerFaults } from "./injections/provider.ts";
import { requestFaults } from "./injections/request.ts";
import { webhookFaults } from "./injections/webhook.ts";

/** Every fault of the suite, from the wire to the database. */
export const faults: readonly Fault[] = [
  ...networkFaults,
  ...providerFaults,
  ...contractFaults,
  ...webhookFaults,
  ...flowFaults,
  ...configurationFaults,
  ...requestFaults,
  ...installationFaults,
];
