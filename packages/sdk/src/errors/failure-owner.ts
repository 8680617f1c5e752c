/**
 * Who has to act on a failure. `tenant`: the customer whose account it is. `support`: who helps the tenant. `engineer`: who writes flows, connectors and the
 * configuration. `provider`: the other system's own people. `operator`: who runs this Belay, its database and its network.
 */
export type FailureOwner = "tenant" | "support" | "engineer" | "provider" | "operator";
