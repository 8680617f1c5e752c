import { type FailureClass, failureClasses, failureTexts, registers, safeActions } from "../../packages/sdk/src/index.ts";

const readers = { tenant: "to the tenant", support: "to support", engineer: "to engineers" } as const;

const recoveries = {
  "by-itself": "by itself, when the cause has passed",
  "after-mending": "when somebody has mended the cause",
  "after-looking": "when somebody has looked what happened",
} as const;

/** The generated part of `docs/failures.md`: the classes at a glance, each in three registers, and the safe actions. */
export function failuresDocument(): string {
  const names = Object.keys(failureClasses) as FailureClass[];
  return [
    "## At a glance",
    "",
    "| class | | who acts | goes on |",
    "| --- | --- | --- | --- |",
    ...names.map((name) => {
      const { title, owner, recovery } = failureClasses[name];
      return `| [\`${name}\`](#${name}) | ${title} | ${owner} | ${recoveries[recovery]} |`;
    }),
    "",
    ...names.flatMap(sectionOf),
    "## Safe actions",
    "",
    "| action | what | who can | command | for |",
    "| --- | --- | --- | --- | --- |",
    ...Object.entries(safeActions).map(([name, action]) => {
      const command = "command" in action ? `\`${action.command}\`` : "";
      const when = "when" in action ? { dead: "dead letters", alive: "what is still tried" }[action.when] : "both";
      return `| \`${name}\` | ${action.text} | ${action.who} | ${command} | ${when} |`;
    }),
    "",
  ].join("\n");
}

function sectionOf(name: FailureClass): string[] {
  const { title, owner, recovery, actions } = failureClasses[name];
  return [
    `## ${name}`,
    "",
    `${title}. Who acts: **${owner}**. Work goes on ${recoveries[recovery]}. Actions: ${actions.map((action) => `\`${action}\``).join(", ")}.`,
    "",
    "| told | what happened | what to do |",
    "| --- | --- | --- |",
    ...registers.map((register) => {
      const { happened, remedy } = failureTexts[name][register];
      return `| ${readers[register]} | ${happened} | ${remedy} |`;
    }),
    "",
  ];
}
