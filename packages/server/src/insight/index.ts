/**
 * What happened to a message and why, and what threatens this installation, named before it hurts.
 *
 * Terms: a *story* is what the database knows of one message, told in *chapters*; an *explanation* says of a failure its class, who acts and what to do, in three
 * registers; a *threat* is something that will hurt if nobody acts, with its remedy.
 *
 * Tables owned: none; it reads Postgres's own statistics, and messages through their slice.
 *
 * Invariant: watching costs the same however much waits.
 *
 * @module
 */
export { classifyFailure, explainCode, explainFailure } from "./explain-failure.ts";
export { findStories } from "./find-stories.ts";
export type { FoundStory, StoryPage, StoryQuery } from "./find-stories.ts";
export { makeReproduction } from "./make-reproduction.ts";
export { readStory } from "./read-story.ts";
export type { Story } from "./read-story.ts";
export { showExchange } from "./show-attempts.ts";
export { tellFailure } from "./tell-failure.ts";
export { watchHealth } from "./watch-health.ts";
export type { HealthLimits, HealthWatch, Threat } from "./watch-health.ts";
