import { valueAt } from "@belay/sdk";
import type { Fields, RecordChange, Simulation } from "@belay/sdk";

const statuses = ["New", "In Progress", "Resolved", "Feedback", "Closed"];

/** What Redmine does beyond its contract: ids that are sent become elements with a name, and webhooks say the same in JSON. */
export const simulator = {
  resources: {
    issue: {
      defaults: (now) => ({ description: "", due_date: "", created_on: secondsOf(now) }),
      computed: (now, _record, { project_id: project, status_id: status = 1 }) => ({
        project: { "@id": project, "@name": `Project ${String(project)}` },
        status: { "@id": status, "@name": statuses[Number(status) - 1] ?? "Other" },
        updated_on: secondsOf(now),
        project_id: undefined,
        status_id: undefined,
        notes: undefined,
      }),
    },
    project: { unique: ["identifier"], defaults: (now) => ({ description: "", created_on: secondsOf(now) }) },
  },
  events: { "issue.created": inJson, "issue.updated": inJson },
} as const satisfies Simulation;

function secondsOf(now: Date): string {
  return `${now.toISOString().slice(0, 19)}Z`;
}

function inJson({ after }: RecordChange): Fields {
  const named = (member: string): Fields => ({ id: valueAt(after, `${member}.@id`), name: valueAt(after, `${member}.@name`) });
  return { "data.issue.project": named("project"), "data.issue.status": named("status") };
}
