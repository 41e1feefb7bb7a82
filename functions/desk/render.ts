import { type Typing, toggle } from './controls.ts';
import { h, type VNode } from './dom.ts';
import { icon, logo } from './icons.ts';
import { listScreen } from './list-screen.ts';
import type { Model } from './model.ts';
import { paymentScreen } from './payment-screen.ts';
import { renderDoor } from './render-door.ts';
import { renderList, renderRail } from './render-list.ts';
import { renderForm } from './render-new.ts';
import { type Act, button, kbd, renderPayment } from './render-payment.ts';
import type { PaymentScreen } from './screen.ts';
import { createSay, LANGUAGE_NAMES, type Language, type Say, type Word } from './words.ts';

/** The whole page, and what a screen reader is told of it. */
export interface Rendered {
  nodes: VNode[];
  /** Names what is shown: focus moves, and something is announced, only when it changes. */
  view: string;
  /** Undefined if it is not known yet. */
  announcement: string | undefined;
}

export function render(model: Model, act: Act, typing: Typing): Rendered {
  const say = createSay(model.language);
  const { view, announcement, main } = mainOf(model, say, act, typing);
  const nodes = [
    ...(model.isChat ? [] : [bar(model, say, act)]),
    main,
    ...(model.isSheetOpen ? [sheet(model, say, act)] : []),
  ];
  return { nodes, view, announcement };
}

type Main = Pick<Rendered, 'view' | 'announcement'> & { main: VNode };

function mainOf(model: Model, say: Say, act: Act, typing: Typing): Main {
  const { door, isSignedIn, route, payment } = model;
  const panes = (kind: string, ...kids: VNode[]) =>
    h('main', { key: 'main', class: `panes ${kind}` }, ...kids);
  if (door && !isSignedIn) {
    return {
      view: `door ${door.reason}`,
      announcement: '',
      main: panes('', renderDoor(model, door, say, act, typing)),
    };
  }
  const list = listScreen(model);
  const rail = model.isChat ? [] : [renderRail(list, say, act)];
  if (route.view === 'new') {
    return {
      view: 'new',
      announcement: '',
      main: panes('three', ...rail, renderForm(model, say, act, typing)),
    };
  }
  if (route.view === 'list' && !model.isChat) {
    return { view: 'list', announcement: list.announcement, main: panes('wide', renderList(list, say, act)) };
  }
  if (!payment)
    return { view: 'empty', announcement: '', main: panes('three', ...rail, skeleton(model, say, act)) };
  const screen = paymentScreen(model, payment);
  const aside = () => asideOf(screen, model, say, act);
  return {
    view: `payment ${payment.paymentSid} ${screen.state}`,
    announcement: screen.announcement,
    main: panes(
      'three',
      ...rail,
      renderPayment(screen, say, act, aside()),
      h('aside', { key: 'aside', class: 'pane aside stack', 'aria-label': say('history') }, ...aside()),
    ),
  };
}

/** The place of a payment that is not read yet, or cannot be. */
function skeleton({ notice, link, isChat, route }: Model, say: Say, act: Act): VNode {
  const isBroken = link.state !== 'live' || notice !== '';
  // In a chat a payment that was not started is no payment: there is nothing to read again.
  const isFinal = isChat && route.view !== 'payment' && link.state === 'live';
  return h(
    'section',
    { key: 'empty', class: 'pane payment' },
    h(
      'div',
      { class: 'empty', role: 'alert' },
      icon(isBroken ? 'off' : 'spin'),
      h('h1', { class: 'strong' }, notice || (isBroken ? say('tagOffline') : say('wait'))),
      isBroken &&
        !isFinal &&
        button({ text: say('tryNow'), action: { do: 'refresh' }, key: '↵', icon: 'again' }, act, {
          id: 'primary',
        }),
    ),
  );
}

