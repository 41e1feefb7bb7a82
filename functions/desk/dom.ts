/** What is to be seen, as plain values: `patch` makes the page the same, element by element. */

export type Child = VNode | string | number | false | null | undefined;

export interface VNode {
  tag: string;
  props: Props;
  kids: (VNode | string)[];
}

export interface Props {
  /** Tells an element from its neighbours, so that it is kept, with its focus and selection, when these change. */
  key?: string;
  class?: string;
  /** A member of the element, not an attribute: written only if the program changes it, so typing is never undone. */
  value?: string;
  checked?: boolean;
  onclick?: (event: Event) => void;
  oninput?: (event: Event) => void;
  onsubmit?: (event: Event) => void;
  [attribute: string]: unknown;
}

const SVG = 'http://www.w3.org/2000/svg';
const SVG_TAGS = ['svg', 'path', 'circle', 'rect'];

/** What an element was made from last. */
const known = new WeakMap<Node, VNode>();

export function h(tag: string, props: Props = {}, ...kids: (Child | Child[])[]): VNode {
  return { tag, props, kids: flat(kids) };
}

function flat(kids: (Child | Child[])[]): (VNode | string)[] {
  return kids
    .flat()
    .flatMap((kid) =>
      kid === false || kid === null || kid === undefined ? [] : [typeof kid === 'number' ? String(kid) : kid],
    );
}

/** Makes the children of an element what they should be. Keeps each element whose tag and key stay. */
export function patch(parent: Element, kids: (VNode | string)[]): void {
  const old = [...parent.childNodes];
  const keyed = new Map<string, ChildNode>();
  for (const node of old) {
    const key = known.get(node)?.props.key;
    if (key !== undefined) keyed.set(key, node);
  }
  const free = old.filter((node) => known.get(node)?.props.key === undefined);
  const wanted = kids.map((kid) => {
    const candidate = keyOf(kid) === undefined ? free.shift() : keyed.get(keyOf(kid) ?? '');
    return nodeFor(candidate, kid);
  });
  const kept = new Set<Node>(wanted);
  for (const node of old) if (!kept.has(node)) node.remove();
  wanted.forEach((node, place) => {
    const there = parent.childNodes[place];
    if (there !== node) parent.insertBefore(node, there ?? null);
  });
}

const keyOf = (kid: VNode | string) => (typeof kid === 'string' ? undefined : kid.props.key);

/** The node for a child: the one there was if it fits, else a new one. */
function nodeFor(node: ChildNode | undefined, kid: VNode | string): ChildNode {
  if (typeof kid === 'string') {
    if (!(node instanceof Text)) return document.createTextNode(kid);
    if (node.data !== kid) node.data = kid;
    return node;
  }
  const before = node && known.get(node);
  if (node instanceof Element && before?.tag === kid.tag) {
    update(node, before.props, kid);
    return node;
  }
  const made = SVG_TAGS.includes(kid.tag)
    ? document.createElementNS(SVG, kid.tag)
    : document.createElement(kid.tag);
  update(made, {}, kid);
  return made;
}

function update(element: Element, before: Props, vnode: VNode): void {
  known.set(element, vnode);
  // Options come before the value of their select.
  patch(element, vnode.kids);
  for (const name of new Set([...Object.keys(before), ...Object.keys(vnode.props)])) {
    if (name === 'key') continue;
    const is = vnode.props[name];
    if (name.startsWith('on')) {
      Reflect.set(element, name, is ?? null);
      continue;
    }
    if (is === before[name]) continue;
    if (name === 'value' || name === 'checked') Reflect.set(element, name, is);
    else if (is === undefined || is === false || is === null) element.removeAttribute(name);
    else element.setAttribute(name, is === true ? '' : String(is));
  }
}
