import { relative } from "node:path";
import type { CreatedProject } from "./create-project.ts";

const purposes: Readonly<Record<string, string>> = {
  "belay.config.ts": "what runs: connectors, flows, and what each customer has connected",
  "connectors/tracker.ts": "the contract of a provider, as data",
  "flows/issues-to-tasks.ts": "what should happen when an event arrives",
  "flows/issues-to-tasks.test.ts": "its test",
  "AGENTS.md": "the rules of the project, for people and coding agents",
};

/** What was written, and the next commands. */
export function describeProject({ folder, files, template }: CreatedProject, from: string = process.cwd()): string {
  const known = files.filter((file) => purposes[file] !== undefined);
  const width = Math.max(...known.map((file) => file.length));
  const place = relative(from, folder);
  const next = [
    ...(place === "" ? [] : [[`cd ${place}`, ""]]),
    ["npm install", "Node 24 and a database for development come with it"],
    [
      "npm run dev",
      template === "example" ? "runs it: issues happen at a simulated GitHub and become tasks" : "runs it, with simulated providers",
    ],
    ...(template === "example" ? [["npm test", "runs the flow against a simulated tracker"]] : []),
  ] as const;
  const commandWidth = Math.max(...next.map(([command = ""]) => command.length));
  return [
    `${folder} is a project now:`,
    "",
    ...known.map((file) => `  ${file.padEnd(width)}  ${purposes[file] ?? ""}`),
    "",
    "Next:",
    "",
    ...next.map(([command = "", why = ""]) => `  ${command.padEnd(commandWidth)}  ${why === "" ? "" : `# ${why}`}`.trimEnd()),
    "",
  ].join("\n");
}
