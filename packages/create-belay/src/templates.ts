/** What a project can begin with, and what it is good for. The first is the default. */
export const templates = {
  example: "GitHub issues become tasks: a connector, a flow and its test, which run at once",
  empty: "an empty configuration, for those who know their way",
} as const;

export type TemplateName = keyof typeof templates;

export function isTemplate(name: string): name is TemplateName {
  return Object.hasOwn(templates, name);
}