function bar({ isSignedIn, you, door }: Model, say: Say, act: Act): VNode {
  return h(
    'header',
    { key: 'bar', class: 'bar' },
    h(
      'a',
      {
        class: 'home',
        href: '#',
        onclick: (event: Event) => {
          event.preventDefault();
          act({ do: 'list' });
        },
      },
      logo(),
      say('title'),
    ),
    isSignedIn && h('span', { class: 'soft small hide-s' }, you),
    h(
      'button',
      { type: 'button', class: 'btn plain small', title: say('keyAll'), onclick: () => act({ do: 'keys' }) },
      icon('help'),
      h('span', { class: 'sr' }, say('keyAll')),
    ),
    isSignedIn &&
      door &&
      button({ text: say('signOut'), action: { do: 'sign-out' } }, act, { class: 'plain small' }),
  );
}

function asideOf({ history, details }: PaymentScreen, model: Model, say: Say, act: Act): VNode[] {
  return [
    h(
      'section',
      { key: 'history' },
      h('h2', {}, say('history')),
      h(
        'ol',
        { class: 'hist' },
        history.map(({ time, text }, place) =>
          h('li', { key: `${time} ${place}` }, h('time', {}, time), h('span', {}, text)),
        ),
      ),
    ),
    h(
      'section',
      { key: 'details' },
      h('h2', {}, say('details')),
      h(
        'dl',
        { class: 'facts' },
        details.flatMap(({ label, text }) => [
          h('dt', {}, label),
          h('dd', { class: 'mono', title: text }, shortSid(text)),
        ]),
      ),
    ),
    toggle(say('auto'), model.isAuto, () => act({ do: 'auto' }), 'auto'),
    h('section', { key: 'keys' }, h('h2', {}, say('keys')), keyList(say, SHORT_KEYS)),
  ];
}

/** A SID as people compare it: its beginning and its end. */
const shortSid = (text: string) => text.replace(/^([A-Z]{2}[0-9a-f]{4})[0-9a-f]{24}([0-9a-f]{4})$/i, '$1…$2');

const SHORT_KEYS: [string, Word][] = [
  ['↵', 'keyNext'],
  ['1 2 3', 'keyField'],
  ['Esc', 'keyCancel'],
  ['?', 'keyAll'],
];
const ALL_KEYS: [string, Word][] = [
  ['↵', 'keyNext'],
  ['Ctrl ↵', 'keyCharge'],
  ['1 2 3', 'keyField'],
  ['Esc', 'keyCancel'],
  ['Y', 'keyYes'],
  ['R', 'tryOnce'],
  ['T', 'takeOver'],
  ['C', 'copyCode'],
  ['L', 'lookAgain'],
  ['N', 'newPayment'],
  ['?', 'keyAll'],
];

function keyList(say: Say, keys: [string, Word][]): VNode {
  return h(
    'div',
    { class: 'keys' },
    keys.flatMap(([key, word]) => [kbd(key), h('span', {}, say(word))]),
  );
}

/** All keys, and the settings of this page, over everything else. */
function sheet(model: Model, say: Say, act: Act): VNode {
  return h(
    'div',
    {
      key: 'sheet',
      class: 'veil',
      onclick: (event: Event) => event.target === event.currentTarget && act({ do: 'keys' }),
    },
    h(
      'section',
      { class: 'pane sheet stack', role: 'dialog', 'aria-modal': 'true', 'aria-label': say('keyAll') },
      h(
        'div',
        { class: 'title' },
        h('h2', { tabindex: '-1', id: 'sheet-title' }, say('keyAll')),
        button({ text: say('close'), action: { do: 'keys' }, key: 'Esc' }, act),
      ),
      keyList(say, ALL_KEYS),
      toggle(say('keysOn'), model.hasShortcuts, () => act({ do: 'shortcuts' }), 'shortcuts'),
      toggle(say('auto'), model.isAuto, () => act({ do: 'auto' }), 'auto'),
      h(
        'label',
        { class: 'inline' },
        h('span', {}, say('deskLanguage')),
        h(
          'select',
          {
            value: model.language,
            oninput: ({ target }: Event) => {
              if (target instanceof HTMLSelectElement)
                act({ do: 'language', language: target.value as Language });
            },
          },
          Object.entries(LANGUAGE_NAMES).map(([key, name]) =>
            h('option', { key, value: key, lang: key }, name),
          ),
        ),
      ),
    ),
  );
}
