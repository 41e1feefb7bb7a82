import { h, type VNode } from './dom.ts';
import { icon } from './icons.ts';
import type { Item, ListScreen } from './list-screen.ts';
import { type Act, button, tag } from './render-payment.ts';
import type { Say } from './words.ts';

/** The list of payments, over the whole width. */
export function renderList(screen: ListScreen, say: Say, act: Act): VNode {
  if (screen.isWall) return renderWall(screen, say, act);
  const { groups, isEmpty } = screen;
  return h(
    'section',
    { key: 'list', class: 'pane list full' },
    h(
      'div',
      { class: 'title' },
      h('h1', { tabindex: '-1', id: 'title' }, screen.title),
      button({ text: say('newPayment'), action: { do: 'new' }, key: 'N', icon: 'plus', tone: 'go' }, act, {
        id: 'primary',
      }),
    ),
    isEmpty && emptiness(say),
    ...groups.flatMap(({ title, items }) => [
      h('h2', { key: `h ${title}` }, title),
      h(
        'ul',
        { key: `u ${title}` },
        items.map((item) => row(item, act)),
      ),
    ]),
  );
}

/** The list beside an open payment. */
export function renderRail({ groups }: ListScreen, say: Say, act: Act): VNode {
  const items = groups.slice(0, 2).flatMap((group) => group.items);
  return h(
    'nav',
    { key: 'rail', class: 'pane list rail', 'aria-label': say('payments') },
    h(
      'div',
      { class: 'title' },
      h('h2', {}, say('payments')),
      button({ text: say('newShort'), action: { do: 'new' }, key: 'N', icon: 'plus' }, act),
    ),
    items.length === 0
      ? emptiness(say)
      : h(
          'ul',
          {},
          items.map((item) => row(item, act)),
        ),
  );
}

function emptiness(say: Say): VNode {
  return h(
    'div',
    { key: 'empty', class: 'empty' },
    icon('phone'),
    h('p', { class: 'strong' }, say('empty')),
    h('p', { class: 'soft small' }, say('emptyMore')),
  );
}

function row(item: Item, act: Act): VNode {
  return h(
    'li',
    { key: item.key },
    h(
      'a',
      {
        class: 'item',
        href: `#call=${item.open.do === 'open' ? item.open.callSid : ''}&payment=${item.key}`,
        'aria-current': item.isOpen && 'true',
        onclick: (event: Event) => {
          event.preventDefault();
          act(item.open);
        },
      },
      h(
        'span',
        { class: `amt${item.amount.length > 11 ? ' long' : ''}` },
        item.amount,
        item.currency && h('small', {}, ` ${item.currency}`),
      ),
      tag(item.tag),
      h('span', { class: 'of' }, item.reference),
      h('span', { class: 'sub det' }, item.detail),
      h('span', { class: 'sub who' }, icon(item.who.icon), h('span', {}, item.who.text)),
      h('span', { class: 'sub time' }, item.time),
    ),
  );
}

/** The wall of who only watches: nothing to press, a place for each payment that it keeps. */
function renderWall(screen: ListScreen, say: Say, act: Act): VNode {
  const { items, needLook, bots, people, page } = screen;
  return h(
    'section',
    { key: 'wall', class: 'wallboard' },
    h(
      'div',
      { class: 'title' },
      h('h1', { tabindex: '-1', id: 'title' }, screen.title),
      needLook > 0 && tag({ tone: 'warn', icon: 'alert', text: say('needLook', { n: needLook }) }),
      h('span', { class: 'soft small' }, icon('bot'), String(bots), ' ', icon('me'), String(people)),
      h('span', { class: 'soft small' }, icon('eye'), say('readOnly')),
      page.of > 1 &&
        button(
          { text: say('page', { n: page.at + 1, of: page.of }), action: { do: 'turn', page: page.at + 1 } },
          act,
          {
            class: 'plain small',
          },
        ),
    ),
    screen.isEmpty && emptiness(say),
    h(
      'ul',
      { class: 'wall' },
      items.map((item) => tile(item)),
    ),
  );
}

function tile(item: Item): VNode {
  return h(
    'li',
    { key: item.key, class: `tile${item.needsLook ? ' alert' : ''}` },
    h(
      'div',
      { class: 'top' },
      h('h2', {}, item.amount, item.currency && h('small', {}, ` ${item.currency}`)),
      tag(item.tag),
    ),
    h('p', { class: 'strong' }, item.reference),
    h('p', { class: 'soft' }, item.detail),
    h(
      'ul',
      { class: 'steps' },
      item.steps.map(({ icon: name, text, tone }) => h('li', { class: tone }, icon(name), text)),
    ),
    h(
      'div',
      { class: 'by' },
      h('span', {}, icon(item.who.icon), item.who.text),
      h('span', {}, icon('phone'), item.time),
    ),
  );
}
