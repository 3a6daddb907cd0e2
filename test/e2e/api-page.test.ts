/** `/docs` in a real browser that has no other network than this machine. Left out where there is no Chromium. */

import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';

import { openHouse } from '../support/house.ts';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];
/** Where a person may look at the page afterwards. */
const SHOTS = process.env['DROVER_SCREENSHOTS'];

test.skipIf(!existsSync(CHROMIUM))(
  'the page of the API shows every operation, and asks nobody but the front door',
  async () => {
    await using house = await openHouse();
    await house.drover('daemon', 'start');
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 1600 } });
      const asked: string[] = [];
      const failed: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      page.on('requestfailed', (request) => failed.push(request.url()));
      page.on('console', (message) => void (message.type() === 'error' && failed.push(message.text())));
      page.on('pageerror', (error) => failed.push(error.message));

      await page.goto(`${house.url}/docs`);
      await page.locator('.opblock').first().waitFor();
      await page.locator('#operations-instances-putInstancesByName').click();
      await page.locator('.opblock-body').first().waitFor();
      if (SHOTS !== undefined) {
        mkdirSync(SHOTS, { recursive: true });
        await page.screenshot({ path: join(SHOTS, 'api.png') });
      }

      expect(await page.title()).toBe('Drover: the API');
      expect(await page.locator('.opblock').count()).toBeGreaterThan(30);
      expect(asked.filter((url) => !url.startsWith(house.url) && !url.startsWith('data:'))).toEqual([]);
      expect(failed).toEqual([]);
    } finally {
      await browser.close();
    }
  },
);
