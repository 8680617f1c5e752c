/** How long a block may be spent: what a killed or frozen worker takes with it is lost for so long and a window. */
export const spendForMs = 1_000;

/**
 * Within this time of leaving a request is counted by the provider. It matters only for requests whose answer nobody waits for any more, because their worker was killed: of the others
 * is known that they were counted before they were answered.
 */
export const countedWithinMs = 2_000;

/** How far a provider's clock may be from the database's; matters only where windows begin by the clock. */
export const clockSkewMs = 2_500;

/** How long a holder's wish counts for those who come after it: who still waits asks twice in this time, and for who went away nothing is kept. */
export const wishHoldsMs = 200;

/** How long a holder's wish is told to people, and kept. */
export const wishToldMs = 2_000;

/** How long requests may begin in places that were given. */
export const placesForMs = 5_000;

/** The longest that a request which began in a place can be under way: the longest attempt, and some more. */
export const longestAttemptMs = 12_000;

/** Windows by the clock that are shorter are taken for windows that may begin at any time: a permit must not be able to reach into a third one. */
export const shortestClockWindowMs = 15_000;
