/**
 * A whole configuration without an account anywhere: every provider it connects to is simulated.
 *
 * - simulation: a simulator for each connector of a configuration, with an account for each connection.
 * - traffic: events that happen by themselves at the simulated providers.
 *
 * Invariant: no secret of the configuration reaches a simulator, and no connection keeps the provider's own address.
 *
 * @module
 */
export { sendEventTraffic } from "./event-traffic.ts";
export type { TrafficOptions } from "./event-traffic.ts";
export type { ConnectionOverlay } from "./overlay-connections.ts";
export { simulateConfig } from "./simulate-config.ts";
export type { Simulation, SimulationOptions } from "./simulate-config.ts";
export { sendSample } from "./send-sample.ts";
export type { Sample, SampleOptions } from "./send-sample.ts";
export { drawCredential, drawWebhookSecret } from "./simulated-connections.ts";
export type { SimulatedConnection } from "./simulated-connections.ts";
