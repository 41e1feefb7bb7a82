import { h, type VNode } from './dom.ts';

/** Outlines on a field of 24 by 24; a dashed circle has a name of its own. */
const PATHS = {
  check: 'M12 2.5a9.5 9.5 0 1 1 0 19 9.5 9.5 0 0 1 0-19Zm-4.2 9.9 2.9 2.9 5.6-6',
  hollow: 'M12 2.5a9.5 9.5 0 1 1 0 19 9.5 9.5 0 0 1 0-19Z',
  keys: 'M5 5h0m7 0h0m7 0h0M5 12h0m7 0h0m7 0h0M5 19h0m7 0h0m7 0h0',
  ear: 'M4 10v4m4-7v10m4-13v16m4-13v10m4-7v4',
  alert: 'M12 3 2 20.5h20zM12 10v4.5m0 3h0',
  x: 'M12 2.5a9.5 9.5 0 1 1 0 19 9.5 9.5 0 0 1 0-19Zm-3.5 6 7 7m0-7-7 7',
  ask: 'M12 2.5a9.5 9.5 0 1 1 0 19 9.5 9.5 0 0 1 0-19ZM9.3 9.6a2.8 2.8 0 1 1 4 2.5c-.9.5-1.3 1-1.3 1.9m0 3h0',
  again: 'M4.5 12a7.5 7.5 0 1 1 2.2 5.3M4 20v-4.5h4.5',
  say: 'M4 5h16v11H11l-4.5 4v-4H4z',
  phone:
    'M5 3.5h3.5l2 5-2.3 1.7a13 13 0 0 0 5.6 5.6l1.7-2.3 5 2V19a2 2 0 0 1-2 2A16.5 16.5 0 0 1 3 5.5a2 2 0 0 1 2-2z',
  down: 'M3 14.5c5-4 13-4 18 0l-1 3-4-1v-2.5c-2.5-1-5.5-1-8 0v2.5l-4 1z',
  bot: 'M7 8h10a3 3 0 0 1 3 3v5a3 3 0 0 1-3 3H7a3 3 0 0 1-3-3v-5a3 3 0 0 1 3-3Zm5 0V4m-3 9.5h0m6 0h0',
  me: 'M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8ZM4.5 20.5c1-8 14-8 15 0',
  eye: 'M2 12c4.5-8 15.5-8 20 0-4.5 8-15.5 8-20 0zm10-2.8a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6Z',
  dot: 'M12 12h0',
  off: 'M4 4l16 16M5 11a10 10 0 0 1 4-2.5m5.5.2A10 10 0 0 1 19 11M8.5 15a5 5 0 0 1 5-1M12 19h0',
  spin: 'M12 3a9 9 0 1 0 9 9',
  plus: 'M12 5v14m-7-7h14',
  go: 'm9 5 7 7-7 7',
  copy: 'M10 8h8a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-8a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2Zm6 0V4H4v12h4',
  lock: 'M6 11h12v9H6zm2.5 0V7.5a3.5 3.5 0 0 1 7 0V11',
  help: 'M9.3 9a2.8 2.8 0 1 1 4 2.5c-.9.5-1.3 1-1.3 1.9m0 3.6h0',
} as const;
export type IconName = keyof typeof PATHS;

export function icon(name: IconName): VNode {
  return h(
    'svg',
    { viewBox: '0 0 24 24', 'aria-hidden': 'true', class: `i i-${name}` },
    h('path', { d: PATHS[name] }),
  );
}

/** A ring that empties, with the seconds that are left. */
export function ring({ seconds, of }: { seconds: number; of: number }): VNode[] {
  const share = Math.max(0, Math.min(1, seconds / Math.max(1, of)));
  const circle = { cx: '14', cy: '14', r: '12' };
  return [
    h(
      'svg',
      { viewBox: '0 0 28 28', 'aria-hidden': 'true', class: 'ring' },
      h('circle', { ...circle, class: 'track' }),
      h('circle', { ...circle, pathLength: '100', 'stroke-dasharray': `${Math.round(share * 100)} 100` }),
    ),
    h('span', { class: 'left', 'aria-hidden': 'true' }, seconds),
  ];
}

/** The product's sign. */
export function logo(): VNode {
  return h(
    'svg',
    { viewBox: '0 0 32 32', 'aria-hidden': 'true', class: 'logo' },
    h('path', {
      class: 'ground',
      d: 'M7 0h18a7 7 0 0 1 7 7v18a7 7 0 0 1-7 7H7a7 7 0 0 1-7-7V7a7 7 0 0 1 7-7Z',
    }),
    h('path', {
      class: 'card',
      d: 'M7.5 8h17A2.5 2.5 0 0 1 27 10.5v1H5v-1A2.5 2.5 0 0 1 7.5 8ZM5 15h22v6.5a2.5 2.5 0 0 1-2.5 2.5h-17A2.5 2.5 0 0 1 5 21.5Z',
    }),
  );
}
