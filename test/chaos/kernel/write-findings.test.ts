import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeFindings } from "./write-findings.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "belay-findings-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const seen = "doubled: seed 1: a | b. Play it again: npm run chaos -- kernel --seed 1";

test("the table stands between its marks, and what is around it stays", () => {
  const file = join(folder, "guide.md");
  const [begin, end] = ["<!-- findings: written by `npm run chaos -- kernel --planted` -->", "<!-- end of findings -->"];
  writeFileSync(file, `before\n${begin}\nold\n${end}\nafter\n`);
  writeFindings([{ name: "no-fence", found: true, seeds: 5, steps: 3, seen }], pathToFileURL(file));
  const text = readFileSync(file, "utf8");
  expect(text).toMatch(/^before\n/);
  expect(text).toMatch(/\nafter\n$/);
  expect(text).not.toContain("old");
  expect(text).toContain("| `no-fence` | dispatch |");
  expect(text).toContain(String.raw`| 5 | 3 | doubled: seed 1: a \| b. |`);
});

test("rows of bugs that were not tried this time stay", () => {
  const file = join(folder, "guide.md");
  const row = "| `key-per-attempt` | pipeline | kept | 1 | 2 | said |";
  writeFileSync(
    file,
    `<!-- findings: written by \`npm run chaos -- kernel --planted\` -->\n${row}\n| \`gone\` | x |\n<!-- end of findings -->\n`,
  );
  writeFindings([{ name: "no-fence", found: false, seeds: 9, steps: 0, seen }], pathToFileURL(file));
  const text = readFileSync(file, "utf8");
  expect(text).toContain(row);
  expect(text).toContain("| not in 9 |  |  |");
  expect(text).not.toContain("gone");
});

test("a guide without the marks is left alone", () => {
  const file = join(folder, "guide.md");
  writeFileSync(file, "nothing here");
  expect(() => writeFindings([], pathToFileURL(file))).toThrow("lacks the mark");
  expect(readFileSync(file, "utf8")).toBe("nothing here");
});
