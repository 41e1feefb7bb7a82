import { createAnnouncer } from './announcer.ts';
import type { Typing } from './controls.ts';
import { patch } from './dom.ts';
import { createFocus } from './focus.ts';
import { actionOf } from './keys.ts';
import type { Action, Desk, Model } from './model.ts';
import { createPerform } from './perform.ts';
import { createReader } from './reader.ts';
import { type Rendered, render } from './render.ts';
import type { Source } from './source.ts';

/** Milliseconds between two steps of what counts on the screen. */
const STEP_MS = 500;

export interface DeskOptions {
  root: Element;
  live: Element;
  model: Model;
  source(): Source | undefined;
  expire(): void;
  /** Told of each change of what is shown: size, title, place. */
  onPaint?(rendered: Rendered): void;
  /** What only a page does: signing in and out, going from place to place. */
  onAction(action: Action, desk: Desk): boolean;
  /** Milliseconds between two reads while the caller types: hosts count requests. */
  quickest: number;
}

/** Runs the desk: one model, painted after each change; reads by the clock; actions by buttons and keys. */
export function startDesk(options: DeskOptions): Desk & { act(action: Action): void } {
  const { root } = options;
  const announcer = createAnnouncer(options.live);
  const focus = createFocus(root);
  let { model } = options;
  let isPainting = false;

  const desk: Desk = {
    get model() {
      return model;
    },
    update(change) {
      model = { ...model, ...change };
      if (isPainting) return;
      isPainting = true;
      queueMicrotask(paint);
    },
    source: options.source,
    expire: options.expire,
    refresh: () => reader.now(),
  };
  const { perform, follow } = createPerform(desk);
  const reader = createReader(desk, options.quickest, follow);
  const typing: Typing = {
    form: (change) => desk.update({ form: { ...model.form, ...change }, notice: '', paidBefore: 0 }),
    door: (change) => model.door && desk.update({ door: { ...model.door, ...change } }),
  };
  const act = (action: Action) => {
    if (!options.onAction(action, desk)) perform(action);
  };

  function paint(): void {
    isPainting = false;
    const rendered = render(model, act, typing);
    document.documentElement.lang = model.language;
    focus.around(rendered.view, () => patch(root, rendered.nodes));
    announcer.say(rendered.view, rendered.announcement);
    options.onPaint?.(rendered);
  }

  setInterval(() => {
    if (!document.hidden) desk.update({ now: Date.now() });
  }, STEP_MS);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) reader.now();
  });
  document.addEventListener('keydown', (event) => {
    const action = actionOf(event, model);
    if (!action) return;
    event.preventDefault();
    act(action);
  });
  window.addEventListener('online', () => reader.now());
  desk.update({});
  reader.now();
  return Object.assign(desk, { act });
}
