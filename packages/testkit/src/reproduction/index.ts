/**
 * Lets a failed attempt fail again, offline, from the file that `belay reproduce` wrote.
 *
 * - reproduction: all that the flow saw in one attempt: event, results of steps, what every call was answered, the time.
 *
 * Invariant: nothing leaves the process. A call that the attempt had not made is an error.
 *
 * @module
 */
export { reproduce } from "./reproduce.ts";
export type { Outcome, Reproduced } from "./reproduce.ts";
