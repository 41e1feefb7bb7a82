import { type Child, h, type VNode } from './dom.ts';
import { icon, ring } from './icons.ts';
import type { Action } from './model.ts';
import type { Band, Body, Button, PaymentScreen, Row, Tag, Turn } from './screen.ts';
import type { Part, Say } from './words.ts';

export type Act = (action: Action) => void;

export function renderPayment(screen: PaymentScreen, say: Say, act: Act, more: VNode[]): VNode {
  return h(
    'article',
    { key: 'payment', class: 'pane payment', 'aria-label': say('payment'), 'data-state': screen.state },
    head(screen),
    band(screen.band),
    body(screen.body, say, act),
    screen.notice &&
      h('p', { key: 'notice', class: 'notice', role: 'alert' }, icon('alert'), h('span', {}, screen.notice)),
    foot(screen, act),
    h(
      'details',
      { key: 'more', class: 'more' },
      h('summary', {}, icon('go'), say('more')),
      h('div', { class: 'stack' }, ...more),
    ),
  );
}

function head(screen: PaymentScreen): VNode {
  const { amount, currency, reference, caller, callTime, isCallOver, who, live } = screen;
  return h(
    'header',
    { key: 'head', class: 'head' },
    h(
      'h1',
      { tabindex: '-1', id: 'title', class: amount.length > 11 ? 'long' : '' },
      amount,
      currency && h('small', {}, ` ${currency}`),
    ),
    tag(screen.tag),
    h('p', { class: 'ref' }, reference),
    h('p', { class: `live${live.isStale ? ' warn' : ''}` }, icon(live.isStale ? 'off' : 'dot'), live.text),
    h(
      'p',
      { class: 'call' },
      (caller || callTime) && h('span', {}, icon(isCallOver ? 'down' : 'phone'), caller),
      callTime && h('span', {}, callTime),
      h('span', {}, icon(who.icon), who.text),
    ),
  );
}

export function tag({ tone, icon: name, text }: Tag): VNode {
  return h('span', { class: `tag ${tone}` }, icon(name), text);
}

function band({ tone, icon: name, caption, text, language, languageName }: Band): VNode {
  return h(
    'section',
    { key: 'band', class: `band ${tone}` },
    h('p', { class: 'cap' }, icon(name), caption, languageName && h('span', { class: 'lang' }, languageName)),
    h('p', { class: 'line', lang: language }, language ? h('q', {}, text) : text),
  );
}

function body(shown: Body, say: Say, act: Act): VNode {
  switch (shown.kind) {
    case 'rows':
      return h(
        'ol',
        { key: 'rows', class: `rows${shown.isStale ? ' stale' : ''}` },
        shown.rows.map((one) => row(one, say, act)),
      );
    case 'look':
      return h(
        'section',
        { key: 'look', class: 'look' },
        h(
          'div',
          { class: 'plastic', 'aria-hidden': 'true' },
          h('b', {}, shown.brand),
          h('span', {}, h('span', {}, shown.digits && `•• ${shown.digits}`), h('span', {}, shown.date)),
        ),
        h('p', { class: 'ask', id: 'question', tabindex: '-1' }, parts(shown.sentence)),
      );
    case 'result':
      return h(
        'section',
        { key: 'result', class: 'result' },
        h('h2', { class: shown.tone }, icon(shown.icon), shown.title),
        shown.texts.map((text, place) => h('p', { class: place > 0 ? 'soft small' : '' }, text)),
        shown.steps.length > 0 &&
          h(
            'ol',
            { class: 'todo' },
            shown.steps.map((step) => h('li', {}, h('span', {}, step))),
          ),
        shown.code &&
          h(
            'div',
            { class: 'code' },
            h('span', { class: 'soft small' }, shown.code.label),
            h('span', { class: 'mono' }, shown.code.text),
          ),
      );
  }
}

function parts(sentence: Part[]): Child[] {
  return sentence.map((part) => (typeof part === 'string' ? part : h('b', {}, part.strong)));
}

const SIGNS = {
  waiting: 'hollow',
  listening: 'ear',
  typing: 'keys',
  refused: 'alert',
  done: 'check',
} as const;

function row(one: Row, say: Say, act: Act): VNode {
  const { capture, state, left, again } = one;
  const isCurrent = state === 'listening' || state === 'typing' || state === 'refused';
  return h(
    'li',
    { key: capture, class: `row ${state}`, 'aria-current': isCurrent && 'step' },
    h('span', { class: 'sig' }, ...(left ? ring(left) : [icon(SIGNS[state])])),
    h(
      'div',
      { class: 'what' },
      h('span', { class: 'name' }, one.name),
      h(
        'span',
        { class: 'state' },
        one.marks > 0 && h('span', { key: 'marks', class: 'marks', 'aria-hidden': 'true' }, marks(one.marks)),
        one.text && h('span', { key: 'text', class: one.isStrong ? 'strong' : '' }, one.text),
        state === 'done' && one.count && h('span', { key: 'count' }, one.count),
      ),
      state !== 'done' && one.count && h('span', { class: 'count' }, one.count),
    ),
    one.tries && h('span', { key: 'tries', class: 'try' }, one.tries),
    again &&
      h(
        'button',
        {
          key: 'again',
          type: 'button',
          class: 'btn plain again',
          'aria-label': `${say('again')}: ${one.name}`,
          title: `${say('again')}: ${one.name}`,
          onclick: () => act(again),
        },
        icon('again'),
        h('span', {}, say('again')),
      ),
  );
}

const marks = (count: number) => Array.from({ length: Math.min(count, 40) }, () => h('i'));

function foot({ primary, secondary, note }: PaymentScreen, act: Act): VNode {
  return h(
    'footer',
    { key: 'foot', class: 'foot' },
    'action' in primary ? button(primary, act, { key: 'primary', id: 'primary' }) : turn(primary),
    secondary &&
      ('disabled' in secondary
        ? h(
            'button',
            {
              key: 'second',
              type: 'button',
              class: 'btn push',
              'aria-disabled': 'true',
              'aria-describedby': 'note',
            },
            secondary.text,
          )
        : button(secondary, act, { key: 'second', id: 'second', class: 'push' })),
    note && h('p', { key: 'note', id: 'note', class: 'note' }, note),
  );
}

function turn({ icon: name, turn: text }: Turn): VNode {
  return h('p', { key: 'turn', class: 'turn', id: 'turn', tabindex: '-1' }, icon(name), text);
}

export function button(
  { text, action, key: shortcut, icon: name, tone }: Button,
  act: Act,
  { class: more = '', ...props }: { class?: string; [name: string]: unknown } = {},
): VNode {
  return h(
    'button',
    { ...props, type: 'button', class: `btn ${tone ?? ''} ${more}`.trim(), onclick: () => act(action) },
    name && icon(name),
    h('span', {}, text),
    shortcut && kbd(shortcut),
  );
}

export function kbd(key: string): VNode {
  return h('kbd', { 'aria-hidden': 'true' }, key);
}
