import type { Bridge } from './bridge.ts';
import { isRecord } from './source.ts';

type Json = Record<string, unknown>;

/** The properties that a host's variables are values of: what fits none of them is not taken. */
const PROPERTY_OF: [prefix: string, property: string][] = [
  ['--color-', 'color'],
  ['--font-', 'font-family'],
  ['--border-radius-', 'border-radius'],
];

/** Dresses the desk as its host is: light or dark, in its colors, away from what covers the edges of a screen. */
export function applyContext({ theme, styles, safeAreaInsets }: Json): void {
  const { documentElement: html, body } = document;
  if (theme === 'light' || theme === 'dark') html.dataset.theme = theme;
  const variables = isRecord(styles) && isRecord(styles.variables) ? styles.variables : {};
  for (const [name, value] of Object.entries(usable(variables, html.dataset.theme !== undefined)))
    html.style.setProperty(name, value);
  if (isRecord(safeAreaInsets)) {
    const { top, right, bottom, left } = safeAreaInsets;
    body.style.padding = [top, right, bottom, left].map((side) => `${Number(side) || 0}px`).join(' ');
  }
}

/**
 * Colors count only together, a text with its ground, and only if it is known whether they are light or dark: else they
 * would stand beside colors of the desk that they cannot be read on.
 */
function usable(variables: Json, hasTheme: boolean): Record<string, string> {
  const valid = Object.entries(variables).filter((entry): entry is [string, string] => {
    const [name, value] = entry;
    const property = PROPERTY_OF.find(([prefix]) => name.startsWith(prefix))?.[1];
    return property !== undefined && typeof value === 'string' && CSS.supports(property, value);
  });
  const names = valid.map(([name]) => name);
  const isPair = (role: string) =>
    names.includes(`--color-background-${role}`) && names.includes(`--color-text-${role}`);
  const isReadable = (name: string) => {
    const [, role = ''] = /-(warning|danger)$/.exec(name) ?? [];
    return hasTheme && isPair('primary') && (role === '' || isPair(role));
  };
  return Object.fromEntries(valid.filter(([name]) => !name.startsWith('--color-') || isReadable(name)));
}

/** A change of fewer pixels is not told: a host whose frame follows would answer each with another one. */
const STEP_PX = 4;

/** Tells the host how high the desk is, now and whenever that changes. */
export function reportSize(bridge: Bridge): void {
  let told = 0;
  new ResizeObserver(() => {
    // Of the content, never of the window, which is as high as the host has made it.
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    if (Math.abs(height - told) <= STEP_PX) return;
    told = height;
    bridge.tell('ui/notifications/size-changed', { height });
  }).observe(document.body);
}
