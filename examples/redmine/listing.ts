import type { ListOperation } from "@belay/sdk";

/** How the list below `root` is cut into pages. @see https://www.redmine.org/projects/redmine/wiki/Rest_api#Collection-resources-and-pagination */
export const pagesOf = <const Root extends string>(root: Root) =>
  ({
    paging: { kind: "offset", parameter: "offset", end: { total: `${root}.@total_count` } },
    size: { parameter: "limit", default: 25, max: 100 },
  }) as const satisfies ListOperation;
