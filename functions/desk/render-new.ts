import { label, select, type Typing, textOf } from './controls.ts';
import { h, type VNode } from './dom.ts';
import { clock, languageName, phoneNumber } from './format.ts';
import { icon } from './icons.ts';
import type { Form, Model } from './model.ts';
import { type Act, button } from './render-payment.ts';
import type { Say } from './words.ts';

const ACCOUNT_TYPES = ['consumer-checking', 'consumer-savings', 'commercial-checking'] as const;

/** The form of a new payment. */
export function renderForm(model: Model, say: Say, act: Act, typing: Typing): VNode {
  const { form, list, calls, language, notice, paidBefore } = model;
  const languages = list?.languages ?? ['en'];
  const currencies = list?.currencies ?? [];
  const set = (name: keyof Form) => (event: Event) => typing.form({ [name]: textOf(event) });
  const isOther = form.call === 'other' || calls.length === 0;
  const isBusy = model.busy?.do === 'start';
  const kind = (value: Form['kind'], text: string) =>
    h(
      'label',
      { key: value },
      h('input', {
        type: 'radio',
        name: 'kind',
        value,
        checked: form.kind === value,
        oninput: () => typing.form({ kind: value }),
      }),
      h('span', {}, text),
    );
  return h(
    'section',
    { key: 'new', class: 'pane narrow' },
    h('div', { class: 'title' }, h('h1', { tabindex: '-1', id: 'title' }, say('newPayment'))),
    h(
      'form',
      {
        class: 'form',
        id: 'form',
        onsubmit: (event: Event) => {
          event.preventDefault();
          act({ do: 'start', another: paidBefore > 0 });
        },
      },
      calls.length > 0 &&
        label(
          say('callLabel'),
          select(form.call, set('call'), [
            ...calls.map(
              ({ callSid, number, seconds }) =>
                [callSid, `${phoneNumber(number) || callSid}, ${clock(seconds)}`] as const,
            ),
            ['other', say('callOther')],
          ]),
          { key: 'call' },
        ),
      isOther &&
        label(
          calls.length > 0 ? say('callSidLabel') : `${say('callNone')}. ${say('callSidLabel')}`,
          h('input', {
            id: 'sid',
            value: form.callSid,
            spellcheck: 'false',
            autocomplete: 'off',
            maxlength: '34',
            oninput: set('callSid'),
          }),
          { key: 'sid' },
        ),
      h(
        'fieldset',
        { key: 'kind' },
        h('legend', { class: 'sr' }, say('kind')),
        h(
          'div',
          { class: 'seg' },
          kind('charge', say('kindCharge')),
          kind('save', say('saveCard')),
          kind('bank', say('kindBank')),
        ),
      ),
      form.kind !== 'save' &&
        label(
          say('amount'),
          h('input', {
            id: 'amount',
            value: form.amount,
            inputmode: 'decimal',
            autocomplete: 'off',
            oninput: set('amount'),
          }),
          { key: 'amount', class: 'half' },
        ),
      form.kind !== 'save' &&
        label(
          say('currency'),
          currencies.length > 0
            ? select(
                form.currency,
                set('currency'),
                currencies.map((code) => [code, code] as const),
              )
            : h('input', {
                value: form.currency,
                maxlength: '3',
                autocomplete: 'off',
                oninput: set('currency'),
              }),
          { key: 'currency', class: 'half' },
        ),
      form.kind === 'bank' &&
        label(
          say('holderName'),
          h('input', {
            value: form.holderName,
            maxlength: '100',
            autocomplete: 'off',
            oninput: set('holderName'),
          }),
          {
            key: 'holder',
            class: 'half',
          },
        ),
      form.kind === 'bank' &&
        label(
          say('accountType'),
          select(
            form.accountType,
            set('accountType'),
            ACCOUNT_TYPES.map((type) => [type, say(type)] as const),
          ),
          { key: 'account' },
        ),
      label(
        say('reference'),
        h('input', {
          id: 'reference',
          value: form.reference,
          maxlength: '200',
          autocomplete: 'off',
          oninput: set('reference'),
        }),
        {
          key: 'reference',
          class: 'half',
        },
      ),
      label(
        say('language'),
        select(
          form.language,
          set('language'),
          languages.map((tag) => [tag, languageName(tag, language)] as const),
        ),
        { key: 'language', class: 'half' },
      ),
      notice &&
        h('p', { key: 'notice', class: 'notice', role: 'alert' }, icon('alert'), h('span', {}, notice)),
    ),
    h(
      'footer',
      { class: 'foot' },
      isBusy
        ? h('p', { key: 'turn', class: 'turn' }, icon('spin'), say('turnStarting'))
        : h(
            'button',
            { key: 'primary', type: 'submit', form: 'form', class: 'btn go', id: 'primary' },
            h('span', {}, say(paidBefore > 0 ? 'second' : 'start')),
            h('kbd', { 'aria-hidden': 'true' }, '↵'),
          ),
      button({ text: say('back'), action: { do: 'list' }, key: 'Esc' }, act, {
        key: 'second',
        id: 'second',
        class: 'push',
      }),
    ),
  );
}
