/**
 * What every slice needs to see and to be seen: clock, log, counters, and the alarm clock of background loops.
 *
 * Tables owned: none.
 *
 * @module
 */
export { systemClock } from "./clock.ts";
export type { Clock } from "./clock.ts";
export { Counters } from "./counters.ts";
export { createLogger } from "./logger.ts";
export type { Logger } from "./logger.ts";
export { personalToken, replacePersonalData, tokenOf } from "./personal-data.ts";
export type { PersonalValue, ReplaceValue } from "./personal-data.ts";
export type { Receipt } from "./receipt.ts";
export { formatTrace, isTraceOf, newTraceId, parseTrace, timeOfTrace } from "./trace-context.ts";
export { scrubText } from "./scrub.ts";
export type { TraceContext } from "./trace-context.ts";
export { WakeUp } from "./wake-up.ts";
