import { label, type Typing, textOf, toggle } from './controls.ts';
import { h, type VNode } from './dom.ts';
import { icon } from './icons.ts';
import type { Door, Model } from './model.ts';
import { type Act, button } from './render-payment.ts';
import type { Say } from './words.ts';

/** Where a person signs in: by the company's account, by a token, or by both. */
export function renderDoor(model: Model, door: Door, say: Say, act: Act, typing: Typing): VNode {
  const { withAccount, withToken, reason, token, keep, idleMinutes } = door;
  const words = {
    locked: 'locked',
    expired: 'expired',
    refused: 'refusedToken',
    failed: 'signInFailed',
  } as const;
  const busy = model.busy !== undefined;
  const stay = toggle(say('keepToken'), keep, (is) => typing.door({ keep: is }));
  return h(
    'section',
    { key: 'door', class: 'pane narrow' },
    h(
      'div',
      { class: 'door form' },
      h('h1', { tabindex: '-1', id: 'title' }, say('signInTitle')),
      reason !== '' &&
        h(
          'p',
          { key: 'reason', class: `notice${reason === 'locked' ? ' calm' : ''}`, role: 'alert' },
          icon(reason === 'locked' ? 'lock' : 'alert'),
          h('span', {}, say(words[reason], { n: idleMinutes })),
        ),
      withAccount &&
        button(
          {
            text: say('signIn'),
            action: { do: 'sign-in' },
            tone: 'go',
            key: '↵',
            ...(busy && { icon: 'spin' }),
          },
          act,
          { key: 'account', id: 'primary' },
        ),
      !withToken && stay,
      withAccount && withToken && h('p', { key: 'or', class: 'or' }, say('or')),
      withToken &&
        h(
          'form',
          {
            key: 'token',
            class: 'stack',
            onsubmit: (event: Event) => {
              event.preventDefault();
              act({ do: 'use-token' });
            },
          },
          label(
            say('tokenLabel'),
            h('input', {
              id: 'token',
              type: 'password',
              autocomplete: 'off',
              spellcheck: 'false',
              value: token,
              'aria-describedby': 'token-note',
              oninput: (event: Event) => typing.door({ token: textOf(event) }),
            }),
          ),
          stay,
          h(
            'button',
            { type: 'submit', class: `btn${withAccount ? '' : ' go'}`, 'aria-disabled': busy && 'true' },
            busy && icon('spin'),
            h('span', {}, say('useToken')),
          ),
        ),
      h('p', { key: 'note', class: 'soft small', id: 'token-note' }, say('tokenNote', { n: idleMinutes })),
    ),
  );
}
