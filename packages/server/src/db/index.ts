/**
 * The database: opening it, bringing its schema up to date, reading its failures.
 *
 * Terms: *db* is a Kysely handle or a transaction; the caller owns the transaction.
 *
 * Tables owned: kysely_migration; every slice owns its own.
 *
 * @module
 */
export { openDatabase } from "./open-database.ts";
export type { Database, DatabaseOptions, Db } from "./open-database.ts";
export { databaseErrors } from "./errors.ts";
export { inspectDatabase } from "./inspect-database.ts";
export type { DatabaseFacts } from "./inspect-database.ts";
export { keepReading } from "./keep-reading.ts";
export { listenOn } from "./listen.ts";
export { migrate } from "./migrate.ts";
export { dropDayPartitions, ensureDayPartitions } from "./day-partitions.ts";
export { isDatabaseError, processDatabaseError } from "./failures.ts";
