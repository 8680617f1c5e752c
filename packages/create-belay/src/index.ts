/**
 * Writes a new project: what `npm create belay` and `belay init` do.
 *
 * Terms: a *template* is a folder of files; the *project* is the folder that gets them.
 *
 * Invariants: nothing that exists is changed or removed. Runs on Node 20 without any other package, because it runs before there is anything else.
 *
 * @module
 */
export { createProject } from "./create-project.ts";
export type { CreatedProject, ProjectChoice, ProjectRefused } from "./create-project.ts";
export { askForProject } from "./ask-for-project.ts";
export type { ProjectAnswers } from "./ask-for-project.ts";
export { describeProject } from "./describe-project.ts";
export { templates } from "./templates.ts";
export type { TemplateName } from "./templates.ts";
