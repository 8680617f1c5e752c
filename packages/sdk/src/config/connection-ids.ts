/** How the ids of connections begin that tenants make while Belay runs; no other's may. */
export const madeAtRunTime = "conn_";
