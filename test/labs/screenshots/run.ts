/**
 * `npm run screenshots`: pictures of every state of the payment desk, on sheets: on a page, in a chat's width light and
 * dark, at 320 px, and on a wall. The README's picture is one of them.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { readFlags } from '../../cli/flags.ts';
import { runProgram } from '../../cli/program.ts';
import { launch } from '../desk/browser.ts';
import { servedDesk } from '../desk/served-desk.ts';
import { StateViewer } from '../desk/state-viewer.ts';
import { STATES } from '../desk/states.ts';

interface Look {
  name: string;
  theme: 'light' | 'dark';
  width: number;
  height: number;
  /** Pictures beside each other on a sheet, and the width of each there. */
  columns: number;
  shown: number;
}
const LOOKS: Look[] = [
  { name: 'page', theme: 'light', width: 1280, height: 800, columns: 4, shown: 640 },
  { name: 'light', theme: 'light', width: 392, height: 640, columns: 8, shown: 392 },
  { name: 'dark', theme: 'dark', width: 392, height: 640, columns: 8, shown: 392 },
  { name: 'narrow', theme: 'light', width: 320, height: 640, columns: 8, shown: 320 },
  { name: 'wall', theme: 'dark', width: 1920, height: 1080, columns: 1, shown: 1600 },
];
/** A wall shows the list; a state of one payment is no picture for it. */
const isOn = ({ name, columns }: Look, state: string) =>
  state.startsWith('wall') ? columns < 8 : name !== 'wall';
const README_PICTURE = 'refused';

const HELP = `Takes pictures of every state of the payment desk, in Chromium, and puts them on sheets.

  npm run screenshots                          into docs/desk, whose pictures it replaces
  npm run screenshots -- --out FOLDER          into another folder, which it empties first
  npm run screenshots -- --only list,refused   of these states alone
  npm run screenshots -- --each                leaves each picture by itself, too
  npm run screenshots -- --help                prints this`;

async function main(): Promise<void> {
  const { help, ...values } = readFlags('npm run screenshots', {
    out: { type: 'string', default: 'docs/desk' },
    only: { type: 'string', default: '' },
    each: { type: 'boolean', default: false },
  });
  if (help) return console.log(HELP);
  const [served, browser] = await Promise.all([servedDesk(), launch()]);
  const viewer = new StateViewer(browser, served.url, { viewport: { width: 1280, height: 800 } });
  const pictures = new Map<Look, { name: string; png: Buffer }[]>(LOOKS.map((look) => [look, []]));
  const only = values.only.split(',').filter(Boolean);
  rmSync(values.out, { recursive: true, force: true });
  mkdirSync(values.out, { recursive: true });
  for (const state of STATES.filter(({ name }) => only.length === 0 || only.includes(name))) {
    const page = await viewer.show(state);
    for (const [look, taken] of pictures) {
      if (!isOn(look, state.name)) continue;
      const png = await picture(page, look);
      taken.push({ name: state.name, png });
      if (values.each) writeFileSync(`${values.out}/${state.name}-${look.name}.png`, png);
      if (look.name === 'page' && state.name === README_PICTURE)
        writeFileSync(`${values.out}/../desk.png`, png);
    }
  }
  for (const [look, taken] of pictures)
    if (taken.length > 0) writeFileSync(`${values.out}/${look.name}.webp`, await sheet(browser, look, taken));
  await browser.close();
  await served.close();
}

async function picture(page: Page, { theme, width, height, name }: Look): Promise<Buffer> {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  await page.setViewportSize({ width, height });
  // Where the pointer was is no part of a state.
  await page.mouse.move(0, 0);
  return page.screenshot({ fullPage: name !== 'page' && name !== 'wall', animations: 'disabled' });
}

/** All pictures of a look as one, each under its name. */
async function sheet(
  browser: Browser,
  { columns, shown, theme }: Look,
  taken: { name: string; png: Buffer }[],
): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width: columns * (shown + 16) + 16, height: 600 } });
  const figures = taken.map(
    ({ name, png }) =>
      `<figure><figcaption>${name}</figcaption><img width=${shown} src="data:image/png;base64,${png.toString('base64')}"></figure>`,
  );
  await page.setContent(`<!doctype html><style>body{margin:16px;display:grid;grid-template-columns:repeat(${columns},${shown}px);
    gap:16px;align-items:start;background:${theme === 'dark' ? '#444' : '#999'};font:14px sans-serif}figure{margin:0}</style>${figures.join('')}`);
  const session = await page.context().newCDPSession(page);
  const { width, height } = await page
    .locator('html')
    .evaluate(({ scrollWidth, scrollHeight }) => ({ width: scrollWidth, height: scrollHeight }));
  const { data } = await session.send('Page.captureScreenshot', {
    format: 'webp',
    quality: 80,
    captureBeyondViewport: true,
    clip: { x: 0, y: 0, width, height, scale: 1 },
  });
  await page.close();
  return Buffer.from(data, 'base64');
}

void runProgram(main, { whenInterrupted: 130 });
