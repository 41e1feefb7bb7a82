import { type Child, h, type VNode } from './dom.ts';
import type { Door, Form } from './model.ts';

/** What typing into a form changes. */
export interface Typing {
  form(change: Partial<Form>): void;
  door(change: Partial<Door>): void;
}

export const textOf = (event: Event): string => {
  const { target } = event;
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement ? target.value : '';
};
const checkedOf = ({ target }: Event): boolean => target instanceof HTMLInputElement && target.checked;

export function label(words: string, control: Child, props: { key?: string; class?: string } = {}): VNode {
  return h('label', props, h('span', {}, words), control);
}

export function select(
  value: string,
  oninput: (event: Event) => void,
  options: (readonly [string, string])[],
): VNode {
  return h(
    'select',
    { value, oninput },
    options.map(([key, text]) => h('option', { key, value: key }, text)),
  );
}

export function toggle(words: string, checked: boolean, set: (is: boolean) => void, key = words): VNode {
  return h(
    'label',
    { key, class: 'switch' },
    h('input', {
      type: 'checkbox',
      role: 'switch',
      checked,
      oninput: (event: Event) => set(checkedOf(event)),
    }),
    h('span', {}, words),
  );
}
