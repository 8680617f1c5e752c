/**
 * A real Chromium that comes with an npm package, so that browser tests run on a bare machine.
 *
 * @module
 */
import { mkdirSync } from "node:fs";
import chromium from "@sparticuz/chromium";
import { type Browser, chromium as playwright, type Page } from "playwright-core";

const folder = new URL("../../.tmp/screenshots/", import.meta.url);

/** Not those of the package: it puts everything into one process, which ends with the first window, and switches protections off that the pages rely on. */
const switches = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];

export async function openBrowser(): Promise<Browser> {
  return await playwright.launch({ executablePath: await chromium.executablePath(), args: switches, headless: true });
}

/** Leaves a picture for people to look at; nothing is compared with it. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: new URL(`${name}.png`, folder).pathname, fullPage: true });
}
