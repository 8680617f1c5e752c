import type { Infer, Resource } from "@belay/sdk";
import { z } from "zod";
import { pagesOf } from "./listing.ts";

const record = z.object({
  id: z.coerce.number().int(),
  name: z.string(),
  identifier: z.string(),
  description: z.string(),
  created_on: z.iso.datetime(),
});

const create = z.strictObject({
  name: z.string().min(1).max(255),
  identifier: z.string().regex(/^[a-z][a-z0-9_-]{0,99}$/),
  description: z.string().optional(),
});

export type Project = Infer<typeof record>;

/**
 * A project. Its path takes the id or the identifier; the identifier is unique and stays.
 *
 * @see https://www.redmine.org/projects/redmine/wiki/Rest_Projects
 */
export const project = {
  path: "/projects.xml",
  recordPath: "/projects/{id}.xml",
  id: "id",
  schema: record,
  wrap: { one: "project", many: "projects.project" },
  get: {},
  find: { by: ["identifier"], style: { kind: "path" } },
  create: { input: create, safety: { kind: "readBack", readBack: { by: "identifier" } } },
  update: { input: create.omit({ identifier: true }).partial(), method: "PUT", returns: "nothing", safety: { kind: "natural" } },
  delete: {},
  list: pagesOf("projects"),
} as const satisfies Resource;
